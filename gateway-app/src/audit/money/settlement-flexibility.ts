import {
  canonicalJson,
  correctionFromEvent,
  ispsOfEvent,
  lineFlexibilityCodec,
  type LineFlexibility,
  type ParticipantId,
  type Slot,
} from '@flexledger/domain';
import { nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import type { FlexibilityRows } from '../flexibility/rows';
import type { AuditRows } from '../fold';
import type { MoneyRows } from './money';
import type { Place } from '../place';
import { sessionsById, settledLines } from './settlement';
import { valueBefore } from '../versions';

/**
 * Every settled line lists what its participant delivered of flexibility in the quarter hour, as it was tracked when the line was settled, and
 * nothing else: so its position is corrected once, and no kWh is paid twice.
 */
export function auditFlexibilityLines(
  rows: AuditRows,
  known: FlexibilityRows | undefined,
  money: MoneyRows,
  findings: Findings,
): void {
  const sessions = sessionsById(rows, findings);
  for (const { line, row, sessionId, slot } of settledLines(money)) {
    const isCorrected = sessions.get(sessionId)?.ruleSet.flexibility !== undefined;
    const due = isCorrected && known !== undefined ? deliveredBy(known, line.participantId, slot, row) : [];
    findings.expect(
      textOf(line.flexibility ?? []) === textOf(due),
      () => `${line.participantId} was settled in ${nameOf(row)} with other flexibility than it delivered`,
    );
  }
}

/** What was tracked by then; what nobody has tracked counts for nothing. */
function deliveredBy(
  { events, performances }: FlexibilityRows,
  participantId: ParticipantId,
  at: Slot,
  place: Place,
): readonly LineFlexibility[] {
  return events.flatMap((row) => {
    const event = valueBefore(row, place);
    if (event?.participantId !== participantId || !ispsOfEvent(event).some(({ slot }) => slot === at)) {
      return [];
    }
    const line = performances
      .map((one) => valueBefore(one, place))
      .find((one) => one?.orderId === event.orderId && one.participantId === participantId && one.slot === at);
    const correction = correctionFromEvent(event, line);
    return correction === undefined || correction === 'UNTRACKED' ? [] : [correction];
  });
}

function textOf(delivered: readonly LineFlexibility[]): string {
  return delivered
    .map((one) => canonicalJson(lineFlexibilityCodec.encode(one)))
    .sort()
    .join('\n');
}
