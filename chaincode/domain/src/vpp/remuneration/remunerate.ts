import { assert } from '../../assert';
import { canonicalJson, compareText } from '../../canonical-writer';
import type { ParticipantId } from '../../ids';
import { apportion, least, mulDivFloor, sum } from '../../math';
import { afterVersion, entriesBetween } from '../../settlement/flow-versions';
import { balanced } from '../../settlement/post';
import { participantAccount, type Account, type PostingSet } from '../../settlement/rows';
import { micro, microPerKwh, ppm, ppmWhole, wh } from '../../units';
import type { CoalitionId } from '../formation/ids';
import type { SharingRule } from '../sharing/rules';
import { paidSlice, type ServicePrices, type SliceDelivered } from './payments';
import { remunerationCodec, type Remuneration, type RemunerationFlow, type RemunerationLine } from './rows';
import { sharePot } from './share-pot';
import type { MemberSlice } from './worth';

/** What a participant brought, and what energy it gave or took for it against what it had bought. */
export interface RemuneratedMember {
  readonly participantId: ParticipantId;
  readonly slices: readonly (MemberSlice & { readonly askedWh: bigint })[];
  /** Delivered energy that leaves its position: bought and not taken, or taken and not bought. */
  readonly transferGivenWh: bigint;
  readonly transferTakenWh: bigint;
}

/** Everything that a coalition is paid from. */
export interface CoalitionToRemunerate extends ServicePrices {
  readonly coalitionId: CoalitionId;
  readonly aggregatorId: ParticipantId;
  readonly payer: Account;
  readonly payerCoverMicro: bigint;
  readonly transferPriceMicroPerKwh: bigint;
  readonly slices: readonly SliceDelivered[];
  readonly members: readonly RemuneratedMember[];
  readonly bidMinW: bigint;
  readonly bidStepW: bigint;
  readonly assetsMin: number;
  readonly marginPpm: bigint;
  readonly rule: SharingRule;
  readonly operatorSharePpm: bigint;
}

/**
 * Remunerates a coalition. Its buyer pays for capacity and energy, as far as that is set aside. The aggregator keeps its share; members are paid
 * for energy that was transferred from them, and share the rest by the rule. A penalty is borne by those who fell short, out of their own shares, and
 * by the aggregator out of its own: who has delivered does not pay for another's shortfall. What nobody has is named, not posted.
 */
export function remunerate(asked: CoalitionToRemunerate, previous?: Remuneration): Remuneration {
  assert(
    previous === undefined || previous.coalitionId === asked.coalitionId,
    'A version follows one of the same coalition.',
  );
  const members = [...asked.members].sort((left, right) => compareText(left.participantId, right.participantId));
  const slices = asked.slices.map((slice) => paidSlice(slice, asked));
  const dueMicro = sum(slices.map(({ capacityMicro, energyMicro }) => capacityMicro + energyMicro));
  const paidMicro = least(dueMicro, asked.payerCoverMicro);
  const operatorMicro = mulDivFloor(paidMicro, asked.operatorSharePpm, ppmWhole);
  const gains = transfersPaid(members, paidMicro - operatorMicro, asked.transferPriceMicroPerKwh);
  const potMicro = paidMicro - operatorMicro - sum(gains.paid);
  const shared = sharePot(asked.rule, members.map(({ participantId }) => participantId), { ...asked, members: members.map((member) => member.slices), prices: asked, potMicro, membersPpm: ppmWhole - asked.operatorSharePpm }, asked.coalitionId); // prettier-ignore
  const penaltyDueMicro = least(sum(slices.map(({ penaltyMicro }) => penaltyMicro)), paidMicro);
  const charges = penaltyCharges(members, shared.sharesMicro, penaltyDueMicro, operatorMicro);
  const lines = members.map((member, index) =>
    lineOf(member, asked.transferPriceMicroPerKwh, {
      shareMicro: shared.sharesMicro[index] ?? 0n,
      penaltyMicro: charges.members[index] ?? 0n,
      gainDueMicro: gains.due[index] ?? 0n,
      gainMicro: gains.paid[index] ?? 0n,
    }),
  );
  const penaltyMicro = sum(charges.members) + charges.operatorMicro;
  const flows = flowsOf(asked, paidMicro, penaltyMicro, lines);
  const { overpaidMicro, posted, unpaidMicro } = afterVersion(flows, previous?.flows, {
    payer: asked.payer,
    carrier: participantAccount(asked.aggregatorId),
    carrierCoverMicro: 0n,
  });
  const penaltyWholeMicro = sum(slices.map((slice) => slice.penaltyMicro));
  const openMicro = dueMicro - paidMicro + penaltyWholeMicro - penaltyMicro + unpaidMicro;
  return {
    coalitionId: asked.coalitionId,
    version: (previous?.version ?? 0) + 1,
    aggregatorId: asked.aggregatorId,
    payer: asked.payer,
    payerCoverMicro: micro(asked.payerCoverMicro),
    capacityPriceMicroPerKwh: asked.capacityPriceMicroPerKwh,
    energyPriceMicroPerKwh: asked.energyPriceMicroPerKwh,
    penaltyMicroPerKwh: asked.penaltyMicroPerKwh,
    transferPriceMicroPerKwh: microPerKwh(asked.transferPriceMicroPerKwh),
    slices,
    paidMicro: micro(paidMicro),
    penaltyMicro: micro(penaltyMicro),
    operatorMicro: micro(operatorMicro),
    operatorSharePpm: ppm(asked.operatorSharePpm),
    rule: asked.rule,
    appliedRule: shared.appliedRule,
    ...(shared.inCore === undefined ? {} : { inCore: shared.inCore }),
    ...(shared.sample === undefined ? {} : { sample: shared.sample }),
    lines,
    uncoveredMicro: micro(openMicro + sum(lines.map((line) => line.uncoveredMicro))),
    overpaidMicro: micro(overpaidMicro),
    flows: posted,
  };
}

