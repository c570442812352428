import {
  addSlots,
  checkQueryRange,
  currentTotals,
  fieldInvalid,
  genesisLink,
  limits,
  slot,
  slotAfterBlock,
  slotMax,
  slotOfText,
  type ListAnswer,
  type MeterHead,
  type MeterId,
  type QualifiedTotal,
  type Reading,
  type Slot,
} from '@flexledger/domain';
import { loadAmendments } from './amendment-store';
import { entryOf, loadLastReading, loadReadings } from './chain-store';
import { clockHeads } from '../clock-store';
import { keys, prefixes } from '../keys';
import { gaps, purges } from './meter-store';
import { meters } from '../registry/registry-store';
import type { StoreSession } from '../session';

/** The block of a meter that has a slot, or undefined. */
export async function loadReadingAt(
  session: StoreSession,
  meterId: MeterId,
  wanted: Slot,
): Promise<Reading | undefined> {
  return (await loadReadings(session, meterId, wanted, wanted))[0];
}

/** The energy in force of a meter for each quarter hour from first to last; MISSING where nothing was recorded. */
export async function loadIntervalTotals(
  session: StoreSession,
  meterId: MeterId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly QualifiedTotal[]> {
  checkQueryRange(fromSlot, toSlot);
  const [readings, amendments] = await Promise.all([
    loadReadings(session, meterId, fromSlot, toSlot),
    loadAmendments(session, meterId, fromSlot, toSlot),
  ]);
  return currentTotals(readings, amendments, fromSlot, toSlot);
}

/** Why the values of a recorded block are not there: they were purged, or this peer has never got them. */
export async function whyNoProfile(
  session: StoreSession,
  { meterId, startSlot }: Pick<Reading, 'meterId' | 'startSlot'>,
): Promise<'READING_PURGED' | 'READING_UNKNOWN'> {
  const done = await purges.list(session, prefixes.purges(meterId));
  const isPurged = done.some(({ fromSlot, toSlot }) => startSlot >= fromSlot && startSlot <= toSlot);
  return isPurged ? 'READING_PURGED' : 'READING_UNKNOWN';
}

/** One page of the blocks of a meter, in order of time; the bookmark is the first slot of the last one. */
export async function pageOfReadings(
  session: StoreSession,
  meterId: MeterId,
  bookmark: string | undefined,
): Promise<ListAnswer<Reading>> {
  const last = bookmark === undefined ? undefined : slotOfText(bookmark);
  if (bookmark !== undefined && (last === undefined || last === slotMax)) {
    throw fieldInvalid('/bookmark', 'the bookmark of a page of blocks');
  }
  const from = keys.block(meterId, last === undefined ? slot(0) : addSlots(last, 1));
  const rows = await session.firstOfRange(from, keys.block(meterId, slot(slotMax)), limits.listRowsMax);
  const entries = rows.map(({ parts, bytes }) => entryOf(meterId, parts, bytes));
  return {
    rows: entries.flatMap((entry) => (entry.kind === 'block' ? [entry.reading] : [])),
    bookmark: rows.length < limits.listRowsMax ? null : (rows.at(-1)?.parts.at(-1) ?? null),
  };
}

/**
 * The end of a meter's chain, for evaluates: the last block before the slot that the clock has reached, and the gaps behind it;
 * undefined for a meter that is not registered.
 */
export async function loadHead(session: StoreSession, meterId: MeterId): Promise<MeterHead | undefined> {
  const meter = await meters.load(session, meterId);
  if (meter === undefined) {
    return undefined;
  }
  const clock = await clockHeads.load(session);
  const end = addSlots(clock?.lastSlot ?? meter.firstSlot, 1);
  const last = await loadLastReading(session, meterId, meter.firstSlot, end);
  const blockEnd = last === undefined ? meter.firstSlot : slotAfterBlock(last);
  const stated = await gaps.list(session, prefixes.gaps(meterId));
  const gapEnd = addSlots(stated.at(-1)?.toSlot ?? slot(0), 1);
  const nextSlot = gapEnd > blockEnd ? gapEnd : blockEnd;
  return last === undefined
    ? { sequence: 0, link: genesisLink, nextSlot }
    : { sequence: last.sequence, link: last.link, startSlot: last.startSlot, nextSlot };
}
