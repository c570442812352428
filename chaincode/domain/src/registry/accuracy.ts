import { ppm, type Ppm } from '../units';
import type { AccuracyClass } from './device-types';

/**
 * The largest share by which a meter of a class may be wrong, from its transitional current up to its maximum: EN 50470-3 for
 * the classes A, B and C, IEC 62053-21 for 2 and 1, IEC 62053-22 for 0.5S and 0.2S.
 */
const limits: Readonly<Record<AccuracyClass, Ppm>> = {
  'MID-A': ppm(20_000n),
  'MID-B': ppm(10_000n),
  'MID-C': ppm(5_000n),
  'IEC-2': ppm(20_000n),
  'IEC-1': ppm(10_000n),
  'IEC-0.5S': ppm(5_000n),
  'IEC-0.2S': ppm(2_000n),
};

/** The largest share of the counted energy by which a meter of this class may be wrong, in ppm. */
export function accuracyPpm(accuracyClass: AccuracyClass): Ppm {
  return limits[accuracyClass];
}
