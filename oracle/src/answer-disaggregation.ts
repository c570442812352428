import {
  answerPieces,
  disaggregationAnswerCodec,
  disaggregationDigest,
  limits,
  splitAnswerDigest,
  type DisaggregationRequest,
} from '@flexledger/domain';
import { answerWith } from './answer-with';
import { oracleCommandId } from './command-ids';
import type { DisaggregationAnswerRequest, DisaggregationLedger, DisaggregationPlace, OracleLog } from './ports';
import type { AnswerOutcome } from './send-answer';
import type { DisaggregationService, FoundSplit, ServiceCatalogue } from './service';

/** What answering requests to split orders needs. */
export interface DisaggregationParts {
  readonly ledger: DisaggregationLedger;
  readonly services: ServiceCatalogue<DisaggregationService>;
}

/**
 * Answers one request to split an order from what the ledger says.
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
  const way = {
    services,
    input: ({ dataDigest, gapPpmMax }: DisaggregationRequest) =>
      Promise.resolve(disaggregationDigest(asked) === dataDigest ? { asked, gapPpmMax } : undefined),
    chunks: (frozen: DisaggregationRequest, found: FoundSplit) => makeAnswer(frozen, found, ledger.mspId),
    send: (chunk: DisaggregationAnswerRequest) => ledger.answerDisaggregation(chunk),
  };
  return answerWith(way, log, place, request);
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
