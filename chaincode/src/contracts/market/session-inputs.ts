import {
  flowsBeside,
  hoursOf,
  present,
  type ClearingRequest,
  type KnownAnswer,
  type Session,
  type SessionInputs,
} from '@flexledger/domain';
import { loadContractFlows } from '../../store/market/contract-store';
import { clearingAnswers, gridTerms, loadAnswerParts, loadClearedFlows } from '../../store/market/grid-market-store';
import { prefixes } from '../../store/keys';
import { listAllOrders, orderSets } from '../../store/market/market-store';
import { grids } from '../../store/registry/registry-store';
import type { StoreSession } from '../../store/session';

/** The grid of a session and the terms that it keeps. Both are written once. */
export async function loadGridOf(
  store: StoreSession,
  { gridId, gridTerms: number }: Session,
): Promise<Pick<SessionInputs, 'grid' | 'terms'>> {
  const grid = present(await grids.load(store, gridId), 'A session is opened on a grid that is there.');
  return { grid, terms: number === undefined ? undefined : await gridTerms.load(store, gridId, number) };
}

/**
 * What contracts and other sessions carry in the hours of a session with limits. Between its gate and its clearing no acceptance and no
 * displacement changes what contracts carry (CONTRACT_SESSION_PENDING); another session may be cleared.
 */
export async function loadFlowsBeside(
  store: StoreSession,
  session: Session,
): Promise<Pick<SessionInputs, 'contractFlows' | 'clearedFlows'>> {
  const { firstSlot, gridId, intervals, intervalSlots } = session;
  const [contractFlows, clearedFlows] = await Promise.all([
    loadContractFlows(store, gridId, hoursOf(session)),
    loadClearedFlows(store, gridId, firstSlot, intervals * intervalSlots),
  ]);
  return { contractFlows, clearedFlows: flowsBeside(session, clearedFlows) };
}

/**
 * Everything that the clearing of a session with limits is made from. Only after the session has closed, when no order can be added.
 */
export async function loadSessionInputs(store: StoreSession, session: Session): Promise<SessionInputs> {
  const { sessionId } = session;
  const orders = await listAllOrders(store, sessionId);
  const sets = await orderSets.list(store, prefixes.orderSets(sessionId));
  const [known, flows] = await Promise.all([loadGridOf(store, session), loadFlowsBeside(store, session)]);
  return { session, orders, orderSets: sets, ...known, ...flows };
}

/** The answer that counts, or undefined where no oracle has answered. */
export async function loadAnswer(
  store: StoreSession,
  request: ClearingRequest | undefined,
): Promise<KnownAnswer | undefined> {
  if (request?.answer === undefined) {
    return undefined;
  }
  const { answerDigest, mspId } = request.answer;
  const head = await clearingAnswers.load(store, request.sessionId, mspId, answerDigest);
  const { solver } = present(head, 'An answer has a head.');
  const parts = await loadAnswerParts(store, head);
  return { source: { kind: 'oracle', mspId, answerDigest, solver }, intervals: [...parts.values()].flat() };
}
