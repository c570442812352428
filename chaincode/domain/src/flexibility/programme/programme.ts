import { demand, RuleError } from '../../errors';
import type { ParticipantId, ProgrammeId } from '../../ids';
import type { Participant } from '../../registry/types';
import { slotsPerDay, type Slot } from '../../time';
import { findBaselineRuleProblem } from '../baseline/freeze';
import type { AvailabilityWindow, Programme, ProgrammeTerms } from './rows';

/** 1970-01-01 was a Thursday: the fourth day of the week of ISO 8601. */
const firstWeekday = 4;

/** The day of the week of a slot's UTC day by ISO 8601: 1 is Monday, 7 is Sunday. */
export function weekdayOf(slot: Slot): number {
  const days = (slot - (slot % slotsPerDay)) / slotsPerDay;
  return ((days + firstWeekday - 1) % 7) + 1;
}

/** True where a programme may call in a slot: inside its period and one of its windows. */
export function callsIn({ firstSlot, lastSlot, windows }: ProgrammeTerms, slot: Slot): boolean {
  const inPeriod = slot >= firstSlot && slot <= lastSlot;
  return inPeriod && (windows === undefined || windows.some((window) => isInside(window, slot)));
}

function isInside({ fromQuarter, toQuarter, weekdays }: AvailabilityWindow, slot: Slot): boolean {
  const quarter = slot % slotsPerDay;
  return weekdays.includes(weekdayOf(slot)) && quarter >= fromQuarter && quarter < toQuarter;
}

/**
 * A new programme of an aggregator. Refuses another kind of participant (FLEX_ROLE_MISMATCH), a period or window that ends before it
 * begins (FLEX_PERIOD), a grid that stands twice, a price of a rebound that is not measured or terms of a shift where nothing is shifted
 * (FLEX_TERMS). That the grids exist is asked before.
 */
export function createProgramme(programmeId: ProgrammeId, aggregator: Participant, terms: ProgrammeTerms): Programme {
  const { kind, participantId } = aggregator;
  demand(kind === 'aggregator', 'FLEX_ROLE_MISMATCH', { kind, needed: 'aggregator' });
  demand(terms.firstSlot <= terms.lastSlot, 'FLEX_PERIOD', { firstSlot: terms.firstSlot, lastSlot: terms.lastSlot });
  for (const { fromQuarter, toQuarter } of terms.windows ?? []) {
    demand(fromQuarter < toQuarter, 'FLEX_PERIOD', { fromQuarter, toQuarter });
  }
  const problem = findTermsProblem(terms);
  demand(problem === undefined, 'FLEX_TERMS', { problem: problem ?? '' });
  return { programmeId, aggregatorId: participantId, terms, state: 'OPEN' };
}

function findTermsProblem(terms: ProgrammeTerms): string | undefined {
  if (new Set(terms.gridIds).size < terms.gridIds.length) {
    return 'a grid stands twice';
  }
  if ((terms.direction === 'shift') !== (terms.shiftTolerancePpm !== undefined)) {
    return 'a shift has a tolerance, and nothing else has';
  }
  if ((terms.direction === 'voltage') !== (terms.rewardMicroPerKvarh !== undefined)) {
    return 'voltage support is paid by the kvarh, and nothing else is';
  }
  const problem = findBaselineRuleProblem(terms.baseline);
  if (problem !== undefined) {
    return problem;
  }
  return (terms.reboundSlots === undefined) === (terms.reboundMicroPerKwh === undefined)
    ? undefined
    : 'a rebound has a time and a price, or neither';
}

/** The programme of an id; refuses with FLEX_PROGRAMME_UNKNOWN. */
export function knownProgramme(programme: Programme | undefined, programmeId: ProgrammeId): Programme {
  if (programme === undefined) {
    throw new RuleError('FLEX_PROGRAMME_UNKNOWN', { programmeId });
  }
  return programme;
}

/** Refuses another aggregator than the programme's (FLEX_NOT_OWN_PROGRAMME). */
export function demandOwnProgramme({ aggregatorId, programmeId }: Programme, participantId: ParticipantId): void {
  demand(aggregatorId === participantId, 'FLEX_NOT_OWN_PROGRAMME', { programmeId });
}

/** Refuses a programme that is closed (FLEX_PROGRAMME_CLOSED). */
export function demandOpenProgramme({ programmeId, state }: Programme): void {
  demand(state === 'OPEN', 'FLEX_PROGRAMME_CLOSED', { programmeId });
}

/** The programme closed by its aggregator; refuses another one's programme and one that is closed already. */
export function closeProgramme(programme: Programme, participantId: ParticipantId): Programme {
  demandOwnProgramme(programme, participantId);
  demandOpenProgramme(programme);
  return { ...programme, state: 'CLOSED' };
}
