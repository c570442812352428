import {
  demand,
  lockServiceFund,
  organisationBuyer,
  participantBuyer,
  present,
  receive,
  spend,
  unlockServiceFund,
  type Buyer,
  type ParticipantId,
  type ServiceBuyer,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { loadLimit, saveLimit } from '../../store/accounts/account-store';
import { loadServiceFund, saveServiceFund } from '../../store/vpp/service-store';

/** What a buyer's request carries: signed where a participant buys, as it is where an organisation does. */
export interface BuyerRequest {
  readonly participantId?: ParticipantId;
  readonly expirySlot?: Slot;
  readonly signature?: string;
}

/** Who buys, and as what. */
export interface KnownBuyer {
  readonly buyer: Buyer;
  readonly kind: ServiceBuyer | undefined;
}

/**
 * Who sends a buyer's request: the participant that it names and who has signed it, else the organisation of the caller, which has to be a
 * system operator (VPP_BUYER_REFUSED). Refuses a participant without a valid signature (SIGNATURE_INVALID).
 */
export async function buyerOf(context: GridContext, transaction: string, asked: BuyerRequest): Promise<KnownBuyer> {
  const { caller } = context;
  const { expirySlot, participantId, signature } = asked;
  if (participantId === undefined) {
    const kind = organisationBuyer(caller.role);
    demand(kind !== undefined, 'VPP_BUYER_REFUSED', { mspId: caller.mspId });
    return { buyer: { mspId: caller.mspId }, kind };
  }
  const isSigned = signature !== undefined && expirySlot !== undefined;
  demand(isSigned, 'SIGNATURE_INVALID', { participantId });
  const signed = { participantId, signature, expirySlot };
  const participant = await signingParticipant(context, 'vpp', transaction, signed);
  return { buyer: { participantId }, kind: participantBuyer(participant) };
}

/**
 * Sets aside what an accepted offer may cost its buyer: out of the fund of an organisation (VPP_FUND_TOO_SMALL), or out of what a participant
 * can dispose of (ACCOUNTS_BALANCE_TOO_LOW).
 */
export async function lockPayment({ session: store }: GridContext, buyer: Buyer, amountMicro: bigint): Promise<void> {
  if (buyer.participantId !== undefined) {
    saveLimit(store, spend(await loadLimit(store, buyer.participantId), amountMicro));
    return;
  }
  saveServiceFund(store, lockServiceFund(await loadServiceFund(store, mspOf(buyer)), amountMicro));
}

/**
 * Ends what was set aside for an offer: `paidMicro` of it has been paid by a posting set, the rest can be spent again. A participant's payment
 * is out of its account already; what is given back here is only what was set aside above it.
 */
export async function unlockPayment(
  { session: store }: GridContext,
  buyer: Buyer,
  amountMicro: bigint,
  paidMicro: bigint,
): Promise<void> {
  if (buyer.participantId !== undefined) {
    if (amountMicro === paidMicro) {
      // Its limit stays as it is, so that no command of its own is disturbed.
      return;
    }
    saveLimit(store, receive(await loadLimit(store, buyer.participantId), amountMicro - paidMicro));
    return;
  }
  saveServiceFund(store, unlockServiceFund(await loadServiceFund(store, mspOf(buyer)), amountMicro, paidMicro));
}

function mspOf({ mspId }: Buyer): string {
  return present(mspId, 'A buyer is an organisation or a participant.');
}
