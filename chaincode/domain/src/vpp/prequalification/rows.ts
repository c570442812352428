import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { digestCodec, freeTextCodec } from '../../field-codecs';
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

/**
 * What spoils a quarter hour of a test that is judged by telemetry: `NO_SIGNAL`: nobody stated what had to be followed; `NO_TELEMETRY`: none was
 * committed in time, or it was not opened; `TELEMETRY_LIE`: it differs from the meters beyond the tolerance.
 */
export const testFlagCodec = oneOf('NO_SIGNAL', 'NO_TELEMETRY', 'TELEMETRY_LIE');
export type TestFlag = TypeOf<typeof testFlagCodec>;

/** What one quarter hour of a test came to; in Wh, or varh. */
export const testSlotCodec = object({
  slot: slotCodec,
  askedWh: whCodec,
  deliveredWh: whCodec,
  /** False where a meter was silent or a reading was flagged; by telemetry also where its minutes do not count. */
  isMeasured: boolean,
  /** Of a service that is settled by telemetry: minutes in which the signal was followed. */
  keptMinutes: optional(integer(0, 15)),
  flags: optional(array(testFlagCodec, 3)),
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

/** The telemetry of a test in a quarter hour: committed by its digest, its minutes opened under seal. */
export const testTelemetryCodec = object({
  testId: testIdCodec,
  slot: slotCodec,
  commitment: digestCodec,
  isOpened: boolean,
});
export type TestTelemetry = TypeOf<typeof testTelemetryCodec>;

/**
 * What had to be followed in each minute of a quarter hour of a test, in the direction of the test: powers, or for FCR by how much the frequency
 * that the asset was shown lay off the nominal one (below it for `up`).
 */
export const testSignalFields = {
  powersW: optional(array(wCodec, 15, 15)),
  deviationsMilliHertz: optional(array(integer(0, 5_000), 15, 15)),
};

/** What the publisher of a service has sent a test in a quarter hour. */
export const testSignalCodec = object({ testId: testIdCodec, slot: slotCodec, ...testSignalFields });
export type TestSignal = TypeOf<typeof testSignalCodec>;
