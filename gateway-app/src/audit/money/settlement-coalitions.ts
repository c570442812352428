import {
  canonicalJson,
  correctionFromCoalition,
  isCalledAt,
  lineCoalitionCodec,
  memberPowerW,
  servesPool,
  settledDeliveries,
  settledDeliveryCodec,
  type LineCoalition,
  type ParticipantId,
  type ServedCall,
  type Slot,
} from '@flexledger/domain';
import { standing, type CoalitionRows } from '../coalitions/rows';
import { expectWrittenOnce, nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import type { MoneyRows } from './money';
import type { Place } from '../place';
import { sessionsById } from './settlement';
import { valueBefore } from '../versions';

/**
 * Every settled line lists what the assets of its participant delivered for coalitions in the quarter hour, as it was verified by then, and nothing
 * else, and the rows by which remunerations transfer energy say the same: so each kWh is a deviation or is transferred, and never both.
 */
export function auditCoalitionLines(
  rows: AuditRows,
  known: CoalitionRows | undefined,
  { sets }: MoneyRows,
  findings: Findings,
): void {
  const sessions = sessionsById(rows, findings);
  const due = new Map<string, string>();
  for (const { row, value } of sets) {
    const { cause, lines = [] } = value;
    if (cause.kind !== 'settlement') {
      continue;
    }
    const { bucket, sessionId, slot } = cause;
    const isCorrected = sessions.get(sessionId)?.ruleSet.vpp !== undefined;
    const calls: ServedCall[] = [];
    for (const line of lines) {
      const { coalitions, served } = isCorrected && known !== undefined ? deliveredBy(known, line.participantId, slot, row) : nothing; // prettier-ignore
      calls.push(...served);
      findings.expect(
        textOf(line.coalitions ?? []) === textOf(coalitions),
        () =>
          `${line.participantId} was settled in ${nameOf(row)} with other deliveries for coalitions than were verified`,
      );
    }
    for (const settled of settledDeliveries({ bucket, sessionId, slot }, lines, calls)) {
      due.set(
        `${row.transactionId} ${settled.coalitionId} ${slot}`,
        canonicalJson(settledDeliveryCodec.encode(settled)),
      );
    }
  }
  auditSettledRows(known, due, findings);
}

const nothing: { readonly coalitions: readonly LineCoalition[]; readonly served: readonly ServedCall[] } = {
  coalitions: [],
  served: [],
};

function auditSettledRows(
  known: CoalitionRows | undefined,
  due: ReadonlyMap<string, string>,
  findings: Findings,
): void {
  const found = new Set<string>();
  for (const { row, value } of known?.settled ?? []) {
    const key = `${row.transactionId} ${value.coalitionId} ${value.slot}`;
    found.add(key);
    expectWrittenOnce(row, findings);
    findings.expect(
      due.get(key) === canonicalJson(settledDeliveryCodec.encode(value)),
      () => `${nameOf(row)} is not what its settlement has corrected`,
    );
  }
  for (const key of due.keys()) {
    findings.expect(found.has(key), () => `nothing says what the settlement ${key} has corrected`);
  }
}

/** What was verified by then of the coalitions that assets of a participant served; what nobody has verified counts for nothing. */
function deliveredBy(known: CoalitionRows, participantId: ParticipantId, at: Slot, place: AuditRow) {
  const called = calledAt(known, participantId, at, place);
  const coalitions = called.flatMap((coalition) => {
    const delivery = standing(known.deliveries, coalition.coalitionId, place).find(({ slot }) => slot === at);
    return (delivery === undefined ? undefined : correctionFromCoalition(coalition, delivery, participantId)) ?? [];
  });
  return { coalitions, served: called.map(({ coalitionId }) => ({ coalitionId, participantId })) };
}

function calledAt(known: CoalitionRows, participantId: ParticipantId, at: Slot, place: Place) {
  return known.coalitions.flatMap((row) => {
    const coalition = valueBefore(row, place);
    if (coalition === undefined) {
      return [];
    }
    const { coalitionId } = coalition;
    const serves = standing(known.members, coalitionId, place).some(
      (member) =>
        member.participantId === participantId && servesPool(member) && memberPowerW(coalition, member, at) > 0n,
    );
    return serves && isCalledAt(coalition, standing(known.activations, coalitionId, place), at) ? [coalition] : [];
  });
}

function textOf(delivered: readonly LineCoalition[]): string {
  return delivered
    .map((one) => canonicalJson(lineCoalitionCodec.encode(one)))
    .sort()
    .join('\n');
}
