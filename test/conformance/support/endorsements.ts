import type { Transaction } from '@hyperledger/fabric-gateway';
import { common, gateway as gatewayMessages, msp, peer } from '@hyperledger/fabric-protos';
import type { Party } from './party';

/** Takes the endorsements of a transaction, and what they sign, and gives those that it shall have instead. */
export type EndorsementChange = (
  endorsements: peer.Endorsement[],
  payload: Uint8Array,
) => peer.Endorsement[] | Promise<peer.Endorsement[]>;

interface Opened {
  readonly endorsements: peer.Endorsement[];
  readonly payload: Uint8Array;
  /** The prepared transaction with other endorsements. */
  close(endorsements: peer.Endorsement[]): gatewayMessages.PreparedTransaction;
}

function open(transaction: Transaction): Opened {
  const prepared = gatewayMessages.PreparedTransaction.deserializeBinary(transaction.getBytes());
  const envelope = prepared.getEnvelope()!;
  const payload = common.Payload.deserializeBinary(envelope.getPayload_asU8());
  const content = peer.Transaction.deserializeBinary(payload.getData_asU8());
  const [action] = content.getActionsList();
  const actionPayload = peer.ChaincodeActionPayload.deserializeBinary(action!.getPayload_asU8());
  const endorsed = actionPayload.getAction()!;
  return {
    endorsements: endorsed.getEndorsementsList(),
    payload: endorsed.getProposalResponsePayload_asU8(),
    close: (endorsements) => {
      endorsed.setEndorsementsList(endorsements);
      action!.setPayload(actionPayload.serializeBinary());
      payload.setData(content.serializeBinary());
      envelope.setPayload(payload.serializeBinary());
      return prepared;
    },
  };
}

/** The MSP ids of the peers that endorsed a transaction, sorted. */
export function endorsersOf(transaction: Transaction): string[] {
  return open(transaction)
    .endorsements.map((one) => msp.SerializedIdentity.deserializeBinary(one.getEndorser_asU8()).getMspid())
    .sort();
}

/** Changes the endorsements of an endorsed transaction, and signs the changed envelope as its creator. */
export async function withEndorsements(
  party: Party,
  transaction: Transaction,
  change: EndorsementChange,
): Promise<Transaction> {
  const opened = open(transaction);
  const prepared = opened.close(await change(opened.endorsements, opened.payload));
  const signature = await party.sign(prepared.getEnvelope()!.getPayload_asU8());
  return party.gateway.newSignedTransaction(prepared.serializeBinary(), signature);
}

/** An endorsement by a client: the signature over the result and the client's own identity. */
export async function endorsementBy(party: Party, payload: Uint8Array): Promise<peer.Endorsement> {
  const endorsement = new peer.Endorsement();
  endorsement.setEndorser(party.creator());
  endorsement.setSignature(await party.sign(Buffer.concat([payload, party.creator()])));
  return endorsement;
}
