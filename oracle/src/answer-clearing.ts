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
import { refused, sendAnswer, type AnswerOutcome } from './send-answer';
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
  const service = services.find(request);
  if (service === undefined) {
    return refused(request, 'ORACLE_SERVICE_NOT_OFFERED', `no ${request.service} version ${request.version} here`);
  }
  const inputs = await ledger.sessionInputs(sessionId);
  if (clearingInputsDigest(inputs) !== request.dataDigest) {
    return refused(request, 'ORACLE_INPUTS_DIFFER', 'what is on this peer does not have the digest of the request');
  }
  let answer: readonly ClearingAnswerRequest[];
  try {
    answer = makeAnswer(request, await service.run(inputs), cut, ledger.mspId);
  } catch (error) {
    // A service is a plug-in: what it throws concerns this request only.
    return refused(request, 'ORACLE_SERVICE_FAILED', error instanceof Error ? error.message : String(error));
  }
  log.info({ sessionId, service: service.name, chunks: answer.length }, 'computed');
  return sendAnswer(answer, request, (chunk) => ledger.answerClearing(chunk));
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
