import { anyJson, array, integer, nullable, object, oneOf } from '../decode';
import { freeTextCodec } from '../field-codecs';
import { meterIdCodec } from '../ids';
import { limits } from '../limits';
import { amendmentCodec, amendmentFields } from '../meter/amendment';
import { cloneCodec } from '../meter/clone';
import { purgeCodec, purgeFields } from '../meter/purge';
import { feederBalanceCodec } from '../meter/feeder-balance';
import {
  gapCodec,
  meterHeadCodec,
  profileCodec,
  profilesAnswerCodec,
  qualifiedTotalCodec,
  readingCodec,
} from '../meter/types';
import { slotCodec } from '../time';
import { commandFields, emptyCodec, listAnswer, pageFields } from './common';
import { exampleCommandId, exampleMeterId } from './examples';
import { evaluateSpec, privateSubmitSpec, submitSpec } from './transaction-spec';

const contract = 'metering';

/** A block is named by any of its slots. */
const oneBlockCodec = object({ meterId: meterIdCodec, slot: slotCodec });
const oneBlockExample = { meterId: exampleMeterId, slot: 1_625_200 };

const versionCodec = object({ version: integer(1, limits.amendmentVersionMax) });
const amendmentExample = {
  commandId: exampleCommandId,
  meterId: exampleMeterId,
  fromSlot: 1_625_200,
  totals: [{ importWh: '120', exportWh: '0' }],
  reason: 'Read at the meter',
};

/** The confidential part of recordProfiles: packed blocks, decoded one by one with unpackBlock, so that a bad one harms no other. */
export const profilesCodec = object({ blocks: array(anyJson, limits.blocksPerCallMax, 1) });

