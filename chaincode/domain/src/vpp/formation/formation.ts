import { demand, RuleError } from '../../errors';
import { limits } from '../../limits';
import { mulDivCeil, sum } from '../../math';
import { addSlots, type Slot } from '../../time';
import { micro, w, type Micro } from '../../units';
import type { ServiceRequest } from '../service/rows';
import { coveredSlices } from './coverage';
import type {
  BoughtCapacity,
  Coalition,
  CoalitionMember,
  CoalitionOffer,
  CoalitionSlice,
  CoalitionState,
  MemberAnswer,
} from './rows';

/** W × quarter hours in a kWh. */
const quarterHoursPerKilo = 4_000n;

/** The coalition of an id; refuses with VPP_COALITION_UNKNOWN. */
export function knownCoalition(coalition: Coalition | undefined, coalitionId: string): Coalition {
  if (coalition === undefined) {
    throw new RuleError('VPP_COALITION_UNKNOWN', { coalitionId });
  }
  return coalition;
}

/** The member of a coalition; refuses with VPP_MEMBER_UNKNOWN. */
export function knownMember(member: CoalitionMember | undefined, assetId: string): CoalitionMember {
  if (member === undefined) {
    throw new RuleError('VPP_MEMBER_UNKNOWN', { assetId });
  }
  return member;
}

/** Refuses a coalition in another state than one of these (VPP_COALITION_STATE). */
export function demandState({ coalitionId, state }: Coalition, ...states: readonly CoalitionState[]): void {
  demand(states.includes(state), 'VPP_COALITION_STATE', { coalitionId, state });
}

/** Refuses who is not the aggregator of a coalition (VPP_NOT_OWN_COALITION). */
export function demandOwnCoalition({ aggregatorId, coalitionId }: Coalition, participantId: string): void {
  demand(aggregatorId === participantId, 'VPP_NOT_OWN_COALITION', { coalitionId });
}

/** What a coalition is judged by when it is proposed. */
export interface ProposalCheck {
  readonly coalition: Pick<Coalition, 'slices' | 'keptPpm' | 'consentBySlot' | 'acceptBySlot' | 'firstSlot' | 'terms'>;
  readonly members: readonly Pick<CoalitionMember, 'assetId'>[];
  readonly request: Pick<ServiceRequest, 'requestId' | 'state' | 'answerBySlot'>;
  /** The least probability of the service. */
  readonly leastKeptPpm: bigint;
  readonly answerHasBegun: boolean;
  readonly consentHasBegun: boolean;
}

/**
 * Refuses a coalition for a request that takes no more offers (VPP_REQUEST_CLOSED), of nobody (VPP_COALITION_EMPTY), of fewer than the service
 * asks for (VPP_COALITION_TOO_SMALL), of more than the bound (VPP_COALITION_TOO_LARGE), that serves no slice (VPP_COALITION_UNCOVERED), that is less
 * likely to keep its promise than the service asks for (VPP_COALITION_UNRELIABLE), or whose times do not follow each other
 * (VPP_COALITION_TIMES).
 */
export function checkProposal(check: ProposalCheck): void {
  const { coalition, leastKeptPpm, members, request } = check;
  const { acceptBySlot, consentBySlot, firstSlot, keptPpm, slices, terms } = coalition;
  const { requestId } = request;
  demand(request.state === 'OPEN' && !check.answerHasBegun, 'VPP_REQUEST_CLOSED', { requestId });
  checkMemberCount(members.length, terms.membersMin);
  demand(
    slices.some(({ offeredW }) => offeredW > 0n),
    'VPP_COALITION_UNCOVERED',
    { requestId },
  );
  const reliability = { keptPpm: keptPpm.toString(), leastPpm: leastKeptPpm.toString() };
  demand(keptPpm >= leastKeptPpm, 'VPP_COALITION_UNRELIABLE', reliability);
  const inOrder = consentBySlot <= request.answerBySlot && consentBySlot < acceptBySlot && acceptBySlot <= firstSlot;
  demand(inOrder && !check.consentHasBegun, 'VPP_COALITION_TIMES', { consentBySlot, acceptBySlot, firstSlot });
}

