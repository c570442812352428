import type { ReportRequest } from './report-schema';

type ReportResource = ReportRequest['resources'][number];
type ReportInterval = ReportResource['intervals'][number];

/** What one resource says of one quarter hour: the first value of each payload type that has one. */
export interface SlotValues {
  readonly slot: number;
  readonly values: ReadonlyMap<string, number | string>;
}

const SLOT_MS = 900_000;
const DURATION = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/;

/**
 * The quarter hours of which a resource says something of these types, in their order. Undefined where one of its intervals is no quarter
 * hour of the ledger, has no time, or stands twice: what cannot be told from the report is not guessed.
 */
export function slotsOfResource(resource: ReportResource, types: readonly string[]): readonly SlotValues[] | undefined {
  const told = resource.intervals
    .map((interval, index) => ({ slot: slotOf(resource, interval, index), values: valuesOf(interval) }))
    .filter(({ values }) => types.some((type) => values.has(type)));
  const whole = told.flatMap(({ slot, values }) => (slot === undefined ? [] : [{ slot, values }]));
  const isClear = whole.length === told.length && new Set(whole.map(({ slot }) => slot)).size === told.length;
  return isClear ? whole.sort((left, right) => left.slot - right.slot) : undefined;
}

/** An interval without a time of its own follows the one before it, from the begin of the resource's own period. */
function slotOf(resource: ReportResource, interval: ReportInterval, index: number): number | undefined {
  const [own, common] = [interval.intervalPeriod ?? {}, resource.intervalPeriod ?? {}];
  if (durationMs(own.duration ?? common.duration) !== SLOT_MS) return undefined;
  const slot = Date.parse(own.start ?? common.start ?? '') / SLOT_MS + (own.start === undefined ? index : 0);
  return Number.isInteger(slot) ? slot : undefined;
}

function durationMs(duration = ''): number | undefined {
  const parts = DURATION.exec(duration)?.slice(1);
  if (parts === undefined) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = parts.map((part = '0') => Number(part));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}

function valuesOf({ payloads }: ReportInterval): SlotValues['values'] {
  return new Map(
    payloads.flatMap(({ type, values: [value] }) =>
      typeof value === 'number' || typeof value === 'string' ? [[type, value] as const] : [],
    ),
  );
}
