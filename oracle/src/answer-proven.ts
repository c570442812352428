import type { ProvenRequest, Slot } from '@flexledger/domain';
import type { OracleLog } from './ports';
import { refused, sendAnswer, type AnswerOutcome } from './send-answer';
import type { ServiceCatalogue } from './service';

/** A request that is answered with a proof, as the ledger has it. */
export interface AskedFor extends ProvenRequest {
  readonly service: string;
  readonly version: string;
  readonly gapPpmMax: bigint;
  readonly expirySlot: Slot;
}

/** How one sort of requests is answered. */
export interface ProvenWork<Request extends AskedFor, Asked, Found, Chunk> {
  readonly services: ServiceCatalogue<{
    readonly name: string;
    readonly version: string;
    run: (asked: Asked, gapPpmMax: Request['gapPpmMax']) => Promise<Found>;
  }>;
  /** The digest by which a request names its case. */
  readonly digest: (asked: Asked) => string;
  readonly chunks: (request: Request, found: Found) => readonly Chunk[];
  readonly send: (chunk: Chunk) => Promise<void>;
}

/**
 * Answers one request with a frozen case: checks the digest of the case, runs the service, and sends the chunks in order. Every step may be
 * repeated: the same answer gives the same commands.
 * @throws LedgerError when the ledger could not be asked or has refused for another reason than a closed request
 */
export async function answerProven<
  Request extends AskedFor,
  Asked,
  Found,
  Chunk extends { readonly answerDigest: string },
>(
  { chunks, digest, send, services }: ProvenWork<Request, Asked, Found, Chunk>,
  log: OracleLog,
  place: object,
  { asked, request }: { readonly request: Request | undefined; readonly asked: Asked | undefined },
): Promise<AnswerOutcome> {
  if (request === undefined || asked === undefined || request.state === 'PLANNED') {
    return { kind: 'closed', state: request?.state ?? 'UNKNOWN' };
  }
  const service = services.find(request);
  if (service === undefined) {
    return refused(request, 'ORACLE_SERVICE_NOT_OFFERED', `no ${request.service} version ${request.version} here`);
  }
  if (digest(asked) !== request.dataDigest) {
    return refused(request, 'ORACLE_INPUTS_DIFFER', 'what is on this peer does not have the digest of the request');
  }
  let answer: readonly Chunk[];
  try {
    answer = chunks(request, await service.run(asked, request.gapPpmMax));
  } catch (error) {
    // A service is a plug-in: what it throws concerns this request only.
    return refused(request, 'ORACLE_SERVICE_FAILED', error instanceof Error ? error.message : String(error));
  }
  log.info({ ...place, service: service.name, chunks: answer.length }, 'computed');
  return sendAnswer(answer, request, send);
}
