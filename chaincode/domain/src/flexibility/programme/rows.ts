import { array, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec, freeTextCodec } from '../../field-codecs';
import { participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec, slotsPerDay } from '../../time';
import { microPerKwhCodec, ppmCodec } from '../../units';
import { baselineRuleCodec } from '../baseline/rule';

/** Hours of the day in which a programme may call: quarter hours of the UTC day, the first one and the one after the last. */
export const availabilityWindowCodec = object({
  /** Days of the week by ISO 8601: 1 is Monday, 7 is Sunday. */
  weekdays: array(integer(1, 7), 7, 1),
  fromQuarter: integer(0, slotsPerDay - 1),
  toQuarter: integer(1, slotsPerDay),
});
export type AvailabilityWindow = TypeOf<typeof availabilityWindowCodec>;

/**
 * What a programme asks for: less import or more export, more import or less export, both one after the other, or reactive power that holds
 * the voltage.
 */
export const programmeDirectionCodec = oneOf('reduce', 'increase', 'shift', 'voltage');
export type ProgrammeDirection = TypeOf<typeof programmeDirectionCodec>;

/** The terms of a programme, which never change once it is created. */
export const programmeTermsCodec = object({
  name: freeTextCodec,
  direction: programmeDirectionCodec,
  /** The grids whose prosumers may enrol. */
  gridIds: array(elementIdCodec, limits.gridsPerProgrammeMax, 1),
  baseline: baselineRuleCodec,
  /** What delivered flexibility is worth, before the aggregator's share. */
  rewardMicroPerKwh: microPerKwhCodec,
  /** What a deficiency of one who opted in costs it. */
  penaltyMicroPerKwh: microPerKwhCodec,
  /** What the aggregator keeps of the reward. */
  aggregatorSharePpm: ppmCodec,
  /** A deviation up to this share of what was ordered is none. */
  tolerancePpm: ppmCodec,
  /** Quarter hours between the signal of an event and its begin, at least. */
  noticeSlots: integer(1, limits.noticeSlotsMax),
  /** Events of one prosumer in a calendar month (UTC), at most. */
  callsPerMonthMax: integer(1, limits.callsPerMonthMax),
  /** When it may call; absent for always. */
  windows: optional(array(availabilityWindowCodec, limits.windowsPerProgrammeMax, 1)),
  /** Only for `shift`: energies up and down may differ by this share of the larger one. */
  shiftTolerancePpm: optional(ppmCodec),
  /** Only for `voltage`: what a kvarh that was asked for is worth. */
  rewardMicroPerKvarh: optional(microPerKwhCodec),
  /** Quarter hours after an event in which its rebound is measured, and what it costs; absent: it is not. */
  reboundSlots: optional(integer(1, limits.reboundSlotsMax)),
  reboundMicroPerKwh: optional(microPerKwhCodec),
  /** From which slot to which one events may lie. */
  firstSlot: slotCodec,
  lastSlot: slotCodec,
});
export type ProgrammeTerms = TypeOf<typeof programmeTermsCodec>;

/** A programme of demand response. A closed one takes no enrolments and calls no events; those under way are carried through. */
export const programmeCodec = object({
  programmeId: programmeIdCodec,
  aggregatorId: participantIdCodec,
  terms: programmeTermsCodec,
  state: oneOf('OPEN', 'CLOSED'),
});
export type Programme = TypeOf<typeof programmeCodec>;
