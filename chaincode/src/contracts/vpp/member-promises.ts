import {
  connectionAssetId,
  connectionCapacity,
  cutIntervals,
  dayStart,
  demandStored,
  dropDuty,
  memberDays,
  memberPromiseId,
  memberPromises,
  memberSlots,
  present,
  priorityClassOf,
  release,
  reserve,
  takeDuty,
  w,
  type AssetCapacity,
  type AssetId,
  type BookedCommitment,
  type Coalition,
  type CoalitionMember,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadBook, loadOpenBook, saveOpenBook } from '../../store/commitment-store';
import { participants } from '../../store/registry/registry-store';
import { assetBands, technicalData } from '../../store/vpp/asset-store';
import { assetDuties, servingAssets } from '../../store/vpp/formation-store';

interface MemberBook {
  readonly assetId: AssetId;
  readonly capacity: AssetCapacity;
  /** True for a connection: only what it sells can stand under seal, which peers of members of the collection `orders` alone have. */
  readonly maySell: boolean;
}

/**
 * Books what a member promises: in the book of its asset and, where the rule set keeps the book of connections, in that of its owner's connection
 * beside what it has sold; and that it serves in these slots, in one coalition at a time. Refuses what does not fit (COMMITMENTS_CAPACITY and the
 * like) and a second coalition (VPP_MEMBER_TAKEN, B45).
 */
export async function holdMember(
  context: GridContext,
  coalition: Coalition,
  member: CoalitionMember,
  capacity: AssetCapacity,
): Promise<void> {
  const { rules, session: store } = context;
  await takeDuties(context, coalition, member);
  const parts = memberPromises(coalition, member, priorityClassOf(rules.ruleSet, 'vpp'));
  const days = memberDays(coalition, member);
  if (parts.length === 0) {
    return;
  }
  for (const held of await booksOf(context, member, capacity)) {
    const book = await (held.maySell ? loadBook : loadOpenBook)(store, held.assetId, days);
    const reserved = reserve(book, parts, held.capacity);
    if (held.assetId === member.assetId) {
      await demandEnergy(context, member.assetId, reserved);
    }
    saveOpenBook(store, held.assetId, days, reserved);
  }
}

/** Refuses what a storage would need more for than it had when its state was filed (COMMITMENTS_STORAGE). */
async function demandEnergy(
  { session }: GridContext,
  assetId: AssetId,
  book: readonly BookedCommitment[],
): Promise<void> {
  const [data, bands] = await Promise.all([technicalData.load(session, assetId), assetBands.load(session, assetId)]);
  if (data?.storage !== undefined && bands !== undefined) {
    demandStored(book, bands, data.storage.atSlot);
  }
}

/** Releases all that a member has promised. No seal hides it, so that any organisation can ask for it. */
export async function releaseMember(
  context: GridContext,
  coalition: Coalition,
  member: CoalitionMember,
): Promise<void> {
  await dropDuties(context, coalition, member, coalition.firstSlot);
  const promiseId = memberPromiseId(coalition.coalitionId, member.assetId);
  const days = memberDays(coalition, member);
  for (const assetId of bookedAssets(context, member)) {
    const book = await loadOpenBook(context.session, assetId, days);
    if (book.some((entry) => entry.promiseId === promiseId)) {
      saveOpenBook(context.session, assetId, days, release(book, promiseId, anyCapacity));
    }
  }
}

/** Releases what a member has promised from a slot on; what it promised before stands. */
export async function releaseFrom(
  context: GridContext,
  coalition: Coalition,
  member: CoalitionMember,
  fromSlot: Slot,
): Promise<void> {
  await dropDuties(context, coalition, member, fromSlot);
  const promiseId = memberPromiseId(coalition.coalitionId, member.assetId);
  const slots = memberSlots(coalition, member).flatMap(({ slot }) => (slot >= fromSlot ? [slot] : []));
  const days = [...new Set(slots.map(dayStart))];
  for (const assetId of bookedAssets(context, member)) {
    const book = await loadOpenBook(context.session, assetId, days);
    saveOpenBook(context.session, assetId, days, cutIntervals(book, promiseId, slots, anyCapacity));
  }
}

/** What is called makes room for nobody, so that no other promise can stand on it: taking it out always fits. */
const anyCapacity: AssetCapacity = { importMaxW: w(10n ** 17n), exportMaxW: w(10n ** 17n) };

async function takeDuties(
  { session: store }: GridContext,
  coalition: Coalition,
  member: CoalitionMember,
): Promise<void> {
  const { assetId, coalitionId, participantId } = member;
  for (const day of memberDays(coalition, member)) {
    const slots = memberSlots(coalition, member).flatMap(({ slot }) => (dayStart(slot) === day ? [slot] : []));
    const before = await assetDuties.load(store, assetId, day);
    assetDuties.save(store, { duties: takeDuty(before?.duties ?? [], coalitionId, slots, assetId) }, assetId, day);
    servingAssets.save(store, { assetId }, participantId, day, assetId);
  }
}

async function dropDuties(
  { session: store }: GridContext,
  coalition: Coalition,
  member: CoalitionMember,
  fromSlot: Slot,
): Promise<void> {
  const { assetId, coalitionId } = member;
  for (const day of memberDays(coalition, member).filter((one) => one >= dayStart(fromSlot))) {
    const row = await assetDuties.load(store, assetId, day);
    assetDuties.save(store, { duties: dropDuty(row?.duties ?? [], coalitionId, fromSlot) }, assetId, day);
  }
}

/** The assets in whose books a member's promise can stand: its own, and its owner's connection where the rule set keeps that. */
function bookedAssets({ rules }: GridContext, { assetId, participantId }: CoalitionMember): readonly AssetId[] {
  return rules.ruleSet.commitments === true ? [assetId, connectionAssetId(participantId)] : [assetId];
}

async function booksOf(
  context: GridContext,
  member: CoalitionMember,
  capacity: AssetCapacity,
): Promise<readonly MemberBook[]> {
  const [own, connection] = bookedAssets(context, member);
  const books: MemberBook[] = own === undefined ? [] : [{ assetId: own, capacity, maySell: false }];
  if (connection === undefined) {
    return books;
  }
  const owner = present(await participants.load(context.session, member.participantId), 'It is registered.');
  return [...books, { assetId: connection, capacity: connectionCapacity(owner.connectionLimitW), maySell: true }];
}
