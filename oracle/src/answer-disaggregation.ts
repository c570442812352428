import {
  answerPieces,
  disaggregationAnswerCodec,
  disaggregationDigest,
  limits,
  splitAnswerDigest,
  type DisaggregationRequest,
} from '@flexledger/domain';
import { oracleCommandId } from './command-ids';
import type { DisaggregationAnswerRequest, DisaggregationLedger, DisaggregationPlace, OracleLog } from './ports';
import { refused, sendAnswer, type AnswerOutcome } from './send-answer';
import type { DisaggregationService, FoundSplit, ServiceCatalogue } from './service';

/** What answering requests to split orders needs. */
export interface DisaggregationParts {
  readonly ledger: DisaggregationLedger;
  readonly services: ServiceCatalogue<DisaggregationService>;
}

/**
 * Answers one request to split an order from what the ledger says: reads the frozen case, checks its digest, runs the service, and sends
 * the chunks in order. Every step may be repeated: the same answer gives the same commands.
 * @throws LedgerError when the ledger could not be asked or has refused for another reason than a closed request
 */
export async function answerDisaggregation(
  { ledger, services }: DisaggregationParts,
  log: OracleLog,
  place: DisaggregationPlace,
): Promise<AnswerOutcome> {
  const { asked, request } = await ledger.getDisaggregation(place);
  if (request === undefined || asked === undefined || request.state === 'PLANNED') {
    return { kind: 'closed', state: request?.state ?? 'UNKNOWN' };
  }
  const service = services.find(request);
  if (service === undefined) {
    return refused(request, 'ORACLE_SERVICE_NOT_OFFERED', `no ${request.service} version ${request.version} here`);
  }
  if (disaggregationDigest(asked) !== request.dataDigest) {
    return refused(request, 'ORACLE_INPUTS_DIFFER', 'what is on this peer does not have the digest of the request');
  }
  let answer: readonly DisaggregationAnswerRequest[];
  try {
    answer = makeAnswer(request, await service.run(asked, request.gapPpmMax), ledger.mspId);
  } catch (error) {
    // A service is a plug-in: what it throws concerns this request only.
    return refused(request, 'ORACLE_SERVICE_FAILED', error instanceof Error ? error.message : String(error));
  }
  log.info({ ...place, service: service.name, chunks: answer.length }, 'computed');
  return sendAnswer(answer, request, (chunk) => ledger.answerDisaggregation(chunk));
}

function makeAnswer(
  { dataDigest, orderId, revision }: DisaggregationRequest,
  { answer, solver }: FoundSplit,
  mspId: string,
): readonly DisaggregationAnswerRequest[] {
  const pieces = answerPieces(disaggregationAnswerCodec, answer);
  if (pieces.length > limits.disaggregationChunksMax) {
    throw new RangeError(
      `the answer needs ${pieces.length} chunks, the contract takes ${limits.disaggregationChunksMax}`,
    );
  }
  const answerDigest = splitAnswerDigest(answer);
  return pieces.map((piece, chunk) => ({
    // The digest is part of the id: another build with another result sends another command, which is judged by itself.
    commandId: oracleCommandId(mspId, orderId, `split/${revision}/${answerDigest}/${chunk}`),
    orderId,
    revision,
    solver,
    dataDigest,
    answerDigest,
    chunks: pieces.length,
    chunk,
    piece,
  }));
}
