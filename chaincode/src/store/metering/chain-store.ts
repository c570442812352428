import {
  addSlots,
  limits,
  packGapMark,
  packReading,
  present,
  slot,
  slotAfterBlock,
  slotOfText,
  slotsPerHour,
  unpackEntry,
  type ChainEntry,
  type Gap,
  type MeterId,
  type ProfileBlock,
  type Reading,
  type Slot,
} from '@flexledger/domain';
import { keys, prefixes } from '../keys';
import { gaps } from './meter-store';
import type { StoreSession } from '../session';

/** What stands around a block in its meter's chain. */
export interface ChainPlace {
  readonly predecessor: Reading | undefined;
  readonly gaps: readonly Gap[];
  readonly rivals: readonly Reading[];
}

/** What a meter's chain has at a slot, or undefined. */
export async function loadEntry(
  session: StoreSession,
  meterId: MeterId,
  startSlot: Slot,
): Promise<ChainEntry | undefined> {
  const bytes = await session.loadBytes(keys.block(meterId, startSlot));
  return bytes === undefined ? undefined : unpackEntry(meterId, startSlot, bytes);
}

/**
 * What a block has to be judged against, in two reads where nothing is unusual: the block before it, whose place the block names
 * itself, and the row that it will write, which is absent. All these rows are its meter's own: blocks of different meters never
 * conflict.
 */
export async function loadPlace(session: StoreSession, block: ProfileBlock, firstSlot: Slot): Promise<ChainPlace> {
  const { meterId, previousStartSlot, startSlot } = block;
  const [here, before] = await Promise.all([
    loadEntry(session, meterId, startSlot),
    previousStartSlot === undefined ? undefined : loadEntry(session, meterId, previousStartSlot),
  ]);
  const predecessor = before?.kind === 'block' ? before.reading : undefined;
  const end = predecessor === undefined ? firstSlot : slotAfterBlock(predecessor);
  const passed = end < startSlot ? await loadGapsFrom(session, meterId, end, startSlot) : [];
  const atGaps = await Promise.all(passed.map(({ fromSlot }) => loadEntry(session, meterId, fromSlot)));
  const around = [here, ...atGaps].filter((entry) => entry !== undefined);
  const rivals = await Promise.all(around.map((entry) => behindGap(session, meterId, entry)));
  const found = [predecessor, ...rivals].filter((reading) => reading !== undefined);
  return { predecessor, gaps: passed, rivals: found };
}

/** Reads the rows where a block begins, and where it says that the block before it begins, before they are needed. */
export function readAround(
  session: StoreSession,
  { meterId, previousStartSlot, startSlot }: ProfileBlock,
): Promise<unknown> {
  const slots = previousStartSlot === undefined ? [startSlot] : [startSlot, previousStartSlot];
  return Promise.all(slots.map((at) => session.loadBytes(keys.block(meterId, at))));
}

/** Saves an accepted block, and where it left a gap behind, the word at the gap's first slot that the chain has gone on. */
export function saveReading(session: StoreSession, reading: Reading, passedGaps: readonly Gap[]): void {
  const { meterId, startSlot } = reading;
  session.save(keys.block(meterId, startSlot), packReading(reading));
  for (const { fromSlot } of passedGaps) {
    session.save(keys.block(meterId, fromSlot), packGapMark(fromSlot, startSlot));
  }
}

/**
 * The blocks of a meter that have quarter hours from first to last, in order of time. Blocks that begin in the hour before the first
 * slot or later are looked for first; only where they leave a slot open, the longer ones that may begin up to a day before. No
 * later block changes these rows, so that settlement does not conflict with the readings that arrive meanwhile.
 */
