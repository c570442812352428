import { array, integer, object, optional } from '../../decode';
import { scheduleSlotCodec } from '../../flexibility/baseline/series';
import { meterIdCodec, participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { whCodec } from '../../units';
import { exampleMeterId, exampleParticipantId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';

const contract = 'flexibility';
const exampleProgrammeId = '01pr0gramme000000000000000';
const exampleSlot = 1_626_080;

/** The transactions of the contract `flexibility` about schedules that are declared before a call. */
export const scheduleTransactions = {
  declareSchedule: submitSpec(contract, 'declareSchedule', {
    roles: ['community', 'aggregator'],
    request: object({
      ...signedFields,
      programmeId: programmeIdCodec,
      /** The prosumer whose meter it is; its own signature or that of its aggregator stands for the schedule. */
      prosumerId: participantIdCodec,
      meterId: meterIdCodec,
      /** A slot that has begun; the schedule is declared in the last one that has. */
      declaredSlot: slotCodec,
      firstSlot: slotCodec,
      intervals: array(
        object({ importWh: whCodec, exportWh: whCodec, storedWh: optional(whCodec) }),
        limits.baselineIntervalsMax,
        1,
      ),
    }),
    response: object({ meterId: meterIdCodec, firstSlot: slotCodec, slots: integer(1, limits.baselineIntervalsMax) }),
    errors: [
      ...signatureErrors,
      'METER_UNKNOWN',
      'FLEX_NOT_ENROLLED',
      'FLEX_NOT_PARTY',
      'FLEX_NOTICE_SLOT',
      'FLEX_SCHEDULE_METER',
      'FLEX_SCHEDULE_BEGUN',
      'FLEX_SCHEDULE_ABOVE_LIMIT',
    ],
    facts: ['ScheduleDeclared'],
    summary:
      'Declares what a meter will count without a call, in place of what was declared before; the baseline `declared`.',
    example: {
      ...signedExample,
      programmeId: exampleProgrammeId,
      prosumerId: exampleParticipantId,
      meterId: exampleMeterId,
      declaredSlot: 1_626_010,
      firstSlot: exampleSlot,
      intervals: [{ importWh: '0', exportWh: '500', storedWh: '6000' }],
    },
  }),
  getSchedule: evaluateSpec(contract, 'getSchedule', {
    roles: 'anyone',
    request: object({
      meterId: meterIdCodec,
      firstSlot: slotCodec,
      slots: integer(1, limits.baselineIntervalsMax),
    }),
    response: object({ slots: array(scheduleSlotCodec, limits.baselineIntervalsMax) }),
    errors: [],
    summary: 'Answers what was declared for a meter, slot by slot.',
    example: { meterId: exampleMeterId, firstSlot: exampleSlot, slots: 4 },
  }),
} as const;
