import { slot, slotStartSeconds } from '@flexledger/domain';

const MINUTES_PER_SLOT = 15;

/** W as kW, or var as kvar: the units of OpenADR's powers. */
export function kilowatts(powerW: bigint): number {
  return Number(powerW) / 1_000;
}

/** Micro-units of the currency as its units. */
export function currencyUnits(micro: bigint): number {
  return Number(micro) / 1_000_000;
}

/** The begin of a slot, in RFC 3339 (UTC). */
export function slotStart(value: number): string {
  return instant(slotStartSeconds(slot(value)) * 1_000);
}

/** Milliseconds since 1970 in RFC 3339 (UTC), to the second. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

/** So many slots as an ISO 8601 duration of days, hours and minutes. */
export function slotsDuration(slots: number): string {
  const minutes = slots * MINUTES_PER_SLOT;
  const [days, hours, rest] = [Math.floor(minutes / 1_440), Math.floor((minutes % 1_440) / 60), minutes % 60];
  const part = (value: number, letter: string): string => (value === 0 ? '' : `${value}${letter}`);
  const time = part(hours, 'H') + part(rest, 'M');
  if (days === 0 && time === '') return 'PT0S';
  return `P${part(days, 'D')}${time === '' ? '' : `T${time}`}`;
}
