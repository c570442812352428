import { greatest, least, mulDivCeil, mulDivFloor } from '../math';
import { slotsPerHour } from '../time';
import { wh, type Wh } from '../units';

/** A connection in a quarter hour in which a limit held, all in the limited direction. */
export interface LimitedQuarter {
  /** What would have flowed without the limit. */
  readonly possibleWh: bigint;
  /** What the limit let through. */
  readonly limitWh: bigint;
  /** What its meters counted. */
  readonly meteredWh: bigint;
}

/**
 * The energy that a limit held back in a quarter hour: possible - max(limit, metered), not below 0. What a connection did not use of its
 * limit it held back itself, and what it let flow beyond its limit was not held back. With the power before the limit as the possible one
 * this is the flat method for lost energy, (P_0 - max(P_red, P_ist)) x 0.25 h, of the Bundesnetzagentur's Leitfaden zum
 * Einspeisemanagement (3.0, 2018); with a baseline as the possible one it serves limits of the orange regime as well.
 */
export function heldBackWh({ limitWh, meteredWh, possibleWh }: LimitedQuarter): Wh {
  return wh(greatest(possibleWh - greatest(limitWh, meteredWh), 0n));
}

/** What a power comes to in a quarter hour, rounded down. */
export function quarterWh(powerW: bigint): Wh {
  return wh(mulDivFloor(powerW, 1n, BigInt(slotsPerHour)));
}

/** What a limit lets through in a quarter hour, rounded up, so that never more is held back than the limit is short of. */
export function limitQuarterWh(limitW: bigint): Wh {
  return wh(mulDivCeil(limitW, 1n, BigInt(slotsPerHour)));
}

/** What a deviation of its holder and energy that was held back have in common: that part of the position is corrected. */
export function correctedWh(heldBack: bigint, deviationWh: bigint): Wh {
  return wh(least(heldBack, deviationWh));
}
