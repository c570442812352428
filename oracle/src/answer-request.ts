import {
  answerChunks,
  answerDigestOf,
  feedDigestOf,
  historyDigest,
  inputsDigest,
  limits,
  type Computation,
  type FeedPublication,
  type RequestId,
} from '@flexledger/domain';
import { oracleCommandId } from './command-ids';
import type { AnswerRequest, OracleLedger, OracleLog } from './ports';
import { answerWith } from './answer-with';
import type { AnswerOutcome } from './send-answer';
import type { Forecast, ServiceCatalogue } from './service';

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
  const way = {
    services,
    input: async (asked: Computation) => {
      const history = await ledger.history(asked);
      const feeds = asked.feeds === undefined ? [] : await ledger.publications(asked);
      const isTheSame = inputsDigest(historyDigest(history), asked.feeds) === asked.dataDigest;
      return isTheSame && areQuoted(feeds, asked)
        ? { request: asked, history, ...(feeds.length === 0 ? {} : { feeds }) }
        : undefined;
    },
    chunks: (asked: Computation, forecast: Forecast) => makeAnswer(asked, forecast, cut, ledger.mspId),
    send: (chunk: AnswerRequest) => ledger.answer(chunk),
  };
  return answerWith(way, log, { requestId }, request);
}

/** Whether these are the publications that a request uses, with the values that it quotes. */
function areQuoted(publications: readonly FeedPublication[], { feeds = [] }: Computation): boolean {
  const used = feeds.filter(({ state }) => state === 'USED');
  const digests = publications.map(({ digest: _digest, signature: _signature, ...series }) => feedDigestOf(series));
  return (
    digests.length === used.length && used.every(({ publication }, index) => publication?.digest === digests[index])
  );
}

function makeAnswer(
  request: Computation,
  { card, model, series }: Forecast,
  cut: typeof answerChunks,
  mspId: string,
): readonly AnswerRequest[] {
  const chunks = cut(series);
  if (chunks.length > limits.answerChunksMax) {
    throw new RangeError(`the answer needs ${chunks.length} chunks, the contract takes ${limits.answerChunksMax}`);
  }
  const answerDigest = answerDigestOf(series);
  const { requestId, service, version, dataDigest } = request;
  return chunks.map((part, chunk) => ({
    // The digest is part of the id: another build with another result sends another command, which is refused openly.
    commandId: oracleCommandId(mspId, requestId, `computation/${answerDigest}/${chunk}`),
    requestId,
    service,
    version,
    model,
    dataDigest,
    chunk,
    chunks: chunks.length,
    answerDigest,
    series: part,
    ...(card === undefined ? {} : { card }),
  }));
}
