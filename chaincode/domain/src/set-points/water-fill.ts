import { assert } from '../assert';
import { apportion, sum } from '../math';

/** One of those among whom an amount is shared out, and the bounds of what it may get. Ids are unique. */
export interface Vessel {
  readonly id: string;
  /** What it gets is in proportion to this, inside its bounds; a vessel of weight 0 gets its lower bound. */
  readonly weight: bigint;
  readonly low: bigint;
  readonly high: bigint;
}

/**
 * Shares out a total by water-filling: everybody gets the same level times its weight, but not less than its lower and not more than
 * its upper bound, and the parts sum to the total exactly (largest remainder, ties to the smaller id). A total above what the upper
 * bounds take gives the upper bounds, one below the lower bounds gives the lower bounds. Whoever stands outside its bounds at the
 * common level is fixed at the bound, lower ones first where they lack more than the upper ones have too much; of at most as many rounds as there
 * are vessels each fixes one or more. The parts are the weighted max-min fair ones: nobody gets more but from who has less per weight.
 */
export function waterFill(total: bigint, vessels: readonly Vessel[]): readonly bigint[] {
  assert(
    vessels.every(({ high, low, weight }) => weight >= 0n && low >= 0n && low <= high),
    'A vessel has a weight and bounds in order.',
  );
  const fixed = new Map<string, bigint>();
  for (const { id, low, weight } of vessels) {
    if (weight === 0n) fixed.set(id, low);
  }
  const free = () => vessels.filter(({ id }) => !fixed.has(id));
  for (let rest = free(); rest.length > 0; rest = free()) {
    const left = total - sum(fixed.values());
    const outside = outsideBounds(left, rest);
    if (outside.length === 0) {
      return partsOf(vessels, fixed, left, rest);
    }
    for (const [id, bound] of outside) fixed.set(id, bound);
  }
  return partsOf(vessels, fixed, 0n, []);
}

/** Those whose part of `left` at the common level is outside their bounds, of the kind that weighs more, with the bound that they hit. */
function outsideBounds(left: bigint, rest: readonly Vessel[]): readonly (readonly [string, bigint])[] {
  const weights = sum(rest.map(({ weight }) => weight));
  let balance = 0n;
  const below: (readonly [string, bigint])[] = [];
  const above: (readonly [string, bigint])[] = [];
  for (const { high, id, low, weight } of rest) {
    const part = left * weight;
    if (part < low * weights) {
      balance += low * weights - part;
      below.push([id, low]);
    } else if (part > high * weights) {
      balance -= part - high * weights;
      above.push([id, high]);
    }
  }
  if (balance === 0n) return [...below, ...above];
  return balance > 0n ? below : above;
}

function partsOf(
  vessels: readonly Vessel[],
  fixed: ReadonlyMap<string, bigint>,
  left: bigint,
  rest: readonly Vessel[],
): readonly bigint[] {
  const shared = new Map(apportion(left, rest).map((part, index) => [rest[index]?.id ?? '', part]));
  return vessels.map(({ id }) => fixed.get(id) ?? shared.get(id) ?? 0n);
}
