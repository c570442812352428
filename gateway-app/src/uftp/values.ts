import { localDaySlots, slot, slotSeconds, slotStartSeconds, timeZoneCodec, type Slot } from '@flexledger/domain';
import { TimeZone } from '../meter-agent/time-zone';
import { UftpRefusal } from './refusal';

/** A power or an energy with its direction in the name, as the ledger has it. */
export interface Directed {
  readonly direction: 'reduce' | 'increase';
  readonly powerW: bigint;
}

/** UFTP's sign: consumption is positive, so what reduces it is negative. */
export function signedPower({ direction, powerW }: Directed): string {
  return (direction === 'reduce' ? -powerW : powerW).toString();
}

/** A power of UFTP with its direction in the name; zero reduces nothing. */
export function directedPower(text: string): Directed {
  const signed = BigInt(text);
  return signed > 0n ? { direction: 'increase', powerW: signed } : { direction: 'reduce', powerW: -signed };
}

/** An amount of money in micro-units; UFTP has four digits after the point, so every one of its amounts is exact. */
export function microOf(amount: string): bigint {
  const [whole = '0', fraction = ''] = amount.replace('-', '').split('.');
  const micro = BigInt(whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
  return amount.startsWith('-') ? -micro : micro;
}

/** An amount for UFTP; what the ledger settles in finer units is rounded towards zero, to ten-thousandths. */
export function amountOf(micro: bigint): string {
  const digits = (micro < 0n ? -micro : micro) / 100n;
  const sign = micro < 0n && digits > 0n ? '-' : '';
  return `${sign}${digits / 10_000n}.${(digits % 10_000n).toString().padStart(4, '0')}`;
}

/** An activation factor in millionths. */
export function ppmOfFactor(factor: string): bigint {
  const [whole = '0', fraction = ''] = factor.split('.');
  return BigInt(whole === '' ? '0' : whole) * 1_000_000n + BigInt(fraction.padEnd(6, '0'));
}

/** An activation factor for UFTP, with two digits; the ledger's are whole hundredths. */
export function factorOf(ppm: bigint): string {
  return `${ppm / 1_000_000n}.${((ppm % 1_000_000n) / 10_000n).toString().padStart(2, '0')}`;
}

/** The minutes of an ISP duration. */
export function minutesOf(duration: string): number {
  const count = Number.parseInt(duration.slice(2), 10);
  return duration.endsWith('H') ? count * 60 : count;
}

/** The first slot of a date in a time zone. @throws UftpRefusal TimeZone Rejected, Period Out Of Bounds */
export function periodSlotOf(date: string, timeZone: string): Slot {
  const seconds = zoneOf(timeZone).quarterOfDay(date, 1);
  if (seconds === undefined || seconds < 0) throw new UftpRefusal('Period Out Of Bounds', `${date} is no date`);
  return slot(Math.floor(seconds / slotSeconds));
}

function zoneOf(name: string): TimeZone {
  try {
    return new TimeZone(name);
  } catch (error) {
    if (error instanceof RangeError) throw new UftpRefusal('TimeZone Rejected', `${name} is no time zone`);
    throw error;
  }
}

/** The date of a local day in a time zone of the market. */
export function dateOf(periodSlot: Slot, timeZone: string): string {
  // Noon of the day is the same date in every zone within twelve hours, so the date is taken there, in the zone itself.
  const isps = localDaySlots(timeZoneCodec.decode(timeZone, '/timeZone'), periodSlot) ?? 96;
  const noon = new Date((slotStartSeconds(periodSlot) + (isps / 2) * slotSeconds) * 1_000);
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(noon);
  return parts;
}

/** The slot in which a moment lies: a deadline inside a slot counts from the slot's begin. */
export function slotOfDateTime(dateTime: string): Slot {
  const milliseconds = Date.parse(dateTime);
  if (!Number.isFinite(milliseconds) || milliseconds < 0) {
    throw new UftpRefusal('Expiration DateTime Out Of Bounds', `${dateTime} is no moment`);
  }
  return slot(Math.floor(milliseconds / 1_000 / slotSeconds));
}

/** The begin of a slot as UFTP writes moments. */
export function dateTimeOf(at: Slot): string {
  return new Date(slotStartSeconds(at) * 1_000).toISOString().replace('.000Z', 'Z');
}

/** The most ISPs of a day. */
const ISPS_MAX = 100;

/** Runs of ISPs, numbered from 1, as runs of slots. @throws UftpRefusal ISPs Out Of Bounds */
export function slotsOf(
  periodSlot: Slot,
  { Duration = '1', Start }: { readonly Start: string; readonly Duration?: string | undefined },
): { readonly startSlot: Slot; readonly slots: number } {
  const start = Number(Start);
  const slots = Number(Duration);
  if (start > ISPS_MAX || slots > ISPS_MAX) {
    throw new UftpRefusal('ISPs Out Of Bounds', `no day has ISP ${start + slots - 1}`);
  }
  return { startSlot: slot(periodSlot + start - 1), slots };
}

/** A run of slots as ISPs, numbered from 1. */
export function ispOf(
  periodSlot: Slot,
  startSlot: Slot,
  slots: number,
): { readonly Start: string; readonly Duration?: string } {
  return { Start: String(startSlot - periodSlot + 1), ...(slots === 1 ? {} : { Duration: String(slots) }) };
}
