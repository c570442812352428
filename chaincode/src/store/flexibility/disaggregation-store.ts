import {
  disaggregationChunkCodec,
  disaggregationHeadCodec,
  disaggregationPlanCodec,
  disaggregationRequestCodec,
  flexUseCodec,
  frozenCaseCodec,
  participantIdCodec,
  plannedWh,
  present,
  rowCodec,
  splitHeadCodec,
  useAfter,
  wh,
  type AssetPlan,
  type DisaggregationCase,
  type DisaggregationHead,
  type DisaggregationPlan,
  type DisaggregationRequest,
  type FlexOrderId,
  type ParticipantId,
  type Wh,
} from '@flexledger/domain';
import { keys, prefixes } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const splitHeads = new RowKeeper(rowCodec(splitHeadCodec), keys.splitHead);
/** Requests to split an order, by revision. */
export const splits = new RowKeeper(rowCodec(disaggregationRequestCodec), keys.split);
/** What each is made from: written once. */
export const splitCases = new RowKeeper(rowCodec(frozenCaseCodec), keys.splitCase);
/** What came of each: written once. */
export const splitPlans = new RowKeeper(rowCodec(disaggregationPlanCodec), keys.splitPlan);
export const splitAnswers = new RowKeeper(rowCodec(disaggregationHeadCodec), keys.splitAnswer);
const splitChunks = new RowKeeper(rowCodec(disaggregationChunkCodec), keys.splitChunk);
const flexUses = new RowKeeper(rowCodec(flexUseCodec), keys.flexUse);

/** The last request to split an order, or undefined. */
export async function lastSplit(store: StoreSession, orderId: FlexOrderId): Promise<DisaggregationRequest | undefined> {
  const head = await splitHeads.load(store, orderId);
  return head === undefined ? undefined : splits.load(store, orderId, head.revision);
}

/** Writes a new request with its case. */
export function saveNewSplit(store: StoreSession, request: DisaggregationRequest, asked: DisaggregationCase): void {
  const { orderId, revision } = request;
  splits.save(store, request, orderId, revision);
  splitCases.save(store, { orderId, revision, asked }, orderId, revision);
  splitHeads.save(store, { revision }, orderId);
}

/** Writes one chunk of an answer, with the head that knows of it. */
export function saveSplitPart(store: StoreSession, head: DisaggregationHead, chunk: number, piece: string): void {
  const { answerDigest, mspId, orderId, revision } = head;
  splitAnswers.save(store, head, orderId, revision, mspId, answerDigest);
  splitChunks.save(store, { chunk, piece }, orderId, revision, mspId, answerDigest, chunk);
}

/** The pieces of an answer that are there, by chunk. */
export async function loadPieces(
  store: StoreSession,
  head: DisaggregationHead | undefined,
): Promise<ReadonlyMap<number, string>> {
  const pieces = new Map<number, string>();
  for (const chunk of head?.received ?? []) {
    const { answerDigest, mspId, orderId, revision } = present(head, 'A chunk that was received has a head.');
    const row = await splitChunks.load(store, orderId, revision, mspId, answerDigest, chunk);
    pieces.set(chunk, present(row, 'A chunk that was received is there.').piece);
  }
  return pieces;
}

/** What the prosumers of an aggregator have been called for so far. */
export async function loadUses(
  store: StoreSession,
  aggregatorId: ParticipantId,
): Promise<ReadonlyMap<ParticipantId, Wh>> {
  const rows = await flexUses.list(store, prefixes.flexUses(aggregatorId));
  return new Map(rows.map(({ calledWh, participantId }) => [participantId, calledWh]));
}

/** A plan of an order and the case that it belongs to. */
interface PlannedCase {
  readonly asked: DisaggregationCase;
  readonly plans: readonly AssetPlan[];
}

/** Writes a plan, and what its prosumers have been called for with it in the place of the plan before. */
export async function savePlan(
  store: StoreSession,
  plan: DisaggregationPlan,
  aggregatorId: ParticipantId,
  asked: DisaggregationCase,
  former: PlannedCase | undefined,
  held: ReadonlySet<string>,
): Promise<void> {
  const { orderId, plans, revision } = plan;
  splitPlans.save(store, plan, orderId, revision);
  const now = plannedWh(asked, plans);
  const before = former === undefined ? new Map<string, bigint>() : plannedWh(former.asked, former.plans);
  // Who has opted in keeps its event, and what it was called for with it, although the new plan does not name it.
  for (const owner of new Set([...now.keys(), ...[...before.keys()].filter((id) => !held.has(id))])) {
    const participantId = participantIdCodec.decode(owner, '');
    const used = await flexUses.load(store, aggregatorId, participantId);
    const calledWh = useAfter(used?.calledWh ?? wh(0n), now.get(owner) ?? 0n, before.get(owner) ?? 0n);
    flexUses.save(store, { participantId, calledWh }, aggregatorId, participantId);
  }
}

/** The plan of the revision before, with its case. */
export async function loadFormer(
  store: StoreSession,
  orderId: FlexOrderId,
  revision: number,
): Promise<PlannedCase | undefined> {
  if (revision === 1) {
    return undefined;
  }
  const [row, plan] = await Promise.all([
    splitCases.load(store, orderId, revision - 1),
    splitPlans.load(store, orderId, revision - 1),
  ]);
  return row === undefined || plan === undefined ? undefined : { asked: row.asked, plans: plan.plans };
}
