import { slot, slotsPerDay, type Slot } from '../../time';

/** Days of the years 1 to 400 of the Gregorian calendar, which then begins again. */
const daysPerEra = 146_097;
/** Days from 1 March of the year 0 to 1970-01-01. */
const daysBeforeEpoch = 719_468;

/** The first slot of a slot's UTC calendar month, and the first one of the month after. */
export interface Month {
  readonly fromSlot: Slot;
  readonly toSlot: Slot;
}

/**
 * The UTC calendar month of a slot. Years count from March here, so that the leap day is the last day of a year
 * (H. Hinnant, chrono-compatible low-level date algorithms).
 */
export function monthOf(at: Slot): Month {
  const days = whole(at, slotsPerDay) + daysBeforeEpoch;
  const era = whole(days, daysPerEra);
  const dayOfEra = days - era * daysPerEra;
  const leapDays = whole(dayOfEra, 1_460) - whole(dayOfEra, 36_524) + whole(dayOfEra, daysPerEra - 1);
  const yearOfEra = whole(dayOfEra - leapDays, 365);
  const yearStart = 365 * yearOfEra + whole(yearOfEra, 4) - whole(yearOfEra, 100);
  const month = whole(5 * (dayOfEra - yearStart) + 2, 153);
  const startOf = (index: number) => era * daysPerEra + yearStart + whole(153 * index + 2, 5) - daysBeforeEpoch;
  const nextYearDays = isLeap(era * 400 + yearOfEra + 1) ? 366 : 365;
  const end = month === 11 ? startOf(0) + nextYearDays : startOf(month + 1);
  return { fromSlot: slot(Math.max(0, startOf(month)) * slotsPerDay), toSlot: slot(end * slotsPerDay) };
}

/** Whether the February that ends a year counted from March, in this year of the calendar, has 29 days. */
function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function whole(value: number, divisor: number): number {
  return (value - (value % divisor)) / divisor;
}