/** Refuses a coalition of nobody, of fewer than the service asks for and of more than the bound (B49). */
export function checkMemberCount(members: number, membersMin: number): void {
  demand(members > 0, 'VPP_COALITION_EMPTY', {});
  demand(members >= membersMin, 'VPP_COALITION_TOO_SMALL', { members, membersMin });
  const { coalitionMembersMax } = limits;
  demand(members <= coalitionMembersMax, 'VPP_COALITION_TOO_LARGE', { members, membersMax: coalitionMembersMax });
}

/** A member that consents: it was asked and has not answered, or declined and changes its mind. Refuses after the time for it. */
export function consent(
  coalition: Coalition,
  member: CoalitionMember,
  answer: MemberAnswer,
  publishes: boolean,
  isOver: boolean,
): CoalitionMember {
  const { assetId, consent: before } = member;
  demandState(coalition, 'PROPOSED');
  demand(!isOver, 'VPP_CONSENT_OVER', { consentBySlot: coalition.consentBySlot });
  demand(before === 'open', 'VPP_MEMBER_ANSWERED', { assetId, consent: before });
  return { ...member, consent: 'signed', publishes, answer };
}

/** A member that does not take part: before the offer, whether it had consented or not. */
export function decline(coalition: Coalition, member: CoalitionMember, answer: MemberAnswer): CoalitionMember {
  const { assetId, consent: before } = member;
  demandState(coalition, 'PROPOSED');
  demand(before !== 'declined', 'VPP_MEMBER_ANSWERED', { assetId, consent: before });
  return { ...member, consent: 'declined', answer };
}

/**
 * The coalition and its members once all have answered or the time for it is over: who has said nothing does not take part, and what the others
 * cannot keep is not offered. Refuses while somebody can still answer (VPP_CONSENT_OPEN), and where nothing is left to offer
 * (VPP_COALITION_UNCOVERED): such a coalition expires.
 */
export function concludeConsents(
  coalition: Coalition,
  members: readonly CoalitionMember[],
  isOver: boolean,
): { readonly coalition: Coalition; readonly silent: readonly CoalitionMember[] } {
  const { coalitionId, consentBySlot } = coalition;
  demandState(coalition, 'PROPOSED');
  const open = members.filter((member) => member.consent === 'open');
  demand(open.length === 0 || isOver, 'VPP_CONSENT_OPEN', { consentBySlot, open: open.length });
  const slices = coveredSlices(coalition, members);
  demand(
    slices.some(({ offeredW }) => offeredW > 0n),
    'VPP_COALITION_UNCOVERED',
    { coalitionId },
  );
  const silent = open.map((member): CoalitionMember => ({ ...member, consent: 'declined' }));
  const taking = members.filter((member) => member.consent === 'mandate' || member.consent === 'signed');
  const publishes = taking.every((member) => member.publishes) && taking.length > 1;
  return { coalition: { ...coalition, slices, publishes, state: 'CONSENTED' }, silent };
}

/**
 * The coalition offered to its buyer. Refuses prices above those of the request (VPP_OFFER_ABOVE_PRICE), and after the request's time
 * (VPP_REQUEST_CLOSED).
 */
export function offerCoalition(
  coalition: Coalition,
  request: ServiceRequest,
  prices: CoalitionOffer,
  answerHasBegun: boolean,
): Coalition {
  const { requestId } = request;
  demandState(coalition, 'CONSENTED');
  demand(request.state === 'OPEN' && !answerHasBegun, 'VPP_REQUEST_CLOSED', { requestId });
  const isWithin =
    prices.capacityPriceMicroPerKwh <= request.capacityPriceMicroPerKwh &&
    prices.energyPriceMicroPerKwh <= request.energyPriceMicroPerKwh;
  demand(isWithin, 'VPP_OFFER_ABOVE_PRICE', { requestId });
  return { ...coalition, offer: prices, state: 'OFFERED' };
}

/** What of a request has been bought once a coalition is; refuses more than it asks for in a slice (VPP_OFFER_ABOVE_VOLUME). */
export function buy(
  bought: BoughtCapacity | undefined,
  { slices }: Pick<Coalition, 'slices'>,
  { requestId, volumeMaxW }: Pick<ServiceRequest, 'requestId' | 'volumeMaxW'>,
): BoughtCapacity {
  const boughtW = slices.map(({ offeredW }, index) => w((bought?.boughtW[index] ?? 0n) + offeredW));
  const above = boughtW.findIndex((totalW) => totalW > volumeMaxW);
  demand(above < 0, 'VPP_OFFER_ABOVE_VOLUME', { requestId, slice: above });
  return { requestId, boughtW };
}

