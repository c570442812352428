import {
  concluded,
  contractDeliveryCodec,
  decideDelivery,
  intervalFirstSlot,
  isTradedIn,
  outcomeOf,
  present,
  rowCodec,
  sellerQuarter,
  type ConcludedContract,
  type ContractDelivery,
  type ContractId,
  type ContractOutcome,
  type ParticipantId,
  type Position,
  type PositionSource,
  type Session,
  type SessionId,
  type Slot,
  type SlotPosition,
} from '@flexledger/domain';
import { bilateralContracts } from './contract-store';
import { keys } from '../keys';
import { orderSets, sessions } from './market-store';
import { loadMeters, meterInputsOf } from '../metering/meter-input-store';
import { loadOtherPositions, positions } from './position-store';
import { participants } from '../registry/registry-store';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** How far the contracts of sellers are delivered, quarter hour by quarter hour; each row is written once. */
export const contractDeliveries = new RowKeeper(rowCodec(contractDeliveryCodec), keys.contractDelivery);

/** A quarter hour and the day-ahead session with which it is settled. */
export interface SettledQuarter {
  readonly session: Session;
  readonly run: number;
  readonly slot: Slot;
}

/** What contracts come to in a quarter hour, and the rows of it that are not on the ledger yet. */
export interface ContractOutcomes {
  readonly outcomes: ReadonlyMap<SessionId, ContractOutcome>;
  readonly decided: readonly ContractDelivery[];
}

/**
 * What the contracts among some positions come to in a quarter hour. Both sides settle by the row of the seller, whichever is settled first
 * and whatever its meters have told since then: of two settlements that decide at the same time only one is valid.
 *
 * @param others positions beside day-ahead ones, of whoever is settled
 */
export async function loadContractOutcomes(
  store: StoreSession,
  quarter: SettledQuarter,
  others: readonly Position[],
): Promise<ContractOutcomes> {
  const ids = [...new Set(others.filter((one) => isTradedIn(one, quarter.slot)).map(({ sessionId }) => sessionId))];
  const found = await Promise.all(ids.map((id) => loadContract(store, id)));
  const ruled = found.filter((contract) => contract?.accepted.contractDelivery !== undefined);
  const sellers = [...new Set(ruled.flatMap((contract) => contract?.terms.sellerParticipantId ?? []))];
  const rows = await Promise.all(sellers.map((seller) => loadDelivery(store, quarter, seller)));
  const outcomes = ids.flatMap((id) => {
    const outcome = rows.map(({ row }) => outcomeOf(row, id)).find((one) => one !== undefined);
    return outcome === undefined ? [] : [[id, outcome] as const];
  });
  return { outcomes: new Map(outcomes), decided: rows.filter(({ isNew }) => isNew).map(({ row }) => row) };
}

/** Writes how far contracts are delivered. */
export function saveDecided(store: StoreSession, decided: readonly ContractDelivery[]): void {
  for (const row of decided) {
    contractDeliveries.save(store, row, row.participantId, row.slot, row.run, row.sessionId);
  }
}

/** A position with what it came to, where it is of a contract whose terms of partial delivery count. */
export function withOutcome(position: SlotPosition, { outcomes }: ContractOutcomes): SlotPosition {
  const outcome = outcomes.get(position.sessionId);
  return outcome === undefined ? position : { ...position, outcome };
}

/** The contract from which a position comes, or undefined where it comes from a session. */
async function loadContract(store: StoreSession, sessionId: SessionId): Promise<ConcludedContract | undefined> {
  // A contract's positions stand under its own id in the place of a session's.
  const row = await bilateralContracts.load(store, sessionId as string as ContractId);
  return row === undefined ? undefined : concluded(row);
}

async function loadDelivery(
  store: StoreSession,
  quarter: SettledQuarter,
  seller: ParticipantId,
): Promise<{ readonly row: ContractDelivery; readonly isNew: boolean }> {
  const { run, session, slot } = quarter;
  const known = await contractDeliveries.load(store, seller, slot, run, session.sessionId);
  return { row: known ?? (await decide(store, quarter, seller)), isNew: known === undefined };
}

/** Reads only what is fixed once the quarter hour has ended: the seller's positions, its lock, and what its meters have told. */
async function decide(
  store: StoreSession,
  { run, session, slot }: SettledQuarter,
  participantId: ParticipantId,
): Promise<ContractDelivery> {
  const { gridId, intervalSlots, sessionId } = session;
  const interval = (slot - session.firstSlot - ((slot - session.firstSlot) % intervalSlots)) / intervalSlots;
  const [participant, orderSet, dayAhead, others, loaded] = await Promise.all([
    participants.load(store, participantId),
    orderSets.load(store, sessionId, participantId),
    positions.load(store, participantId, intervalFirstSlot(session, interval), sessionId),
    loadOtherPositions(store, gridId, { first: participantId, last: participantId }, slot, slot),
    loadMeters(store, participantId, slot, slot),
  ]);
  const all = [...(dayAhead === undefined ? [] : [dayAhead]), ...others].filter((one) => isTradedIn(one, slot));
  const known = await Promise.all(all.map(async (position) => [position, await loadSource(store, position)] as const));
  return decideDelivery(
    sellerQuarter({
      session,
      run,
      slot,
      participant: present(participant, 'A party of a contract is registered.'),
      reserveMicro: present(orderSet, 'A party of a contract has placed orders.').reserveMicroPerSlot,
      meters: meterInputsOf(loaded, slot),
      positions: known,
    }),
  );
}

async function loadSource(store: StoreSession, { sessionId }: Position): Promise<PositionSource> {
  const contract = await loadContract(store, sessionId);
  if (contract !== undefined) {
    return { contract };
  }
  return present(await sessions.load(store, sessionId), 'A position comes from a session or a contract.');
}
