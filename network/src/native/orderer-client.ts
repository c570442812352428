import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeAddress, nodeFullName, ordererFolders } from '@flexledger/topology';
import { Client, credentials } from '@grpc/grpc-js';
import { common, orderer } from '@hyperledger/fabric-protos';
import { messageOf } from '../network-error';
import type { OrdererReference } from './orderer-admin';

const BROADCAST_TIMEOUT_MS = 10_000;

/** What an orderer said of an envelope. */
export type BroadcastAnswer =
  /** It took the envelope; whether the envelope is ordered is not known yet. */
  | { readonly kind: 'taken' }
  /** It cannot take any now, or did not answer: it may or may not have taken this one. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** It refuses this envelope. */
  | { readonly kind: 'refused'; readonly reason: string };

/** Sends one envelope to an orderer's Broadcast service and tells its answer. */
export async function broadcast(reference: OrdererReference, envelope: common.Envelope): Promise<BroadcastAnswer> {
  const { cryptoDirectory, organization, node } = reference;
  const authority = readFileSync(join(ordererFolders(cryptoDirectory, organization, node).tls, 'ca.crt'));
  const client = new Client(nodeAddress(node), credentials.createSsl(authority), {
    'grpc.ssl_target_name_override': nodeFullName(organization, node),
  });
  try {
    return readAnswer(await exchange(client, envelope));
  } catch (error) {
    return { kind: 'unavailable', reason: messageOf(error) };
  } finally {
    client.close();
  }
}

async function exchange(client: Client, envelope: common.Envelope): Promise<orderer.BroadcastResponse> {
  return new Promise((resolve, reject) => {
    const stream = client.makeBidiStreamRequest(
      '/orderer.AtomicBroadcast/Broadcast',
      (message: common.Envelope) => Buffer.from(message.serializeBinary()),
      (bytes: Buffer) => orderer.BroadcastResponse.deserializeBinary(bytes),
      { deadline: Date.now() + BROADCAST_TIMEOUT_MS },
    );
    stream.on('data', (answer: orderer.BroadcastResponse) => resolve(answer));
    stream.on('error', reject);
    stream.on('end', () => reject(new Error('the orderer ended the stream without an answer')));
    stream.write(envelope);
    stream.end();
  });
}

function readAnswer(answer: orderer.BroadcastResponse): BroadcastAnswer {
  const status = answer.getStatus();
  if (status === common.Status.SUCCESS) {
    return { kind: 'taken' };
  }
  const isBusy = status === common.Status.SERVICE_UNAVAILABLE || status === common.Status.INTERNAL_SERVER_ERROR;
  return { kind: isBusy ? 'unavailable' : 'refused', reason: answer.getInfo() };
}
