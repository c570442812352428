/** Who acts on the recorded network, and how an envelope of any form is sent. */
import { gateway as gatewayMessages, common } from '@hyperledger/fabric-protos';
import { commitStatus, type Party } from '../conformance/support/party';
import type { Signatory } from './forge';

/** Who acts. */
export interface Cast {
  readonly one: Party;
  readonly two: Party;
  readonly three: Party;
  /** The user of organisation One, and the peers' own identities. */
  readonly client: Signatory;
  readonly peers: readonly [Signatory, Signatory, Signatory];
  /** The administrators of all organisations. */
  readonly admins: readonly [Party, Party, Party];
  readonly adminKeys: readonly [Signatory, Signatory, Signatory];
  /** A user of organisation Two whose certificate the organisation revokes in the course of the recording. */
  readonly leaver: Signatory;
  /** Revokes it; gives the revocation list of organisation Two. */
  readonly revokeLeaver: () => Promise<Uint8Array>;
  readonly channelId: string;
}

/** One client of each organisation. */
export function everyone({ one, two, three }: Cast): Party[] {
  return [one, two, three];
}

/** Sends raw envelope bytes and waits for their outcome when they have a transaction id that a peer can know. */
export async function sendRaw(cast: Cast, envelope: Uint8Array, transactionId: string, awaited = true): Promise<void> {
  const request = new gatewayMessages.SubmitRequest();
  request.setTransactionId(transactionId);
  request.setChannelId(cast.channelId);
  request.setPreparedTransaction(common.Envelope.deserializeBinary(envelope));
  await new Promise<void>((resolve, reject) => {
    cast.one.client.makeUnaryRequest(
      '/gateway.Gateway/Submit',
      (message: gatewayMessages.SubmitRequest) => Buffer.from(message.serializeBinary()),
      (bytes: Buffer) => gatewayMessages.SubmitResponse.deserializeBinary(bytes),
      request,
      (error) => {
        if (error) {
          reject(error);
        } else {
          resolve();
        }
      },
    );
  });
  if (awaited) {
    await commitStatus(cast.one, transactionId);
  }
}
