import { integer, object, oneOf, type TypeOf } from '../decode';
import { demand } from '../errors';
import { meterIdCodec } from '../ids';
import { limits } from '../limits';
import { slotCodec } from '../time';

/** What is asked for: the values and salts of the blocks of a meter that begin in some slots. */
export const purgeFields = {
  meterId: meterIdCodec,
  fromSlot: slotCodec,
  toSlot: slotCodec,
  /** Because the person asked for it, or because the values are old. */
  cause: oneOf('request', 'age'),
};

/** That values were purged; it names no value. */
export const purgeCodec = object({ ...purgeFields, blocks: integer(0, limits.slotsPerPurgeMax) });
export type Purge = TypeOf<typeof purgeCodec>;

/** Judges a purge of 1 to 2,976 slots, and tells how many blocks it takes; there must be something to purge. */
export function acceptPurge(asked: Omit<Purge, 'blocks'>, blocks: number): Purge {
  const { fromSlot, meterId, toSlot } = asked;
  demandPurgeRange(asked);
  demand(blocks > 0, 'PURGE_NOTHING', { meterId, fromSlot, toSlot });
  return { ...asked, blocks };
}

/** Refuses a purge of no slot or of more than 31 days, before anything is read (PURGE_RANGE). */
export function demandPurgeRange({ fromSlot, toSlot }: Pick<Purge, 'fromSlot' | 'toSlot'>): void {
  const slots = toSlot - fromSlot + 1;
  demand(slots >= 1 && slots <= limits.slotsPerPurgeMax, 'PURGE_RANGE', { fromSlot, toSlot });
}
