import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { freeTextCodec } from '../../field-codecs';
import { assetIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { ppmCodec, wCodec, whCodec } from '../../units';
import { bandDirectionCodec } from '../directions';
import { coalitionIdCodec } from '../formation/ids';
import { serviceIdCodec, testIdCodec } from '../ids';
import { serviceKindCodec } from '../service/kinds';

/** A prequalification is lost long before. */
const failuresInRowMax = 1_000_000;

/** Who is tested: an asset, or the pool of an aggregator. */
export const subjectFields = {
  /** The asset, or the aggregator whose pool it is. */
  subjectKind: oneOf('asset', 'pool'),
  subjectId: assetIdCodec,
};

/** What an asset is asked for in a test activation. */
export const testShareCodec = object({ assetId: assetIdCodec, powerW: wCodec });
export type TestShare = TypeOf<typeof testShareCodec>;

/** What one quarter hour of a test came to; in Wh, or varh. */
export const testSlotCodec = object({
  slot: slotCodec,
  askedWh: whCodec,
  deliveredWh: whCodec,
  /** False where a meter was silent or a reading was flagged. */
  isMeasured: boolean,
});
export type TestSlot = TypeOf<typeof testSlotCodec>;

/**
 * The prequalification of an asset, or of the pool of an aggregator, for a kind of service: under test, passed, failed, or lost after it had
 * been passed. A failed or lost one can be tested again.
 */
export const prequalificationCodec = object({
  ...subjectFields,
  kind: serviceKindCodec,
  aggregatorId: participantIdCodec,
  state: oneOf('TESTING', 'PREQUALIFIED', 'FAILED', 'LOST'),
  testId: testIdCodec,
  serviceId: serviceIdCodec,
  serviceVersion: integer(1, limits.amendmentVersionMax),
  direction: bandDirectionCodec,
  /** The quarter hours before the test that it is measured against, and those of the test. */
  referenceSlots: integer(1, limits.testSlotsMax),
  firstSlot: slotCodec,
  slots: integer(1, limits.testSlotsMax),
  shares: array(testShareCodec, limits.assetsPerTestMax, 1),
  /** Which share of the asked energy each quarter hour had to bring. */
  tolerancePpm: ppmCodec,
  /** What was measured; absent while it is under test. */
  result: optional(array(testSlotCodec, limits.testSlotsMax)),
  /** What can be promised at most: what the test asked for; 0 unless it was passed. */
  powerMaxW: wCodec,
  lostReason: optional(freeTextCodec),
  /** Called slices in a row that were short since it was passed, with the coalition that counted last and what it began with. */
  failures: optional(
    object({
      coalitionId: coalitionIdCodec,
      carried: integer(0, failuresInRowMax),
      inRow: integer(0, failuresInRowMax),
    }),
  ),
});
export type Prequalification = TypeOf<typeof prequalificationCodec>;
