import type { Slot } from '@flexledger/domain';
import type { OracleLog } from './ports';
import { refused, sendAnswer, type AnswerOutcome } from './send-answer';
import { ServiceError, type Service, type ServiceCatalogue } from './service';

/** What every request names, whatever it asks for. */
export interface AskedFor {
  readonly service: string;
  readonly version: string;
  readonly expirySlot: Slot;
}

/** How requests of one kind are answered. */
export interface AnswerWay<Request extends AskedFor, Input, Output, Chunk> {
  readonly services: ServiceCatalogue<Service<Input, Output>>;
  /** Reads what goes in; undefined where it does not have the digest that the request names. */
  readonly input: (request: Request) => Promise<Input | undefined>;
  readonly chunks: (request: Request, output: Output) => readonly Chunk[];
  readonly send: (chunk: Chunk) => Promise<void>;
}

/**
 * Answers one open request from what the ledger says: reads the input, checks its digest, runs the service, asks for its certificate, and
 * sends the chunks in order. Every step may be repeated: the same answer gives the same commands.
 *
 * @param place what the request is about, for the log
 * @throws LedgerError when the ledger could not be asked or has refused for another reason than a closed request
 */
export async function answerWith<
  Request extends AskedFor,
  Input,
  Output,
  Chunk extends { readonly answerDigest: string },
>(
  way: AnswerWay<Request, Input, Output, Chunk>,
  log: OracleLog,
  place: object,
  request: Request,
): Promise<AnswerOutcome> {
  const service = way.services.find(request);
  if (service === undefined) {
    return refused(request, 'ORACLE_SERVICE_NOT_OFFERED', `no ${request.service} version ${request.version} here`);
  }
  const input = await way.input(request);
  if (input === undefined) {
    return refused(request, 'ORACLE_INPUTS_DIFFER', 'what is on this peer does not have the digest of the request');
  }
  let answer: readonly Chunk[];
  try {
    const output = await service.run(input);
    const certificate = service.certificate(input, output);
    answer = way.chunks(request, output);
    log.info({ ...place, service: service.name, certificate, chunks: answer.length }, 'computed');
  } catch (error) {
    // A service is a plug-in: what it throws concerns this request only.
    const code = error instanceof ServiceError ? error.code : 'ORACLE_SERVICE_FAILED';
    return refused(request, code, error instanceof Error ? error.message : String(error));
  }
  return sendAnswer(answer, request, way.send);
}
