import {
  addSlots,
  adjustmentWindow,
  areDaysInflated,
  canonicalJson,
  choosesDays,
  counts,
  dayStart,
  flexEventCodec,
  freezeBaseline,
  frozenBaselineCodec,
  ispsOfEvent,
  limits,
  measuredEnd,
  trackedSpan,
  measureSlot,
  measureWhole,
  performanceCodec,
  slot,
  slotsPerDay,
  type EventMeasured,
  type FlexEvent,
  type FrozenBaseline,
  type JsonValue,
  type Performance,
  type Slot,
} from '@flexledger/domain';
import { nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import { readingsAt, type FlexibilityRows } from './rows';
import type { Place } from '../place';
import { valueBefore, type VersionedRow } from '../versions';

/**
 * What was tracked of events, each time, is what the readings that had come by then show against the frozen baseline; what an event
 * was completed with too. The baseline itself is frozen from the readings that had come by the notice, wherever it is made from earlier days.
 */
export function auditTracking(known: FlexibilityRows, findings: Findings): void {
  for (const row of known.events) {
    auditBaselines(known, row, findings);
    auditResults(known, row, findings);
  }
  const events = new Map(known.events.map((row) => [row.row.parts.join('/'), row]));
  for (const performance of known.performances) {
    for (const { place, value } of performance.versions) {
      findings.count();
      const event = events.get(`${value.orderId}/${value.participantId}`);
      const before = event === undefined ? undefined : valueBefore(event, place);
      const due = findings.attempt(nameOf(performance.row), () =>
        before === undefined ? undefined : trackedAgain(known, before, value, place),
      );
      findings.expect(
        due !== undefined && textOf(performanceCodec.encode(due)) === textOf(performanceCodec.encode(value)),
        () => `${nameOf(performance.row)} is not what the readings show against the baseline`,
      );
    }
  }
}

/** A slot is tracked by itself, or with its whole event: what is read differs only in how far it goes. */
function trackedAgain(known: FlexibilityRows, event: FlexEvent, line: Performance, place: Place): Performance {
  return measureSlot(measuredAt(known, event, line.slot, place), line.slot);
}

function measuredAt(known: FlexibilityRows, event: FlexEvent, toSlot: Slot, place: Place): EventMeasured {
  const { baseline, meterIds, programmeId } = event;
  const terms = known.terms.get(programmeId);
  if (baseline === undefined || terms === undefined) {
    throw new RangeError('nothing says by what it is measured');
  }
  const signalled = { ...event, baseline };
  const readings = readingsAt(known.readings, meterIds, trackedSpan(signalled, toSlot), place);
  return { event: signalled, tolerancePpm: terms.tolerancePpm, readings };
}

function auditResults(known: FlexibilityRows, { row, versions }: VersionedRow<FlexEvent>, findings: Findings): void {
  versions.forEach(({ place, value }, index) => {
    const before = versions[index - 1]?.value;
    if (value.result === undefined || before === undefined || value.result.version === before.result?.version) {
      findings.expect(value.result === undefined || before !== undefined, () => `${nameOf(row)} begins with a result`);
      return;
    }
    findings.count();
    const due = findings.attempt(nameOf(row), () =>
      measureWhole(measuredAt(known, before, addSlots(measuredEnd(before), -1), place)),
    );
    findings.expect(
      due !== undefined && textOf(flexEventCodec.encode(due.event)) === textOf(flexEventCodec.encode(value)),
      () => `${nameOf(row)} was completed with something else than its meters show`,
    );
  });
}

function auditBaselines(known: FlexibilityRows, { row, versions }: VersionedRow<FlexEvent>, findings: Findings): void {
  versions.forEach(({ place, value }, index) => {
    const { baseline } = value;
    const before = versions[index - 1]?.value.baseline;
    if (baseline === undefined || sameBaseline(baseline, before) || !isMadeFromDays(baseline)) {
      return;
    }
    findings.count();
    const due = findings.attempt(nameOf(row), () => frozenAgain(known, value, baseline, place));
    findings.expect(
      due !== undefined && sameBaseline(baseline, due.baseline) && (value.daysInflated === true) === due.daysInflated,
      () => `the baseline of ${nameOf(row)} is not made from the readings that had come by its notice`,
    );
  });
}

/** Series that were forecast or declared are not made from readings. */
function isMadeFromDays({ rule }: FrozenBaseline): boolean {
  return choosesDays(rule.method) || rule.method === 'last-week';
}

function frozenAgain(
  known: FlexibilityRows,
  { assets, eventId, firstSlot, lastSlot, meterIds, participantId }: FlexEvent,
  { rule }: FrozenBaseline,
  place: Place,
): { readonly baseline: FrozenBaseline; readonly daysInflated: boolean } {
  const noticeSlot = known.clockAt(place);
  if (noticeSlot === undefined) {
    throw new RangeError('the ledger clock had not begun');
  }
  const event = { firstSlot, intervals: lastSlot - firstSlot + 1, intervalSlots: 1 } as const;
  const days = rule.lookBackDays ?? limits.baselineLookBackDaysMax;
  const from = dayStart(adjustmentWindow(rule.adjustment, event)?.firstSlot ?? firstSlot) - days * slotsPerDay;
  const span = { fromSlot: slot(Math.max(0, from)), toSlot: addSlots(noticeSlot, -1) };
  const called = known.events.flatMap((row) => {
    const other = valueBefore(row, place);
    const isOther = other?.participantId === participantId && other.eventId !== eventId && counts(other);
    return isOther ? [dayStart(other.firstSlot), dayStart(other.lastSlot)] : [];
  });
  const readings = readingsAt(known.readings, meterIds, span, place);
  const asked = { rule, event, noticeSlot, readings, eventDays: new Set(called) };
  const baseline = freezeBaseline(asked);
  const direction = ispsOfEvent({ assets })[0]?.direction ?? 'reduce';
  return { baseline, daysInflated: areDaysInflated(baseline, asked, direction) };
}

function sameBaseline(left: FrozenBaseline, right: FrozenBaseline | undefined): boolean {
  return right !== undefined && textOf(frozenBaselineCodec.encode(left)) === textOf(frozenBaselineCodec.encode(right));
}

function textOf(value: JsonValue): string {
  return canonicalJson(value);
}
