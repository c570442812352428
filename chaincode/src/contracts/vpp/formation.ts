import {
  acceptCoalition,
  buy,
  coalitionIdOf,
  concludeConsents,
  consent,
  contracts,
  dayStart,
  decline,
  demand,
  demandBuyer,
  demandOwnCoalition,
  demandState,
  endedServiceRequest,
  expireCoalition,
  highestCostMicro,
  isServed,
  knownCoalition,
  knownMember,
  leaveFrom,
  limits,
  offerCoalition,
  present,
  rejectCoalition,
  uncoveredSlices,
  type AssetId,
  type BoughtCapacity,
  type Coalition,
  type CoalitionId,
  type CoalitionMember,
  type FactType,
  type JsonObject,
  type MemberAnswer,
  type ParticipantId,
  type ServiceRequest,
  type Slot,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasBegun } from '../../store/clock-store';
import {
  assetDuties,
  boughtCapacities,
  coalitionMembers,
  coalitions,
  isProposed,
  loadMembers,
  pageCoalitionsFor,
  pageCoalitionsOf,
  saveNewCoalition,
} from '../../store/vpp/formation-store';
import { operationPrefixes } from '../../store/vpp/operation-keys';
import { saveEndedServiceRequest } from '../../store/vpp/service-store';
import { buyerOf, lockPayment } from './buyers';
import { loadPlanned, loadRequest, proposedCoalition } from './coalition-inputs';
import { CoalitionChoiceContract } from './coalitions';
import { holdMember, releaseFrom, releaseMember } from './member-promises';

const specs = contracts.vpp;

