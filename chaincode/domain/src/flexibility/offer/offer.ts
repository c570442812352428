import { demand } from '../../errors';
import type { ParticipantId } from '../../ids';
import type { Slot } from '../../time';
import { ppmWhole } from '../../units';
import type { Reservation } from '../congestion/rows';
import { demandReserved, obligedIsps } from '../congestion/reservation';
import { periodOf, type FlexPlace } from '../header';
import { bySlot, checkRuns, ispsOf, lastSlotOf } from '../isps';
import type { FlexRequest, RequestRun } from '../request/rows';
import type { FlexibilityRules } from '../rules';
import type { FlexOffer, FlexRun, OfferOption } from './rows';

/** UFTP states activation factors in hundredths. */
export const activationStepPpm = 10_000n;
/** UFTP states money in ten-thousandths of the currency. */
export const priceStepMicro = 100n;

/** Refuses an activation factor that is not 0.01 to 1.00 in hundredths, or below the option's smallest (FLEX_ACTIVATION_FACTOR). */
export function demandActivation(factorPpm: bigint, leastPpm: bigint, optionRef: string): void {
  const isFactor = factorPpm >= activationStepPpm && factorPpm <= ppmWhole && factorPpm % activationStepPpm === 0n;
  demand(isFactor && factorPpm >= leastPpm, 'FLEX_ACTIVATION_FACTOR', { optionRef });
}

/** Refuses options with ISPs outside the day or twice, or without any power (FLEX_ZERO_VOLUME). */
export function checkOptionIsps(options: readonly OfferOption[], place: FlexPlace): void {
  for (const { isps } of options) {
    checkRuns(isps, periodOf(place));
  }
  for (const { isps, optionRef } of options) {
    demand(
      isps.some(({ powerW }) => powerW > 0n),
      'FLEX_ZERO_VOLUME',
      { optionRef },
    );
  }
}

/**
 * Refuses options that the rule set does not take or that contradict each other: several where only one is supported, two of one name, a
 * factor or a price that UFTP cannot state.
 */
function checkOptions(options: readonly OfferOption[], rules: FlexibilityRules): void {
  demand(options.length === 1 || rules.exclusiveOptions, 'FLEX_NO_EXCLUSIVE_OFFERS', { options: options.length });
  const refs = new Set(options.map(({ optionRef }) => optionRef));
  demand(refs.size === options.length, 'FLEX_OPTION_TWICE', {});
  for (const { minActivationFactorPpm, optionRef } of options) {
    demandActivation(minActivationFactorPpm, 0n, optionRef);
  }
  for (const { optionRef, priceMicro } of options) {
    demand(priceMicro % priceStepMicro === 0n, 'FLEX_PRICE_PRECISION', { optionRef });
  }
}

/**
 * Refuses an option that answers none of the ISPs that are requested (FLEX_REQUEST_MISMATCH), or that has more power in an ISP than the request
 * can take in that direction (FLEX_POWER_OUT_OF_BOUNDS). Less than is requested may be offered: others offer too.
 */
export function checkAgainstRequest(option: OfferOption, request: FlexRequest): void {
  const wanted = bySlot(request.isps);
  const offered = ispsOf(option.isps);
  const answers = offered.some(({ run, slot }) => {
    const at = wanted.get(slot);
    return at?.disposition === 'requested' && at.direction === run.direction && run.powerW > 0n;
  });
  demand(answers, 'FLEX_REQUEST_MISMATCH', { optionRef: option.optionRef });
  for (const { run, slot } of offered) {
    demand(run.powerW <= mostW(run, wanted.get(slot)), 'FLEX_POWER_OUT_OF_BOUNDS', {
      optionRef: option.optionRef,
      slot,
    });
  }
}

/** The most power that a request can take of a run in one of its ISPs. */
function mostW({ direction }: FlexRun, wanted: RequestRun | undefined): bigint {
  if (wanted === undefined) {
    return 0n;
  }
  return wanted.direction === direction ? wanted.maxW : (wanted.againstMaxW ?? 0n);
}

/** Refuses an option with less in an ISP than the reservation obliges to offer (FLEX_OBLIGED_NOT_MET). */
export function checkObliged(option: OfferOption, reservation: Reservation, request: FlexRequest): void {
  const offered = bySlot(option.isps);
  for (const { direction, powerW, slot } of obligedIsps(reservation, request)) {
    const at = offered.get(slot);
    const offeredW = at?.direction === direction ? at.powerW : 0n;
    demand(offeredW >= powerW, 'FLEX_OBLIGED_NOT_MET', { optionRef: option.optionRef, slot });
  }
}

/** The first ISP in which one of the options has power; they are known to have some. */
export function firstOfferedSlot(options: readonly OfferOption[], place: FlexPlace): Slot {
  const slots = options
    .flatMap(({ isps }) => isps.filter(({ powerW }) => powerW > 0n))
    .map(({ startSlot }) => startSlot);
  return slots.reduce((first, slot) => (slot < first ? slot : first), lastSlotOf([], periodOf(place)));
}

/** What an offer refers to, as the ledger knows it. */
export interface OfferKnown {
  readonly rules: FlexibilityRules;
  readonly request: FlexRequest | undefined;
  readonly reservation: Reservation | undefined;
}

/**
 * Refuses an offer that contradicts itself, its request, or the contract that it is under. An offer to a request that calls a contract is
 * under that contract (FLEX_REFERENCE_UNKNOWN), and one without a request is taken where the rule set says so (FLEX_UNSOLICITED_REFUSED).
 */
export function checkOffer(
  offer: Pick<FlexOffer, 'options' | 'contractId' | 'aggregatorId'>,
  { request, reservation, rules }: OfferKnown,
): void {
  const { aggregatorId, contractId, options } = offer;
  demand(request !== undefined || rules.unsolicitedOffers, 'FLEX_UNSOLICITED_REFUSED', {});
  demand(request === undefined || request.contractId === contractId, 'FLEX_REFERENCE_UNKNOWN', {
    contractId: request?.contractId ?? contractId ?? '',
  });
  if (reservation !== undefined) {
    demandReserved(reservation, aggregatorId);
  }
  checkOptions(options, rules);
  if (request === undefined) {
    return;
  }
  for (const option of options) {
    checkAgainstRequest(option, request);
    if (reservation !== undefined) {
      checkObliged(option, reservation, request);
    }
  }
}

/** The offer as its aggregator takes it back. Refuses another's (FLEX_NOT_PARTY), and one that is ordered, which is final (FLEX_PROCURED). */
export function revokeOffer(offer: FlexOffer, aggregatorId: ParticipantId): FlexOffer {
  const { offerId, state } = offer;
  demand(offer.aggregatorId === aggregatorId, 'FLEX_NOT_PARTY', { offerId });
  demand(state !== 'ORDERED', 'FLEX_PROCURED', { offerId });
  demand(state === 'OPEN', 'FLEX_REFERENCE_REVOKED', { offerId });
  return { ...offer, state: 'REVOKED' };
}
