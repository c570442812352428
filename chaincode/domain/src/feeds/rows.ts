import { array, integer, object, oneOf, optional, mapped, text, type Codec, type TypeOf } from '../decode';
import {
  digestCodec,
  elementIdCodec,
  freeTextCodec,
  mspIdCodec,
  publicKeyCodec,
  signatureCodec,
} from '../field-codecs';
import { limits } from '../limits';
import { intervalSlotsCodec } from '../rule-set/products';
import { slotCodec } from '../time';

/** The id of a feed. */
export const feedIdCodec = elementIdCodec;
/** What a feed tells of. */
export const feedKindCodec = oneOf('price', 'weather', 'grid-limit');
/** In what it counts; values are whole numbers of it. */
export const feedUnitCodec = oneOf('micro-per-kwh', 'milli-celsius', 'w-per-m2', 'millimetre-per-second', 'ppm', 'w');

/** A value of a feed in JSON: a decimal string, with a minus sign where it is below zero, as prices and temperatures are. */
const valueCodec: Codec<bigint> = mapped(
  text(/^(0|-?[1-9][0-9]{0,14})$/, 'a decimal string of at most 15 digits, which may have a minus sign', 16),
  'a value',
  (digits) => BigInt(digits),
  (value) => value.toString(),
);

/** The number of a publication within its feed, from 1. */
export const feedSequenceCodec = integer(1, 9_999_999_999);

/** What a feed is, as the organisation that registers it says. */
export const feedFields = {
  feedId: feedIdCodec,
  kind: feedKindCodec,
  unit: feedUnitCodec,
  /** Quarter hours that one value is of. */
  stepSlots: intervalSlotsCodec,
  /** For how many quarter hours after the one in which it was issued a publication may be used. */
  validSlots: integer(1, limits.feedValidSlotsMax),
  title: freeTextCodec,
};

/** A registered feed: who may sign it, and from which publication on. */
export const feedCodec = object({
  ...feedFields,
  /** The organisation that has registered it and answers for who publishes. */
  mspId: mspIdCodec,
  keys: array(object({ publicKey: publicKeyCodec, fromSequence: feedSequenceCodec }), limits.feedKeysMax, 1),
  state: oneOf('ACTIVE', 'RETIRED'),
});
export type Feed = TypeOf<typeof feedCodec>;

/** The last publication of a feed. */
export const feedHeadCodec = object({ sequence: feedSequenceCodec, issuedSlot: slotCodec });
export type FeedHead = TypeOf<typeof feedHeadCodec>;

/** What a publisher signs: a series of values, the number of the publication and when it was issued. */
export const feedSeriesFields = {
  feedId: feedIdCodec,
  unit: feedUnitCodec,
  stepSlots: intervalSlotsCodec,
  /** The first quarter hour of the first value. */
  firstSlot: slotCodec,
  values: array(valueCodec, limits.feedValuesMax, 1),
  issuedSlot: slotCodec,
  sequence: feedSequenceCodec,
};
export const feedSeriesCodec = object(feedSeriesFields);
export type FeedSeries = TypeOf<typeof feedSeriesCodec>;

/** A publication as it stands on the ledger, written once. */
export const feedPublicationCodec = object({ ...feedSeriesFields, digest: digestCodec, signature: signatureCodec });
export type FeedPublication = TypeOf<typeof feedPublicationCodec>;

/** A feed that a request for a computation names: a certain publication by number and digest, or the last one where these are absent. */
export const feedQuoteCodec = object({
  feedId: feedIdCodec,
  publication: optional(object({ sequence: feedSequenceCodec, digest: digestCodec })),
});
export type FeedQuote = TypeOf<typeof feedQuoteCodec>;

/**
 * What became of a feed that a request names. USED: the publication goes in. STALE: its last publication is too old. MISSING: it has none, or
 * is retired. The computation is done without a feed that is not used.
 */
export const feedInputCodec = object({
  feedId: feedIdCodec,
  state: oneOf('USED', 'STALE', 'MISSING'),
  publication: optional(object({ sequence: feedSequenceCodec, digest: digestCodec })),
});
export type FeedInput = TypeOf<typeof feedInputCodec>;
