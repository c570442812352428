import { sum } from '../../math';
import type { ExactShares } from './game';

/** Shares of a total in proportion to weights that are not negative, such as delivered energy; equal shares where all of them are zero. */
export function proRataShares(total: bigint, weights: readonly bigint[]): ExactShares {
  const whole = sum(weights);
  return whole === 0n
    ? { numerators: weights.map(() => total), denominator: BigInt(weights.length) }
    : { numerators: weights.map((weight) => total * weight), denominator: whole };
}
