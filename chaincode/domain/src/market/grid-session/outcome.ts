import { present } from '../../assert';
import { array, object, oneOf, optional, text, union, type TypeOf } from '../../decode';
import { digestCodec, elementIdCodec, limitIdCodec, mspIdCodec } from '../../field-codecs';
import { sessionIdCodec } from '../../ids';
import { limits } from '../../limits';
import { microCodec, microPerKwh, microPerKwhCodec, ppmCodec, type MicroPerKwh } from '../../units';
import { clearingPriceCodec, intervalCodec, type IntervalOutcome } from '../rows';

/** A limit of the grid: a branch or congestion point in one direction, or a general row. */
export const bindingLimitFields = { id: limitIdCodec, direction: oneOf('forward', 'backward', 'row') };

/** The name of a solver and its version, for people: what is proven does not depend on it. */
export const solverNameCodec = text(/^[a-z0-9][a-z0-9 .-]{0,47}$/, 'the name of a solver', 48);

/**
 * Where the binding limits of an interval come from: an oracle's answer, the contract's own search, or neither, where each bus
 * trades within itself.
 */
export const outcomeSourceCodec = union({
  oracle: object({ mspId: mspIdCodec, answerDigest: digestCodec, solver: solverNameCodec }),
  contract: object({}),
  fallback: object({}),
});
export type OutcomeSource = TypeOf<typeof outcomeSourceCodec>;

/** The part of the outcome of one interval that a session without limits does not have. */
export const gridOutcomeCodec = object({
  sessionId: sessionIdCodec,
  interval: intervalCodec,
  source: outcomeSourceCodec,
  /** Buses at one price, in the order of their first bus; no price where nothing is traded in the interval. */
  zones: array(
    object({
      busIds: array(elementIdCodec, limits.busesPerGridMax, 1),
      price: optional(clearingPriceCodec),
    }),
    limits.busesPerGridMax,
    1,
  ),
  /** What holds the clearing back, and what one more kWh of it would be worth. */
  bindingLimits: array(
    object({ ...bindingLimitFields, shadowPriceMicroPerKwh: microPerKwhCodec }),
    limits.bindingLimitsMax,
  ),
  /** What buyers would have paid at most less what sellers would have taken at least, at the reference bus, rounded down. */
  welfareMicro: microCodec,
  /** What buyers pay less what sellers get at the nodal prices, before fees, losses and roundings; rounded down. */
  rentMicro: microCodec,
  /** Jain's index of the curtailed shares of offers at the margin. */
  jainPpm: ppmCodec,
});
export type GridOutcome = TypeOf<typeof gridOutcomeCodec>;

/**
 * The clearing price at a bus in one interval, in micro-units per kWh; 0 where nothing was traded and no money moves. A session
 * without limits has one price for all and no grid outcome.
 *
 * @param busId where the participant stands
 */
export function priceAt(outcome: IntervalOutcome, grid: GridOutcome | undefined, busId: string): MicroPerKwh {
  if (grid === undefined) {
    return outcome.price?.clearingMicroPerKwh ?? microPerKwh(0n);
  }
  const zone = present(
    grid.zones.find(({ busIds }) => busIds.includes(busId)),
    'Every bus of the grid stands in a zone.',
  );
  return zone.price?.clearingMicroPerKwh ?? microPerKwh(0n);
}
