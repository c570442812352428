import {
  anyJson,
  array,
  integer,
  limits,
  meterCodec,
  meterHeadCodec,
  meterIdCodec,
  object,
  oneOf,
  optional,
  text,
  type TypeOf,
} from '@flexledger/domain';

/*
 * What agents and the gateway of a community say to each other over HTTP: `GET /v1/meters/<id>` is answered with MeterFacts,
 * `POST /v1/blocks` takes BlocksSent and is answered with BlocksTaken once the ledger has said what became of every block.
 */

/** What an agent has to know of its meter before it makes or sends blocks. */
export const meterFactsCodec = object({
  /** The channel, which is part of what a meter signs. */
  channel: text(/^[a-z0-9.-]+$/, 'a channel', 249),
  meter: meterCodec,
  /** The end of its chain on the ledger. */
  head: meterHeadCodec,
});
export type MeterFacts = TypeOf<typeof meterFactsCodec>;

/** Signed blocks of one or many meters, packed as for recordProfiles; those of a meter follow each other. */
export const blocksSentCodec = object({ blocks: array(anyJson, limits.blocksPerCallMax, 1) });

/** What became of one block: on the ledger now, there before, or refused with a code of the contract. */
export const blockAnswerCodec = object({
  meterId: meterIdCodec,
  sequence: integer(1, 9_999_999_999),
  status: oneOf('recorded', 'already', 'refused'),
  code: optional(text(/^[A-Z_]+$/, 'an error code', 64)),
});
export type BlockAnswer = TypeOf<typeof blockAnswerCodec>;

/** One answer per block, in their order. */
export const blocksTakenCodec = object({ results: array(blockAnswerCodec, limits.blocksPerCallMax) });

/** Why the gateway has not taken anything. */
export const refusalCodec = object({
  code: text(/^[A-Z_]+$/, 'an error code', 64),
  sentence: text(/^[^\n]*$/, 'a sentence', 1_000),
});

/** Longest body of a request or an answer, in bytes: what the strict reader of JSON takes. */
export const REQUEST_BYTES_MAX = limits.jsonBytesMax;
