import { assert } from '../../assert';
import { compareText } from '../../canonical';
import type { ParticipantId } from '../../ids';
import { apportion, least, mulDivFloor, sum } from '../../math';
import { afterVersion, entriesBetween } from '../../settlement/flow-versions';
import { balanced } from '../../settlement/post';
import { participantAccount, type Account, type PostingSet } from '../../settlement/rows';
import { micro, microPerKwh } from '../../units';
import type { FlexOrderId } from '../ids';
import { prosumerLine, type ProsumerInput } from './prosumer-line';
import type { FlexFlow, FlexSettlement, ProsumerLine, SettledIsp } from './rows';
import { ispMoney } from './settle-isp';

/** An order, what its portfolio delivered, and what each prosumer did. */
export interface FlexOrderToSettle {
  readonly orderId: FlexOrderId;
  readonly aggregatorId: ParticipantId;
  readonly payer: Account;
  readonly payerCoverMicro: bigint;
  readonly aggregatorCoverMicro: bigint;
  /** What earlier versions have left of it; undefined for all. */
  readonly aggregatorLeftMicro?: bigint;
  readonly priceMicro: bigint;
  readonly penaltyMicroPerKwh: bigint;
  readonly transferPriceMicroPerKwh: bigint;
  /** The portfolio, ISP by ISP: those that were not measured count with nothing delivered. */
  readonly isps: readonly Pick<SettledIsp, 'slot' | 'direction' | 'orderedWh' | 'deliveredWh' | 'deficiencyWh'>[];
  readonly prosumers: readonly ProsumerInput[];
}

/**
 * Settles an order. Towards whoever ordered the rule of UFTP holds for the portfolio: the price in proportion to what was delivered of
 * all that was ordered, less the penalty for deficiencies. Inside the portfolio every prosumer is paid for what its own meters show, by
 * its programme's terms; a silent meter or a baseline that is not trusted leaves its own prosumer unpaid and harms nobody else. The price
 * pays the prosumers first, in proportion where it does not suffice, and the aggregator's cover pays the penalty first: who has delivered
 * does not pay for another's deficiency, and no programme that promises more than the order brings takes what secures the penalty. What
 * is left of either serves the other; what is left then is the aggregator's.
 */
export function settleFlexOrder(order: FlexOrderToSettle, previous?: FlexSettlement): FlexSettlement {
  assert(previous === undefined || previous.orderId === order.orderId, 'A version follows one of the same order.');
  const isps = settledIsps(order);
  const dueMicro = sum(isps.map((isp) => isp.paidMicro));
  const paidMicro = least(dueMicro, order.payerCoverMicro);
  const penaltyDueMicro = sum(isps.map((isp) => isp.penaltyMicro));
  const securedMicro = least(penaltyDueMicro, order.aggregatorCoverMicro);
  const potMicro = paidMicro + order.aggregatorCoverMicro - securedMicro;
  const prosumers = paidFrom(
    potMicro,
    [...order.prosumers]
      .sort((left, right) => compareText(left.participantId, right.participantId))
      .map((prosumer) => prosumerLine(prosumer, order.transferPriceMicroPerKwh)),
  );
  const leftMicro = potMicro - sum(prosumers.map(netPaidMicro));
  const penaltyMicro = securedMicro + least(penaltyDueMicro - securedMicro, leftMicro);
  const flows = flowsOf(order, paidMicro, penaltyMicro, prosumers);
  const { overpaidMicro, posted, unpaidMicro } = afterVersion(flows, previous?.flows, {
    payer: order.payer,
    carrier: participantAccount(order.aggregatorId),
    carrierCoverMicro: order.aggregatorLeftMicro ?? order.aggregatorCoverMicro,
  });
  return {
    orderId: order.orderId,
    version: (previous?.version ?? 0) + 1,
    aggregatorId: order.aggregatorId,
    payer: order.payer,
    payerCoverMicro: micro(order.payerCoverMicro),
    aggregatorCoverMicro: micro(order.aggregatorCoverMicro),
    ...(order.aggregatorLeftMicro === undefined ? {} : { aggregatorLeftMicro: micro(order.aggregatorLeftMicro) }),
    priceMicro: micro(order.priceMicro),
    penaltyMicroPerKwh: microPerKwh(order.penaltyMicroPerKwh),
    transferPriceMicroPerKwh: microPerKwh(order.transferPriceMicroPerKwh),
    isps,
    prosumers,
    paidMicro: micro(paidMicro),
    penaltyMicro: micro(penaltyMicro),
    uncoveredMicro: micro(dueMicro - paidMicro + penaltyDueMicro - penaltyMicro + unpaidMicro),
    overpaidMicro: micro(overpaidMicro),
    flows: posted,
  };
}

