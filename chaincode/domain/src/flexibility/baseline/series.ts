import { object, optional, type TypeOf } from '../../decode';
import { demand } from '../../errors';
import { meterIdCodec, participantIdCodec, type MeterId } from '../../ids';
import type { Computation, Series } from '../../oracle/rows';
import { addSlots, slotCodec, type Slot } from '../../time';
import { whCodec } from '../../units';
import type { BaselineSeries } from './readings';

/** Quarter hours of an hour: a W for one of them is a quarter of a Wh. */
const quartersPerHour = 4n;

/** What one meter was declared to count in a slot; a later declaration replaces it until the slot begins. */
export const scheduleSlotCodec = object({
  meterId: meterIdCodec,
  slot: slotCodec,
  importWh: whCodec,
  exportWh: whCodec,
  /** What the storages behind the meter hold at the begin of the slot; absent where it was not said. */
  storedWh: optional(whCodec),
  /** The slot of the ledger clock in which it was declared. */
  declaredSlot: slotCodec,
  /** Who has signed it: the prosumer, or the aggregator with which it is enrolled. */
  declaredBy: participantIdCodec,
});
export type ScheduleSlot = TypeOf<typeof scheduleSlotCodec>;

/**
 * Refuses a schedule whose first slot has begun (FLEX_SCHEDULE_BEGUN), and one that takes or gives more in a slot than the connection can
 * (FLEX_SCHEDULE_ABOVE_LIMIT), so that no baseline pretends what is impossible.
 */
export function checkSchedule(slots: readonly ScheduleSlot[], firstHasBegun: boolean, connectionLimitW: bigint): void {
  demand(!firstHasBegun, 'FLEX_SCHEDULE_BEGUN', { firstSlot: slots[0]?.slot ?? 0 });
  const most = (one: ScheduleSlot): bigint => (one.importWh > one.exportWh ? one.importWh : one.exportWh);
  const above = slots.find((one) => most(one) * quartersPerHour > connectionLimitW);
  demand(above === undefined, 'FLEX_SCHEDULE_ABOVE_LIMIT', { slot: above?.slot ?? 0 });
}

/**
 * The net import of some meters as it was declared for them in a slot before that of the notice, in Wh; nothing for a slot that one of them
 * lacks. What is declared in the slot of the notice or later comes too late: the order is known by then.
 */
export function declaredSeries(
  rows: readonly ScheduleSlot[],
  meterIds: readonly MeterId[],
  noticeSlot: Slot,
): BaselineSeries {
  const known = rows.filter(({ declaredSlot }) => declaredSlot < noticeSlot);
  return seriesOf(
    meterIds.map((meterId) => {
      const own = known.filter((row) => row.meterId === meterId);
      return new Map(own.map(({ exportWh, importWh, slot }) => [slot, importWh - exportWh]));
    }),
  );
}

/**
 * The net import of some meters as an oracle has forecast it, in Wh: the middle of each interval, spread evenly over its quarter hours.
 * Refuses a forecast that is not answered, or for which answers were still taken in the slot of the notice (FLEX_FORECAST_LATE).
 */
export function forecastSeries(
  { expirySlot, firstSlot, intervalSlots, requestId, state }: Computation,
  forecast: readonly Series[],
  meterIds: readonly MeterId[],
  noticeSlot: Slot,
): BaselineSeries {
  demand(state === 'ANSWERED' && expirySlot <= noticeSlot, 'FLEX_FORECAST_LATE', { requestId, noticeSlot });
  return seriesOf(
    meterIds.map((meterId) => {
      const own = forecast.find((one) => one.meterId === meterId);
      const nets = (own?.importWh.p50 ?? []).map((importWh, index) => importWh - (own?.exportWh.p50[index] ?? 0n));
      return new Map(
        nets.flatMap((netWh, index) => spread(netWh, addSlots(firstSlot, index * intervalSlots), intervalSlots)),
      );
    }),
  );
}

/** An interval's energy over its quarter hours: they differ by one Wh at most and sum to the whole. */
function spread(netWh: bigint, first: Slot, slots: number): readonly (readonly [Slot, bigint])[] {
  const size = netWh < 0n ? -netWh : netWh;
  const upTo = (count: number): bigint => (size * BigInt(count)) / BigInt(slots);
  return Array.from({ length: slots }, (_, index) => {
    const part = upTo(index + 1) - upTo(index);
    return [addSlots(first, index), netWh < 0n ? -part : part] as const;
  });
}

/** The sum of what is known of each of some meters; a slot that one of them lacks is lacking. */
function seriesOf(meters: readonly ReadonlyMap<Slot, bigint>[]): BaselineSeries {
  return {
    get: (at) => {
      const parts = meters.map((one) => one.get(at));
      return parts.length === 0 || parts.includes(undefined)
        ? undefined
        : parts.reduce<bigint>((total, part) => total + (part ?? 0n), 0n);
    },
  };
}
