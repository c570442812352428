import {
  addSlots,
  bandDirectionsOf,
  bandsCapacity,
  checkProposal,
  coalitionOf,
  demand,
  knownServiceRequest,
  mandateCovers,
  memberOf,
  mulDivFloor,
  plannedCoalition,
  ppmWhole,
  present,
  vppRulesOf,
  type AssetCapacity,
  type BandDirection,
  type Coalition,
  type CoalitionId,
  type CoalitionMember,
  type CoalitionPlanId,
  type MemberKnown,
  type MemberState,
  type ParticipantId,
  type PlannedCase,
  type PlannedMember,
  type ServiceDirection,
  type ServiceRequest,
  type ServiceRequestId,
  type SliceAsked,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { assets } from '../../store/registry/registry-store';
import { assetBands, loadMandatesOf, loadSamples, technicalData } from '../../store/vpp/asset-store';
import { loadServiceOf, serviceRequests } from '../../store/vpp/service-store';
import { coalitionCases, coalitionPlans } from '../../store/vpp/plan-store';
import { loadTestedW } from './coalition-known';

/** The plan of an id with its case; refuses with VPP_PLAN_UNKNOWN, and with VPP_NOT_OWN_COALITION that of another aggregator. */
export async function loadPlanned(
  { session }: GridContext,
  planId: CoalitionPlanId,
  requestId: ServiceRequestId,
  aggregatorId: ParticipantId,
): Promise<PlannedCase> {
  const [plan, frozen] = await Promise.all([
    coalitionPlans.load(session, planId),
    coalitionCases.load(session, planId),
  ]);
  const known = found(plan, 'VPP_PLAN_UNKNOWN', { planId, requestId });
  demand(known.aggregatorId === aggregatorId, 'VPP_NOT_OWN_COALITION', { planId });
  return { plan: known, asked: present(frozen, 'A plan has a case.').asked };
}

/** The request of an id; refuses with VPP_REQUEST_UNKNOWN. */
export async function loadRequest({ session }: GridContext, requestId: ServiceRequestId): Promise<ServiceRequest> {
  return knownServiceRequest(await serviceRequests.load(session, requestId), requestId);
}

/** What a proposal says beside its plan. */
interface Proposal {
  readonly participantId: ParticipantId;
  readonly requestId: ServiceRequestId;
  readonly consentBySlot: Slot;
  readonly acceptBySlot: Slot;
}

/** A coalition that is proposed, with its members and what each can keep at most. */
interface Proposed {
  readonly coalition: Coalition;
  readonly members: readonly CoalitionMember[];
  readonly capacities: readonly AssetCapacity[];
}

/** The coalition that a plan makes of a request; refuses what `checkProposal` and `memberOf` refuse. */
export async function proposedCoalition(
  context: GridContext,
  coalitionId: CoalitionId,
  proposal: Proposal,
  plan: PlannedCase,
): Promise<Proposed> {
  const { session } = context;
  const { acceptBySlot, consentBySlot, participantId: aggregatorId, requestId } = proposal;
  vppRulesOf(context.rules.ruleSet);
  const request = await loadRequest(context, requestId);
  const product = await loadServiceOf(session, request);
  const planned = plannedCoalition(plan, requestId);
  const lastSlot = addSlots(planned.firstSlot, planned.slicesW.length * request.sliceSlots - 1);
  const span = { aggregatorId, kind: request.kind, firstSlot: planned.firstSlot, lastSlot };
  const known = await Promise.all(planned.members.map((member) => loadKnown(context, member, request.direction, span)));
  const members = planned.members.map((member, index) =>
    memberOf(coalitionId, member, present(known[index], 'Every member is known.')),
  );
  if (product.prequalification) {
    await demandTested(context, aggregatorId, request, planned.members);
  }
  const made = { coalitionId, aggregatorId, request, product, consentBySlot, acceptBySlot };
  const records = known.map(({ record }) => record);
  const coalition = coalitionOf(made, plan.plan, planned, members, records);
  checkProposal({
    coalition,
    members,
    request,
    leastKeptPpm: product.keptPpm,
    answerHasBegun: await hasBegun(session, request.answerBySlot),
    consentHasBegun: await hasBegun(session, consentBySlot),
  });
  return { coalition, members, capacities: known.map(({ capacity }) => capacity) };
}

/**
 * Refuses a member that is not prequalified for what it promises (VPP_NOT_PREQUALIFIED): its plan may be older than the loss of its
 * prequalification.
 */
async function demandTested(
  { session }: GridContext,
  aggregatorId: ParticipantId,
  request: ServiceRequest,
  members: readonly PlannedMember[],
): Promise<void> {
  const tested = await Promise.all(members.map(({ assetId }) => loadTestedW(session, assetId, aggregatorId, request)));
  for (const [index, { assetId, powersW }] of members.entries()) {
    const testedW = tested[index];
    const isInside = testedW !== undefined && powersW.every((powerW) => powerW <= testedW);
    demand(isInside, 'VPP_NOT_PREQUALIFIED', { assetId, testedW: String(testedW ?? 0n) });
  }
}

async function loadKnown(
  { session }: GridContext,
  { assetId, firmPpm }: PlannedMember,
  direction: ServiceDirection,
  span: Omit<SliceAsked, 'assetId'>,
): Promise<MemberKnown & { readonly capacity: AssetCapacity }> {
  const [asset, bands, { samples }, mandates] = await Promise.all([
    assets.load(session, assetId),
    assetBands.load(session, assetId),
    loadSamples(session, assetId),
    loadMandatesOf(session, assetId),
  ]);
  const { meterId, participantId } = found(asset, 'ASSET_UNKNOWN', { assetId });
  const mandate = mandates.find((one) => mandateCovers(one, { ...span, assetId }));
  const wanted = bandDirectionsOf(direction);
  const deliveredPpm = samples
    .filter((sample) => wanted.includes(sample.direction) && sample.askedWh > 0n)
    .map(({ askedWh, deliveredWh }) => mulDivFloor(deliveredWh, ppmWhole, askedWh))
    .reverse();
  return {
    participantId,
    meterId,
    mandate: mandate === undefined ? undefined : { mandateId: mandate.mandateId, isStanding: mandate.standing },
    record: { firmPpm, deliveredPpm },
    // What a storage holds is compared by the share of their time for which its promises can be called, once they are booked.
    capacity: bandsCapacity({ bands: bands?.bands ?? [] }, {}),
  };
}

/** What the ledger knows of a member that is to be dispatched in a direction. */
export async function loadMemberState(
  { session }: GridContext,
  direction: BandDirection,
  member: CoalitionMember,
  hasDroppedOut: boolean,
): Promise<MemberState> {
  const { assetId } = member;
  const [asset, data, row] = await Promise.all([
    assets.load(session, assetId),
    technicalData.load(session, assetId),
    assetBands.load(session, assetId),
  ]);
  const band = row?.bands.find((one) => one.direction === direction);
  return { member, technicalData: data, band, isCommissioned: asset?.status === 'COMMISSIONED', hasDroppedOut };
}
