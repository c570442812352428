import {
  acceptAnswerPart,
  canonicalBytes,
  caseOfOrder,
  contracts,
  demand,
  demandOpenProgramme,
  demandOwnProgramme,
  disaggregationAnswerCodec,
  disaggregationCaseCodec,
  disaggregationDigest,
  disaggregationGapPpm,
  firstIsp,
  flexibilityRulesOf,
  joinedPieces,
  knownProgramme,
  limits,
  meritOrder,
  nextRevision,
  prepareCase,
  present,
  proveAnswer,
  standingEvents,
  withAnswer,
  type DisaggregationAnswer,
  type DisaggregationHead,
  type DisaggregationPlan,
  type DisaggregationRequest,
  type Enrolment,
  type FlexOrder,
  type ParticipantId,
  type Programme,
  type ProgrammeId,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasCome } from '../../store/clock-store';
import {
  lastSplit,
  loadFormer,
  loadPieces,
  loadUses,
  saveNewSplit,
  savePlan,
  saveSplitPart,
  splitAnswers,
  splitCases,
  splitPlans,
  splits,
} from '../../store/flexibility/disaggregation-store';
import { flexEvents } from '../../store/flexibility/event-store';
import { flexOrders } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { enrolments, programmes } from '../../store/flexibility/programme-store';
import { ProgrammeContract } from './programmes';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` by which an order is split among enrolled assets. */
export abstract class DisaggregationContract extends ProgrammeContract {
  /** Asks the oracles for the split of an order. */
  @Transaction()
  @Returns('string')
  public async requestDisaggregation(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.requestDisaggregation, request, async (asked) => {
      const { rules, session } = context;
      const {
        answerBySlot,
        excludedIds,
        fairnessMicroPerKwh,
        orderId,
        participantId: aggregatorId,
        programmeIds,
      } = asked;
      await signingParticipant(context, 'flexibility', 'requestDisaggregation', asked);
      const asking = await loadProgrammes(context, programmeIds, aggregatorId);
      const { disaggregationGapPpm: gapPpmMax = disaggregationGapPpm } = flexibilityRulesOf(rules.ruleSet);
      const order = found(await flexOrders.load(session, orderId), 'FLEX_REFERENCE_UNKNOWN', { orderId });
      demand(order.aggregatorId === aggregatorId, 'FLEX_SPLIT_OTHERS', { orderId });
      demand(order.state !== 'SETTLED', 'FLEX_SPLIT_SETTLED', { orderId });
      const revision = nextRevision(answerBySlot, {
        before: await lastSplit(session, orderId),
        expiryCome: await hasCome(session, answerBySlot),
        firstSlot: firstIsp(order),
      });
      const standing = standingEvents(await flexEvents.list(session, prefixes.flexEvents(orderId)));
      const frozen = caseOfOrder({
        order,
        ...asking,
        excluded: new Set([...excludedIds, ...standing.participantIds]),
        heldWh: standing.heldWh,
        earlierWh: fairnessMicroPerKwh === 0n ? new Map() : await loadUses(session, aggregatorId),
        noticeSlot: answerBySlot,
        fairnessMicroPerKwh,
      });
      const bytes = canonicalBytes(disaggregationCaseCodec.encode(frozen)).length;
      demand(bytes <= limits.answerChunkBytesMax, 'FLEX_SPLIT_TOO_LARGE', { bytesMax: limits.answerChunkBytesMax });
      const split: DisaggregationRequest = {
        orderId,
        revision,
        service: 'disaggregation',
        version: '1',
        aggregatorId,
        programmeIds,
        dataDigest: disaggregationDigest(frozen),
        gapPpmMax,
        expirySlot: answerBySlot,
        state: 'OPEN',
        fallback: 'merit-order',
      };
      saveNewSplit(session, split, frozen);
      const { dataDigest, expirySlot } = split;
      context.record({ type: 'DisaggregationRequested', orderId, revision, aggregatorId, expirySlot, dataDigest });
      return split;
    });
  }

  /** Files one chunk of an answer, and proves the whole with the last one. */
  @Transaction()
  @Returns('string')
  public async answerDisaggregation(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.answerDisaggregation, request, async ({ commandId: _command, ...part }) => {
      const { caller, rules, session } = context;
      const { answerDigest, chunk, orderId, piece, revision } = part;
      const { mspId } = caller;
      const asked = await splits.load(session, orderId, revision);
      const before = await splitAnswers.load(session, orderId, revision, mspId, answerDigest);
      const { head, request: open } = acceptAnswerPart(part, {
        request: asked,
        head: before,
        mspId,
        approved: rules.oracles.includes(mspId),
        expired: asked !== undefined && (await hasCome(session, asked.expirySlot)),
      });
      const pieces = new Map([...(await loadPieces(session, before)), [chunk, piece]]);
      const answered = head.complete ? withAnswer(open, head, await provenAnswer(context, open, head, pieces)) : open;
      saveSplitPart(session, head, chunk, piece);
      const best = answered !== open;
      if (best) {
        splits.save(session, answered, orderId, revision);
      }
      const { chunks, complete, received, solver } = head;
      const fact = { orderId, revision, answerDigest, chunk, chunks, complete, best, solver, mspId };
      context.record({ type: 'DisaggregationAnswered', ...fact });
      return { orderId, revision, answerDigest, received: received.length, chunks, complete, best };
    });
  }

  /** Makes the best answer, or the fallback, the plan of an order. */
  @Transaction()
  @Returns('string')
  public async planDisaggregation(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.planDisaggregation, request, async ({ orderId, revision }) => {
      const { session } = context;
      const split = found(await splits.load(session, orderId, revision), 'FLEX_SPLIT_UNKNOWN', { orderId, revision });
      demand(split.state !== 'PLANNED', 'FLEX_SPLIT_PLANNED', { orderId, revision });
      const { aggregatorId, expirySlot } = split;
      demand(await hasCome(session, expirySlot), 'FLEX_SPLIT_NOT_EXPIRED', { expirySlot });
      const row = present(await splitCases.load(session, orderId, revision), 'A request has its case.');
      const best = await bestAnswer(context, split);
      const { boundNano, objectiveNano, plans } = best ?? meritOrder(prepareCase(row.asked));
      const source = best === undefined ? 'merit-order' : 'oracle';
      const plan: DisaggregationPlan = { orderId, revision, source, plans, objectiveNano, boundNano };
      const events = await flexEvents.list(session, prefixes.flexEvents(orderId));
      const held = new Set(events.filter(({ state }) => state === 'OPTED_IN').map((event) => event.participantId));
      await savePlan(session, plan, aggregatorId, row.asked, await loadFormer(session, orderId, revision), held);
      splits.save(session, { ...split, state: 'PLANNED' }, orderId, revision);
      const order = present(await flexOrders.load(session, orderId), 'A request is about an order.');
      saveDisaggregated(context, order);
      const costs = { objectiveNano: objectiveNano.toString(), boundNano: boundNano.toString() };
      context.record({ type: 'DisaggregationPlanned', orderId, revision, aggregatorId, source, ...costs });
      return plan;
    });
  }

  /** A request with its case and its plan. */
  @Transaction(false)
  @Returns('string')
  public async getDisaggregation(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getDisaggregation, request, async ({ orderId, revision }) => {
      const { session } = context;
      const row = await splitCases.load(session, orderId, revision);
      return {
        request: (await splits.load(session, orderId, revision)) ?? null,
        asked: row?.asked ?? null,
        plan: (await splitPlans.load(session, orderId, revision)) ?? null,
      };
    });
  }

  /** Requests to split orders. */
  @Transaction(false)
  @Returns('string')
  public async listDisaggregations(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listDisaggregations, request, async ({ bookmark, state }) => {
      const page = await splits.page(context.session, prefixes.splits(), limits.listRowsMax, bookmark);
      return { ...page, rows: page.rows.filter((row) => state === undefined || row.state === state) };
    });
  }
}

/** The programmes that are asked, each open and the aggregator's own, with everybody who is enrolled in them. */
async function loadProgrammes(
  { session }: GridContext,
  programmeIds: readonly ProgrammeId[],
  aggregatorId: ParticipantId,
): Promise<{ readonly programmes: readonly Programme[]; readonly enrolments: readonly Enrolment[] }> {
  const asking: Programme[] = [];
  const enrolled: Enrolment[] = [];
  for (const programmeId of new Set(programmeIds)) {
    const programme = knownProgramme(await programmes.load(session, programmeId), programmeId);
    demandOwnProgramme(programme, aggregatorId);
    demandOpenProgramme(programme);
    asking.push(programme);
    enrolled.push(...(await enrolments.list(session, prefixes.enrolments(programmeId))));
  }
  return { programmes: asking, enrolments: enrolled };
}

/** The answer that pieces make together, proven against the case of its request. */
async function provenAnswer(
  { session }: GridContext,
  { gapPpmMax, orderId, revision }: DisaggregationRequest,
  { answerDigest }: DisaggregationHead,
  pieces: ReadonlyMap<number, string>,
): Promise<DisaggregationAnswer> {
  const row = present(await splitCases.load(session, orderId, revision), 'A request has its case.');
  const answer = joinedPieces(disaggregationAnswerCodec, pieces, answerDigest);
  proveAnswer(prepareCase(row.asked), answer, gapPpmMax);
  return answer;
}

/** The best answer of a request, which was proven when it came; undefined where there is none. */
async function bestAnswer(
  { session }: GridContext,
  { answer, orderId, revision }: DisaggregationRequest,
): Promise<DisaggregationAnswer | undefined> {
  if (answer === undefined) {
    return undefined;
  }
  const { answerDigest, mspId } = answer;
  const head = present(
    await splitAnswers.load(session, orderId, revision, mspId, answerDigest),
    'An answer has a head.',
  );
  return joinedPieces(disaggregationAnswerCodec, await loadPieces(session, head), answerDigest);
}

function saveDisaggregated({ session }: GridContext, order: FlexOrder): void {
  if (order.state === 'ORDERED') {
    flexOrders.save(session, { ...order, state: 'DISAGGREGATED' }, order.orderId);
  }
}
