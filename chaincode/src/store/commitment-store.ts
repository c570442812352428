import {
  commitmentDayCodec,
  dayStart,
  rowCodec,
  type AssetId,
  type BookedCommitment,
  type Commitment,
  type Slot,
} from '@flexledger/domain';
import { keys } from './keys';
import { PrivateRowKeeper, RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

/** What an asset has promised in a UTC day: only the same asset's promises meet in a row. */
export const commitmentDays = new RowKeeper(rowCodec(commitmentDayCodec), keys.commitmentDay);
/** Confidential: what the sealed orders of a participant promise. */
const sealedDays = new PrivateRowKeeper('orders', rowCodec(commitmentDayCodec), keys.sealedCommitmentDay);

/** The promises of an asset in some days that stand on the channel. */
export async function loadOpenBook(
  store: StoreSession,
  assetId: AssetId,
  days: readonly Slot[],
): Promise<readonly Commitment[]> {
  const rows = await Promise.all(days.map((day) => commitmentDays.load(store, assetId, day)));
  return rows.flatMap((row) => row?.commitments ?? []);
}

/**
 * All promises of an asset in some days, with those under seal. Once a promise stands on the channel (the clearing of its session has been
 * applied, or its contract accepted), what had stood under seal for it counts no more.
 */
export async function loadBook(
  store: StoreSession,
  assetId: AssetId,
  days: readonly Slot[],
): Promise<readonly BookedCommitment[]> {
  const [open, sealed] = await Promise.all([
    loadOpenBook(store, assetId, days),
    Promise.all(days.map((day) => sealedDays.load(store, assetId, day))),
  ]);
  const opened = new Set(open.map(({ promiseId }) => promiseId));
  const waiting = sealed.flatMap((row) => row?.commitments ?? []).filter(({ promiseId }) => !opened.has(promiseId));
  return [...open, ...waiting.map((entry) => ({ ...entry, sealed: true }))];
}

/** Writes what an asset has promised in some days on the channel. */
export function saveOpenBook(
  store: StoreSession,
  assetId: AssetId,
  days: readonly Slot[],
  book: readonly BookedCommitment[],
): void {
  const open = book.filter((entry) => entry.sealed !== true);
  for (const day of days) {
    commitmentDays.save(store, { assetId, day, commitments: ofDay(open, day) }, assetId, day);
  }
}

/** Writes what an asset has promised in some days under seal. */
export function saveSealedBook(
  store: StoreSession,
  assetId: AssetId,
  days: readonly Slot[],
  sealed: readonly Commitment[],
): void {
  for (const day of days) {
    sealedDays.save(store, { assetId, day, commitments: ofDay(sealed, day) }, assetId, day);
  }
}

function ofDay(entries: readonly Commitment[], day: Slot): readonly Commitment[] {
  return entries.filter((entry) => dayStart(entry.firstSlot) === day);
}
