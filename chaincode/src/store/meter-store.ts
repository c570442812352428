import {
  checkQueryRange,
  gapCodec,
  meterHeadCodec,
  placesOf,
  placesToLook,
  profileCodec,
  readingCodec,
  rowCodec,
  sequencesCodec,
  totalsBetween,
  type MeterHead,
  type MeterId,
  type Profile,
  type ProfileBlock,
  type QualifiedTotal,
  type Reading,
  type Slot,
} from '@flexledger/domain';
import { keys } from './keys';
import { PrivateRowKeeper, RowKeeper } from './row-keeper';
import type { StoreSession } from './session';

export const meterHeads = new RowKeeper(rowCodec(meterHeadCodec), keys.meterHead);
export const readings = new RowKeeper(rowCodec(readingCodec), keys.reading);
export const gaps = new RowKeeper(rowCodec(gapCodec), keys.gap);
/** Confidential: the values of a block and the salt that opens its commitment. */
export const profiles = new PrivateRowKeeper('profiles', rowCodec(profileCodec), keys.profile);

const readingsOfHour = new RowKeeper(rowCodec(sequencesCodec), keys.readingsOfHour);
const readingsOfDay = new RowKeeper(rowCodec(sequencesCodec), keys.readingsOfDay);

/** Saves all rows of an accepted block: the reading, the chain's head, the places where it is found, and its profile. */
export async function saveReading(
  session: StoreSession,
  block: ProfileBlock,
  reading: Reading,
  head: MeterHead,
): Promise<void> {
  const { meterId, sequence } = reading;
  readings.save(session, reading, meterId, sequence);
  meterHeads.save(session, head, meterId);
  const places = placesOf(reading.startSlot, reading.totals.length);
  await Promise.all([
    ...places.hours.map((hour) => note(session, readingsOfHour, meterId, hour, sequence)),
    ...places.days.map((day) => note(session, readingsOfDay, meterId, day, sequence)),
  ]);
  profiles.save(session, profileOf(block), meterId, sequence);
}

/**
 * The energy of a meter for each quarter hour from first to last, with its quality; MISSING where nothing was recorded. Reads at
 * most two index rows per hour and day and the readings that they name, all of them rows that no later reading changes, and
 * never the head of the chain: settlement does not conflict with the readings that arrive meanwhile.
 */
export async function loadIntervalTotals(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly QualifiedTotal[]> {
  checkQueryRange(fromSlot, toSlot);
  return totalsBetween(await loadReadings(session, meterId, fromSlot, toSlot), fromSlot, toSlot);
}

/** The readings of a meter that have quarter hours from first to last. */
export async function loadReadings(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly Reading[]> {
  const places = placesToLook(fromSlot, toSlot);
  const noted = await Promise.all([
    ...places.hours.map((hour) => readingsOfHour.load(session, meterId, hour)),
    ...places.days.map((day) => readingsOfDay.load(session, meterId, day)),
  ]);
  const sequences = [...new Set(noted.flatMap((row) => row?.sequences ?? []))];
  const found = await Promise.all(sequences.map((sequence) => readings.load(session, meterId, sequence)));
  return found.filter((reading) => reading !== undefined);
}

type IndexKeeper = RowKeeper<{ readonly sequences: readonly number[] }, [MeterId, Slot]>;

async function note(
  session: StoreSession,
  keeper: IndexKeeper,
  meterId: MeterId,
  place: Slot,
  sequence: number,
): Promise<void> {
  const noted = (await keeper.load(session, meterId, place))?.sequences ?? [];
  keeper.save(session, { sequences: [...noted, sequence] }, meterId, place);
}

function profileOf(block: ProfileBlock): Profile {
  const { meterId, sequence, startSlot, resolutionMinutes, importWh, exportWh, salt } = block;
  return { meterId, sequence, startSlot, resolutionMinutes, importWh, exportWh, salt };
}
