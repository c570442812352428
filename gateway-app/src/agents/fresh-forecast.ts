import type { NetQuantiles } from './forecast-quantiles';

/** What a participant took less what it gave in a quarter hour, in Wh; undefined where one of its meters has no reading. */
export type NetAt = (slot: number) => bigint | undefined;

/** What is forecast, from which readings: slots are quarter hours since 1970 UTC. */
export interface FreshPeriod {
  /** The first slot that is not measured yet. */
  readonly nowSlot: number;
  /** The first slot of the first interval. */
  readonly firstSlot: number;
  readonly intervals: number;
  /** Quarter hours of an interval; the newest error is that of so many quarter hours too. */
  readonly intervalSlots: number;
}

/** Days that the mean looks back on, as far as they are measured. */
export const FRESH_DAYS = 7;
const SLOTS_PER_DAY = 96;
/** Of the newest error the first interval keeps three quarters, each later one four fifths of the one before. */
const FIRST_SHARE = { of: 3n, in: 4n } as const;
const NEXT_SHARE = { of: 4n, in: 5n } as const;

/**
 * Forecasts intervals soon before they begin: the mean of the same interval in the last seven days that have it, moved by what the
 * newest interval was above its own mean, less the further away. The outer quantiles stay as far from the middle as the days are from
 * their mean, where the highest and the lowest of seven days are left out. Means and shares are rounded towards zero. An interval
 * that no day before has is undefined; without the newest readings nothing is moved.
 */
export function freshForecast(netAt: NetAt, period: FreshPeriod): (NetQuantiles | undefined)[] {
  const { firstSlot, intervalSlots, intervals, nowSlot } = period;
  const newestSlot = nowSlot - intervalSlots;
  const newestWh = netOf(netAt, newestSlot, intervalSlots);
  const newestMeanWh = meanOf(daysBefore(netAt, newestSlot, intervalSlots));
  const errorWh = newestWh === undefined || newestMeanWh === undefined ? 0n : newestWh - newestMeanWh;
  return Array.from({ length: intervals }, (_, interval) => {
    const days = daysBefore(netAt, firstSlot + interval * intervalSlots, intervalSlots);
    const meanWh = meanOf(days);
    if (meanWh === undefined) return undefined;
    const steps = BigInt(interval);
    const keptWh = (errorWh * FIRST_SHARE.of * NEXT_SHARE.of ** steps) / (FIRST_SHARE.in * NEXT_SHARE.in ** steps);
    return spreadOf(days, meanWh, meanWh + keptWh);
  });
}

/** The sum over an interval, or undefined where a quarter hour of it is missing. */
function netOf(netAt: NetAt, fromSlot: number, slots: number): bigint | undefined {
  let sum = 0n;
  for (let slot = fromSlot; slot < fromSlot + slots; slot += 1) {
    const netWh = netAt(slot);
    if (netWh === undefined) return undefined;
    sum += netWh;
  }
  return sum;
}

function daysBefore(netAt: NetAt, fromSlot: number, slots: number): bigint[] {
  return Array.from({ length: FRESH_DAYS }, (_, day) => netOf(netAt, fromSlot - (day + 1) * SLOTS_PER_DAY, slots))
    .filter((netWh) => netWh !== undefined)
    .sort((left, right) => (left < right ? -1 : Number(left > right)));
}

function meanOf(days: readonly bigint[]): bigint | undefined {
  return days.length === 0 ? undefined : days.reduce((sum, netWh) => sum + netWh, 0n) / BigInt(days.length);
}

function spreadOf(sorted: readonly bigint[], meanWh: bigint, middleWh: bigint): NetQuantiles {
  const left = Math.floor(sorted.length / FRESH_DAYS);
  const low = sorted[left] ?? meanWh;
  const high = sorted[sorted.length - 1 - left] ?? meanWh;
  return {
    lowWh: middleWh - (low < meanWh ? meanWh - low : 0n),
    middleWh,
    highWh: middleWh + (high > meanWh ? high - meanWh : 0n),
  };
}
