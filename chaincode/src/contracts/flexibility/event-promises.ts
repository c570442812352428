import {
  bandCapacity,
  connectionAssetId,
  connectionCapacity,
  dayStart,
  eventPromises,
  ispsOfEvent,
  priorityClassOf,
  present,
  release,
  reserve,
  RuleError,
  type AssetCapacity,
  type AssetId,
  type Band,
  type BookedCommitment,
  type EventIsp,
  type FlexEvent,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadBook, loadOpenBook, saveOpenBook } from '../../store/commitment-store';
import { participants } from '../../store/registry/registry-store';

/** The part of an event that promises something. */
type Promising = Pick<FlexEvent, 'aggregatorId' | 'eventId' | 'participantId' | 'assets'>;

interface HeldBook {
  readonly assetId: AssetId;
  readonly capacity: AssetCapacity;
  readonly isps: readonly EventIsp[];
  /** True for a connection: only what it sells can stand under seal, which peers of members of the collection `orders` alone have. */
  readonly maySell: boolean;
}

/**
 * Books what an event asks for: in the book of each asset, so that no band is promised twice, and where the rule set keeps the book of
 * connections, in that of the prosumer's connection beside what it has sold. Answers false where one of them cannot keep it; then nothing is
 * booked.
 */
export async function holdEvent(context: GridContext, event: Promising, bands: readonly Band[]): Promise<boolean> {
  const { rules, session: store } = context;
  const priority = priorityClassOf(rules.ruleSet, 'flexibility');
  const held: {
    readonly assetId: AssetId;
    readonly days: readonly Slot[];
    readonly book: readonly BookedCommitment[];
  }[] = [];
  for (const { assetId, capacity, isps, maySell } of await booksOf(context, event, bands)) {
    const days = daysOfIsps(isps);
    const book = await (maySell ? loadBook : loadOpenBook)(store, assetId, days);
    const reserved = reservedOrNothing(book, eventPromises(event, isps, priority), capacity);
    if (reserved === undefined) {
      return false;
    }
    held.push({ assetId, days, book: reserved });
  }
  for (const { assetId, book, days } of held) {
    saveOpenBook(store, assetId, days, book);
  }
  return true;
}

/** Releases what an event had booked, wherever it stands; no seal hides it, so that any organisation can ask for it. */
export async function releaseEvent(context: GridContext, event: Promising, bands: readonly Band[]): Promise<void> {
  const { session: store } = context;
  for (const { assetId, capacity, isps } of await booksOf(context, event, bands)) {
    const days = daysOfIsps(isps);
    const book = await loadOpenBook(store, assetId, days);
    if (book.some(({ promiseId }) => promiseId === event.eventId)) {
      saveOpenBook(store, assetId, days, release(book, event.eventId, capacity));
    }
  }
}

/** The books in which an event stands; that of the connection too wherever the rule set keeps it, or the prosumer has one. */
async function booksOf(context: GridContext, event: Promising, bands: readonly Band[]): Promise<readonly HeldBook[]> {
  const own = event.assets.map(({ assetId, isps }) => {
    const band = present(
      bands.find((one) => one.assetId === assetId),
      'The assets of an event are enrolled.',
    );
    return { assetId, isps, capacity: bandCapacity(band), maySell: false };
  });
  if (context.rules.ruleSet.commitments !== true) {
    return own;
  }
  const { participantId } = event;
  const { connectionLimitW } = present(await participants.load(context.session, participantId), 'It is registered.');
  const connection = connectionAssetId(participantId);
  const capacity = connectionCapacity(connectionLimitW);
  return [...own, { assetId: connection, isps: ispsOfEvent(event), capacity, maySell: true }];
}

function daysOfIsps(isps: readonly EventIsp[]): readonly Slot[] {
  return [...new Set(isps.map(({ slot }) => dayStart(slot)))];
}

function reservedOrNothing(
  book: readonly BookedCommitment[],
  parts: readonly BookedCommitment[],
  capacity: AssetCapacity,
): readonly BookedCommitment[] | undefined {
  try {
    return reserve(book, parts, capacity);
  } catch (error) {
    if (error instanceof RuleError && error.code.startsWith('COMMITMENTS_')) {
      return undefined;
    }
    throw error;
  }
}
