import {
  addSlots,
  assert,
  disputeCodec,
  disputeMarkerCodec,
  forecastEnd,
  limits,
  postingSetId,
  present,
  rowCodec,
  type Cause,
  type Computation,
  type Dispute,
  type DisputedSet,
  type ListAnswer,
  type ParticipantId,
  type Remuneration,
  type Session,
  type SessionId,
  type Slot,
  type VoltageSupport,
} from '@flexledger/domain';
import { loadPosting } from './account-store';
import { bilateralContracts } from '../market/contract-store';
import { flexSettlements } from '../flexibility/flex-settlement-store';
import { remunerations } from '../vpp/remuneration-store';
import { flexOrders } from '../flexibility/flexibility-store';
import { found } from '../found';
import { keys, prefixes } from '../keys';
import { sessions } from '../market/market-store';
import { computations } from '../oracle/oracle-store';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';
import { voltageSettlements, voltageSupports } from '../flexibility/voltage-store';

/** Disputes: small state machines that their two sides, and the regulator, move. */
export const disputes = new RowKeeper(rowCodec(disputeCodec), keys.dispute);
const disputed = new RowKeeper(rowCodec(disputeMarkerCodec), keys.disputed);
const partyDisputes = new RowKeeper(rowCodec(disputeMarkerCodec), keys.partyDispute);

/** Writes a new dispute and the rows by which its two sides find it, and by which it is not raised twice. */
export function saveRaised(store: StoreSession, dispute: Dispute): void {
  const { about, disputeId, participantId, respondent } = dispute;
  disputes.save(store, dispute, disputeId);
  partyDisputes.save(store, { disputeId }, participantId, disputeId);
  if (respondent.kind === 'participant') {
    partyDisputes.save(store, { disputeId }, respondent.participantId, disputeId);
  }
  for (const cause of about) {
    disputed.save(store, { disputeId }, participantId, cause);
  }
}

/** Whether a participant has disputed a posting set before, unless that dispute has expired without a ruling. */
export async function hasDisputed(store: StoreSession, participantId: ParticipantId, cause: Cause): Promise<boolean> {
  const marker = await disputed.load(store, participantId, cause);
  const dispute = marker === undefined ? undefined : await disputes.load(store, marker.disputeId);
  return dispute !== undefined && dispute.state !== 'EXPIRED';
}

/** One page of all disputes, or of those of a participant; for evaluates. */
export async function pageDisputes(
  store: StoreSession,
  participantId: ParticipantId | undefined,
  after: string | undefined,
): Promise<ListAnswer<Dispute>> {
  if (participantId === undefined) {
    return disputes.page(store, prefixes.disputes(), limits.listRowsMax, after);
  }
  const { bookmark, rows } = await partyDisputes.page(
    store,
    prefixes.disputesOf(participantId),
    limits.listRowsMax,
    after,
  );
  const listed = await Promise.all(rows.map(({ disputeId }) => disputes.load(store, disputeId)));
  return { rows: listed.map((dispute) => present(dispute, 'A listed dispute exists.')), bookmark };
}

/** What the ledger knows of a disputed posting set; refuses with DISPUTE_SUBJECT_UNKNOWN where there is none. */
export async function loadDisputed(store: StoreSession, cause: Cause): Promise<DisputedSet> {
  const postingSet = postingSetId(cause);
  const set = found(await loadPosting(store, cause), 'DISPUTE_SUBJECT_UNKNOWN', { postingSet });
  if (cause.kind === 'voltage') {
    const voltage = await voltageSettlements.load(store, cause.supportId, cause.version);
    assert(voltage !== undefined, 'The settlement of voltage support is posted with its row.');
    return { set, voltage, lastSlot: lastSlotOfSupport(await voltageSupports.load(store, cause.supportId)) };
  }
  if (cause.kind !== 'flexibility') {
    return { set, lastSlot: await lastSlotOf(store, cause) };
  }
  const [order, settlement] = await Promise.all([
    flexOrders.load(store, cause.orderId),
    flexSettlements.load(store, cause.orderId, cause.version),
  ]);
  assert(order !== undefined && settlement !== undefined, 'The settlement of an order is posted with its row.');
  return { set, flexibility: { order, settlement }, lastSlot: order.isps.at(-1)?.slot };
}

/** The last quarter hour that a posting set is about; undefined where it is about none. */
async function lastSlotOf(
  store: StoreSession,
  cause: Exclude<Cause, { readonly kind: 'flexibility' | 'voltage' }>,
): Promise<Slot | undefined> {
  switch (cause.kind) {
    case 'settlement':
      return cause.slot;
    case 'collateral':
    case 'clearing':
    case 'rent':
      return lastSlotOfSession(await sessions.load(store, cause.sessionId), cause.sessionId);
    case 'contract': {
      const { terms } = found(await bilateralContracts.load(store, cause.contractId), 'CONTRACT_UNKNOWN', {});
      return addSlots(terms.firstSlot, terms.intervals * terms.intervalSlots - 1);
    }
    case 'vpp':
      return lastSlotOfRemuneration(await remunerations.load(store, cause.coalitionId, cause.version));
    case 'forecast':
      return lastSlotOfForecast(await computations.load(store, cause.requestId));
    default:
      return undefined;
  }
}

function lastSlotOfForecast(request: Computation | undefined): Slot {
  return addSlots(forecastEnd(present(request, 'A forecast that was paid was asked for.')), -1);
}

function lastSlotOfSession(row: Session | undefined, sessionId: SessionId): Slot {
  const { firstSlot, intervals, intervalSlots } = found(row, 'MARKET_SESSION_UNKNOWN', { sessionId });
  return addSlots(firstSlot, intervals * intervalSlots - 1);
}

function lastSlotOfSupport(row: VoltageSupport | undefined): Slot {
  const { firstSlot, slots } = present(row, 'Support that was settled exists.');
  return addSlots(firstSlot, slots - 1);
}

function lastSlotOfRemuneration(row: Remuneration | undefined): Slot {
  const { firstSlot, slots } = present(row?.slices.at(-1), 'What a coalition was paid is posted with its row.');
  return addSlots(firstSlot, slots - 1);
}
