import {
  acceptAnswerPart,
  canonicalBytes,
  coalitionAnswerCodec,
  coalitionCaseCodec,
  coalitionCaseOf,
  coalitionDigest,
  coalitionPlanIdOf,
  contracts,
  demand,
  demandCaseTime,
  greedyCoalition,
  joinedPieces,
  limits,
  prepareCoalition,
  present,
  proveCoalition,
  vppRulesOf,
  withCoalitionAnswer,
  type CoalitionAnswer,
  type CoalitionCase,
  type CoalitionHead,
  type CoalitionPlan,
  type CoalitionRequest,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasCome } from '../../store/clock-store';
import { found } from '../../store/found';
import {
  coalitionAnswers,
  coalitionRequests,
  coalitionRequestsPrefix,
  loadCoalitionPieces,
  saveCoalitionPart,
} from '../../store/vpp/coalition-store';
import { coalitionCases, coalitionPlans } from '../../store/vpp/plan-store';
import { loadCoalitionKnown } from './coalition-known';
import { PrequalificationContract } from './prequalification';

const specs = contracts.vpp;

/** The part of the contract `vpp` by which it is chosen which assets serve which request. */
export abstract class CoalitionChoiceContract extends PrequalificationContract {
  /** Asks the oracles for coalitions. */
  @Transaction()
  @Returns('string')
  public async requestCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestCoalition, request, async (asked) => {
      const { rules, session } = context;
      const { answerBySlot, commandId, groups, participantId: aggregatorId, requestIds } = asked;
      const { kind } = await signingParticipant(context, 'vpp', 'requestCoalition', asked);
      const { gapPpm: gapPpmMax, samplesMin, weights } = vppRulesOf(rules.ruleSet);
      demand(kind === 'aggregator', 'VPP_NOT_AGGREGATOR', { participantId: aggregatorId });
      demand(new Set(requestIds).size === requestIds.length, 'VPP_NAMED_TWICE');
      const { assets, requests } = await loadCoalitionKnown(context, aggregatorId, requestIds);
      demandCaseTime(answerBySlot, requests, await hasCome(session, answerBySlot));
      const frozen = coalitionCaseOf({ aggregatorId, requests, assets, groups, weights, samplesMin });
      demandCase(frozen);
      const planId = coalitionPlanIdOf(commandId);
      const chosen: CoalitionRequest = {
        planId,
        service: 'coalition',
        version: '1',
        aggregatorId,
        requestIds,
        dataDigest: coalitionDigest(frozen),
        gapPpmMax,
        expirySlot: answerBySlot,
        state: 'OPEN',
        fallback: 'greedy',
      };
      coalitionRequests.save(session, chosen, planId);
      coalitionCases.save(session, { planId, asked: frozen }, planId);
      const { dataDigest, expirySlot } = chosen;
      context.record({ type: 'CoalitionRequested', planId, aggregatorId, expirySlot, dataDigest });
      return chosen;
    });
  }

  /** Files one chunk of an answer, and proves the whole with the last one. */
  @Transaction()
  @Returns('string')
  public async answerCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.answerCoalition, request, async ({ commandId: _command, ...part }) => {
      const { caller, rules, session } = context;
      const { answerDigest, chunk, piece, planId } = part;
      const { mspId } = caller;
      const asked = await coalitionRequests.load(session, planId);
      const before = await coalitionAnswers.load(session, planId, mspId, answerDigest);
      const { head, request: open } = acceptAnswerPart(part, {
        request: asked,
        head: before,
        mspId,
        approved: rules.oracles.includes(mspId),
        expired: asked !== undefined && (await hasCome(session, asked.expirySlot)),
      });
      const pieces = new Map([...(await loadCoalitionPieces(session, before)), [chunk, piece]]);
      const answered = head.complete
        ? withCoalitionAnswer(open, head, await provenAnswer(context, open, head, pieces))
        : open;
      saveCoalitionPart(session, head, chunk, piece);
      const best = answered !== open;
      if (best) {
        coalitionRequests.save(session, answered, planId);
      }
      const { chunks, complete, received, solver } = head;
      context.record({
        type: 'CoalitionAnswered',
        planId,
        answerDigest,
        chunk,
        chunks,
        complete,
        best,
        solver,
        mspId,
      });
      return { planId, answerDigest, received: received.length, chunks, complete, best };
    });
  }

  /** Makes the best answer, or the fallback, the plan. */
  @Transaction()
  @Returns('string')
  public async planCoalition(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.planCoalition, request, async ({ planId }) => {
      const { session } = context;
      const asked = found(await coalitionRequests.load(session, planId), 'VPP_CASE_UNKNOWN', { planId });
      const { aggregatorId, expirySlot, state } = asked;
      demand(state !== 'PLANNED', 'VPP_PLANNED', { planId });
      demand(await hasCome(session, expirySlot), 'VPP_PLAN_NOT_EXPIRED', { expirySlot });
      const best = await bestAnswer(context, asked);
      const answer = best ?? greedyCoalition(prepareCoalition(await loadCase(context, asked)));
      const { assignments, boundNano, objectiveNano, served } = answer;
      const source = best === undefined ? 'greedy' : 'oracle';
      const plan: CoalitionPlan = { planId, aggregatorId, source, assignments, served, objectiveNano, boundNano };
      coalitionPlans.save(session, plan, planId);
      coalitionRequests.save(session, { ...asked, state: 'PLANNED' }, planId);
      const earns = { objectiveNano: objectiveNano.toString(), boundNano: boundNano.toString() };
      context.record({ type: 'CoalitionPlanned', planId, aggregatorId, source, ...earns });
      return plan;
    });
  }

  /** A request with its case and its plan. */
  @Transaction(false)
  @Returns('string')
  public async getCoalitionPlan(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getCoalitionPlan, request, async ({ planId }) => {
      const { session } = context;
      const row = await coalitionCases.load(session, planId);
      return {
        request: (await coalitionRequests.load(session, planId)) ?? null,
        asked: row?.asked ?? null,
        plan: (await coalitionPlans.load(session, planId)) ?? null,
      };
    });
  }

  /** Requests for coalitions. */
  @Transaction(false)
  @Returns('string')
  public async listCoalitionRequests(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listCoalitionRequests, request, async ({ bookmark, state }) => {
      const { session } = context;
      const page = await coalitionRequests.page(session, coalitionRequestsPrefix, limits.listRowsMax, bookmark);
      return { ...page, rows: page.rows.filter((row) => state === undefined || row.state === state) };
    });
  }
}

