import {
  baselineReadingOf,
  flexEventCodec,
  flexOrderCodec,
  governanceCodec,
  meterCodec,
  performanceCodec,
  programmeCodec,
  rowCodec,
  slotOfText,
  type Amendment,
  type EventReadings,
  type FlexEvent,
  type FlexOrder,
  type Governance,
  type MeterId,
  type MeterTotal,
  type Performance,
  type ProgrammeTerms,
  type Slot,
} from '@flexledger/domain';
import { decodeRows, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import { amendmentRows, readingTotals, totalKey, type LedgerTotal } from '../meters/meters';
import { isBefore, type Place } from '../place';
import { ROW_TYPES } from '../row-types';
import { inForce } from '../money/settlement';
import { valueBefore, versionedRows, type VersionedRow } from '../versions';

/** What stood on a ledger at any time: readings with their corrections, the rules in force and the clock. */
export interface LedgerTimes {
  readonly readings: LedgerReadings;
  /** The rules that were in force when a transaction was made; undefined before the founding. */
  rulesAt(place: Place): Governance['ruleSet'] | undefined;
  /** The last slot that had begun on the ledger clock by then. */
  clockAt(place: Place): Slot | undefined;
}

/** Everything about flexibility on a ledger, with all values that each row has had. */
export interface FlexibilityRows extends LedgerTimes {
  readonly orders: ReadonlyMap<string, FlexOrder>;
  /** The terms of programmes, which never change. */
  readonly terms: ReadonlyMap<string, ProgrammeTerms>;
  readonly events: readonly VersionedRow<FlexEvent>[];
  readonly performances: readonly VersionedRow<Performance>[];
}

/** Readings with their corrections, as they were on the ledger at any time. */
interface LedgerReadings {
  readonly totals: ReadonlyMap<string, LedgerTotal>;
  readonly amendments: ReadonlyMap<MeterId, readonly DecodedRow<Amendment>[]>;
  readonly firstSlots: ReadonlyMap<string, Slot>;
}

/** Reads it. */
export function readFlexibility(rows: AuditRows, findings: Findings): FlexibilityRows {
  const orders = decodeRows(rows, ROW_TYPES.flexOrder, rowCodec(flexOrderCodec), findings);
  const programmes = decodeRows(rows, ROW_TYPES.programme, rowCodec(programmeCodec), findings);
  return {
    orders: new Map(orders.map(({ value }) => [value.orderId, value])),
    terms: new Map(programmes.map(({ value }) => [value.programmeId, value.terms])),
    events: versionedRows(rows, ROW_TYPES.flexEvent, rowCodec(flexEventCodec), findings),
    performances: versionedRows(rows, ROW_TYPES.performance, rowCodec(performanceCodec), findings),
    ...readTimes(rows, findings),
  };
}

/** Reads what stood on a ledger at any time. */
export function readTimes(rows: AuditRows, findings: Findings): LedgerTimes {
  const meters = decodeRows(rows, ROW_TYPES.meter, rowCodec(meterCodec), findings);
  const governance = versionedRows(rows, ROW_TYPES.governance, rowCodec(governanceCodec), findings);
  const ticks = clockTicks(rows, findings);
  return {
    readings: {
      totals: readingTotals(rows, findings),
      amendments: amendmentRows(rows, findings),
      firstSlots: new Map(meters.map(({ value }) => [value.meterId, value.firstSlot])),
    },
    rulesAt: (place) => governance.flatMap((row) => valueBefore(row, place) ?? [])[0]?.ruleSet,
    clockAt: (place) => ticks.findLast((tick) => isBefore(tick.place, place))?.slot,
  };
}

interface ClockTick {
  readonly slot: Slot;
  readonly place: Place;
}

/** All slots that have begun, in order of time. */
function clockTicks(rows: AuditRows, findings: Findings): readonly ClockTick[] {
  return rows.rows(ROW_TYPES.clock).flatMap((row) => {
    const slot = findings.attempt(nameOf(row), () => slotOfText(row.parts[0] ?? ''));
    return slot === undefined ? [] : [{ slot, place: row }];
  });
}

/** What some meters told when a transaction read them, from one slot to another. */
export function readingsAt(
  { amendments, firstSlots, totals }: LedgerReadings,
  meterIds: readonly MeterId[],
  span: { readonly fromSlot: Slot; readonly toSlot: Slot },
  place: Place,
): EventReadings {
  const totalsAt = (at: Slot): readonly MeterTotal[] =>
    meterIds
      .filter((meterId) => (firstSlots.get(meterId) ?? at) <= at)
      .map((meterId) => inForce(totals.get(totalKey(meterId, at)), amendments.get(meterId) ?? [], at, place));
  const isInside = (at: Slot): boolean => at >= span.fromSlot && at <= span.toSlot;
  return { totalsAt, get: (at) => (isInside(at) ? baselineReadingOf(totalsAt(at)) : undefined) };
}
