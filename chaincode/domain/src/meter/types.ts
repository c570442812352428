import { array, integer, object, oneOf, optional, text, type TypeOf } from '../decode';
import { bytesCodec, digestCodec, freeTextCodec, signatureCodec } from '../field-codecs';
import { meterIdCodec } from '../ids';
import { limits } from '../limits';
import { resolutionMinutesCodec } from '../registry/device-types';
import { slotCodec } from '../time';
import { whCodec } from '../units';

/** A block's number within its meter's chain, from 1; 10 digits in keys. */
export const sequenceCodec = integer(1, 9_999_999_999);

/** How good the energy of an interval is (the data quality of OpenADR 3.1). */
export const qualityCodec = oneOf('OK', 'MISSING', 'ESTIMATED', 'BAD');
export type Quality = TypeOf<typeof qualityCodec>;

/** The energy of one quarter hour, in both directions. */
export const intervalTotalCodec = object({ slot: slotCodec, importWh: whCodec, exportWh: whCodec });
export type IntervalTotal = TypeOf<typeof intervalTotalCodec>;

/** The energy of one quarter hour with its quality; MISSING has zeros, which are not a measurement. */
export const qualifiedTotalCodec = object({
  slot: slotCodec,
  importWh: whCodec,
  exportWh: whCodec,
  quality: qualityCodec,
});
export type QualifiedTotal = TypeOf<typeof qualifiedTotalCodec>;

const valuesCodec = array(whCodec, limits.valuesPerBlockMax, 1);
const totalsCodec = array(intervalTotalCodec, limits.intervalsPerBlockMax, 1);
const blockSaltCodec = bytesCodec(16, 32);

/** A block of readings as its meter's agent signs and sends it; confidential. How its parts belong together: meter/block.ts. */
export const profileBlockCodec = object({
  meterId: meterIdCodec,
  keyVersion: integer(1, 1_000),
  sequence: sequenceCodec,
  startSlot: slotCodec,
  resolutionMinutes: resolutionMinutesCodec,
  importWh: valuesCodec,
  exportWh: valuesCodec,
  salt: blockSaltCodec,
  commitment: digestCodec,
  previousLink: digestCodec,
  totals: totalsCodec,
  signature: signatureCodec,
});
export type ProfileBlock = TypeOf<typeof profileBlockCodec>;

/** What the channel keeps of a block, under the meter's pseudonym. */
export const readingCodec = object({
  meterId: meterIdCodec,
  sequence: sequenceCodec,
  keyVersion: integer(1, 1_000),
  startSlot: slotCodec,
  resolutionMinutes: resolutionMinutesCodec,
  totals: totalsCodec,
  /** One per interval of `totals`. */
  quality: array(qualityCodec, limits.intervalsPerBlockMax, 1),
  commitment: digestCodec,
  previousLink: digestCodec,
  link: digestCodec,
  signature: signatureCodec,
});
export type Reading = TypeOf<typeof readingCodec>;

/** What the collection keeps of a block: the values and the salt that opens the commitment. */
export const profileCodec = object({
  meterId: meterIdCodec,
  sequence: sequenceCodec,
  startSlot: slotCodec,
  resolutionMinutes: resolutionMinutesCodec,
  importWh: valuesCodec,
  exportWh: valuesCodec,
  salt: blockSaltCodec,
});
export type Profile = TypeOf<typeof profileCodec>;

/** The end of a meter's chain. `sequence` is 0 and `link` the genesis link before the first block. */
export const meterHeadCodec = object({
  sequence: integer(0, 9_999_999_999),
  link: digestCodec,
  /** The slot in which the next block begins. */
  nextSlot: slotCodec,
});
export type MeterHead = TypeOf<typeof meterHeadCodec>;

/** Slots of a meter for which the system operator states that there are no readings. */
export const gapCodec = object({
  meterId: meterIdCodec,
  fromSlot: slotCodec,
  toSlot: slotCodec,
  /** The last block before the gap. */
  afterSequence: integer(0, 9_999_999_999),
  reason: freeTextCodec,
});
export type Gap = TypeOf<typeof gapCodec>;

/** The numbers of the blocks that have intervals in an hour or a day. */
export const sequencesCodec = object({ sequences: array(sequenceCodec, limits.intervalsPerBlockMax) });

/** What became of one block of a call, in the order of the blocks. A block that could not be read has no meter or sequence. */
export const blockResultCodec = object({
  meterId: optional(meterIdCodec),
  sequence: optional(sequenceCodec),
  status: oneOf('recorded', 'already', 'refused'),
  code: optional(text(/^[A-Z_]+$/, 'an error code', 64)),
});
export type BlockResult = TypeOf<typeof blockResultCodec>;
