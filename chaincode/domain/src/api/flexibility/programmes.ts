import { array, nullable, object } from '../../decode';
import { comfortCodec, bandCodec, enrolmentCodec, slotSpanCodec } from '../../flexibility/enrolment/rows';
import { programmeCodec, programmeTermsCodec } from '../../flexibility/programme/rows';
import { participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { listAnswer, pageFields } from '../common';
import { exampleAssetId, exampleParticipantId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';

const contract = 'flexibility';
const prosumerRoles = ['community', 'aggregator'] as const;

const programmeFields = { programmeId: programmeIdCodec };
const exampleProgrammeId = '01pr0gramme000000000000000';
const exampleTerms = {
  name: 'Evening peak',
  direction: 'reduce',
  gridIds: ['rural-1'],
  baseline: { method: 'high-5-of-10', adjustment: 'none' },
  rewardMicroPerKwh: '250000',
  penaltyMicroPerKwh: '100000',
  aggregatorSharePpm: '200000',
  tolerancePpm: '100000',
  noticeSlots: 8,
  callsPerMonthMax: 20,
  windows: [{ weekdays: [1, 2, 3, 4, 5], fromQuarter: 60, toQuarter: 84 }],
  reboundSlots: 8,
  reboundMicroPerKwh: '50000',
  firstSlot: 1_626_044,
  lastSlot: 1_660_000,
};
const exampleBand = {
  assetId: exampleAssetId,
  reduceMaxW: '3000',
  increaseMaxW: '0',
  noticeSlots: 1,
  runSlotsMax: 8,
  restSlots: 8,
  reboundPpm: '300000',
};

/** The transactions of the contract `flexibility` about programmes of demand response and who is enrolled in them. */
export const programmeTransactions = {
  createProgramme: submitSpec(contract, 'createProgramme', {
    roles: ['aggregator'],
    request: object({ ...signedFields, terms: programmeTermsCodec }),
    response: programmeCodec,
    errors: [...signatureErrors, 'GRID_UNKNOWN', 'FLEX_ROLE_MISMATCH', 'FLEX_PERIOD', 'FLEX_TERMS'],
    facts: ['ProgrammeCreated'],
    summary: 'Creates a programme of an aggregator, whose terms never change.',
    example: { ...signedExample, terms: exampleTerms },
  }),
  closeProgramme: submitSpec(contract, 'closeProgramme', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...programmeFields }),
    response: programmeCodec,
    errors: [...signatureErrors, 'FLEX_PROGRAMME_UNKNOWN', 'FLEX_NOT_OWN_PROGRAMME', 'FLEX_PROGRAMME_CLOSED'],
    facts: ['ProgrammeClosed'],
    summary: 'Closes a programme for enrolments and new events; events under way are carried through.',
    example: { ...signedExample, programmeId: exampleProgrammeId },
  }),
  enrol: submitSpec(contract, 'enrol', {
    roles: prosumerRoles,
    request: object({
      ...signedFields,
      ...programmeFields,
      assets: array(bandCodec, limits.assetsPerEnrolmentMax, 1),
      comfort: comfortCodec,
    }),
    response: enrolmentCodec,
    errors: [
      ...signatureErrors,
      'ASSET_UNKNOWN',
      'ASSET_NOT_COMMISSIONED',
      'ASSET_FROZEN',
      'ASSET_RETIRED',
      'FLEX_PROGRAMME_UNKNOWN',
      'FLEX_PROGRAMME_CLOSED',
      'FLEX_NOT_PROSUMER',
      'FLEX_ENROLLED',
      'FLEX_ASSET_TWICE',
      'FLEX_ASSET_NOT_OWN',
      'FLEX_ASSET_ELSEWHERE',
      'FLEX_ASSET_ENROLLED',
      'FLEX_ASSET_PROGRAMMES',
      'FLEX_BAND_ABOVE_RATING',
      'FLEX_BAND_DIRECTION',
      'FLEX_BAND_NOTICE',
      'FLEX_COMFORT',
    ],
    facts: ['Enrolled'],
    summary: 'Enrols a prosumer in a programme with its assets and their flexibility bands.',
    example: {
      ...signedExample,
      programmeId: exampleProgrammeId,
      assets: [exampleBand],
      comfort: { eventsPerDayMax: 1, slotsPerDayMax: 12, indoorMinimumDecikelvin: 2_930 },
    },
  }),
  leaveProgramme: submitSpec(contract, 'leaveProgramme', {
    roles: prosumerRoles,
    request: object({ ...signedFields, ...programmeFields }),
    response: enrolmentCodec,
    errors: [...signatureErrors, 'FLEX_NOT_ENROLLED'],
    facts: ['EnrolmentLeft'],
    summary: 'Ends an enrolment and frees its assets; events that were signalled stand.',
    example: { ...signedExample, programmeId: exampleProgrammeId },
  }),
  setAvailability: submitSpec(contract, 'setAvailability', {
    roles: prosumerRoles,
    request: object({
      ...signedFields,
      ...programmeFields,
      unavailable: array(slotSpanCodec, limits.unavailableSpansMax),
    }),
    response: enrolmentCodec,
    errors: [...signatureErrors, 'FLEX_PERIOD', 'FLEX_NOT_ENROLLED'],
    facts: ['AvailabilitySet'],
    summary: 'Says when an enrolled prosumer cannot be called, in place of what it said before.',
    example: {
      ...signedExample,
      programmeId: exampleProgrammeId,
      unavailable: [{ fromSlot: 1_626_080, toSlot: 1_626_120 }],
    },
  }),
  getProgramme: evaluateSpec(contract, 'getProgramme', {
    roles: 'anyone',
    request: object(programmeFields),
    response: object({ programme: nullable(programmeCodec) }),
    errors: [],
    summary: 'Answers a programme, or null.',
    example: { programmeId: exampleProgrammeId },
  }),
  listProgrammes: evaluateSpec(contract, 'listProgrammes', {
    roles: 'anyone',
    request: object(pageFields),
    response: listAnswer(programmeCodec),
    errors: [],
    summary: 'Lists the programmes of all aggregators in whatever state, in the order of their ids.',
    example: {},
  }),
  getEnrolment: evaluateSpec(contract, 'getEnrolment', {
    roles: 'anyone',
    request: object({ ...programmeFields, participantId: participantIdCodec }),
    response: object({ enrolment: nullable(enrolmentCodec) }),
    errors: [],
    summary: "Answers a prosumer's enrolment in a programme, also one that it has left, or null.",
    example: { programmeId: exampleProgrammeId, participantId: exampleParticipantId },
  }),
  listEnrolments: evaluateSpec(contract, 'listEnrolments', {
    roles: 'anyone',
    request: object({ ...programmeFields, ...pageFields }),
    response: listAnswer(enrolmentCodec),
    errors: [],
    summary: 'Lists the enrolments in a programme, also those that have ended, in the order of the prosumers.',
    example: { programmeId: exampleProgrammeId },
  }),
} as const;
