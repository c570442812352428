import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client, credentials } from '@grpc/grpc-js';
import { signers } from '@hyperledger/fabric-gateway';
import { common, msp, orderer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { nodeAddress, nodeFullName, ordererFolders, readIdentity, type IdentityMaterial } from '@flexledger/topology';
import { NetworkError } from '../network-error';
import { retryUntil } from '../native/lifecycle';
import type { OrdererReference } from '../native/orderer-admin';

const CALL_TIMEOUT_MS = 5000;

/**
 * Waits until every one of these orderers knows the Raft leader of a channel: an orderer without a leader refuses to
 * deliver (SERVICE_UNAVAILABLE) to who asks for strict answers, and cannot order either.
 */
export async function waitUntilOrdered(
  orderers: readonly OrdererReference[],
  channelName: string,
  deadline: number,
): Promise<void> {
  await Promise.all(
    orderers.map(async (one) => {
      const name = nodeFullName(one.organization, one.node);
      await retryUntil(deadline, `a Raft leader of ${channelName} at ${name}`, async () => {
        const status = await newestBlockStatus(one, channelName);
        if (status !== common.Status.SUCCESS) {
          throw new NetworkError('NETWORK_NOT_READY', `${name} answers with status ${status}.`);
        }
      });
    }),
  );
}

/** Asks an orderer for the newest block; gives the status that ends its answer. */
async function newestBlockStatus(reference: OrdererReference, channelName: string): Promise<number> {
  const { cryptoDirectory, organization, node } = reference;
  const root = readFileSync(join(ordererFolders(cryptoDirectory, organization, node).tls, 'ca.crt'));
  const client = new Client(nodeAddress(node), credentials.createSsl(root), {
    'grpc.ssl_target_name_override': nodeFullName(organization, node),
    'grpc.max_receive_message_length': -1,
  });
  try {
    const request = await seekRequest(channelName, readIdentity(cryptoDirectory, organization, 'Admin'));
    return await new Promise<number>((resolve, reject) => {
      const stream = client.makeBidiStreamRequest(
        '/orderer.AtomicBroadcast/Deliver',
        (envelope: common.Envelope) => Buffer.from(envelope.serializeBinary()),
        (bytes: Buffer) => orderer.DeliverResponse.deserializeBinary(bytes),
        { deadline: Date.now() + CALL_TIMEOUT_MS },
      );
      stream.on('data', (response: orderer.DeliverResponse) => {
        if (!response.hasBlock()) {
          resolve(response.getStatus());
        }
      });
      stream.on('error', reject);
      stream.on('end', () => reject(new Error('the orderer ended its answer without a status')));
      stream.write(request);
      stream.end();
    });
  } finally {
    client.close();
  }
}

async function seekRequest(channelName: string, material: IdentityMaterial): Promise<common.Envelope> {
  const newest = new orderer.SeekPosition();
  newest.setNewest(new orderer.SeekNewest());
  const seek = new orderer.SeekInfo();
  seek.setStart(newest);
  seek.setStop(newest);
  seek.setBehavior(orderer.SeekInfo.SeekBehavior.BLOCK_UNTIL_READY);
  seek.setErrorResponse(orderer.SeekInfo.SeekErrorResponse.STRICT);
  const payload = new common.Payload();
  payload.setHeader(header(channelName, material));
  payload.setData(seek.serializeBinary());
  const bytes = payload.serializeBinary();
  const sign = signers.newPrivateKeySigner(createPrivateKey(material.privateKeyPem));
  const envelope = new common.Envelope();
  envelope.setPayload(bytes);
  envelope.setSignature(await sign(createHash('sha256').update(bytes).digest()));
  return envelope;
}

function header(channelName: string, { mspId, certificatePem }: IdentityMaterial): common.Header {
  const creator = new msp.SerializedIdentity();
  creator.setMspid(mspId);
  creator.setIdBytes(Buffer.from(certificatePem));
  const signatureHeader = new common.SignatureHeader();
  signatureHeader.setCreator(creator.serializeBinary());
  signatureHeader.setNonce(randomBytes(24));
  const timestamp = new Timestamp();
  timestamp.fromDate(new Date());
  const channelHeader = new common.ChannelHeader();
  channelHeader.setType(common.HeaderType.DELIVER_SEEK_INFO);
  channelHeader.setChannelId(channelName);
  channelHeader.setTimestamp(timestamp);
  const result = new common.Header();
  result.setChannelHeader(channelHeader.serializeBinary());
  result.setSignatureHeader(signatureHeader.serializeBinary());
  return result;
}
