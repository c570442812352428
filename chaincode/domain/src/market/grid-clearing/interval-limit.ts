import { assert } from '../../assert';
import { least } from '../../math';

/**
 * The most energy that a limit lets through in an interval, in Wh, rounded down. The energy of an interval is even over its quarter
 * hours, so that the smallest of their limits holds in each: quarter hours × smallest limit in W × 1/4 h.
 *
 * @param limitsW the limit in each quarter hour of the interval, in W
 */
export function intervalLimitWh(limitsW: readonly bigint[]): bigint {
  const [first, ...others] = limitsW;
  assert(first !== undefined, 'An interval has a quarter hour.');
  return (others.reduce(least, first) * BigInt(limitsW.length)) / 4n;
}
