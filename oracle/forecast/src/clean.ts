import { slotsPerDay, type Slot } from '@flexledger/domain';
import { valueAt, type Series } from './series';

/** The same value for a day is no reading any more. */
const STUCK_SLOTS = slotsPerDay;
/** Beyond so many times what 98 of 100 readings keep below is a spike. */
const SPIKE_TIMES = 10;
const SPIKE_SHARE = 0.98;
/** Fewer negative readings than this share are mistakes; more are energy to the grid. */
const NEGATIVE_SHARE = 0.02;
/** No quarter hour of one meter has more Wh. */
const READING_MAX = 1e12;
/** Days back from which a gap is filled. */
const FILL_DAYS = 7;

/**
 * The series before a time without what cannot be energy: numbers that are none, spikes, a value that stands still for a day while the
 * meter counts on other days, and the rare negative value of a meter that else only counts import.
 */
export function cleaned({ meterId, firstSlot, values }: Series, at: number): Series {
  const kept = values.slice(0, Math.max(0, at - firstSlot));
  for (let index = 0; index < kept.length; index += 1) {
    if (!(Math.abs(kept[index] ?? Number.NaN) <= READING_MAX)) kept[index] = Number.NaN;
  }
  dropStuck(kept);
  dropOutliers(kept);
  return { meterId, firstSlot, values: kept };
}

/** The series from one slot to another with a value in every quarter hour: that of the same time on days around it, or the mean of all. */
export function filled(series: Series, from: Slot, to: number): Series {
  const values = Float64Array.from({ length: Math.max(0, to - from) }, (_, index) => valueAt(series, from + index));
  const known = values.filter((value) => !Number.isNaN(value));
  const mean = known.length === 0 ? 0 : known.reduce((sum, value) => sum + value, 0) / known.length;
  const full = values.map((value, index) => (Number.isNaN(value) ? (sameTime(values, index) ?? mean) : value));
  return { meterId: series.meterId, firstSlot: from, values: full };
}

function sameTime(values: Float64Array, index: number): number | undefined {
  let sum = 0;
  let count = 0;
  for (let days = 1; days <= FILL_DAYS; days += 1) {
    for (const place of [index - days * slotsPerDay, index + days * slotsPerDay]) {
      const value = values[place] ?? Number.NaN;
      if (Number.isNaN(value)) continue;
      sum += value;
      count += 1;
    }
  }
  return count === 0 ? undefined : sum / count;
}

function dropStuck(values: Float64Array): void {
  const runs: { readonly from: number; readonly to: number }[] = [];
  let stuck = 0;
  let known = 0;
  for (let from = 0; from < values.length;) {
    let to = from + 1;
    while (to < values.length && values[to] === values[from]) to += 1;
    if (!Number.isNaN(values[from])) known += to - from;
    if (to - from >= STUCK_SLOTS) {
      runs.push({ from, to });
      stuck += to - from;
    }
    from = to;
  }
  // A meter that mostly stands still, such as one of an empty home, is right to do so.
  if (stuck * 2 < known) for (const { from, to } of runs) values.fill(Number.NaN, from, to);
}

function dropOutliers(values: Float64Array): void {
  let most = 0;
  let count = 0;
  let negative = 0;
  for (const value of values) {
    if (Number.isNaN(value) || value === 0) continue;
    count += 1;
    if (value < 0) negative += 1;
    most = Math.max(most, Math.abs(value));
  }
  const limit = limitOf(values, most, Math.floor(count * SPIKE_SHARE));
  const least = negative < NEGATIVE_SHARE * count ? 0 : -limit;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (value > limit || value < least) values[index] = Number.NaN;
  }
}

/** What is beyond it is a spike: so many times the value that stands at a place when all but zeros are put in order. */
function limitOf(values: Float64Array, most: number, place: number): number {
  let below = 0;
  for (const value of values) {
    const size = Math.abs(value);
    if (size > 0 && SPIKE_TIMES * size < most) below += 1;
  }
  // Mostly nothing is that far off, and then nothing has to be put in order.
  if (below <= place) return Number.POSITIVE_INFINITY;
  const sizes = values
    .filter((value) => Math.abs(value) > 0)
    .map(Math.abs)
    .sort();
  return SPIKE_TIMES * (sizes[place] ?? Number.POSITIVE_INFINITY);
}
