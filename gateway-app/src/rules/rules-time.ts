import { slot, slotSeconds, type Slot } from '@flexledger/domain';
import { CliError } from '../cli-errors';

const UTC = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::00(?:\.0{1,9})?)?)?(?:Z|\+00:?00)?$/;
const MILLISECONDS = 1_000;

/**
 * The slot that begins at a time in UTC as ISO 8601: 2026-01-31T17:00Z; a date alone is its midnight.
 *
 * @throws CliError RULES_TIME_INVALID for another form, a date that does not exist or a time that is no quarter hour
 */
export function slotOfTime(text: string, place: string): Slot {
  const [, date = '', clock = '00:00'] = UTC.exec(text.trim()) ?? [];
  const milliseconds = Date.parse(`${date}T${clock}:00Z`);
  const slots = milliseconds / MILLISECONDS / slotSeconds;
  // A day such as 30 February is moved on by the system's own reading, which is not what was written.
  const isReal = Number.isSafeInteger(slots) && slots >= 0 && new Date(milliseconds).toISOString().startsWith(date);
  if (isReal) return slot(slots);
  throw new CliError(
    'RULES_TIME_INVALID',
    `${place} is ${JSON.stringify(text.slice(0, 40))}; write the begin of a quarter hour in UTC as 2026-01-31T17:00Z`,
  );
}

/** When a slot begins, in UTC as ISO 8601 without seconds. */
export function timeOfSlot(at: Slot): string {
  return `${new Date(at * slotSeconds * MILLISECONDS).toISOString().slice(0, 16)}Z`;
}

/** The day in UTC on which a slot begins. */
export function dateOfSlot(at: Slot): string {
  return timeOfSlot(at).slice(0, 10);
}

/**
 * Two times with a stroke between them, the second later than the first.
 *
 * @throws CliError RULES_TIME_INVALID
 */
export function periodOf(text: string, place: string): { readonly from: Slot; readonly to: Slot } {
  const [first, second, ...more] = text.split('/');
  if (first === undefined || second === undefined || more.length > 0) {
    throw new CliError('RULES_TIME_INVALID', `${place} is ${JSON.stringify(text.slice(0, 60))}; write FROM/TO`);
  }
  const period = { from: slotOfTime(first, place), to: slotOfTime(second, place) };
  if (period.from < period.to) return period;
  throw new CliError('RULES_TIME_INVALID', `${place} does not end after it begins`);
}
