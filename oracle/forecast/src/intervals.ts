import { addSlots, slotsPerHour, type Slot } from '@flexledger/domain';
import type { Calendar } from './calendar';
import type { ForecastInterval, Horizon } from './series';

/** Half hours of four hours. */
const INTRADAY_STEPS = 8;
const INTRADAY_SLOTS = 2;

/** Quarter hours of one step of a horizon. */
export function stepSlotsOf(horizon: Horizon): number {
  return horizon === 'day-ahead' ? slotsPerHour : INTRADAY_SLOTS;
}

/** The steps that a forecast made at this time has. */
export function intervalsOf(calendar: Calendar, at: Slot, horizon: Horizon): readonly ForecastInterval[] {
  if (horizon === 'intraday') return steps(at, INTRADAY_STEPS, INTRADAY_SLOTS);
  const { day } = calendar.localTimeOf(at);
  const today = calendar.startOf(day);
  const first = today === at ? day : day + 1;
  const from = calendar.startOf(first);
  return steps(from, (calendar.startOf(first + 1) - from) / slotsPerHour, slotsPerHour);
}

function steps(from: Slot, count: number, slots: number): readonly ForecastInterval[] {
  return Array.from({ length: Math.floor(count) }, (_, index) => ({ slot: addSlots(from, index * slots), slots }));
}
