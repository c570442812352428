import { limits, slot, type Enrolment, type ProgrammeDirection, type SlotSpan } from '@flexledger/domain';
import type { ReportRequest } from './report-schema';
import { slotsOfResource } from './report-slots';

/** Which power has to be there for a call: regulation upwards is less import or more export. */
const NEEDED: Readonly<Record<ProgrammeDirection, readonly string[]>> = {
  reduce: ['UP_REGULATION_AVAILABLE'],
  increase: ['DOWN_REGULATION_AVAILABLE'],
  shift: ['UP_REGULATION_AVAILABLE', 'DOWN_REGULATION_AVAILABLE'],
  voltage: [],
};
const TYPES = NEEDED.shift;

/** What a report says of when a prosumer can be called: what shall stand on the ledger, or why that stays as it is. */
export type AvailabilityFound =
  { readonly unavailable: readonly SlotSpan[] } | { readonly kept: string } | { readonly nothing: true };

/**
 * When a prosumer cannot be called for a programme, after a report. The ledger knows that of the prosumer as a whole, so that only quarter
 * hours count of which every enrolled asset tells its power: the prosumer cannot be called where none of them has any. Of all other
 * quarter hours stands what it said before; those that are over are left out.
 */
export function availabilityOf(
  report: ReportRequest,
  { assets, unavailable: before = [] }: Pick<Enrolment, 'assets' | 'unavailable'>,
  direction: ProgrammeDirection,
  currentSlot: number,
): AvailabilityFound {
  const isTold = report.resources.some(({ intervals }) =>
    intervals.some(({ payloads }) => payloads.some(({ type }) => TYPES.includes(type))),
  );
  if (!isTold) return { nothing: true };
  const told = assets.map(({ assetId }) => powersOf(report, assetId, NEEDED[direction]));
  const [first] = told;
  const known = [...(first?.keys() ?? [])].filter((at) => at >= currentSlot && told.every((powers) => powers.has(at)));
  if (known.length === 0)
    return { kept: 'availability counts where every enrolled asset tells it of a quarter hour to come' };
  const none = known.filter((at) => told.every((powers) => powers.get(at) === 0));
  const others = known.reduce<readonly SlotSpan[]>((spans, at) => spans.flatMap((span) => without(span, at)), before);
  const added = none.map((at) => ({ fromSlot: slot(at), toSlot: slot(at) }));
  const unavailable = joined([...others.filter(({ toSlot }) => toSlot >= currentSlot), ...added]);
  const { unavailableSpansMax } = limits;
  if (unavailable.length > unavailableSpansMax) return { kept: `more than ${unavailableSpansMax} times without power` };
  return JSON.stringify(unavailable) === JSON.stringify(before) ? { nothing: true } : { unavailable };
}

/** The least power that an asset has in each quarter hour of which it tells all that is needed. */
function powersOf(report: ReportRequest, assetId: string, needed: readonly string[]): ReadonlyMap<number, number> {
  const resources = report.resources.filter(({ resourceName }) => resourceName === assetId);
  const [resource] = resources;
  const slots = resource === undefined || resources.length > 1 ? [] : (slotsOfResource(resource, needed) ?? []);
  return new Map(
    slots.flatMap(({ slot: at, values }) => {
      const powers = needed.map((type) => values.get(type)).filter((power) => typeof power === 'number');
      return powers.length === needed.length ? [[at, Math.min(...powers)] as const] : [];
    }),
  );
}

function without({ fromSlot, toSlot }: SlotSpan, at: number): readonly SlotSpan[] {
  if (at < fromSlot || at > toSlot) return [{ fromSlot, toSlot }];
  const parts = [
    { fromSlot, toSlot: slot(at - 1) },
    { fromSlot: slot(at + 1), toSlot },
  ];
  return parts.filter((part) => part.fromSlot <= part.toSlot);
}

/** Times in their order, those that touch each other as one. */
function joined(spans: readonly SlotSpan[]): readonly SlotSpan[] {
  const sorted = [...spans].sort((left, right) => left.fromSlot - right.fromSlot);
  return sorted.reduce<readonly SlotSpan[]>((done, span) => {
    const last = done.at(-1);
    if (last === undefined || span.fromSlot > last.toSlot + 1) return [...done, span];
    const toSlot = slot(Math.max(last.toSlot, span.toSlot));
    return [...done.slice(0, -1), { fromSlot: last.fromSlot, toSlot }];
  }, []);
}
