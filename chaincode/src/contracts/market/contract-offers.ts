import {
  checkTerms,
  checkTermsRules,
  demandAnswerable,
  knownContract,
  type Contract,
  type ContractId,
  type ContractTerms,
  type ParticipantId,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { activeParticipant } from '../../participant-command';
import { hasBegun } from '../../store/clock-store';
import { bilateralContracts } from '../../store/market/contract-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { grids, meters, participantMeters } from '../../store/registry/registry-store';

/** What a side has signed, as it stands in the contract. */
type SignedPart = Pick<Contract['offer'], 'participantId' | 'commandId' | 'expirySlot' | 'signature'>;

/** The part of a request that its participant's signature is checked with. */
export function signedPart({ commandId, expirySlot, participantId, signature }: SignedPart): SignedPart {
  return { participantId, commandId, expirySlot, signature };
}

/** Refuses terms that cannot be kept or that the rule set in force does not allow, and a counterparty that is not active. */
export async function demandTerms(
  context: GridContext,
  terms: ContractTerms,
  participantId: ParticipantId,
  answerBySlot: Slot,
): Promise<void> {
  const { session: store } = context;
  const { buyerParticipantId, gridId, sellerParticipantId } = terms;
  const [sellerBuses, buyerBuses, answerByBegun] = await Promise.all([
    busesOf(context, sellerParticipantId, gridId),
    busesOf(context, buyerParticipantId, gridId),
    hasBegun(store, answerBySlot),
  ]);
  checkTerms(terms, participantId, { sellerBuses, buyerBuses, answerBySlot, answerByBegun });
  checkTermsRules(terms, context.rules.ruleSet);
}

/** The contract of an id while a party may answer it; see `demandAnswerable`. */
export async function answerableContract(
  context: GridContext,
  contractId: ContractId,
  participantId: ParticipantId,
): Promise<Contract> {
  const contract = knownContract(await bilateralContracts.load(context.session, contractId), contractId);
  demandAnswerable(contract, participantId, await hasBegun(context.session, contract.offer.answerBySlot));
  return contract;
}

/** Where a participant can put energy into a grid or take it out: the buses of its meters; a supplier at the grid above as well. */
async function busesOf(context: GridContext, participantId: ParticipantId, gridId: string): Promise<readonly string[]> {
  const { session: store } = context;
  const { kind } = await activeParticipant(context, participantId);
  const grid = found(await grids.load(store, gridId), 'GRID_UNKNOWN', { gridId });
  const owned = await participantMeters.list(store, prefixes.metersOf(participantId));
  const rows = await Promise.all(owned.map(({ meterId }) => meters.load(store, meterId)));
  const buses = rows.flatMap((meter) => (meter?.gridId === gridId ? [meter.bus] : []));
  return kind === 'supplier' ? [grid.transformer.fromBus, ...buses] : buses;
}