export async function loadReadings(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly Reading[]> {
  const near = slot(Math.max(0, fromSlot - slotsPerHour + 1));
  const far = slot(Math.max(0, fromSlot - limits.intervalsPerBlockMax + 1));
  const found = await rangeOfReadings(session, meterId, near, addSlots(toSlot, 1));
  const covered = found.reduce((count, reading) => count + slotsWithin(reading, fromSlot, toSlot), 0);
  const isWhole = covered === toSlot - fromSlot + 1;
  const earlier = isWhole ? [] : await rangeOfReadings(session, meterId, far, near);
  return [...earlier, ...found].filter((reading) => slotsWithin(reading, fromSlot, toSlot) > 0);
}

/** Where the blocks of a meter begin that begin from first to last. */
export async function loadStartsBetween(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly Slot[]> {
  const readings = await rangeOfReadings(session, meterId, fromSlot, addSlots(toSlot, 1));
  return readings.map(({ startSlot }) => startSlot);
}

/** What a gap has to be judged against: the meter's blocks in the day before it and in it, and all its gaps. */
export async function loadBeforeGap(
  session: StoreSession,
  { fromSlot, meterId, toSlot }: Pick<Gap, 'meterId' | 'fromSlot' | 'toSlot'>,
): Promise<{ readonly readings: readonly Reading[]; readonly gaps: readonly Gap[] }> {
  const start = slot(Math.max(0, fromSlot - limits.intervalsPerBlockMax));
  const end = slot(Math.max(fromSlot, Math.min(toSlot, fromSlot + limits.slotsPerGapMax)) + 1);
  const [readings, known] = await Promise.all([
    rangeOfReadings(session, meterId, start, end),
    gaps.list(session, prefixes.gaps(meterId)),
  ]);
  return { readings, gaps: known };
}

/** The last block of a meter before a slot, looked for backwards from there in steps that grow; for evaluates. */
export async function loadLastReading(
  session: StoreSession,
  meterId: MeterId,
  firstSlot: Slot,
  beforeSlot: Slot,
): Promise<Reading | undefined> {
  let width: number = limits.intervalsPerBlockMax;
  for (let end = beforeSlot; end > firstSlot; width *= 4) {
    const start = slot(Math.max(firstSlot, end - width));
    const last = (await rangeOfReadings(session, meterId, start, end)).at(-1);
    if (last !== undefined) {
      return last;
    }
    end = start;
  }
  return undefined;
}

async function rangeOfReadings(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  beforeSlot: Slot,
): Promise<readonly Reading[]> {
  const rows = await session.range(keys.block(meterId, fromSlot), keys.block(meterId, beforeSlot));
  return rows.flatMap(({ parts, bytes }) => {
    const entry = entryOf(meterId, parts, bytes);
    return entry.kind === 'block' ? [entry.reading] : [];
  });
}

/** The entry of a listed row, whose key says where it begins. */
export function entryOf(meterId: MeterId, parts: readonly string[], bytes: Uint8Array): ChainEntry {
  return unpackEntry(meterId, present(slotOfText(parts.at(-1) ?? ''), 'The key of a block ends in its slot.'), bytes);
}

function slotsWithin(reading: Reading, fromSlot: Slot, toSlot: Slot): number {
  return Math.max(0, Math.min(slotAfterBlock(reading), toSlot + 1) - Math.max(reading.startSlot, fromSlot));
}

async function loadGapsFrom(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  beforeSlot: Slot,
): Promise<readonly Gap[]> {
  const found: Gap[] = [];
  for (let at = fromSlot; at < beforeSlot && found.length < limits.gapsBetweenBlocksMax;) {
    const gap = await gaps.load(session, meterId, at);
    if (gap === undefined) {
      break;
    }
    found.push(gap);
    at = addSlots(gap.toSlot, 1);
  }
  return found;
}

/** The block of an entry, or the one with which the chain went on behind its gap. */
async function behindGap(session: StoreSession, meterId: MeterId, entry: ChainEntry): Promise<Reading | undefined> {
  if (entry.kind === 'block') {
    return entry.reading;
  }
  const next = await loadEntry(session, meterId, entry.nextSlot);
  return next?.kind === 'block' ? next.reading : undefined;
}