/** The posting set of a version: what it moves beside the version before it. Nothing may be left of it. */
export function postRemuneration(remuneration: Remuneration, previous?: Remuneration): PostingSet {
  const { coalitionId, version } = remuneration;
  const entries = entriesBetween(remuneration.flows, previous?.flows);
  return balanced({ cause: { kind: 'vpp', coalitionId, version }, entries });
}

/** Whether two versions say the same of everything but their number and what an earlier one paid too much. */
export function sameRemuneration(previous: Remuneration, next: Remuneration): boolean {
  const { overpaidMicro, version } = previous;
  const alike = remunerationCodec.encode({ ...next, overpaidMicro, version });
  return canonicalJson(remunerationCodec.encode(previous)) === canonicalJson(alike);
}

const WH_PER_KWH = 1_000n;

/** What members are due for energy that they had bought and gave away, and what of it there is money for. */
function transfersPaid(members: readonly RemuneratedMember[], availableMicro: bigint, priceMicroPerKwh: bigint) {
  const due = members.map(({ transferGivenWh }) => mulDivFloor(transferGivenWh, priceMicroPerKwh, WH_PER_KWH));
  const dueMicro = sum(due);
  const claims = members.map(({ participantId }, index) => ({ id: participantId, weight: due[index] ?? 0n }));
  return { due, paid: dueMicro <= availableMicro ? due : apportion(availableMicro, claims) };
}

/** Who bears a penalty: members in proportion to what each is short of, up to its share, then the aggregator up to its own. */
function penaltyCharges(
  members: readonly RemuneratedMember[],
  sharesMicro: readonly bigint[],
  penaltyMicro: bigint,
  operatorMicro: bigint,
) {
  const claims = members.map(({ participantId, slices }) => ({ id: participantId, weight: shortfallOf(slices) }));
  const isKnown = claims.some(({ weight }) => weight > 0n);
  const parts = isKnown ? apportion(penaltyMicro, claims) : claims.map(() => 0n);
  const charged = parts.map((part, index) => least(part, sharesMicro[index] ?? 0n));
  return { members: charged, operatorMicro: least(penaltyMicro - sum(charged), operatorMicro) };
}

function shortfallOf(slices: RemuneratedMember['slices']): bigint {
  return sum(slices.map(({ askedWh, deliveredWh }) => askedWh - least(deliveredWh, askedWh)));
}

function lineOf(
  { participantId, slices, transferTakenWh }: RemuneratedMember,
  priceMicroPerKwh: bigint,
  money: Readonly<Record<'shareMicro' | 'penaltyMicro' | 'gainDueMicro' | 'gainMicro', bigint>>,
): RemunerationLine {
  const leftMicro = money.shareMicro - money.penaltyMicro;
  const costDueMicro = mulDivFloor(transferTakenWh, priceMicroPerKwh, WH_PER_KWH);
  const costMicro = least(costDueMicro, leftMicro);
  return {
    participantId,
    askedWh: wh(sum(slices.map((slice) => slice.askedWh))),
    deliveredWh: wh(sum(slices.map((slice) => slice.deliveredWh))),
    shareMicro: micro(money.shareMicro),
    penaltyMicro: micro(money.penaltyMicro),
    transferReceivedMicro: micro(money.gainMicro),
    transferPaidMicro: micro(costMicro),
    paidMicro: micro(leftMicro + money.gainMicro - costMicro),
    uncoveredMicro: micro(money.gainDueMicro - money.gainMicro + costDueMicro - costMicro),
  };
}

function flowsOf(
  { aggregatorId, payer }: CoalitionToRemunerate,
  paidMicro: bigint,
  penaltyMicro: bigint,
  lines: readonly RemunerationLine[],
): readonly RemunerationFlow[] {
  const aggregator = participantAccount(aggregatorId);
  const flows: readonly RemunerationFlow[] = [
    { debit: payer, credit: aggregator, reason: 'service', amountMicro: micro(paidMicro) },
    { debit: aggregator, credit: payer, reason: 'penalty', amountMicro: micro(penaltyMicro) },
    ...lines.flatMap((line) => memberFlows(aggregator, line)),
  ];
  // The aggregator's own assets are paid by what it keeps.
  return flows.filter(({ amountMicro, credit, debit }) => amountMicro > 0n && credit !== debit);
}

function memberFlows(aggregator: Account, line: RemunerationLine): readonly RemunerationFlow[] {
  const member = participantAccount(line.participantId);
  // What a member pays for energy comes off its share, so that no version ever debits it.
  const shareMicro = micro(line.shareMicro - line.penaltyMicro - line.transferPaidMicro);
  return [
    { debit: aggregator, credit: member, reason: 'share', amountMicro: shareMicro },
    { debit: aggregator, credit: member, reason: 'energy-transfer', amountMicro: line.transferReceivedMicro },
  ];
}