/** The part of the contract `vpp` in which coalitions form. */
export abstract class FormationContract extends CoalitionChoiceContract {
  /** Proposes a coalition. */
  @Transaction()
  @Returns('string')
  public async proposeCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.proposeCoalition, request, async (asked) => {
      const { session } = context;
      const { commandId, participantId: aggregatorId, planId, requestId } = asked;
      await signingParticipant(context, 'vpp', 'proposeCoalition', asked);
      const planned = await loadPlanned(context, planId, requestId, aggregatorId);
      demand(!(await isProposed(session, planId, requestId)), 'VPP_COALITION_EXISTS', { planId, requestId });
      const coalitionId = coalitionIdOf(commandId);
      const { capacities, coalition, members } = await proposedCoalition(context, coalitionId, asked, planned);
      for (const [index, member] of members.entries()) {
        const capacity = present(capacities[index], 'Every member has a capacity.');
        await holdMember(context, coalition, member, capacity);
      }
      saveNewCoalition(session, coalition, members);
      const offeredW = coalition.slices.map((slice) => slice.offeredW.toString());
      const more = { planId, offeredW, keptPpm: coalition.keptPpm.toString() };
      recordCoalition(context, 'CoalitionProposed', coalition, { ...more, members: members.length });
      return coalition;
    });
  }

  /** Consents. */
  @Transaction()
  @Returns('string')
  public async consentCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.consentCoalition, request, async (asked) => {
      await signingParticipant(context, 'vpp', 'consentCoalition', asked);
      const { coalition, members } = await ownMembers(context, asked);
      const isOver = await hasBegun(context.session, coalition.consentBySlot);
      const answer = answerOf('consentCoalition', asked);
      return saveAnswers(
        context,
        'CoalitionAnswered',
        members.map((member) => consent(coalition, member, answer, asked.publishes, isOver)),
      );
    });
  }

  /** Declines. */
  @Transaction()
  @Returns('string')
  public async declineCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.declineCoalition, request, async (asked) => {
      await signingParticipant(context, 'vpp', 'declineCoalition', asked);
      const { coalition, members } = await ownMembers(context, asked);
      const answer = answerOf('declineCoalition', asked);
      const declined = members.map((member) => decline(coalition, member, answer));
      for (const member of members) {
        await releaseMember(context, coalition, member);
      }
      return saveAnswers(context, 'CoalitionAnswered', declined);
    });
  }

  /** Concludes the consents. */
  @Transaction()
  @Returns('string')
  public async concludeConsents(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.concludeConsents, request, async ({ coalitionId }) => {
      const { session } = context;
      const before = await loadCoalition(context, coalitionId);
      demandState(before, 'PROPOSED');
      const isOver = await hasBegun(session, before.consentBySlot);
      const members = await loadMembers(session, coalitionId);
      const { coalition, silent } = concludeConsents(before, members, isOver);
      for (const member of silent) {
        await releaseMember(context, before, { ...member, consent: 'open' });
        coalitionMembers.save(session, member, coalitionId, member.assetId);
      }
      coalitions.save(session, coalition, coalitionId);
      const offeredW = coalition.slices.map((slice) => slice.offeredW.toString());
      recordCoalition(context, 'CoalitionConsented', coalition, { offeredW, silent: silent.length });
      return coalition;
    });
  }

  /** Expires a coalition. */
  @Transaction()
  @Returns('string')
  public async expireCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.expireCoalition, request, async ({ coalitionId }) => {
      const before = await loadCoalition(context, coalitionId);
      const coalition = expireCoalition(before, await hasBegun(context.session, before.acceptBySlot));
      return end(context, before, coalition);
    });
  }

  /** Offers a coalition. */
  @Transaction()
  @Returns('string')
  public async offerCapacity(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.offerCapacity, request, async (asked) => {
      const { session } = context;
      await signingParticipant(context, 'vpp', 'offerCapacity', asked);
      const before = await loadCoalition(context, asked.coalitionId);
      demandOwnCoalition(before, asked.participantId);
      const wanted = await loadRequest(context, before.requestId);
      const { capacityPriceMicroPerKwh, energyPriceMicroPerKwh } = wanted;
      const prices = asked.offer ?? { capacityPriceMicroPerKwh, energyPriceMicroPerKwh };
      const isOver = await hasBegun(session, wanted.answerBySlot);
      const coalition = offerCoalition(before, wanted, prices, isOver);
      coalitions.save(session, coalition, coalition.coalitionId);
      recordCoalition(context, 'CapacityOffered', coalition, {
        capacityPriceMicroPerKwh: prices.capacityPriceMicroPerKwh.toString(),
        energyPriceMicroPerKwh: prices.energyPriceMicroPerKwh.toString(),
      });
      return coalition;
    });
  }

  /** Accepts an offer. */
  @Transaction()
  @Returns('string')
  public async acceptOffer(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.acceptOffer, request, async (asked) => {
      const { session } = context;
      const before = await loadCoalition(context, asked.coalitionId);
      demandBuyer(before, (await buyerOf(context, 'acceptOffer', asked)).buyer);
      const accepted = acceptCoalition(before, await hasBegun(session, before.acceptBySlot));
      const wanted = await loadRequest(context, before.requestId);
      const bought = buy(await boughtCapacities.load(session, before.requestId), accepted, wanted);
      const prices = present(before.offer, 'What is offered has prices.');
      const lockedMicro = highestCostMicro(accepted, prices);
      await lockPayment(context, before.buyer, lockedMicro);
      const coalition: Coalition = { ...accepted, lockedMicro };
      boughtCapacities.save(session, bought, before.requestId);
      coalitions.save(session, coalition, coalition.coalitionId);
      recordCoalition(context, 'CoalitionAccepted', coalition, { lockedMicro: lockedMicro.toString() });
      await endServed(context, wanted, bought);
      return coalition;
    });
  }

  /** Rejects an offer. */
  @Transaction()
  @Returns('string')
  public async rejectOffer(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.rejectOffer, request, async (asked) => {
      const before = await loadCoalition(context, asked.coalitionId);
      demandBuyer(before, (await buyerOf(context, 'rejectOffer', asked)).buyer);
      return end(context, before, rejectCoalition(before));
    });
  }

  /** Leaves a coalition. */
  @Transaction()
  @Returns('string')
  public async leaveCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.leaveCoalition, request, async (asked) => {
      const { session } = context;
      const { coalitionId, fromSlot } = asked;
      await signingParticipant(context, 'vpp', 'leaveCoalition', asked);
      const { coalition, members } = await ownMembers(context, asked);
      const begun = await hasBegun(session, fromSlot);
      const answer = answerOf('leaveCoalition', asked);
      const left = members.map((member) => leaveFrom(coalition, member, fromSlot, answer, begun));
      const others = await loadMembers(session, coalitionId);
      for (const member of members) {
        await releaseFrom(context, coalition, member, fromSlot);
      }
      const after = others.map((other) => left.find(({ assetId }) => assetId === other.assetId) ?? other);
      const saved = saveAnswers(context, undefined, left);
      const assetIds = left.map(({ assetId }) => assetId);
      recordCoalition(context, 'CoalitionLeft', coalition, {
        assetIds,
        fromSlot,
        uncoveredSlots: uncoveredSlices(coalition, after),
      });
      return saved;
    });
  }

  /** A coalition. */
  @Transaction(false)
  @Returns('string')
  public async getCoalition(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getCoalition, request, async ({ coalitionId }) => ({
      coalition: (await coalitions.load(context.session, coalitionId)) ?? null,
    }));
  }

  /** The members of a coalition. */
  @Transaction(false)
  @Returns('string')
  public async listMembers(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listMembers, request, ({ bookmark, coalitionId }) =>
      coalitionMembers.page(context.session, operationPrefixes.members(coalitionId), limits.listRowsMax, bookmark),
    );
  }

  /** The coalitions of an aggregator. */
  @Transaction(false)
  @Returns('string')
  public async listCoalitionsOf(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listCoalitionsOf, request, ({ aggregatorId, bookmark }) =>
      pageCoalitionsOf(context.session, aggregatorId, bookmark),
    );
  }

  /** The coalitions for a request. */
  @Transaction(false)
  @Returns('string')
  public async listCoalitionsFor(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listCoalitionsFor, request, ({ bookmark, requestId }) =>
      pageCoalitionsFor(context.session, requestId, bookmark),
    );
  }

  /** What an asset serves in a day. */
  @Transaction(false)
  @Returns('string')
  public async getDuties(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getDuties, request, async ({ assetId, day }) => {
      return (await assetDuties.load(context.session, assetId, dayStart(day))) ?? { duties: [] };
    });
  }
}

