import { createPrivateKey, randomBytes, createHash } from 'node:crypto';
import { Client, credentials } from '@grpc/grpc-js';
import { canonicalJson, type JsonObject } from '@flexledger/domain';
import { buildProposal, serializeIdentity } from '@flexledger/fabric-model';
import type { NetworkHandle } from '@flexledger/network';
import { signers } from '@hyperledger/fabric-gateway';
import { peer } from '@hyperledger/fabric-protos';
import type { PartyName } from './party';

/** A signed call that can be put to several peers: their answers must be equal, byte for byte. */
export interface SignedCall {
  readonly transactionId: string;
  readonly message: peer.SignedProposal;
}

/** What one peer answers to a call. */
export interface DirectAnswer {
  readonly status: number;
  readonly message: string;
  readonly payload: string;
  /** Digest of what an endorsement signs: response, events and read-write set. */
  readonly endorsedDigest: string;
}

/** What a call carries beside its request: confidential values, and the time that its transaction claims. */
export interface CallExtras {
  readonly transient?: Readonly<Record<string, Uint8Array>>;
  /** Milliseconds since 1970; now where absent. */
  readonly timeMs?: number;
}

/** Signs a call of a contract function in the name of an identity. */
export async function signCall(
  handle: NetworkHandle,
  who: PartyName,
  functionName: string,
  request: JsonObject,
  { timeMs = Date.now(), transient }: CallExtras = {},
): Promise<SignedCall> {
  const identity = handle.identity(who.organization, who.identity);
  const { bytes, transactionId } = buildProposal({
    channelId: handle.channelName,
    chaincodeName: handle.chaincodeName,
    args: [Buffer.from(functionName), Buffer.from(canonicalJson(request))],
    creator: serializeIdentity(identity.mspId, Buffer.from(identity.certificatePem)),
    nonce: randomBytes(24),
    timestamp: { seconds: Math.floor(timeMs / 1000), nanos: (timeMs % 1000) * 1_000_000 },
    ...(transient === undefined ? {} : { transient }),
  });
  const sign = signers.newPrivateKeySigner(createPrivateKey(identity.privateKeyPem));
  const message = new peer.SignedProposal();
  message.setProposalBytes(bytes);
  message.setSignature(await sign(createHash('sha256').update(bytes).digest()));
  return { transactionId, message };
}

/** Puts a call to exactly this peer, past every gateway: what it answers comes from its own state and chaincode. */
export async function askPeer(
  handle: NetworkHandle,
  organization: string,
  peerIndex: number,
  call: SignedCall,
  deadlineMs: number,
): Promise<DirectAnswer> {
  const endpoint = handle.peerEndpoint(organization, peerIndex);
  const client = new Client(endpoint.address, credentials.createSsl(Buffer.from(endpoint.tlsRootCertificatePem)), {
    ...(endpoint.hostOverride === undefined ? {} : { 'grpc.ssl_target_name_override': endpoint.hostOverride }),
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 500,
  });
  try {
    return await new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        '/protos.Endorser/ProcessProposal',
        (message: peer.SignedProposal) => Buffer.from(message.serializeBinary()),
        (data: Buffer) => answerOf(peer.ProposalResponse.deserializeBinary(data)),
        call.message,
        { deadline: Date.now() + deadlineMs },
        (error, value) => {
          if (error !== null || value === undefined) reject(error ?? new Error('the peer gave no answer'));
          else resolve(value);
        },
      );
    });
  } finally {
    client.close();
  }
}

function answerOf(response: peer.ProposalResponse): DirectAnswer {
  const result = response.getResponse();
  return {
    status: result?.getStatus() ?? 0,
    message: result?.getMessage() ?? '',
    payload: Buffer.from(result?.getPayload_asU8() ?? []).toString('utf8'),
    endorsedDigest: createHash('sha256').update(response.getPayload_asU8()).digest('hex'),
  };
}