/** True where no slice of a request has so much left to buy that the smallest bid fits. */
export function isServed(
  { bidMinW, slices, volumeMaxW }: Pick<ServiceRequest, 'bidMinW' | 'slices' | 'volumeMaxW'>,
  { boughtW }: Pick<BoughtCapacity, 'boughtW'>,
): boolean {
  return Array.from({ length: slices }, (_, index) => volumeMaxW - (boughtW[index] ?? 0n)).every(
    (leftW) => leftW <= 0n || leftW < bidMinW,
  );
}

/**
 * The most that an accepted offer can cost its buyer: every offered kW kept ready in its slice, and called all the time; rounded up. It is locked
 * when the offer is accepted, so that every payment is covered.
 */
export function highestCostMicro({ sliceSlots, slices }: Coalition, prices: CoalitionOffer): Micro {
  const quarterWh = sum(slices.map(({ offeredW }) => offeredW)) * BigInt(sliceSlots);
  const price = prices.capacityPriceMicroPerKwh + prices.energyPriceMicroPerKwh;
  return micro(mulDivCeil(quarterWh, price, quarterHoursPerKilo));
}

/** The coalition accepted by its buyer, before the time for it is over (VPP_ACCEPT_OVER). */
export function acceptCoalition(coalition: Coalition, isOver: boolean): Coalition {
  demandState(coalition, 'OFFERED');
  demand(!isOver, 'VPP_ACCEPT_OVER', { acceptBySlot: coalition.acceptBySlot });
  return { ...coalition, state: 'ACCEPTED' };
}

/** The coalition rejected by its buyer. */
export function rejectCoalition(coalition: Coalition): Coalition {
  demandState(coalition, 'OFFERED');
  return { ...coalition, state: 'REJECTED' };
}

/** The coalition on which nobody went on in time; refuses before that (VPP_COALITION_NOT_EXPIRED). */
export function expireCoalition(coalition: Coalition, isOver: boolean): Coalition {
  demandState(coalition, 'PROPOSED', 'CONSENTED', 'OFFERED');
  const { acceptBySlot, coalitionId } = coalition;
  demand(isOver, 'VPP_COALITION_NOT_EXPIRED', { coalitionId, acceptBySlot });
  return { ...coalition, state: 'EXPIRED' };
}

/**
 * A member that leaves an accepted coalition from the begin of a slice on. Refuses a slot in which no slice begins, and a slice that has begun
 * (VPP_LEAVE_IN_SLICE, B47); what it has promised up to there stands.
 */
export function leaveFrom(
  coalition: Coalition,
  member: CoalitionMember,
  fromSlot: Slot,
  answer: MemberAnswer,
  hasBegun: boolean,
): CoalitionMember {
  const { assetId, consent: before } = member;
  demandState(coalition, 'CONSENTED', 'OFFERED', 'ACCEPTED');
  demand(before === 'mandate' || before === 'signed', 'VPP_MEMBER_ANSWERED', { assetId, consent: before });
  const isSlice = coalition.slices.some(({ firstSlot }) => firstSlot === fromSlot);
  demand(isSlice && !hasBegun, 'VPP_LEAVE_IN_SLICE', { assetId, fromSlot });
  return { ...member, consent: 'left', leftFromSlot: fromSlot, answer };
}

/** The slices of which those who still take part cannot keep what is offered. */
export function uncoveredSlices(coalition: Coalition, members: readonly CoalitionMember[]): readonly Slot[] {
  const covered = coveredSlices(coalition, members);
  return coalition.slices.flatMap(({ firstSlot, offeredW }, index) =>
    (covered[index]?.offeredW ?? w(0n)) < offeredW ? [firstSlot] : [],
  );
}

/** The slice of an index, with the slot behind it; refuses with VPP_SLICE_UNKNOWN. */
export function knownSlice(
  { coalitionId, sliceSlots, slices }: Coalition,
  index: number,
): CoalitionSlice & { readonly endSlot: Slot } {
  const slice = slices[index];
  if (slice === undefined) {
    throw new RuleError('VPP_SLICE_UNKNOWN', { coalitionId, slice: index });
  }
  return { ...slice, endSlot: addSlots(slice.firstSlot, sliceSlots) };
}
