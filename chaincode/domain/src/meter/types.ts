import { array, integer, object, oneOf, optional, text, type ObjectOf, type TypeOf } from '../decode';
import { bytesCodec, digestCodec, freeTextCodec, signatureCodec } from '../field-codecs';
import { meterIdCodec } from '../ids';
import { limits } from '../limits';
import { resolutionMinutesCodec } from '../registry/device-types';
import { slotCodec } from '../time';
import { decivoltCodec, varhCodec, whCodec } from '../units';

/** A block's number within its meter's chain, from 1. */
export const sequenceCodec = integer(1, 9_999_999_999);

/** How good the energy of an interval is (the data quality of OpenADR 3.1). */
export const qualityCodec = oneOf('OK', 'MISSING', 'ESTIMATED', 'BAD');
export type Quality = TypeOf<typeof qualityCodec>;

/** What the ledger found implausible in a block. docs/metering.md says when each of them is found. */
export const plausibilityFindings = ['FUSE', 'SPIKE', 'REGISTER_BACK', 'REGISTER_JUMP', 'STUCK'] as const;
export const plausibilityFindingCodec = oneOf(...plausibilityFindings);
export type PlausibilityFinding = TypeOf<typeof plausibilityFindingCodec>;

/** The energy of one quarter hour, in both directions. */
export const intervalTotalCodec = object({ slot: slotCodec, importWh: whCodec, exportWh: whCodec });
export type IntervalTotal = TypeOf<typeof intervalTotalCodec>;

/** The energy of one quarter hour with its quality; MISSING has zeros, which are not a measurement. */
export const qualifiedTotalCodec = object({
  slot: slotCodec,
  importWh: whCodec,
  exportWh: whCodec,
  quality: qualityCodec,
  /** Which amendment it is of; absent where it is a block's or missing. */
  version: optional(integer(1, limits.amendmentVersionMax)),
});
export type QualifiedTotal = TypeOf<typeof qualifiedTotalCodec>;

const valuesCodec = array(whCodec, limits.valuesPerBlockMax, 1);
const totalsCodec = array(intervalTotalCodec, limits.intervalsPerBlockMax, 1);
const qualitiesCodec = array(qualityCodec, limits.intervalsPerBlockMax, 1);
const blockSaltCodec = bytesCodec(16, 32);

/** What the registers of a meter count since it was made. */
export const registersCodec = object({ importWh: whCodec, exportWh: whCodec });
export type Registers = TypeOf<typeof registersCodec>;

const measuredFields = {
  importWh: valuesCodec,
  exportWh: valuesCodec,
  reactiveImportVarh: optional(array(varhCodec, limits.valuesPerBlockMax, 1)),
  reactiveExportVarh: optional(array(varhCodec, limits.valuesPerBlockMax, 1)),
  voltageDecivolt: optional(array(decivoltCodec, limits.valuesPerBlockMax, 1)),
  stateOfChargeWh: optional(array(whCodec, limits.valuesPerBlockMax, 1)),
};

/** The part of a block that its meter signs; everything that the channel sees of it. */
const signedFields = {
  meterId: meterIdCodec,
  keyVersion: integer(1, 1_000),
  sequence: sequenceCodec,
  startSlot: slotCodec,
  resolutionMinutes: resolutionMinutesCodec,
  /** What the registers counted when the block began, where the device tells. */
  registers: optional(registersCodec),
  totals: totalsCodec,
  /** How good the meter itself says that each interval is; absent where all are OK. */
  stated: optional(qualitiesCodec),
  commitment: digestCodec,
  previousLink: digestCodec,
};

export type SignedBlockPart = ObjectOf<typeof signedFields>;

/**
 * A block of readings as its meter's agent signs and sends it; confidential. On the wire it is packed (meter/packed-block.ts).
 * How its parts belong together: meter/block.ts.
 */
export const profileBlockCodec = object({
  ...signedFields,
  ...measuredFields,
  salt: blockSaltCodec,
  signature: signatureCodec,
  /** Where the block before it begins; absent in the first one. Not signed: it only says where to look. */
  previousStartSlot: optional(slotCodec),
});
export type ProfileBlock = TypeOf<typeof profileBlockCodec>;

/** What the channel keeps of a block, under the meter's pseudonym. */
export const readingCodec = object({
  ...signedFields,
  /** One per interval of `totals`: the worse of what the meter states and what is plausible. */
  quality: qualitiesCodec,
  findings: array(plausibilityFindingCodec, plausibilityFindings.length),
  /** Quarter hours up to the end of the block in which the meter has counted nothing, without a break. */
  zeroSlots: integer(0, 99_999_999),
  link: digestCodec,
  signature: signatureCodec,
});
export type Reading = TypeOf<typeof readingCodec>;

/** What the collection keeps of a block: the values and the salt that opens the commitment. */
export const profileCodec = object({
  meterId: meterIdCodec,
  startSlot: slotCodec,
  resolutionMinutes: resolutionMinutesCodec,
  ...measuredFields,
  salt: blockSaltCodec,
});
export type Profile = TypeOf<typeof profileCodec>;

/** The end of a meter's chain. `sequence` is 0 and `link` the genesis link before the first block. */
export const meterHeadCodec = object({
  sequence: integer(0, 9_999_999_999),
  link: digestCodec,
  /** Where the last block begins; absent before the first one. */
  startSlot: optional(slotCodec),
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

/** What became of one block of a call that was not simply recorded. `index` is its place in the call, from 0. */
export const blockExceptionCodec = object({
  index: integer(0, limits.blocksPerCallMax - 1),
  status: oneOf('already', 'refused'),
  code: optional(text(/^[A-Z_]+$/, 'an error code', 64)),
});
export type BlockException = TypeOf<typeof blockExceptionCodec>;

/** The answer of a call: how many blocks were recorded, and all others by their place. A block that is not named was recorded. */
export const profilesAnswerCodec = object({
  recorded: integer(0, limits.blocksPerCallMax),
  exceptions: array(blockExceptionCodec, limits.blocksPerCallMax),
});
export type ProfilesAnswer = TypeOf<typeof profilesAnswerCodec>;

/** What became of one block of a call. */
export interface BlockResult {
  readonly status: 'recorded' | 'already' | 'refused';
  readonly code?: string;
}