/** Refuses a case in which nothing can be served, that contradicts itself, or that has more bytes than one row may have. */
function demandCase(frozen: CoalitionCase): void {
  demand(prepareCoalition(frozen).choices > 0, 'VPP_CASE_EMPTY');
  const bytesMax = limits.answerChunkBytesMax;
  const bytes = canonicalBytes(coalitionCaseCodec.encode(frozen)).length;
  demand(bytes <= bytesMax, 'VPP_CASE_TOO_LARGE', { bytesMax });
}

async function loadCase({ session }: GridContext, { planId }: CoalitionRequest): Promise<CoalitionCase> {
  return present(await coalitionCases.load(session, planId), 'A request has its case.').asked;
}

/** The answer that pieces make together, proven against the case of its request. */
async function provenAnswer(
  context: GridContext,
  asked: CoalitionRequest,
  { answerDigest }: CoalitionHead,
  pieces: ReadonlyMap<number, string>,
): Promise<CoalitionAnswer> {
  const frozen = await loadCase(context, asked);
  const answer = joinedPieces(coalitionAnswerCodec, pieces, answerDigest);
  proveCoalition(prepareCoalition(frozen), answer, asked.gapPpmMax);
  return answer;
}

/** The best answer of a request, which was proven when it came; undefined where there is none. */
async function bestAnswer(
  { session }: GridContext,
  { answer, planId }: CoalitionRequest,
): Promise<CoalitionAnswer | undefined> {
  if (answer === undefined) {
    return undefined;
  }
  const { answerDigest, mspId } = answer;
  const head = present(await coalitionAnswers.load(session, planId, mspId, answerDigest), 'An answer has a head.');
  return joinedPieces(coalitionAnswerCodec, await loadCoalitionPieces(session, head), answerDigest);
}
