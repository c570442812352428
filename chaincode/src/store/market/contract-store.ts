import {
  contractCodec,
  contractFlowCodec,
  limits,
  partiesOf,
  partyContractCodec,
  present,
  rowCodec,
  type Contract,
  type ContractFlow,
  type ListAnswer,
  type ParticipantId,
  type Slot,
} from '@flexledger/domain';
import { keys, prefixes } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** Contracts between two: a small state machine that only its two parties move, or whoever closes one that has expired. */
export const bilateralContracts = new RowKeeper(rowCodec(contractCodec), keys.contract);
const partyContracts = new RowKeeper(rowCodec(partyContractCodec), keys.partyContract);
const contractFlowRows = new RowKeeper(rowCodec(contractFlowCodec), keys.contractFlow);

/** Writes a new contract and the rows by which its two parties find it. */
export function saveProposed(store: StoreSession, contract: Contract): void {
  const { contractId } = contract;
  bilateralContracts.save(store, contract, contractId);
  for (const participantId of partiesOf(contract)) {
    partyContracts.save(store, { contractId }, participantId, contractId);
  }
}

/** One page of the contracts of a participant; for evaluates. */
export async function pageContracts(
  store: StoreSession,
  participantId: ParticipantId,
  after: string | undefined,
): Promise<ListAnswer<Contract>> {
  const prefix = prefixes.contractsOf(participantId);
  const { bookmark, rows } = await partyContracts.page(store, prefix, limits.listRowsMax, after);
  const contracts = await Promise.all(rows.map(({ contractId }) => bilateralContracts.load(store, contractId)));
  return { rows: contracts.map((contract) => present(contract, 'A listed contract exists.')), bookmark };
}

/**
 * What contracts carry through a grid in some hours. In a submit a contract that is concluded at the same time for one of these hours is a
 * conflict, as it must be: both could not have known of each other.
 */
export async function loadContractFlows(
  store: StoreSession,
  gridId: string,
  hours: readonly Slot[],
): Promise<readonly ContractFlow[]> {
  const rows = await Promise.all(
    hours.map((hour) => contractFlowRows.list(store, prefixes.contractFlows(gridId, hour))),
  );
  return rows.flat();
}

/** One page of what contracts carry through a grid in an hour; for evaluates. */
export function pageContractFlows(
  store: StoreSession,
  gridId: string,
  hour: Slot,
  after: string | undefined,
): Promise<ListAnswer<ContractFlow>> {
  return contractFlowRows.page(store, prefixes.contractFlows(gridId, hour), limits.listRowsMax, after);
}

/** Writes what a contract carries through a grid. */
export function saveContractFlows(store: StoreSession, gridId: string, flows: readonly ContractFlow[]): void {
  for (const flow of flows) {
    contractFlowRows.save(store, flow, gridId, flow.hour, flow.contractId);
  }
}
