import { oneOf, type TypeOf } from '../decode';
import { slotsPerDay, slotsPerHour, type Slot } from '../time';

/** Hours of standard time ahead of UTC, and whether the European Union's summer time is kept. */
const zones = {
  'Europe/Amsterdam': { hours: 1, summerTime: true },
  'Europe/Athens': { hours: 2, summerTime: true },
  'Europe/Berlin': { hours: 1, summerTime: true },
  'Europe/Brussels': { hours: 1, summerTime: true },
  'Europe/Bucharest': { hours: 2, summerTime: true },
  'Europe/Copenhagen': { hours: 1, summerTime: true },
  'Europe/Dublin': { hours: 0, summerTime: true },
  'Europe/Helsinki': { hours: 2, summerTime: true },
  'Europe/Lisbon': { hours: 0, summerTime: true },
  'Europe/London': { hours: 0, summerTime: true },
  'Europe/Madrid': { hours: 1, summerTime: true },
  'Europe/Oslo': { hours: 1, summerTime: true },
  'Europe/Paris': { hours: 1, summerTime: true },
  'Europe/Rome': { hours: 1, summerTime: true },
  'Europe/Stockholm': { hours: 1, summerTime: true },
  'Europe/Vienna': { hours: 1, summerTime: true },
  'Europe/Warsaw': { hours: 1, summerTime: true },
  'Europe/Zurich': { hours: 1, summerTime: true },
  /** UTC all the year, for a market that counts its days so: UFTP has no name for UTC itself. */
  'Africa/Abidjan': { hours: 0, summerTime: false },
} as const;

/** A zone of the IANA data base whose clock changes follow from a rule; what the data base said before 1996 is not kept. */
export const timeZoneCodec = oneOf(
  'Europe/Amsterdam',
  'Europe/Athens',
  'Europe/Berlin',
  'Europe/Brussels',
  'Europe/Bucharest',
  'Europe/Copenhagen',
  'Europe/Dublin',
  'Europe/Helsinki',
  'Europe/Lisbon',
  'Europe/London',
  'Europe/Madrid',
  'Europe/Oslo',
  'Europe/Paris',
  'Europe/Rome',
  'Europe/Stockholm',
  'Europe/Vienna',
  'Europe/Warsaw',
  'Europe/Zurich',
  'Africa/Abidjan',
);
export type TimeZoneName = TypeOf<typeof timeZoneCodec>;

/** Quarter hours of a local day: on the days on which the clock changes an hour is missing or comes twice. */
const dayLengths = [92, 96, 100] as const;

/** Quarter hours by which a zone's clock is ahead of UTC in a slot. */
export function utcOffsetSlots(zone: TimeZoneName, slot: Slot): number {
  const { hours, summerTime } = zones[zone];
  return slotsPerHour * (hours + (summerTime && isSummer(slot) ? 1 : 0));
}

/** Quarter hours of the local day that begins with a slot: 92, 96 or 100; undefined where no local day begins then. */
export function localDaySlots(zone: TimeZoneName, first: Slot): number | undefined {
  const isMidnight = (slot: number) => (slot + utcOffsetSlots(zone, slot as Slot)) % slotsPerDay === 0;
  return isMidnight(first) ? dayLengths.find((slots) => isMidnight(first + slots)) : undefined;
}

/** Summer time holds from 01:00 UTC of the last Sunday of March to 01:00 UTC of the last Sunday of October (directive 2000/84/EC). */
function isSummer(slot: number): boolean {
  const { dayOfMonth, month } = civilDate((slot - (slot % slotsPerDay)) / slotsPerDay);
  if (month !== 3 && month !== 10) {
    return month > 3 && month < 10;
  }
  const dayNumber = (slot - (slot % slotsPerDay)) / slotsPerDay;
  // 1970-01-01 was a Thursday, so the day number 3 was a Sunday. Both months have 31 days.
  const lastSunday = 31 - ((dayNumber + (31 - dayOfMonth) - 3) % 7);
  const isAfter = dayOfMonth > lastSunday || (dayOfMonth === lastSunday && slot % slotsPerDay >= slotsPerHour);
  return month === 3 ? isAfter : !isAfter;
}

/** Month and day of the proleptic Gregorian calendar of a day since 1970-01-01, by years that begin in March. */
function civilDate(dayNumber: number): { readonly month: number; readonly dayOfMonth: number } {
  const fromMarchOf0000 = dayNumber + 719_468;
  const dayOfEra = fromMarchOf0000 % 146_097;
  const quotient = (value: number, divisor: number) => (value - (value % divisor)) / divisor;
  const yearOfEra = quotient(
    dayOfEra - quotient(dayOfEra, 1_460) + quotient(dayOfEra, 36_524) - quotient(dayOfEra, 146_096),
    365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + quotient(yearOfEra, 4) - quotient(yearOfEra, 100));
  const marchMonth = quotient(5 * dayOfYear + 2, 153);
  return {
    month: marchMonth < 10 ? marchMonth + 3 : marchMonth - 9,
    dayOfMonth: dayOfYear - quotient(153 * marchMonth + 2, 5) + 1,
  };
}
