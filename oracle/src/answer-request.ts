import {
  answerChunks,
  answerDigestOf,
  historyDigest,
  limits,
  type Computation,
  type RequestId,
  type Series,
} from '@flexledger/domain';
import { oracleCommandId } from './command-ids';
import type { AnswerRequest, OracleLedger, OracleLog } from './ports';
import { refused, sendAnswer, type AnswerOutcome } from './send-answer';
import type { ComputationService, ServiceCatalogue } from './service';

/** What answering needs. */
export interface AnswerParts {
  readonly ledger: OracleLedger;
  readonly services: ServiceCatalogue;
  readonly log: OracleLog;
  /** How an answer is cut into chunks; the domain's own way unless a caller wants smaller ones. */
  readonly cut?: typeof answerChunks;
}

/**
 * Answers one request from what the ledger says: reads the frozen inputs, checks their digest, runs the service, and
 * sends the chunks in order. Every step may be repeated: the same request gives the same commands.
 * @throws LedgerError when the ledger could not be asked or has refused for another reason than a closed request
 */
export async function answerRequest(
  { ledger, services, log, cut = answerChunks }: AnswerParts,
  requestId: RequestId,
): Promise<AnswerOutcome> {
  const request = await ledger.getRequest(requestId);
  if (request.state !== 'OPEN') {
    return { kind: 'closed', state: request.state };
  }
  const service = services.find(request);
  if (service === undefined) {
    return refused(request, 'ORACLE_SERVICE_NOT_OFFERED', `no ${request.service} version ${request.version} here`);
  }
  const history = await ledger.history(request);
  const dataDigest = historyDigest(history);
  if (dataDigest !== request.dataDigest) {
    return refused(request, 'ORACLE_INPUTS_DIFFER', 'the readings on this peer do not have the digest of the request');
  }
  let answer: readonly AnswerRequest[];
  try {
    answer = makeAnswer(request, service, cut(service.run(request, history)), ledger.mspId);
  } catch (error) {
    // A service is a plug-in: what it throws concerns this request only.
    return refused(request, 'ORACLE_SERVICE_FAILED', error instanceof Error ? error.message : String(error));
  }
  log.info({ requestId, service: service.name, model: service.model, chunks: answer.length }, 'computed');
  return sendAnswer(answer, request, (chunk) => ledger.answer(chunk));
}

function makeAnswer(
  request: Computation,
  { model }: ComputationService,
  chunks: readonly (readonly Series[])[],
  mspId: string,
): readonly AnswerRequest[] {
  if (chunks.length > limits.answerChunksMax) {
    throw new RangeError(`the answer needs ${chunks.length} chunks, the contract takes ${limits.answerChunksMax}`);
  }
  const answerDigest = answerDigestOf(chunks.flat());
  const { requestId, service, version, dataDigest } = request;
  return chunks.map((part, chunk) => ({
    // The digest is part of the id: another build with another result sends another command, which is refused openly.
    commandId: oracleCommandId(mspId, requestId, `answer/${answerDigest}/${chunk}`),
    requestId,
    service,
    version,
    model,
    dataDigest,
    chunk,
    chunks: chunks.length,
    answerDigest,
    series: part,
  }));
}
