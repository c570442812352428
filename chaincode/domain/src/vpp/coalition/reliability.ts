import { compareBigint, exactNumber, greatest, mulDivCeil, sum } from '../../math';
import { ppm, ppmWhole, type Ppm } from '../../units';

/**
 * What assets delivered of what was asked of them in one interval, in millionths, by asset. One sample holds the assets of a pool at the same time, so
 * that what fails together is seen to fail together.
 */
export type JointSample = readonly bigint[];

/**
 * By how much the firm power of a pool is to exceed a promise, in millionths, rounded up, so that the promise is kept with a probability: with q what the
 * pool has delivered at least in that share of the joint samples (their lower quantile, the ⌈n × probability⌉-th of them from above), the margin
 * is firm power ÷ q − 1, not below zero. It is the whole at most, which stands for a pool that keeps no promise with that probability, and for one
 * without samples.
 */
export function reliabilityMarginPpm(
  samples: readonly JointSample[],
  powersW: readonly bigint[],
  firmPpm: readonly bigint[],
  probabilityPpm: bigint,
): Ppm {
  const delivered = samples
    .map((sample) => deliveredOf(sample, powersW))
    .sort((one, other) => compareBigint(other, one));
  const place = exactNumber(mulDivCeil(BigInt(samples.length), probabilityPpm, ppmWhole));
  const surely = delivered[Math.max(place, 1) - 1] ?? 0n;
  const firm = sum(powersW.map((powerW, index) => powerW * (firmPpm[index] ?? 0n)));
  if (surely === 0n) return ppmWhole;
  const margin = greatest(mulDivCeil(firm, ppmWhole, surely) - ppmWhole, 0n);
  return margin > ppmWhole ? ppmWhole : ppm(margin);
}

/** What a pool delivers in a sample, in W × millionths. */
function deliveredOf(sample: JointSample, powersW: readonly bigint[]): bigint {
  return sum(powersW.map((powerW, index) => powerW * (sample[index] ?? 0n)));
}
