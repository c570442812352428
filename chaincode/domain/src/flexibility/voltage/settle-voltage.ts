import { assert } from '../../assert';
import { canonicalJson } from '../../canonical';
import { demand, RuleError } from '../../errors';
import type { ParticipantId } from '../../ids';
import { greatest, least, mulDivFloor, sum } from '../../math';
import { afterVersion, entriesBetween } from '../../settlement/flow-versions';
import { balanced } from '../../settlement/post';
import { participantAccount, type PostingSet } from '../../settlement/rows';
import { micro, microPerKwh, ppmWhole } from '../../units';
import type { Programme } from '../programme/rows';
import type { FlexFlow } from '../settlement/rows';
import type { VoltagePerformance, VoltageSupport } from './rows';
import { voltageSettlementCodec, type SettledSupportSlot } from './settlement-rows';
import type { VoltageBudget, VoltageSettlement } from './settlement-rows';

/** What settles voltage support: the device and period, the terms, what was tracked, and what is set aside for it. */
export interface SupportToSettle {
  readonly support: VoltageSupport;
  readonly programme: Programme;
  readonly performances: readonly VoltagePerformance[];
  readonly budget: VoltageBudget;
}

/** The target of support that is paid for; refuses with FLEX_VOLTAGE_UNPAID the system operator's own equipment. */
export function paidTarget({
  supportId,
  target,
}: VoltageSupport): Extract<VoltageSupport['target'], { kind: 'asset' }> {
  if (target.kind !== 'asset') {
    throw new RuleError('FLEX_VOLTAGE_UNPAID', { supportId });
  }
  return target;
}

/**
 * Settles voltage support: the sum of what its tracked slots are worth, less the aggregator's share, rounded down. Only slots count that lie in
 * the programme's time and not before the budget's first slot; where none of these was tracked it refuses with FLEX_VOLTAGE_UNTRACKED. The
 * budget pays the prosumer first; what it does not reach for is named and posted nowhere. What an earlier version has paid stays paid.
 */
export function settleSupport(
  { budget, performances, programme, support }: SupportToSettle,
  previous?: VoltageSettlement,
): VoltageSettlement {
  const { gridId, supportId } = support;
  assert(previous === undefined || previous.supportId === supportId, 'A version follows one of the same support.');
  const { participantId } = paidTarget(support);
  const { aggregatorId, programmeId, terms } = programme;
  const slots = paidSlots(performances, programme, budget);
  demand(slots.length > 0, 'FLEX_VOLTAGE_UNTRACKED', { supportId });
  const budgetMicro = budget.leftMicro + paidBefore(previous);
  const grossMicro = sum(slots.map((one) => one.rewardMicro));
  const shareMicro = mulDivFloor(grossMicro, terms.aggregatorSharePpm, ppmWhole);
  const due = { aggregatorMicro: shareMicro, rewardMicro: grossMicro - shareMicro };
  const flows = flowsAfter(aggregatorId, participantId, { budgetMicro, grossMicro, ...due }, previous);
  const paid = paidBy(flows);
  return {
    supportId,
    version: (previous?.version ?? 0) + 1,
    programmeId,
    gridId,
    aggregatorId,
    participantId,
    rewardMicroPerKvarh: terms.rewardMicroPerKvarh ?? microPerKwh(0n),
    aggregatorSharePpm: terms.aggregatorSharePpm,
    slots,
    budgetMicro: micro(budgetMicro),
    grossMicro: micro(grossMicro),
    shareMicro: micro(shareMicro),
    rewardMicro: micro(paid.rewardMicro),
    aggregatorMicro: micro(paid.aggregatorMicro),
    uncoveredMicro: micro(excessMicro(due, paid)),
    overpaidMicro: micro(excessMicro(paid, due)),
    flows,
  };
}

/** The posting set of a version: what it moves beside the version before it. */
export function postVoltageSettlement(settlement: VoltageSettlement, previous?: VoltageSettlement): PostingSet {
  const { flows, supportId, version } = settlement;
  const entries = entriesBetween(flows, previous?.flows);
  return balanced({ cause: { kind: 'voltage', supportId, version }, entries });
}

/** Whether two versions say the same of everything but their number and what is left of the budget. */
export function isSameSupportSettlement(previous: VoltageSettlement, next: VoltageSettlement): boolean {
  const { budgetMicro, version } = previous;
  const alike = { ...next, budgetMicro, version };
  return canonicalJson(voltageSettlementCodec.encode(previous)) === canonicalJson(voltageSettlementCodec.encode(alike));
}

function paidSlots(
  performances: readonly VoltagePerformance[],
  { terms }: Programme,
  { firstSlot }: VoltageBudget,
): readonly SettledSupportSlot[] {
  return performances
    .filter(({ slot }) => slot >= firstSlot && slot >= terms.firstSlot && slot <= terms.lastSlot)
    .map(({ askedVarh, deliveredVarh, direction, rewardMicro, slot }) => ({
      slot,
      direction,
      askedVarh,
      deliveredVarh,
      rewardMicro,
    }));
}

interface Parts {
  readonly rewardMicro: bigint;
  readonly aggregatorMicro: bigint;
}

/** The money goes from the fund's account to the aggregator, and from there to the prosumer. */
function flowsAfter(
  aggregatorId: ParticipantId,
  participantId: ParticipantId,
  { budgetMicro, grossMicro, rewardMicro }: Parts & { readonly budgetMicro: bigint; readonly grossMicro: bigint },
  previous: VoltageSettlement | undefined,
): readonly FlexFlow[] {
  const aggregator = participantAccount(aggregatorId);
  const prosumer = participantAccount(participantId);
  const paidMicro = least(grossMicro, budgetMicro);
  const wanted: readonly FlexFlow[] = [
    { debit: 'flexibility', credit: aggregator, reason: 'flexibility', amountMicro: micro(paidMicro) },
    { debit: aggregator, credit: prosumer, reason: 'reward', amountMicro: micro(least(rewardMicro, paidMicro)) },
  ];
  const flows = wanted.filter(({ amountMicro }) => amountMicro > 0n);
  const parties = { payer: 'flexibility', carrier: aggregator, carrierCoverMicro: 0n } as const;
  return afterVersion(flows, previous?.flows, parties).posted;
}

function paidBefore(previous: VoltageSettlement | undefined): bigint {
  return previous === undefined ? 0n : previous.rewardMicro + previous.aggregatorMicro;
}

function paidBy(flows: readonly FlexFlow[]): Parts {
  const rewardMicro = sum(flows.filter(({ reason }) => reason === 'reward').map((flow) => flow.amountMicro));
  const throughMicro = sum(flows.filter(({ reason }) => reason === 'flexibility').map((flow) => flow.amountMicro));
  return { rewardMicro, aggregatorMicro: throughMicro - rewardMicro };
}

/** By how much the one parts are above the other ones, each for itself. */
function excessMicro(parts: Parts, others: Parts): bigint {
  return (
    greatest(0n, parts.rewardMicro - others.rewardMicro) + greatest(0n, parts.aggregatorMicro - others.aggregatorMicro)
  );
}
