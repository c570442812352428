import {
  answerOf,
  clearingAnswerDigest,
  contractFlowCodec,
  flowsBeside,
  gridCodec,
  gridTermsCodec,
  hoursOf,
  intervalAnswerCodec,
  intervalMarkets,
  orderCodec,
  orderSetCodec,
  searchInterval,
  sessionCodec,
  sessionFlowCodec,
  type IntervalAnswer,
  type JsonObject,
  type JsonValue,
  type SessionFlow,
  type SessionId,
  type SessionInputs,
} from '@flexledger/domain';
import { callers, command } from './actors';
import type { MemoryLedger } from './memory-ledger';

/** What an oracle reads of a session with limits, as anybody can. */
export async function sessionInputsOf(ledger: MemoryLedger, sessionId: SessionId): Promise<SessionInputs> {
  const read = (name: string, request: JsonObject): Promise<JsonObject> => ledger.evaluate(callers.dso, name, request);
  const rows = async (name: string, request: JsonObject = { sessionId }): Promise<readonly JsonValue[]> =>
    (await read(name, request)).rows as readonly JsonValue[];
  const session = sessionCodec.decode(await read('market:getSession', { sessionId }), '');
  const { gridId, gridTerms: number = 0 } = session;
  const { terms = null } = await read('market:getGridTerms', { gridId, number });
  const cleared = new Map<string, SessionFlow>();
  const contractFlows: SessionInputs['contractFlows'][number][] = [];
  for (const hour of hoursOf(session)) {
    const contracts = await rows('market:listContractFlows', { gridId, hour });
    contractFlows.push(...contracts.map((row) => contractFlowCodec.decode(row, '')));
    for (const row of await rows('market:listClearedFlows', { gridId, hour })) {
      const flow = sessionFlowCodec.decode(row, '');
      cleared.set(`${flow.sessionId} ${flow.firstSlot}`, flow);
    }
  }
  return {
    session,
    grid: gridCodec.decode(await read('registry:getGrid', { gridId }), ''),
    terms: terms === null ? undefined : gridTermsCodec.decode(terms, ''),
    orders: (await rows('market:listOrders')).map((row) => orderCodec.decode(row, '')),
    orderSets: (await rows('market:listOrderSets')).map((row) => orderSetCodec.decode(row, '')),
    contractFlows,
    clearedFlows: flowsBeside(session, [...cleared.values()]),
  };
}

/** The right answer to the request for the clearing of a session. */
export async function computedAnswer(ledger: MemoryLedger, sessionId: SessionId): Promise<readonly IntervalAnswer[]> {
  return intervalMarkets(await sessionInputsOf(ledger, sessionId)).map((one, interval) => {
    const found = searchInterval(one);
    if (found === undefined) throw new Error('the search finds what binds');
    return answerOf(interval, found.hint, found.clearing);
  });
}

/** The request of oracle:answerClearing that files an answer in one chunk. */
export async function answerRequest(
  ledger: MemoryLedger,
  sessionId: SessionId,
  intervals: readonly IntervalAnswer[],
  changes: JsonObject = {},
): Promise<JsonObject> {
  const { request } = await ledger.evaluate(callers.dso, 'market:getClearingRequest', { sessionId });
  const { dataDigest = '' } = request === null ? {} : (request as JsonObject);
  const answerDigest = clearingAnswerDigest(intervals);
  return {
    commandId: command(`answer ${sessionId} ${answerDigest} ${JSON.stringify(changes)}`),
    sessionId,
    service: 'clearing-grid',
    version: '1',
    solver: 'highs 1.15.1',
    dataDigest,
    answerDigest,
    chunks: 1,
    chunk: 0,
    intervals: intervals.map((entry) => intervalAnswerCodec.encode(entry)),
    ...changes,
  };
}
