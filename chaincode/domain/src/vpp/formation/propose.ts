import { demand, RuleError } from '../../errors';
import type { AssetId, MeterId, ParticipantId } from '../../ids';
import { addSlots, type Slot } from '../../time';
import { ppm, w } from '../../units';
import type { CoalitionCase, CoalitionPlan } from '../coalition';
import type { MandateId } from '../ids';
import type { ServiceProduct, ServiceRequest } from '../service/rows';
import { keptProbabilityPpm, memberPowerW, type MemberRecord } from './coverage';
import type { CoalitionId } from './ids';
import type { Coalition, CoalitionMember } from './rows';

/** A plan with the case that it was made from. */
export interface PlannedCase {
  readonly asked: CoalitionCase;
  readonly plan: Pick<CoalitionPlan, 'planId' | 'aggregatorId' | 'assignments' | 'served'>;
}

/** What an asset does for a request by a plan: its power in each step of the request. */
export interface PlannedMember {
  readonly assetId: AssetId;
  readonly powersW: readonly bigint[];
  readonly firmPpm: bigint;
}

/** What a plan makes of a request. */
export interface PlannedCoalition {
  readonly firstSlot: Slot;
  readonly stepSlots: CoalitionCase['stepSlots'];
  readonly marginPpm: bigint;
  readonly slicesW: readonly bigint[];
  readonly members: readonly PlannedMember[];
}

/** What a plan makes of a request; refuses with VPP_PLAN_UNKNOWN where it does not serve it. */
export function plannedCoalition({ asked, plan }: PlannedCase, requestId: string): PlannedCoalition {
  const wanted = asked.requests.find((one) => one.requestId === requestId);
  const served = plan.served.find((one) => one.requestId === requestId);
  if (wanted === undefined || served === undefined) {
    throw new RuleError('VPP_PLAN_UNKNOWN', { planId: plan.planId, requestId });
  }
  const steps = wanted.sliceSteps * wanted.slices;
  const assets = new Map(asked.assets.map((asset) => [asset.assetId, asset]));
  const members = plan.assignments.flatMap(({ assetId, duties }) => {
    const powersW = Array.from({ length: steps }, () => 0n);
    for (const duty of duties.filter((one) => one.requestId === requestId)) {
      duty.powersW.forEach((powerW, index) => (powersW[duty.firstStep + index - wanted.firstStep] = powerW));
    }
    const firmPpm = assets.get(assetId)?.[wanted.direction]?.firmPpm ?? 0n;
    // Ids of a case are text, so that other sources than the registry can be tried; the contract takes them from the registry.
    return powersW.some((powerW) => powerW > 0n) ? [{ assetId: assetId as AssetId, powersW, firmPpm }] : [];
  });
  return {
    firstSlot: addSlots(asked.firstSlot, wanted.firstStep * asked.stepSlots),
    stepSlots: asked.stepSlots,
    marginPpm: wanted.marginPpm,
    slicesW: served.slicesW,
    members,
  };
}

/** What the ledger knows of an asset that a plan makes a member. */
export interface MemberKnown {
  readonly participantId: ParticipantId;
  readonly meterId: MeterId | undefined;
  /** Its mandate to the aggregator for the whole of the coalition; `standing`: no consent is asked. */
  readonly mandate: { readonly mandateId: MandateId; readonly isStanding: boolean } | undefined;
  readonly record: MemberRecord;
}

/**
 * The member of a coalition that an asset becomes: with a standing mandate it has consented, otherwise its owner is asked. Refuses an asset that
 * no meter measures alone (VPP_MEMBER_UNMETERED) and one without a mandate (VPP_MANDATE_MISSING, B45).
 */
