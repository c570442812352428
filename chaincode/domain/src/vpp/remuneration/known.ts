import { RuleError } from '../../errors';
import type { ParticipantId } from '../../ids';
import { least, sum } from '../../math';
import { participantAccount, type Account } from '../../settlement/rows';
import { microPerKwh } from '../../units';
import { deliveredBy, directionOfDelivery, type SettledDelivery } from '../delivery/position';
import type { PoolDelivery } from '../delivery/rows';
import { memberPowerW, servesPool, stepsOfCoalitionSlice } from '../formation/coverage';
import type { Coalition, CoalitionMember, CoalitionSlice } from '../formation/rows';
import type { VppRules } from '../rules';
import type { Buyer } from '../service/rows';
import type { SliceDelivered } from './payments';
import type { CoalitionToRemunerate, RemuneratedMember } from './remunerate';
import type { Remuneration } from './rows';

/** Everything that the ledger knows of a coalition when it is paid. */
export interface CoalitionKnown {
  readonly coalition: Coalition;
  readonly members: readonly CoalitionMember[];
  /** What was delivered, slot by slot; slots in which nothing was called have none. */
  readonly deliveries: readonly PoolDelivery[];
  /** By what settled slots have corrected positions; absent for nothing. */
  readonly settled?: readonly SettledDelivery[];
  readonly rules: Pick<VppRules, 'sharing' | 'operatorSharePpm' | 'transferPriceMicroPerKwh' | 'deficiencyMicroPerKwh'>;
  /** The price of transferred energy where the rules of virtual power plants have none. */
  readonly flexibilityTransferMicroPerKwh: bigint;
  readonly previous: Remuneration | undefined;
}

/** The account that pays for services: that of the participant that buys, or the one into which organisations pay. */
export function payerOfService({ participantId }: Buyer): Account {
  return participantId === undefined ? 'vpp' : participantAccount(participantId);
}

/**
 * What a coalition is paid from: its offer, what it promised in each slice, what was called and delivered, and what each participant brought.
 * Refuses one that has not been measured (VPP_COALITION_STATE).
 */
export function coalitionToRemunerate(known: CoalitionKnown): CoalitionToRemunerate {
  const { coalition, previous, rules } = known;
  const { aggregatorId, buyer, coalitionId, lockedMicro, offer, state, terms } = coalition;
  const isMeasured = state === 'VERIFIED' || state === 'SETTLED';
  if (!isMeasured || offer === undefined) {
    throw new RuleError('VPP_COALITION_STATE', { coalitionId, state });
  }
  const served = coalition.slices.map((slice, index) => ({ slice, index })).filter(({ slice }) => slice.offeredW > 0n);
  const taking = known.members.filter(servesPool);
  const participants = [...new Set(taking.map(({ participantId }) => participantId))];
  const { bidMinW, bidStepW, marginPpm, membersMin, penaltyMicroPerKwh } = terms;
  return {
    coalitionId,
    aggregatorId,
    payer: payerOfService(buyer),
    payerCoverMicro: (lockedMicro ?? 0n) + netPaidMicro(previous),
    capacityPriceMicroPerKwh: offer.capacityPriceMicroPerKwh,
    energyPriceMicroPerKwh: offer.energyPriceMicroPerKwh,
    penaltyMicroPerKwh: microPerKwh(penaltyMicroPerKwh + (rules.deficiencyMicroPerKwh ?? 0n)),
    transferPriceMicroPerKwh: rules.transferPriceMicroPerKwh ?? known.flexibilityTransferMicroPerKwh,
    slices: served.map(({ index, slice }) => sliceDelivered(coalition, slice, deliveriesIn(known, index))),
    members: participants.map(
      (participantId) =>
      memberOf(known, served, participantId, taking.filter((member) => member.participantId === participantId)), // prettier-ignore
    ),
    bidMinW,
    bidStepW,
    assetsMin: membersMin,
    marginPpm,
    rule: rules.sharing ?? 'pro-rata',
    operatorSharePpm: rules.operatorSharePpm ?? 0n,
  };
}

/** What a remuneration has taken from its payer in all, less penalties that came back. */
export function netPaidMicro(remuneration: Remuneration | undefined): bigint {
  const flows = remuneration?.flows ?? [];
  const payer = remuneration?.payer;
  return sum(
    flows.map(({ amountMicro, credit, debit }) => (debit === payer ? amountMicro : 0n) - (credit === payer ? amountMicro : 0n)), // prettier-ignore
  );
}

/** What was delivered in a slice, slot by slot. */
export function deliveriesIn(
  { deliveries }: Pick<CoalitionKnown, 'deliveries'>,
  slice: number,
): readonly PoolDelivery[] {
  return deliveries.filter((delivery) => delivery.slice === slice);
}

function sliceDelivered(
  { sliceSlots }: Coalition,
  { firstSlot, offeredW }: CoalitionSlice,
  deliveries: readonly PoolDelivery[],
): SliceDelivered {
  return {
    firstSlot,
    slots: sliceSlots,
    offeredW,
    askedWh: sum(deliveries.map(({ askedWh }) => askedWh)),
    deliveredWh: sum(deliveries.map(({ deliveredWh }) => deliveredWh)),
    shortfallWh: sum(deliveries.map(({ shortfallWh }) => shortfallWh)),
  };
}

type ServedSlice = { readonly slice: CoalitionSlice; readonly index: number };

function memberOf(
  known: CoalitionKnown,
  served: readonly ServedSlice[],
  participantId: ParticipantId,
  own: readonly CoalitionMember[],
): RemuneratedMember {
  const slices = served.map(({ index, slice }) => {
    const lines = deliveriesIn(known, index).flatMap(({ members }) =>
      members.filter((line) => line.participantId === participantId),
    );
    return {
      ...promisedIn(known.coalition, slice, own),
      askedWh: sum(lines.map(({ askedWh }) => askedWh)),
      deliveredWh: sum(lines.map(({ askedWh, deliveredWh }) => least(askedWh, deliveredWh))),
    };
  });
  return {
    participantId,
    slices,
    transferGivenWh: transferredWh(known, served, participantId, 'up'),
    transferTakenWh: transferredWh(known, served, participantId, 'down'),
  };
}

/**
 * What left a participant's position in one direction: by what its settled quarter hours were corrected, and what was delivered in those that are
 * not settled. So no kWh is paid both as a deviation and here. Reactive energy is in no position.
 */
function transferredWh(
  { coalition, deliveries, settled = [] }: CoalitionKnown,
  served: readonly ServedSlice[],
  participantId: ParticipantId,
  direction: 'up' | 'down',
): bigint {
  const corrected = new Map(
    settled.flatMap(({ members, slot }) =>
      members.flatMap((one) => (one.participantId === participantId ? [[slot, one.correctedWh] as const] : [])),
    ),
  );
  const counted = deliveries.filter(
    (delivery) =>
      served.some(({ index }) => index === delivery.slice) && directionOfDelivery(coalition, delivery) === direction,
  );
  return sum(counted.map((delivery) => corrected.get(delivery.slot) ?? deliveredBy(delivery, participantId)));
}

function promisedIn(coalition: Coalition, slice: CoalitionSlice, own: readonly CoalitionMember[]) {
  const steps = stepsOfCoalitionSlice(coalition, slice).map((at) =>
    own.map((member) => ({ member, powerW: memberPowerW(coalition, member, at) })).filter(({ powerW }) => powerW > 0n),
  );
  return {
    firmMicroW: steps.map((on) => sum(on.map(({ member, powerW }) => powerW * member.firmPpm))),
    assets: steps.map((on) => on.length),
  };
}
