import {
  cloneCodec,
  gapCodec,
  packProfile,
  purgeCodec,
  rowCodec,
  unpackProfile,
  type MeterId,
  type Profile,
  type ProfileBlock,
  type ResolutionMinutes,
  type Slot,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

export const gaps = new RowKeeper(rowCodec(gapCodec), keys.gap);

/** Two blocks that a meter has signed under one number. */
export const clones = new RowKeeper(rowCodec(cloneCodec), keys.clone);
/** What was purged, and why. */
export const purges = new RowKeeper(rowCodec(purgeCodec), keys.purge);

/** Purges the confidential part of a block from every member. */
export function purgeProfile(session: StoreSession, meterId: MeterId, startSlot: Slot): void {
  session.purgePrivate('profiles', keys.profile(meterId, startSlot));
}

/** Saves the confidential part of a block: the values, and the salt that opens its commitment. */
export function saveProfile(session: StoreSession, block: ProfileBlock): void {
  session.savePrivate('profiles', keys.profile(block.meterId, block.startSlot), packProfile(block));
}

/** The confidential part of a block, or undefined where there is none (or where it was purged). */
export async function loadProfile(
  session: StoreSession,
  place: { readonly meterId: MeterId; readonly startSlot: Slot; readonly resolutionMinutes: ResolutionMinutes },
): Promise<Profile | undefined> {
  const { meterId, resolutionMinutes, startSlot } = place;
  const bytes = await session.loadPrivateBytes('profiles', keys.profile(meterId, startSlot));
  return bytes === undefined ? undefined : unpackProfile({ meterId, resolutionMinutes, startSlot }, bytes);
}