export function memberOf(coalitionId: CoalitionId, planned: PlannedMember, known: MemberKnown): CoalitionMember {
  const { assetId, firmPpm, powersW } = planned;
  const { mandate, meterId, participantId } = known;
  if (meterId === undefined) {
    throw new RuleError('VPP_MEMBER_UNMETERED', { assetId });
  }
  if (mandate === undefined) {
    throw new RuleError('VPP_MANDATE_MISSING', { assetId });
  }
  return {
    coalitionId,
    assetId,
    participantId,
    meterId,
    mandateId: mandate.mandateId,
    powersW: powersW.map((powerW) => w(powerW)),
    firmPpm: ppm(firmPpm),
    consent: mandate.isStanding ? 'mandate' : 'open',
    publishes: mandate.isStanding,
  };
}

/** What makes a coalition beside its plan. */
export interface CoalitionMade {
  readonly coalitionId: CoalitionId;
  readonly aggregatorId: ParticipantId;
  readonly request: ServiceRequest;
  readonly product: ServiceProduct;
  readonly consentBySlot: Slot;
  readonly acceptBySlot: Slot;
}

/** The coalition that a plan makes for a request. Where every member has a standing mandate nobody is asked any more. */
export function coalitionOf(
  made: CoalitionMade,
  { planId }: Pick<CoalitionPlan, 'planId'>,
  planned: PlannedCoalition,
  members: readonly CoalitionMember[],
  records: readonly MemberRecord[],
): Coalition {
  const { acceptBySlot, aggregatorId, coalitionId, consentBySlot, product, request } = made;
  demand(members.length > 0, 'VPP_COALITION_EMPTY', {});
  const { bidMinW, bidStepW, fullActivationSeconds, handoverSecondsMax, holdSlots, membersMin, settledBy } = product;
  const { firstSlot, stepSlots } = planned;
  const isAsked = members.some(({ consent }) => consent === 'open');
  const coalition: Coalition = {
    coalitionId,
    planId,
    requestId: request.requestId,
    serviceId: request.serviceId,
    kind: request.kind,
    direction: request.direction,
    aggregatorId,
    buyer: request.buyer,
    terms: {
      fullActivationSeconds,
      holdSlots,
      handoverSecondsMax,
      settledBy,
      bidMinW: bidMinW > request.bidMinW ? bidMinW : request.bidMinW,
      bidStepW,
      membersMin,
      marginPpm: ppm(planned.marginPpm),
      penaltyMicroPerKwh: request.penaltyMicroPerKwh,
    },
    firstSlot,
    stepSlots,
    sliceSlots: request.sliceSlots,
    slices: planned.slicesW.map((offeredW, index) => ({
      firstSlot: addSlots(firstSlot, index * request.sliceSlots),
      offeredW: w(offeredW),
    })),
    memberCount: members.length,
    keptPpm: ppm(0n),
    publishes: members.length > 1 && members.every(({ publishes }) => publishes),
    consentBySlot,
    acceptBySlot,
    state: isAsked ? 'PROPOSED' : 'CONSENTED',
  };
  return { ...coalition, keptPpm: ppm(worstProbabilityPpm(coalition, members, records)) };
}

/** With which probability the members keep what is offered in the step in which that is least likely. */
function worstProbabilityPpm(
  coalition: Coalition,
  members: readonly CoalitionMember[],
  records: readonly MemberRecord[],
): bigint {
  const { sliceSlots, slices, stepSlots } = coalition;
  let worst = 1_000_000n;
  const known = new Map<string, bigint>();
  for (const { firstSlot, offeredW } of slices.filter((slice) => slice.offeredW > 0n)) {
    for (let quarter = 0; quarter < sliceSlots; quarter += stepSlots) {
      const powers = members.map((member) => memberPowerW(coalition, member, addSlots(firstSlot, quarter)));
      // Steps in which the same members promise the same are as likely.
      const key = `${offeredW}/${powers.join()}`;
      const found = known.get(key);
      const likely = found ?? keptProbabilityPpm(pairsOf(powers, records), offeredW);
      known.set(key, likely);
      worst = likely < worst ? likely : worst;
    }
  }
  return worst;
}

function pairsOf(powers: readonly bigint[], records: readonly MemberRecord[]) {
  return powers.flatMap((powerW, index) => {
    const record = records[index];
    return record === undefined || powerW === 0n ? [] : [{ powerW, record }];
  });
}
