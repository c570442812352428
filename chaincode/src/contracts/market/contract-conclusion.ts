import {
  addSlots,
  commitmentParts,
  concluded,
  connectionAssetId,
  connectionCapacity,
  contractAssets,
  contractCostMicro,
  contractFlowRows,
  contractFlows,
  contractPositions,
  contractPromises,
  contractSet,
  cutIntervals,
  daysOf,
  demand,
  demandWithinLimits,
  demandWithinRows,
  displace,
  displaceIntervals,
  gridOfInterval,
  gridWays,
  hasGridLimits,
  hourStart,
  partiesOf,
  present,
  reserve,
  rowsBesideSessions,
  sessionUse,
  slotRange,
  spend,
  voltageRows,
  withCompensation,
  type AssetId,
  type BookedCommitment,
  type ConcludedContract,
  type ContractFlow,
  type ContractId,
  type ContractTerms,
  type DisplacedContract,
  type DisplacedInterval,
  type Intervals,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { activeParticipant } from '../../participant-command';
import { loadLimit, post, saveLimit } from '../../store/accounts/account-store';
import { hasBegun } from '../../store/clock-store';
import { loadBook, saveOpenBook } from '../../store/commitment-store';
import { bilateralContracts, loadContractFlows, saveContractFlows } from '../../store/market/contract-store';
import { found } from '../../store/found';
import { sessionIntervals, sessions } from '../../store/market/market-store';
import { loadClearedFlows, loadLastTerms } from '../../store/market/grid-market-store';
import { demandAnchored, loadOtherSessions, saveOtherPosition } from '../../store/market/position-store';
import { grids, participants } from '../../store/registry/registry-store';

/** What a conclusion changes, before any of it is written. */
interface Conclusion {
  readonly contract: ConcludedContract;
  readonly displaced: readonly DisplacedContract[];
  readonly books: ReadonlyMap<AssetId, readonly BookedCommitment[]>;
  readonly days: readonly Slot[];
}

/**
 * Refuses while a session that trades one of some slots within limits of the grid is between its gate and its clearing
 * (CONTRACT_SESSION_PENDING): what its clearing reads must not change.
 */
export async function demandNoPendingSession(
  context: GridContext,
  { firstSlot, gridId, intervalSlots, intervals }: Pick<ContractTerms, 'gridId' | keyof Intervals>,
): Promise<void> {
  const { session: store } = context;
  const first = hourStart(firstSlot);
  const slots = slotRange(first, firstSlot - first + intervals * intervalSlots);
  const claims = await Promise.all(slots.map((slot) => sessionIntervals.load(store, gridId, 'day-ahead', slot)));
  const others = await loadOtherSessions(store, gridId, first, present(slots.at(-1), 'A contract has a slot.'));
  const ids = new Set([...claims.flatMap((claim) => claim?.sessionId ?? []), ...others.map((one) => one.sessionId)]);
  for (const sessionId of ids) {
    const session = found(await sessions.load(store, sessionId), 'MARKET_SESSION_UNKNOWN', { sessionId });
    const isWaiting = hasGridLimits(session) && (session.state === 'OPEN' || session.state === 'CLOSED');
    const isPending = isWaiting && (await hasBegun(store, session.gateCloseSlot));
    demand(!isPending, 'CONTRACT_SESSION_PENDING', { sessionId });
  }
}

/**
 * Refuses where a side has no orders in the day-ahead session of a slot (MARKET_NOT_IN_DAY_AHEAD): it would have locked nothing for its
 * deviation there, and settlement could not find it.
 */
export async function demandBothAnchored(context: GridContext, terms: ContractTerms): Promise<void> {
  const { firstSlot, gridId, intervalSlots, intervals } = terms;
  for (const participantId of partiesOf({ terms })) {
    await demandAnchored(context.session, gridId, firstSlot, intervals * intervalSlots, participantId);
  }
}

/**
 * Concludes a contract on the ledger: the promises of both sides, the grid, the buyer's money and the positions, all or nothing. What is read
 * is the two sides' own, and what contracts carry through this grid in these hours.
 */
export async function conclude(context: GridContext, asked: ConcludedContract): Promise<ConcludedContract> {
  const conclusion = await promise(context, asked);
  const flows = await useGrid(context, conclusion);
  const { contract, displaced } = conclusion;
  const { session: store } = context;
  const limit = await loadLimit(store, contract.terms.buyerParticipantId);
  saveLimit(store, spend(limit, contractCostMicro(contract)));
  await post(store, contractSet(contract, displaced));
  for (const [assetId, book] of conclusion.books) {
    saveOpenBook(store, assetId, conclusion.days, book);
  }
  for (const [gridId, rows] of flows) {
    saveContractFlows(store, gridId, rows);
  }
  saveConcluded(context, contract);
  for (const { compensationMicro, contract: other, intervals } of displaced) {
    saveConcluded(context, other);
    context.record({
      type: 'ContractDisplaced',
      contractId: other.contractId,
      byContractId: contract.contractId,
      firstSlots: intervals.map(({ firstSlot }) => firstSlot),
      compensationMicro: compensationMicro.toString(),
    });
  }
  return contract;
}

/** Puts both sides' promises into their books; what gives way leaves its buyer's book as well. */
async function promise(context: GridContext, asked: ConcludedContract): Promise<Conclusion> {
  const { session: store } = context;
  const { terms } = asked;
  const days = daysOf(terms);
  const assets = contractAssets(asked);
  const promises = contractPromises(asked);
  const parts = commitmentParts(promises.seller);
  const seller = await activeParticipant(context, terms.sellerParticipantId);
  const book = await loadBook(store, assets.seller, days);
  const capacity = connectionCapacity(seller.connectionLimitW);
  const sold =
    terms.preemptionMicroMax === undefined
      ? { book: reserve(book, parts, capacity), displaced: [] }
      : displace(book, parts, capacity, await notBegunFrom(context, terms.firstSlot));
  const displaced = await displacedContracts(context, sold.displaced);
  for (const { contract, intervals } of displaced) {
    const { gridId, intervalSlots } = contract.terms;
    for (const { firstSlot } of intervals) {
      await demandNoPendingSession(context, { gridId, firstSlot, intervalSlots, intervals: 1 });
    }
  }
  const books = new Map([[assets.seller, sold.book]]);
  for (const { contract, intervals } of displaced) {
    const { buyerParticipantId } = contract.terms;
    const assetId = connectionAssetId(buyerParticipantId);
    const firstSlots = intervals.map(({ firstSlot }) => firstSlot);
    const known = books.get(assetId) ?? (await loadBook(store, assetId, days));
    books.set(
      assetId,
      cutIntervals(known, contract.contractId, firstSlots, await limitsOf(context, buyerParticipantId)),
    );
  }
  await activeParticipant(context, terms.buyerParticipantId);
  const buyers = books.get(assets.buyer) ?? (await loadBook(store, assets.buyer, days));
  const buyerLimits = await limitsOf(context, terms.buyerParticipantId);
  books.set(assets.buyer, reserve(buyers, commitmentParts(promises.buyer), buyerLimits));
  return { contract: withCompensation(asked, displaced), displaced, books, days };
}

async function limitsOf(context: GridContext, participantId: ContractTerms['buyerParticipantId']) {
  const row = await participants.load(context.session, participantId);
  return connectionCapacity(found(row, 'PARTICIPANT_UNKNOWN', { participantId }).connectionLimitW);
}

/** The earliest slot of the hour before a slot from which on none has begun; the slot itself has not. */
async function notBegunFrom(context: GridContext, firstSlot: Slot): Promise<Slot> {
  let earliest = firstSlot;
  while (earliest > hourStart(firstSlot) && !(await hasBegun(context.session, addSlots(earliest, -1)))) {
    earliest = addSlots(earliest, -1);
  }
  return earliest;
}

async function displacedContracts(
  context: GridContext,
  intervals: readonly DisplacedInterval[],
): Promise<readonly DisplacedContract[]> {
  const ids = [...new Set(intervals.map(({ promiseId }) => promiseId as string as ContractId))];
  const rows = await Promise.all(ids.map((contractId) => bilateralContracts.load(context.session, contractId)));
  return rows.map((row) => {
    const contract = concluded(row);
    const own = intervals.filter(({ promiseId }) => promiseId === contract.contractId);
    return displaceIntervals(
      contract,
      own.map(({ firstSlot }) => firstSlot),
    );
  });
}

/** What the contract and those that give way carry from now on, by grid, after checking every quarter hour of the contract. */
async function useGrid(
  context: GridContext,
  { contract, displaced }: Conclusion,
): Promise<ReadonlyMap<string, readonly ContractFlow[]>> {
  const { session: store } = context;
  const { firstSlot, gridId, intervalSlots, intervals } = contract.terms;
  const grid = found(await grids.load(store, gridId), 'GRID_UNKNOWN', { gridId });
  const own = contractFlowRows(contract);
  const known = await loadContractFlows(
    store,
    gridId,
    own.map(({ hour }) => hour),
  );
  const changed = new Map<string, readonly ContractFlow[]>();
  for (const { contract: other, intervals: given } of displaced) {
    const hours = given.map((interval) => hourStart(interval.firstSlot));
    const rows = contractFlowRows(other).filter(({ hour }) => hours.includes(hour));
    changed.set(other.terms.gridId, [...(changed.get(other.terms.gridId) ?? []), ...rows]);
  }
  const mine = [...(changed.get(gridId) ?? []), ...own];
  changed.set(gridId, mine);
  const replaced = new Set(mine.map(({ contractId, hour }) => `${contractId} ${hour}`));
  const flows = [...known.filter(({ contractId, hour }) => !replaced.has(`${contractId} ${hour}`)), ...mine];
  const ways = gridWays(grid);
  const terms = await loadLastTerms(store, gridId);
  const cleared = await loadClearedFlows(store, gridId, firstSlot, intervals * intervalSlots);
  const bands = voltageRows(grid, gridOfInterval(grid, terms, { firstSlot, slots: 1 }), 1);
  for (const slot of slotRange(firstSlot, intervals * intervalSlots)) {
    const quarter = { firstSlot: slot, slots: 1 };
    const limits = gridOfInterval(grid, terms, quarter, sessionUse(cleared, quarter));
    demandWithinLimits(limits, contractFlows(ways, flows, quarter), slot);
    demandWithinRows(rowsBesideSessions(bands, limits, cleared, quarter), flows, own, quarter);
  }
  return changed;
}

function saveConcluded(context: GridContext, contract: ConcludedContract): void {
  const { session: store } = context;
  bilateralContracts.save(store, contract, contract.contractId);
  for (const position of contractPositions(contract)) {
    saveOtherPosition(store, contract.terms.gridId, position);
  }
}
