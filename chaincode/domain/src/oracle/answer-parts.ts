import { canonicalJson, parseJson } from '../canonical';
import { array, boolean, integer, text, type Codec } from '../decode';
import { digestOf } from '../digest';
import { demand, RuleError } from '../errors';
import { digestCodec, mspIdCodec } from '../field-codecs';
import { limits } from '../limits';
import { solverNameCodec } from '../market/grid-session/outcome';

const chunkCodec = integer(0, limits.disaggregationChunksMax - 1);

/** What all chunks of an answer have in common, beside the request that it answers. */
export const answerHeadFields = {
  solver: solverNameCodec,
  dataDigest: digestCodec,
  answerDigest: digestCodec,
  chunks: integer(1, limits.disaggregationChunksMax),
};

/** The fields of a head: different answers to one request stand side by side, each organisation's under its own name. */
export const receivedFields = {
  ...answerHeadFields,
  received: array(chunkCodec, limits.disaggregationChunksMax),
  mspId: mspIdCodec,
  complete: boolean,
};

/** One chunk as a row: a piece of the canonical JSON of an answer. */
export const answerChunkFields = {
  chunk: chunkCodec,
  piece: text(/^[ -~]*$/, 'a piece of canonical JSON', limits.answerChunkBytesMax),
};

/** What every request has that oracles answer in chunks with a proof. */
export interface ProvenRequest {
  readonly state: 'OPEN' | 'ANSWERED' | 'PLANNED';
  readonly dataDigest: string;
  readonly expirySlot: number;
}

/** What every chunk of such an answer has. */
export interface AnswerPart {
  readonly solver: string;
  readonly dataDigest: string;
  readonly answerDigest: string;
  readonly chunks: number;
  readonly chunk: number;
  readonly piece: string;
}

/** What the ledger knows when a chunk of an answer arrives. */
export interface AnswerKnown<Request, Head> {
  readonly request: Request | undefined;
  readonly head: Head | undefined;
  readonly mspId: string;
  readonly approved: boolean;
  readonly expired: boolean;
}

/** What a head knows of the chunks that have arrived. */
export interface AnswerHead {
  readonly chunks: number;
  readonly solver: string;
  readonly received: readonly number[];
}

/** The head of an answer with one more chunk of it. */
export type HeadOf<Part> = Omit<Part, 'chunk' | 'piece'> & {
  readonly received: readonly number[];
  readonly mspId: string;
  readonly complete: boolean;
};

/** The request that a chunk answers, and the head with it; refuses with the first code in precedence order. */
export function acceptAnswerPart<Request extends ProvenRequest, Part extends AnswerPart>(
  part: Part,
  { approved, expired, head, mspId, request }: AnswerKnown<Request, AnswerHead>,
): { readonly request: Request; readonly head: HeadOf<Part> } {
  demand(approved, 'ORACLE_NOT_APPROVED', { mspId });
  if (request === undefined) {
    throw new RuleError('ORACLE_REQUEST_UNKNOWN');
  }
  demand(request.state !== 'PLANNED', 'ORACLE_REQUEST_CLOSED', { state: request.state });
  demand(!expired, 'ORACLE_REQUEST_EXPIRED', { expirySlot: request.expirySlot });
  demand(part.dataDigest === request.dataDigest, 'ORACLE_DATA_MISMATCH', { dataDigest: request.dataDigest });
  demand(part.chunk < part.chunks, 'ORACLE_CHUNK_INVALID', { chunk: part.chunk });
  if (head !== undefined) {
    demand(head.chunks === part.chunks && head.solver === part.solver, 'ORACLE_CHUNK_INVALID', { chunk: part.chunk });
    demand(!head.received.includes(part.chunk), 'ORACLE_CHUNK_EXISTS', { chunk: part.chunk });
  }
  const { chunk, piece: _piece, ...common } = part;
  const received = [...(head?.received ?? []), chunk].sort((left, right) => left - right);
  return { request, head: { ...common, received, mspId, complete: received.length === part.chunks } };
}

/** The answer that pieces make together; refuses what is none (ORACLE_ANSWER_SHAPE) or has another digest (ORACLE_ANSWER_DIGEST). */
export function joinedPieces<Answer>(
  codec: Codec<Answer>,
  pieces: ReadonlyMap<number, string>,
  answerDigest: string,
): Answer {
  let answer: Answer;
  try {
    const inOrder = Array.from({ length: pieces.size }, (_, chunk) => pieces.get(chunk) ?? '');
    answer = codec.decode(parseJson(inOrder.join('')), '');
  } catch (error) {
    if (error instanceof RuleError) throw new RuleError('ORACLE_ANSWER_SHAPE', {}, { cause: error });
    throw error;
  }
  demand(digestOf(codec.encode(answer)) === answerDigest, 'ORACLE_ANSWER_DIGEST');
  return answer;
}

/** Cuts an answer into pieces of at most so many characters. */
export function answerPieces<Answer>(
  codec: Codec<Answer>,
  answer: Answer,
  charactersMax: number = limits.answerChunkBytesMax,
): readonly string[] {
  const json = canonicalJson(codec.encode(answer));
  return Array.from({ length: Math.ceil(json.length / charactersMax) }, (_, index) =>
    json.slice(index * charactersMax, (index + 1) * charactersMax),
  );
}
