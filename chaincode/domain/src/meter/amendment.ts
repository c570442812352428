import { array, boolean, integer, object, oneOf, type TypeOf } from '../decode';
import { demand } from '../errors';
import { freeTextCodec, mspIdCodec } from '../field-codecs';
import { meterIdCodec } from '../ids';
import { limits } from '../limits';
import { addSlots, slotCodec, type Slot } from '../time';
import { wh, whCodec } from '../units';
import { qualityCodec, type QualifiedTotal, type Quality, type Reading } from './types';

/** Why a meter's totals get a new version. */
export const amendmentCauseCodec = oneOf('correction', 'late', 'substitution');
export type AmendmentCause = TypeOf<typeof amendmentCauseCodec>;

/** The energy of one quarter hour as the operator states it. */
const amendedTotalCodec = object({ importWh: whCodec, exportWh: whCodec });

/** What the operator asks for. */
export const amendmentFields = {
  meterId: meterIdCodec,
  fromSlot: slotCodec,
  /** One for each quarter hour from `fromSlot` on. */
  totals: array(amendedTotalCodec, limits.intervalsPerBlockMax, 1),
  reason: freeTextCodec,
};

/** A new version of some totals of a meter; what was there before stays. */
export const amendmentCodec = object({
  ...amendmentFields,
  /** Above the version of everything that it amends; a block has version 0. */
  version: integer(1, limits.amendmentVersionMax),
  cause: amendmentCauseCodec,
  quality: qualityCodec,
  /** For each total, whether a block stated one when this was made. A block that comes later is newer than a guess. */
  supersedes: array(boolean, limits.intervalsPerBlockMax, 1),
  mspId: mspIdCodec,
});
export type Amendment = TypeOf<typeof amendmentCodec>;

/** A total in force, where it comes from, and which version it is: 0 for a block's. */
export interface CurrentTotal extends QualifiedTotal {
  readonly version: number;
  /** The first slot of the block that states it; undefined where an amendment or nothing does. */
  readonly blockStartSlot: Slot | undefined;
}

/** What an amendment is judged by. */
export interface AmendmentContext {
  /** The slot in which the meter's first block begins. */
  readonly firstSlot: Slot;
  readonly readings: readonly Reading[];
  readonly amendments: readonly Amendment[];
  /** Whether the slot after the last one has begun on the ledger clock. */
  readonly hasEnded: boolean;
  readonly mspId: string;
}

type AmendmentAsked = Omit<Amendment, 'version' | 'cause' | 'quality' | 'supersedes' | 'mspId'>;

/** The slot after the last one of an amendment. */
export function slotAfterAmendment(asked: Pick<Amendment, 'fromSlot' | 'totals'>): Slot {
  return addSlots(asked.fromSlot, asked.totals.length);
}

/**
 * An amendment of 1 to 96 quarter hours that have ended and in which the meter was in use. A correction needs a total that it
 * corrects; a substitution is an estimate, and may not take the place of a good reading.
 */
export function acceptAmendment(asked: AmendmentAsked, cause: AmendmentCause, context: AmendmentContext): Amendment {
  const { amendments, firstSlot, hasEnded, mspId, readings } = context;
  const { fromSlot, meterId } = asked;
  demand(fromSlot >= firstSlot, 'AMENDMENT_BEFORE_METER', { meterId, firstSlot });
  demand(hasEnded, 'AMENDMENT_NOT_ENDED', { meterId });
  const slots = asked.totals.map((_, index) => addSlots(fromSlot, index));
  const current = slots.map((at) => currentTotal(readings, amendments, at));
  const isKnown = current.every(({ blockStartSlot, version }) => version > 0 || blockStartSlot !== undefined);
  demand(cause !== 'correction' || isKnown, 'AMENDMENT_NOTHING_TO_CORRECT', { meterId });
  const isGood = current.some(({ quality }) => quality === 'OK');
  demand(cause !== 'substitution' || !isGood, 'AMENDMENT_READING_GOOD', { meterId });
  const versions = amendments.filter((one) => overlaps(one, asked)).map(({ version }) => version);
  const version = Math.max(0, ...versions) + 1;
  demand(version <= limits.amendmentVersionMax, 'AMENDMENT_VERSIONS', { meterId });
  return {
    ...asked,
    version,
    cause,
    quality: cause === 'substitution' ? 'ESTIMATED' : 'OK',
    supersedes: slots.map((at) => readingAt(readings, at) !== undefined),
    mspId,
  };
}

/**
 * The total in force of one quarter hour: the newest amendment's, else the block's, else MISSING. An amendment that was made
 * while no block stated the total gives way to a block that came later.
 */
export function currentTotal(readings: readonly Reading[], amendments: readonly Amendment[], at: Slot): CurrentTotal {
  const reading = readingAt(readings, at);
  const newest = amendments
    .filter((one) => at >= one.fromSlot && at < slotAfterAmendment(one))
    .filter((one) => reading === undefined || one.supersedes[at - one.fromSlot] === true)
    .reduce<Amendment | undefined>(
      (best, one) => (best === undefined || one.version > best.version ? one : best),
      undefined,
    );
  const amended = newest?.totals[at - newest.fromSlot];
  if (newest !== undefined && amended !== undefined) {
    return { slot: at, ...amended, quality: newest.quality, version: newest.version, blockStartSlot: undefined };
  }
  return reading ?? { slot: at, ...nothing, quality: 'MISSING', version: 0, blockStartSlot: undefined };
}

const nothing = { importWh: wh(0n), exportWh: wh(0n) };

function readingAt(readings: readonly Reading[], at: Slot): CurrentTotal | undefined {
  const block = readings.find(({ startSlot, totals }) => at >= startSlot && at < startSlot + totals.length);
  const total = block?.totals[at - block.startSlot];
  if (block === undefined || total === undefined) {
    return undefined;
  }
  const quality: Quality = block.quality[at - block.startSlot] ?? 'MISSING';
  return { ...total, quality, version: 0, blockStartSlot: block.startSlot };
}

function overlaps(
  left: Pick<Amendment, 'fromSlot' | 'totals'>,
  right: Pick<Amendment, 'fromSlot' | 'totals'>,
): boolean {
  return left.fromSlot < slotAfterAmendment(right) && right.fromSlot < slotAfterAmendment(left);
}