/** A request of which nothing more can be bought in any slice is served, and its service may change again. */
async function endServed(context: GridContext, wanted: ServiceRequest, bought: BoughtCapacity): Promise<void> {
  if (wanted.state === 'OPEN' && isServed(wanted, bought)) {
    const served = endedServiceRequest(wanted, 'SERVED');
    await saveEndedServiceRequest(context.session, served);
    context.record({ type: 'ServiceRequestEnded', requestId: wanted.requestId, state: 'SERVED' });
  }
}

/** The coalition of an id; refuses with VPP_COALITION_UNKNOWN. */
export async function loadCoalition({ session }: GridContext, coalitionId: CoalitionId): Promise<Coalition> {
  return knownCoalition(await coalitions.load(session, coalitionId), coalitionId);
}

interface MembersAsked {
  readonly coalitionId: CoalitionId;
  readonly assetIds: readonly AssetId[];
  readonly participantId: ParticipantId;
}

/** The members of a coalition that a request names; refuses those of somebody else (VPP_ASSET_NOT_OWN). */
async function ownMembers(
  context: GridContext,
  { assetIds, coalitionId, participantId }: MembersAsked,
): Promise<{ readonly coalition: Coalition; readonly members: readonly CoalitionMember[] }> {
  const coalition = await loadCoalition(context, coalitionId);
  const members = await Promise.all(
    [...new Set(assetIds)].map(async (assetId) => {
      const member = knownMember(await coalitionMembers.load(context.session, coalitionId, assetId), assetId);
      demand(member.participantId === participantId, 'VPP_ASSET_NOT_OWN', { assetId });
      return member;
    }),
  );
  return { coalition, members };
}

function answerOf(
  transaction: MemberAnswer['transaction'],
  { commandId, expirySlot, signature }: Omit<MemberAnswer, 'transaction'>,
): MemberAnswer {
  return { transaction, commandId, expirySlot, signature };
}

function saveAnswers(
  context: GridContext,
  type: FactType | undefined,
  members: readonly CoalitionMember[],
): { readonly members: readonly CoalitionMember[] } {
  for (const member of members) {
    const { assetId, coalitionId, consent: given, participantId } = member;
    coalitionMembers.save(context.session, member, coalitionId, assetId);
    if (type !== undefined) {
      context.record({ type, coalitionId, assetId, participantId, consent: given });
    }
  }
  return { members };
}

/** Ends a coalition that is bound to nobody: whoever still takes part in it, or could, has promised nothing any more. */
async function end(context: GridContext, before: Coalition, coalition: Coalition): Promise<Coalition> {
  const { session } = context;
  for (const member of await loadMembers(session, before.coalitionId)) {
    if (member.consent !== 'declined') {
      await releaseMember(context, before, member);
    }
  }
  coalitions.save(session, coalition, coalition.coalitionId);
  recordCoalition(context, 'CoalitionEnded', coalition);
  return coalition;
}

/** Notes what happened to a coalition. */
export function recordCoalition(
  context: GridContext,
  type: FactType,
  { aggregatorId, coalitionId, requestId, state }: Coalition,
  more: JsonObject = {},
): void {
  context.record({ type, coalitionId, requestId, aggregatorId, state, ...more });
}

/** A slot of a coalition's offered slices; undefined where nothing is offered in it. */
export function sliceAt({ sliceSlots, slices }: Coalition, at: Slot): number | undefined {
  const index = slices.findIndex(({ firstSlot, offeredW }) => {
    return at >= firstSlot && at < firstSlot + sliceSlots && offeredW > 0n;
  });
  return index < 0 ? undefined : index;
}
