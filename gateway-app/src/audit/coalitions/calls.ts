import {
  activationCodec,
  callCoalition,
  canonicalJson,
  periodMinutes,
  resultOfActivation,
  slotsOfActivation,
  type Activation,
  type DispatchRecord,
  type Handover,
} from '@flexledger/domain';
import { standing, type CoalitionRows } from './rows';
import { expectWrittenOnce, nameOf } from '../decoded-rows';
import type { Findings } from '../findings';
import type { Place } from '../place';
import { valueBefore, type VersionedRow } from '../versions';

/**
 * Every call was one that the contract of its coalition allowed at that moment. The totals of each dispatch are at most what was called, short of it
 * by what it says, and there are as many dispatches as the call counts, each after the first with its hand-over, which takes over what was lost but
 * for what it says is missing. What a call came to is the sum of its verified quarter hours.
 */
export function auditCalls(known: CoalitionRows, findings: Findings): void {
  for (const activation of known.activations) {
    findings.count();
    auditSignal(known, activation, findings);
    auditDispatches(known, activation, findings);
    auditResult(known, activation, findings);
  }
}

function auditSignal(known: CoalitionRows, { row, versions }: VersionedRow<Activation>, findings: Findings): void {
  const [first] = versions;
  if (first === undefined) {
    return;
  }
  const due = findings.attempt(nameOf(row), () => calledAgain(known, first.value, first.place));
  findings.expect(
    due === undefined || textOf(due) === textOf(first.value),
    () => `${nameOf(row)} is no call that its coalition allows`,
  );
}

/** @throws RuleError where the coalition could not be called so */
function calledAgain(known: CoalitionRows, call: Activation, place: Place): Activation {
  const { activationId, coalitionId, direction, periods, powerFactor, powerW, signalMinute, slice } = call;
  const coalition = standing(known.coalitions, coalitionId, place)[0];
  if (coalition === undefined) {
    throw new RangeError('its coalition was not there');
  }
  const others = standing(known.activations, coalitionId, place);
  const factor = powerFactor === undefined ? {} : { powerFactor };
  const asked = { activationId, slice, direction, powerW, signalMinute, periods, ...factor };
  return callCoalition(coalition, asked, true, others);
}

function auditDispatches(
  { dispatches, handovers }: CoalitionRows,
  { row, versions }: VersionedRow<Activation>,
  findings: Findings,
): void {
  const call = versions.at(-1)?.value;
  if (call === undefined) {
    return;
  }
  const own = dispatches.filter(({ value }) => value.activationId === call.activationId);
  const changes = handovers.filter(({ value }) => value.activationId === call.activationId);
  findings.expect(
    own.length === call.dispatches && changes.length === Math.max(0, call.dispatches - 1),
    () => `${nameOf(row)} does not have the dispatches and hand-overs that it counts`,
  );
  for (const dispatch of own) {
    expectWrittenOnce(dispatch.row, findings);
    const { revision } = dispatch.value;
    const hasChange = changes.some(({ value }) => value.revision === revision);
    findings.expect(
      hasTotalsOf(dispatch.value, call) && hasChange === revision > 1,
      () => `${nameOf(dispatch.row)} has other totals than its call, or follows no hand-over`,
    );
  }
  for (const change of changes) {
    expectWrittenOnce(change.row, findings);
    findings.expect(takesOver(change.value), () => `${nameOf(change.row)} takes over what was not lost`);
  }
}

/** Whether the totals of a dispatch are at most what was called, and short of it by what it says from its begin on. */
function hasTotalsOf({ fromMinute, shortW, totalsW }: DispatchRecord, call: Activation): boolean {
  const { dueMinute, periods, powerW } = call;
  const begun = Math.max(0, Math.floor((fromMinute - dueMinute) / periodMinutes));
  const missing = totalsW.slice(begun).map((totalW) => powerW - totalW);
  const isShort = missing.every((one) => one <= shortW) && (shortW === 0n || missing.includes(shortW));
  return totalsW.length === periods && totalsW.every((totalW) => totalW <= powerW) && isShort;
}

function takesOver({ fromAssetId, lostW, missingW, stopMinute, takenOver, takeoverMinute }: Handover): boolean {
  const areOthers = takenOver.every(({ assetId }) => assetId !== fromAssetId);
  return missingW <= lostW && areOthers && takeoverMinute >= stopMinute;
}

function auditResult(known: CoalitionRows, { row, versions }: VersionedRow<Activation>, findings: Findings): void {
  const completed = versions.find(({ value }) => value.result !== undefined);
  if (completed === undefined) {
    return;
  }
  const { place, value } = completed;
  const slots = slotsOfActivation(value);
  const deliveries = known.deliveries.flatMap((delivery) => {
    const before = valueBefore(delivery, place);
    return before?.coalitionId === value.coalitionId && slots.includes(before.slot) ? [before] : [];
  });
  findings.expect(
    deliveries.length === slots.length &&
      textOf(value) === textOf({ ...value, result: resultOfActivation(deliveries) }),
    () => `${nameOf(row)} was completed with something else than was verified`,
  );
}

function textOf(activation: Activation): string {
  return canonicalJson(activationCodec.encode(activation));
}
