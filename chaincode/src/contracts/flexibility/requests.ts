import {
  checkRequest,
  contracts,
  demand,
  demandExpiry,
  demandIncrease,
  demandNewRequest,
  demandPeriod,
  endRequest,
  expireRequest,
  firstSlotOf,
  flexibilityRulesOf,
  flexIdOf,
  periodOf,
  regimeAfterRequest,
  requestHeadOf,
  type FlexibilityRules,
  type FlexPlace,
  type FlexRequest,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { changeRegime, demandOperator, knownPlace, knownRequest, periodClock, signingAs } from './flexibility-steps';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasCome } from '../../store/clock-store';
import {
  flexRequestHeads,
  flexRequests,
  loadRegime,
  pageRequests,
  reservations,
  saveRequest,
} from '../../store/flexibility/flexibility-store';
import { FlexCongestionContract } from './congestion';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` by which flexibility is requested. */
export abstract class FlexRequestContract extends FlexCongestionContract {
  /** Requests flexibility for the system operator. */
  @Transaction()
  @Returns('string')
  public async requestFlexibility(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestFlexibility, request, async (asked) => {
      const { contractId, gridId } = asked;
      const rules = flexibilityRulesOf(context.rules.ruleSet);
      await demandOperator(context, gridId);
      const { place } = await knownPlace(context, asked, rules);
      checkRequest(asked.isps, place);
      const made = newRequest(context, place, asked);
      await demandNew(context, made, rules);
      if (contractId !== undefined) {
        const reservation = await reservations.load(context.session, place, contractId);
        demand(reservation?.state === 'RESERVED', 'FLEX_REFERENCE_UNKNOWN', { contractId });
      }
      const before = await loadRegime(context.session, place);
      const after = regimeAfterRequest(before, made);
      savedRequest(context, made);
      changeRegime(context, before, after);
      return made;
    });
  }

  /** Requests more consumption for a producer. */
  @Transaction()
  @Returns('string')
  public async requestIncrease(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestIncrease, request, async (asked) => {
      const rules = await signingAs(context, 'producer', 'requestIncrease', asked);
      const { place } = await knownPlace(context, asked, rules);
      checkRequest(asked.isps, place);
      demandIncrease(asked.isps);
      const made = { ...newRequest(context, place, asked), requesterId: asked.participantId };
      await demandNew(context, made, rules);
      return savedRequest(context, made);
    });
  }

  /** Ends a request of the system operator. */
  @Transaction()
  @Returns('string')
  public async endFlexRequest(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.endFlexRequest, request, async ({ requestId, state }) => {
      const known = await knownRequest(context, requestId);
      await demandOperator(context, known.gridId);
      demand(known.requesterId === undefined, 'FLEX_NOT_PARTY', { requestId });
      return ended(context, endRequest(known, state));
    });
  }

  /** Ends a request of a producer. */
  @Transaction()
  @Returns('string')
  public async endIncreaseRequest(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.endIncreaseRequest, request, async (asked) => {
      const { participantId, requestId, state } = asked;
      await signingParticipant(context, 'flexibility', 'endIncreaseRequest', asked);
      const known = await knownRequest(context, requestId);
      demand(known.requesterId === participantId, 'FLEX_NOT_PARTY', { requestId });
      return ended(context, endRequest(known, state));
    });
  }

  /** Marks a request as expired. */
  @Transaction()
  @Returns('string')
  public async expireFlexRequest(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.expireFlexRequest, request, async ({ requestId }) => {
      const known = await knownRequest(context, requestId);
      return ended(context, expireRequest(known, await hasCome(context.session, known.answerBySlot)));
    });
  }

  /** A request, or null. */
  @Transaction(false)
  @Returns('string')
  public async getFlexRequest(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFlexRequest, request, async ({ requestId }) => {
      return { request: (await flexRequests.load(context.session, requestId)) ?? null };
    });
  }

  /** The requests at a place. */
  @Transaction(false)
  @Returns('string')
  public async listFlexRequests(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listFlexRequests, request, ({ bookmark, ...place }) =>
      pageRequests(context.session, place, bookmark),
    );
  }
}

type RequestAsked = Pick<FlexRequest, 'revision' | 'isps' | 'answerBySlot' | 'contractId' | 'serviceType'>;

function newRequest(context: GridContext, place: FlexPlace, asked: RequestAsked): FlexRequest {
  const { answerBySlot, contractId, isps, revision, serviceType } = asked;
  return {
    requestId: flexIdOf(context.commandId),
    ...place,
    revision,
    isps,
    answerBySlot,
    ...(contractId === undefined ? {} : { contractId }),
    ...(serviceType === undefined ? {} : { serviceType }),
    state: 'OPEN',
  };
}

/** Refuses a request that comes too late, or that is not a new one of its requester. */
async function demandNew(context: GridContext, made: FlexRequest, rules: FlexibilityRules): Promise<void> {
  const { session } = context;
  const { answerBySlot, isps, requestId } = made;
  const firstIsp = firstSlotOf(isps, periodOf(made));
  demandPeriod(made, await periodClock(context, made, firstIsp, rules));
  demandExpiry(answerBySlot, firstIsp, await hasCome(session, answerBySlot));
  demandNewRequest(made, await flexRequestHeads.load(session, made, requesterOf(made)));
  demand(!(await flexRequests.exists(session, requestId)), 'FLEX_DUPLICATE_IDENTIFIER', { requestId });
}

function requesterOf({ requesterId }: FlexRequest): string {
  return requesterId ?? 'dso';
}

function savedRequest(context: GridContext, made: FlexRequest): FlexRequest {
  const { answerBySlot, congestionPointId, contractId, gridId, periodSlot, requesterId, requestId, revision } = made;
  saveRequest(context.session, made);
  flexRequestHeads.save(context.session, requestHeadOf(made), made, requesterOf(made));
  context.record({
    type: 'FlexRequested',
    requestId,
    gridId,
    congestionPointId,
    periodSlot,
    revision,
    answerBySlot,
    ...(requesterId === undefined ? {} : { requesterId }),
    ...(contractId === undefined ? {} : { contractId }),
  });
  return made;
}

function ended(context: GridContext, request: FlexRequest): FlexRequest {
  const { requestId, state } = request;
  flexRequests.save(context.session, request, requestId);
  context.record({ type: 'FlexRequestEnded', requestId, state });
  return request;
}
