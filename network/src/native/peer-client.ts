import { createHash } from 'node:crypto';
import { Client, credentials, type ClientOptions } from '@grpc/grpc-js';
import { connect, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { common, discovery, peer } from '@hyperledger/fabric-protos';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb.js';
import type { IdentityMaterial, PeerEndpoint } from '@flexledger/topology';
import { messageOf, NetworkError } from '../network-error';
import { membershipRequest, readMembership, type ChannelMembership } from './membership';
import { SigningIdentity } from './signing-identity';

/** Anything with a protobuf form. */
interface Message {
  serializeBinary(): Uint8Array;
}

const CLIENT_OPTIONS: ClientOptions = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  'grpc.max_receive_message_length': -1,
};
const STATUS_OK = 200;
const CALL_TIMEOUT_MS = 60_000;

/** An administrator's connection to one peer: proposals to its system chaincodes, and the gateway. */
export class PeerClient {
  public readonly gateway: Gateway;
  public readonly mspId: string;
  readonly #client: Client;
  readonly #identity: SigningIdentity;

  public constructor(endpoint: PeerEndpoint, material: IdentityMaterial) {
    this.#client = new Client(endpoint.address, credentials.createSsl(Buffer.from(endpoint.tlsRootCertificatePem)), {
      ...CLIENT_OPTIONS,
      'grpc.ssl_target_name_override': endpoint.hostOverride,
    });
    this.mspId = material.mspId;
    this.#identity = new SigningIdentity(material);
    this.gateway = connect({
      client: this.#client,
      identity: this.#identity.identity,
      signer: this.#identity.signer,
      hash: hash.sha256,
      evaluateOptions: () => ({ deadline: Date.now() + 20_000 }),
      endorseOptions: () => ({ deadline: Date.now() + 30_000 }),
      submitOptions: () => ({ deadline: Date.now() + 10_000 }),
      commitStatusOptions: () => ({ deadline: Date.now() + 30_000 }),
    });
  }

  /** Resolves when the peer answers on its port. Rejects after the timeout. */
  public async waitUntilReady(timeoutMs: number): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#client.waitForReady(Date.now() + timeoutMs, (error) => (error ? reject(error) : resolve()));
    });
  }

  /**
   * Sends a proposal to a system chaincode of this peer, outside of any channel.
   *
   * @param timeoutMs how long the peer may take.
   * @returns the payload of the answer.
   * @throws NetworkError NETWORK_REFUSED with the peer's own message.
   */
  public async propose(
    chaincodeName: string,
    parameters: readonly Uint8Array[],
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<Uint8Array> {
    const proposal = this.#proposal(chaincodeName, parameters);
    const bytes = proposal.serializeBinary();
    const signed = new peer.SignedProposal();
    signed.setProposalBytes(bytes);
    signed.setSignature(await this.#identity.sign(bytes));
    const response = await this.#call(
      '/protos.Endorser/ProcessProposal',
      signed,
      (data) => peer.ProposalResponse.deserializeBinary(data),
      timeoutMs,
    );
    const result = response.getResponse();
    if (result?.getStatus() !== STATUS_OK) {
      throw new NetworkError(
        'NETWORK_REFUSED',
        `the peer of ${this.mspId} refused ${chaincodeName}: ${result?.getMessage() ?? 'it gave no answer'}`,
      );
    }
    return result.getPayload_asU8();
  }

  /** What this peer knows of the peers of a channel, from its discovery service. */
  public async channelMembership(channelName: string): Promise<ChannelMembership> {
    const payload = membershipRequest(channelName, this.#identity.creator());
    const signed = new discovery.SignedRequest();
    signed.setPayload(payload);
    signed.setSignature(await this.#identity.sign(payload));
    return readMembership(
      await this.#call('/discovery.Discovery/Discover', signed, (data) => discovery.Response.deserializeBinary(data)),
    );
  }

  /** Closes the connection. */
  public close(): void {
    this.gateway.close();
    this.#client.close();
  }

  async #call<T>(path: string, message: Message, decode: (data: Buffer) => T, timeoutMs = CALL_TIMEOUT_MS): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        path,
        (one: Message) => Buffer.from(one.serializeBinary()),
        decode,
        message,
        { deadline: Date.now() + timeoutMs },
        (error, value) => {
          if (error !== null || value === undefined) {
            reject(
              new NetworkError('NETWORK_REFUSED', `the peer of ${this.mspId}: ${messageOf(error)}`, { cause: error }),
            );
          } else {
            resolve(value);
          }
        },
      );
    });
  }

  #proposal(chaincodeName: string, parameters: readonly Uint8Array[]): peer.Proposal {
    const signatureHeader = this.#identity.signatureHeader();
    const chaincodeId = new peer.ChaincodeID();
    chaincodeId.setName(chaincodeName);
    const header = new common.Header();
    header.setChannelHeader(channelHeader(signatureHeader, chaincodeId).serializeBinary());
    header.setSignatureHeader(signatureHeader.serializeBinary());
    const proposal = new peer.Proposal();
    proposal.setHeader(header.serializeBinary());
    proposal.setPayload(proposalPayload(chaincodeId, parameters).serializeBinary());
    return proposal;
  }
}

function channelHeader(signatureHeader: common.SignatureHeader, chaincodeId: peer.ChaincodeID): common.ChannelHeader {
  const extension = new peer.ChaincodeHeaderExtension();
  extension.setChaincodeId(chaincodeId);
  const timestamp = new Timestamp();
  timestamp.fromDate(new Date());
  const header = new common.ChannelHeader();
  header.setType(common.HeaderType.ENDORSER_TRANSACTION);
  header.setTxId(transactionId(signatureHeader));
  header.setTimestamp(timestamp);
  header.setExtension$(extension.serializeBinary());
  return header;
}

function transactionId(header: common.SignatureHeader): string {
  return createHash('sha256').update(header.getNonce_asU8()).update(header.getCreator_asU8()).digest('hex');
}

function proposalPayload(
  chaincodeId: peer.ChaincodeID,
  parameters: readonly Uint8Array[],
): peer.ChaincodeProposalPayload {
  const input = new peer.ChaincodeInput();
  input.setArgsList([...parameters]);
  const spec = new peer.ChaincodeSpec();
  spec.setType(peer.ChaincodeSpec.Type.GOLANG);
  spec.setChaincodeId(chaincodeId);
  spec.setInput(input);
  const invocation = new peer.ChaincodeInvocationSpec();
  invocation.setChaincodeSpec(spec);
  const payload = new peer.ChaincodeProposalPayload();
  payload.setInput(invocation.serializeBinary());
  return payload;
}