/** The posting set of a version: what it moves beside the version before it. Nothing may be left of it. */
export function postFlexSettlement(settlement: FlexSettlement, previous?: FlexSettlement): PostingSet {
  const entries = entriesBetween(settlement.flows, previous?.flows);
  const { orderId, version } = settlement;
  return balanced({ cause: { kind: 'flexibility', orderId, version }, entries });
}

function settledIsps({ isps, penaltyMicroPerKwh, priceMicro }: FlexOrderToSettle): readonly SettledIsp[] {
  const orderedWh = sum(isps.map((isp) => isp.orderedWh));
  return isps.map((isp) => ({
    ...isp,
    // The price is for the whole order: each Wh of it has the same part.
    paidMicro: micro(orderedWh === 0n ? 0n : mulDivFloor(priceMicro, isp.deliveredWh, orderedWh)),
    penaltyMicro: micro(ispMoney(isp, { priceMicroPerKwh: 0n, penaltyMicroPerKwh }).penaltyMicro),
  }));
}

/** The lines with what they are paid: in proportion where the pot is too small; who owes for energy pays it out of its reward. */
function paidFrom(potMicro: bigint, lines: readonly ProsumerLine[]): readonly ProsumerLine[] {
  const claims = lines.flatMap(({ participantId, rewardMicro, transferGainMicro }) => [
    { id: `${participantId}/reward`, weight: rewardMicro },
    { id: `${participantId}/transfer`, weight: transferGainMicro },
  ]);
  const dueMicro = sum(claims.map(({ weight }) => weight));
  const parts = dueMicro <= potMicro ? claims.map(({ weight }) => weight) : apportion(potMicro, claims);
  return lines.map((line, index) => {
    const [rewardMicro, gainMicro] = [parts[2 * index] ?? 0n, parts[2 * index + 1] ?? 0n];
    const costMicro = least(line.transferCostMicro, rewardMicro);
    const unpaidMicro = line.rewardMicro - rewardMicro + line.transferGainMicro - gainMicro;
    return {
      ...line,
      rewardMicro: micro(rewardMicro),
      transferReceivedMicro: micro(gainMicro),
      transferPaidMicro: micro(costMicro),
      uncoveredMicro: micro(line.uncoveredMicro + unpaidMicro + line.transferCostMicro - costMicro),
    };
  });
}

/** What a prosumer costs its aggregator. */
function netPaidMicro({ rewardMicro, transferPaidMicro, transferReceivedMicro }: ProsumerLine): bigint {
  return rewardMicro + transferReceivedMicro - transferPaidMicro;
}

function flowsOf(
  { aggregatorId, payer }: FlexOrderToSettle,
  paidMicro: bigint,
  penaltyMicro: bigint,
  prosumers: readonly ProsumerLine[],
): readonly FlexFlow[] {
  const aggregator = participantAccount(aggregatorId);
  const flows: readonly FlexFlow[] = [
    { debit: payer, credit: aggregator, reason: 'flexibility', amountMicro: micro(paidMicro) },
    { debit: aggregator, credit: payer, reason: 'penalty', amountMicro: micro(penaltyMicro) },
    ...prosumers.flatMap((line) => prosumerFlows(aggregator, line)),
  ];
  return flows.filter(({ amountMicro }) => amountMicro > 0n);
}

function prosumerFlows(aggregator: Account, line: ProsumerLine): readonly FlexFlow[] {
  const prosumer = participantAccount(line.participantId);
  const { rewardMicro, transferPaidMicro, transferReceivedMicro } = line;
  return [
    { debit: aggregator, credit: prosumer, reason: 'reward', amountMicro: rewardMicro },
    { debit: aggregator, credit: prosumer, reason: 'energy-transfer', amountMicro: transferReceivedMicro },
    { debit: prosumer, credit: aggregator, reason: 'energy-transfer', amountMicro: transferPaidMicro },
  ];
}
