import { assert } from '../../assert';
import { floorSquareRoot } from '../../math';
import { ppmWhole } from '../../units';

/** Thousandths of a var in a var. */
const MILLI = 1_000n;

/**
 * The reactive power of an active power at a power factor, in thousandths of a var, rounded to the nearest: Q = P·tan(acos pf) =
 * P·√(1 − pf²) ÷ pf, by an integer square root. The power factor is from 1 to 1,000,000 ppm.
 */
export function reactiveMilliVar(powerW: bigint, powerFactorPpm: bigint): bigint {
  assert(powerW >= 0n && powerFactorPpm > 0n && powerFactorPpm <= ppmWhole, 'A power factor is above 0 and at most 1.');
  const square = (MILLI * powerW) ** 2n * (ppmWhole ** 2n - powerFactorPpm ** 2n);
  // The nearest whole number to √a is half of (the floor of √(4a) and one), rounded down; a floor inside changes no floor.
  return (floorSquareRoot((4n * square) / powerFactorPpm ** 2n) + 1n) / 2n;
}

/** What has to be compensated so that a load reaches a power factor, in thousandths of a var; nothing where it is better already. */
export function compensationMilliVar(powerW: bigint, reactiveVar: bigint, targetPpm: bigint): bigint {
  const excess = reactiveVar * MILLI - reactiveMilliVar(powerW, targetPpm);
  return excess > 0n ? excess : 0n;
}

/** The reactive power that an inverter of an apparent power has beside its active power, in var, rounded down: √(S² − P²). */
export function inverterReactiveVar(apparentVa: bigint, powerW: bigint): bigint {
  return powerW >= apparentVa ? 0n : floorSquareRoot(apparentVa ** 2n - powerW ** 2n);
}
