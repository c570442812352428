import {
  clearingAnswerChunks,
  clearingAnswerDigest,
  clearingInputsDigest,
  limits,
  type ClearingRequest,
  type SessionId,
} from '@flexledger/domain';
import { oracleCommandId } from './command-ids';
import type { ClearingAnswerRequest, ClearingLedger, OracleLog } from './ports';
import { answerWith } from './answer-with';
import type { AnswerOutcome } from './send-answer';
import type { ClearingAnswer, ClearingService, ServiceCatalogue } from './service';

/** What answering clearings needs. */
export interface ClearingParts {
  readonly ledger: ClearingLedger;
  readonly services: ServiceCatalogue<ClearingService>;
  /** How an answer is cut into chunks; the domain's own way unless a caller wants smaller ones. */
  readonly cut?: typeof clearingAnswerChunks;
}

/**
 * Answers one request for a clearing from what the ledger says: reads orders and grid, checks their digest, runs the service, and
 * sends the chunks in order. Every step may be repeated: the same request gives the same commands.
 * @throws LedgerError when the ledger could not be asked or has refused for another reason than a closed request
 */
export async function answerClearing(
  { cut = clearingAnswerChunks, ledger, services }: ClearingParts,
  log: OracleLog,
  sessionId: SessionId,
): Promise<AnswerOutcome> {
  const request = await ledger.getClearingRequest(sessionId);
  if (request?.state !== 'OPEN') {
    return { kind: 'closed', state: request?.state ?? 'UNKNOWN' };
  }
  const way = {
    services,
    input: async (asked: ClearingRequest) => {
      const inputs = await ledger.sessionInputs(sessionId);
      return clearingInputsDigest(inputs) === asked.dataDigest ? inputs : undefined;
    },
    chunks: (asked: ClearingRequest, answer: ClearingAnswer) => makeAnswer(asked, answer, cut, ledger.mspId),
    send: (chunk: ClearingAnswerRequest) => ledger.answerClearing(chunk),
  };
  return answerWith(way, log, { sessionId }, request);
}

function makeAnswer(
  { dataDigest, service, sessionId, version }: ClearingRequest,
  { intervals, solver }: ClearingAnswer,
  cut: typeof clearingAnswerChunks,
  mspId: string,
): readonly ClearingAnswerRequest[] {
  const parts = cut(intervals);
  if (parts.length > limits.answerChunksMax) {
    throw new RangeError(`the answer needs ${parts.length} chunks, the contract takes ${limits.answerChunksMax}`);
  }
  const answerDigest = clearingAnswerDigest(intervals);
  return parts.map((part, chunk) => ({
    // The digest is part of the id: another build with another result sends another command, which is judged by itself.
    commandId: oracleCommandId(mspId, sessionId, `clearing/${answerDigest}/${chunk}`),
    sessionId,
    service,
    version,
    solver,
    dataDigest,
    answerDigest,
    chunks: parts.length,
    chunk,
    intervals: part,
  }));
}
