import { quantileOf } from './alike';

/** A forecast of the past: what had come in the cases like it, in rising order, and what came then. */
export interface TriedBand {
  readonly alike: Float64Array;
  readonly came: number;
}

/** What lies outside on each side of a band of four in five, where what is to come is like what came. */
export const USUAL_TAIL = 0.1;
/** What a band is to hold. */
const HELD = 0.8;
const TAIL_MIN = 0.04;
const TAIL_MAX = 0.3;
const STEPS = 26;
/** Forecasts of the past that are needed to say anything. */
const TRIED_MIN = 100;

/**
 * The share that is to be cut off on each side of what came in like cases so that the band would have held four in five of what came. A single system
 * often gives exactly nothing, and a band that begins at nothing cannot be missed from below: then more is cut off. The usual share without many tries.
 */
export function tailOf(tried: readonly TriedBand[]): number {
  if (tried.length < TRIED_MIN) return USUAL_TAIL;
  const tails = Array.from({ length: STEPS + 1 }, (_, step) => TAIL_MIN + (step * (TAIL_MAX - TAIL_MIN)) / STEPS);
  // The wider the cut, the fewer are held.
  return tails.findLast((tail) => heldBy(tried, tail) >= HELD * tried.length) ?? TAIL_MIN;
}

function heldBy(tried: readonly TriedBand[], tail: number): number {
  return tried.filter(({ alike, came }) => came >= quantileOf(alike, tail) && came <= quantileOf(alike, 1 - tail))
    .length;
}
