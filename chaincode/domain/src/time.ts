import { assert } from './assert';
import { integer, mapped, type Codec } from './decode';
import { exactNumber } from './math';

declare const slotBrand: unique symbol;

/** A quarter hour: the number of whole quarter hours since 1970-01-01T00:00 UTC. */
export type Slot = number & { readonly [slotBrand]: true };

/** Seconds of one slot. */
export const slotSeconds = 900;
/** Slots of one UTC day. */
export const slotsPerDay = 96;
/** Slots of one hour. */
export const slotsPerHour = 4;
/** The last slot that a key can name; it lies in the year 4821. */
export const slotMax = 99_999_999;

/** The slot of this number. Throws InvariantError outside 0 to 99,999,999. */
export function slot(value: number): Slot {
  assert(Number.isSafeInteger(value) && value >= 0 && value <= slotMax, 'A slot is an integer of at most 8 digits.');
  return value as Slot;
}

/** The last slot that a request can name: low enough that no sum of a rule passes the last one of a key. */
const slotNamedMax = 99_990_000;

/** A slot in JSON: an integer of at most 8 digits. */
export const slotCodec: Codec<Slot> = mapped(integer(0, slotNamedMax), 'a slot', slot, (value) => value);

/** The slot this many slots later (or earlier, when negative). */
export function addSlots(start: Slot, slots: number): Slot {
  return slot(start + slots);
}

/** The slots from start, as many as asked. */
export function slotRange(start: Slot, slots: number): readonly Slot[] {
  return Array.from({ length: slots }, (_, index) => addSlots(start, index));
}

/** A slot as it stands in a key: 8 digits, so that byte order is time order. */
export function slotText(value: Slot): string {
  return String(value).padStart(8, '0');
}

/** The slot of a key's 8 digits; undefined for any other text. */
export function slotOfText(text: string): Slot | undefined {
  return /^[0-9]{8}$/.test(text) ? slot(exactNumber(BigInt(text))) : undefined;
}

/** When a slot begins, in seconds since 1970 UTC. */
export function slotStartSeconds(value: Slot): number {
  return value * slotSeconds;
}

/** The slot in which a time in seconds since 1970 UTC lies. */
export function slotOfSeconds(seconds: number): Slot {
  assert(Number.isSafeInteger(seconds) && seconds >= 0, 'A time is a whole number of seconds since 1970.');
  return slot((seconds - (seconds % slotSeconds)) / slotSeconds);
}

/** The first slot of the UTC day in which a slot lies. */
export function dayStart(value: Slot): Slot {
  return slot(value - (value % slotsPerDay));
}