/** The transactions of the contract `metering`. */
export const meteringTransactions = {
  recordProfiles: privateSubmitSpec(contract, 'recordProfiles', {
    roles: ['community'],
    request: object({ ...commandFields, count: integer(1, limits.blocksPerCallMax) }),
    transient: { key: 'profiles', codec: profilesCodec },
    collection: 'profiles',
    response: profilesAnswerCodec,
    errors: [
      'METER_NOT_COMMISSIONED',
      'METER_FROZEN',
      'METER_RETIRED',
      'METERING_COUNT',
      'READING_FORMAT',
      'READING_METER_UNKNOWN',
      'READING_KEY_VERSION',
      'READING_SHAPE',
      'READING_SIGNATURE',
      'READING_CONFLICT',
      'READING_SEQUENCE',
      'READING_LINK',
      'READING_NOT_CONTIGUOUS',
      'READING_NOT_ENDED',
      'READING_TOTALS',
      'READING_COMMITMENT',
    ],
    facts: ['ProfilesRecorded', 'CloneFound'],
    summary:
      'Records signed blocks of readings of many meters; a bad block is answered with its code, all that are not named are recorded.',
    example: { commandId: exampleCommandId, count: 1 },
  }),
  recordGap: submitSpec(contract, 'recordGap', {
    roles: ['dso'],
    request: object({
      ...commandFields,
      meterId: meterIdCodec,
      fromSlot: slotCodec,
      toSlot: slotCodec,
      reason: freeTextCodec,
    }),
    response: emptyCodec,
    errors: ['METER_UNKNOWN', 'GAP_RANGE', 'GAP_NOT_CONTIGUOUS', 'GAP_NOT_ENDED'],
    facts: ['GapRecorded'],
    summary: 'States that a meter has no readings for a while, so that its chain can go on after it.',
    example: {
      commandId: exampleCommandId,
      meterId: exampleMeterId,
      fromSlot: 1_625_200,
      toSlot: 1_625_203,
      reason: 'Meter was replaced',
    },
  }),
  correct: submitSpec(contract, 'correct', {
    roles: ['dso'],
    request: object({ ...commandFields, ...amendmentFields, cause: oneOf('correction', 'late') }),
    response: versionCodec,
    errors: [
      'METER_UNKNOWN',
      'AMENDMENT_BEFORE_METER',
      'AMENDMENT_NOT_ENDED',
      'AMENDMENT_NOTHING_TO_CORRECT',
      'AMENDMENT_VERSIONS',
    ],
    facts: ['ReadingsAmended'],
    summary:
      'Gives totals of a meter a new, measured version: corrected ones, or ones that came too late for its chain.',
    example: { ...amendmentExample, cause: 'correction' },
  }),
  substitute: submitSpec(contract, 'substitute', {
    roles: ['dso'],
    request: object({ ...commandFields, ...amendmentFields }),
    response: versionCodec,
    errors: [
      'METER_UNKNOWN',
      'AMENDMENT_BEFORE_METER',
      'AMENDMENT_NOT_ENDED',
      'AMENDMENT_READING_GOOD',
      'AMENDMENT_VERSIONS',
    ],
    facts: ['ReadingsAmended'],
    summary: 'Gives totals of a meter that are missing or not good a new, estimated version.',
    example: amendmentExample,
  }),
  purge: submitSpec(contract, 'purge', {
    roles: ['community', 'dso'],
    collection: 'profiles',
    request: object({ ...commandFields, ...purgeFields }),
    response: object({ blocks: integer(0, limits.slotsPerPurgeMax) }),
    errors: ['METER_UNKNOWN', 'PURGE_RANGE', 'PURGE_NOTHING'],
    facts: ['ProfilesPurged'],
    summary: 'Purges values and salts of a meter from every member of the collection; the chain still verifies.',
    example: {
      commandId: exampleCommandId,
      meterId: exampleMeterId,
      fromSlot: 1_625_200,
      toSlot: 1_625_295,
      cause: 'request',
    },
  }),
  getReading: evaluateSpec(contract, 'getReading', {
    roles: 'anyone',
    request: oneBlockCodec,
    response: readingCodec,
    errors: ['READING_UNKNOWN'],
    summary: 'What the channel keeps of the block that has a slot: totals, flags, commitment, link and signature.',
    example: oneBlockExample,
  }),
  listReadings: evaluateSpec(contract, 'listReadings', {
    roles: 'anyone',
    request: object({ meterId: meterIdCodec, ...pageFields }),
    response: listAnswer(readingCodec),
    errors: [],
    summary: 'The blocks of one meter in order, at most 100 at once.',
    example: { meterId: exampleMeterId },
  }),
  listGaps: evaluateSpec(contract, 'listGaps', {
    roles: 'anyone',
    request: object({ meterId: meterIdCodec, ...pageFields }),
    response: listAnswer(gapCodec),
    errors: [],
    summary: 'The gaps of one meter in order, at most 100 at once.',
    example: { meterId: exampleMeterId },
  }),
  listAmendments: evaluateSpec(contract, 'listAmendments', {
    roles: 'anyone',
    request: object({ meterId: meterIdCodec, fromSlot: slotCodec, toSlot: slotCodec }),
    response: object({ rows: array(amendmentCodec, limits.amendmentsPerQueryMax) }),
    errors: ['METERING_RANGE'],
    summary: 'All versions that the operator has given to totals of a meter in at most a day.',
    example: { meterId: exampleMeterId, fromSlot: 1_625_200, toSlot: 1_625_203 },
  }),
  listClones: evaluateSpec(contract, 'listClones', {
    roles: 'anyone',
    request: object({ meterId: meterIdCodec, ...pageFields }),
    response: listAnswer(cloneCodec),
    errors: [],
    summary: 'The pairs of different blocks that a meter has signed under one number, at most 100 at once.',
    example: { meterId: exampleMeterId },
  }),
  listPurges: evaluateSpec(contract, 'listPurges', {
    roles: 'anyone',
    request: object({ meterId: meterIdCodec, ...pageFields }),
    response: listAnswer(purgeCodec),
    errors: [],
    summary: 'What was purged of a meter and why, at most 100 at once.',
    example: { meterId: exampleMeterId },
  }),
  getIntervalTotals: evaluateSpec(contract, 'getIntervalTotals', {
    roles: 'anyone',
    request: object({
      meterIds: array(meterIdCodec, limits.meterIdsPerQueryMax, 1),
      fromSlot: slotCodec,
      toSlot: slotCodec,
    }),
    response: object({
      meters: array(
        object({ meterId: meterIdCodec, totals: array(qualifiedTotalCodec, limits.slotsPerQueryMax) }),
        limits.meterIdsPerQueryMax,
      ),
    }),
    errors: ['METERING_RANGE'],
    summary: 'The energy of each quarter hour of some meters in its newest version, with its quality.',
    example: { meterIds: [exampleMeterId], fromSlot: 1_625_200, toSlot: 1_625_203 },
  }),
  getProfile: evaluateSpec(contract, 'getProfile', {
    roles: ['dso', 'tso', 'regulator', 'community'],
    collection: 'profiles',
    request: oneBlockCodec,
    response: profileCodec,
    errors: ['READING_UNKNOWN', 'READING_PURGED'],
    summary: 'The values and the salt of the block that has a slot, for members of the confidential collection.',
    example: oneBlockExample,
  }),
  getFeederBalance: evaluateSpec(contract, 'getFeederBalance', {
    roles: 'anyone',
    request: object({ meterId: meterIdCodec, fromSlot: slotCodec, toSlot: slotCodec }),
    response: object({ balances: array(feederBalanceCodec, limits.slotsPerQueryMax) }),
    errors: ['METER_UNKNOWN', 'METER_NOT_A_FEEDER', 'METER_FEEDER_TOO_LARGE', 'METERING_RANGE'],
    summary:
      'Compares a feeder meter with the sum of the meters behind it, per quarter hour, and flags what neither explains.',
    example: { meterId: exampleMeterId, fromSlot: 1_625_200, toSlot: 1_625_203 },
  }),
  getMeterHead: evaluateSpec(contract, 'getMeterHead', {
    roles: 'anyone',
    request: object({ meterId: meterIdCodec }),
    response: object({ head: nullable(meterHeadCodec) }),
    errors: [],
    summary: 'The end of the chain of a meter, from which its agent goes on; null for a meter that is not registered.',
    example: { meterId: exampleMeterId },
  }),
} as const;
