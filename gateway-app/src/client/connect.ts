import { createPrivateKey } from 'node:crypto';
import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { connect, GatewayError, hash, type Gateway } from '@hyperledger/fabric-gateway';
import { common, gateway as messages, msp } from '@hyperledger/fabric-protos';
import { DEFAULT_DEADLINES, type Deadlines } from './deadlines';
import { GatewayFailure, GrpcCode, type GatewayStage } from './gateway-failure';
import type {
  ClosableStream,
  CommitStatus,
  ContractCall,
  ContractEvent,
  EndorsedTransaction,
  GatewayPort,
  HeightReader,
} from './gateway-port';
import { signDer } from './p256';

/** Where a peer listens and how it is recognised. */
export interface PeerEndpoint {
  /** host:port */
  readonly address: string;
  /** Root certificate of the peer's TLS chain, PEM. */
  readonly tlsRootCertificatePem: string;
  /** Name in the peer's TLS certificate, when the address is another one. */
  readonly hostOverride?: string;
}

/** A Fabric identity with its key, both PEM. */
export interface ClientIdentity {
  readonly mspId: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** Everything one connection needs; nothing is read from the environment. */
export interface ConnectOptions {
  readonly endpoint: PeerEndpoint;
  readonly identity: ClientIdentity;
  readonly channel: string;
  readonly chaincode: string;
  readonly deadlines?: Partial<Deadlines>;
}

/** The peers' own limit; gRPC's default of 4 MiB would fail on larger answers and blocks. */
const MESSAGE_BYTES_MAX = 100 * 1024 * 1024;

/** Peers refuse more frequent keepalives than one a minute. */
const KEEPALIVE_MS = 120_000;

function openChannel(endpoint: PeerEndpoint): Client {
  return new Client(endpoint.address, credentials.createSsl(Buffer.from(endpoint.tlsRootCertificatePem)), {
    ...(endpoint.hostOverride === undefined ? {} : { 'grpc.ssl_target_name_override': endpoint.hostOverride }),
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    // A peer that restarts is back within seconds; gRPC's default would look again only after up to two minutes.
    'grpc.initial_reconnect_backoff_ms': 250,
    'grpc.max_reconnect_backoff_ms': 2_000,
  });
}

/** Opens one connection to a peer's gateway. The connection is made lazily and made again when it breaks. */
export function connectGateway(options: ConnectOptions): GatewayPort & HeightReader {
  return new FabricGatewayPort(options);
}

class FabricGatewayPort implements GatewayPort, HeightReader {
  readonly mspId: string;
  readonly channel: string;
  readonly chaincode: string;
  readonly #client: Client;
  readonly #gateway: Gateway;
  readonly #creator: Uint8Array;
  readonly #sign: (message: Uint8Array) => Uint8Array;
  readonly #deadlines: Deadlines;

  constructor({ endpoint, identity, channel, chaincode, deadlines }: ConnectOptions) {
    const key = createPrivateKey(identity.privateKeyPem);
    const certificate = Buffer.from(identity.certificatePem);
    this.mspId = identity.mspId;
    this.channel = channel;
    this.chaincode = chaincode;
    this.#deadlines = { ...DEFAULT_DEADLINES, ...deadlines };
    this.#sign = (message) => signDer(message, key);
    this.#creator = serializedIdentity(identity.mspId, certificate);
    this.#client = openChannel(endpoint);
    const within = (milliseconds: number) => () => ({ deadline: Date.now() + milliseconds });
    this.#gateway = connect({
      client: this.#client,
      identity: { mspId: identity.mspId, credentials: certificate },
      // Node hashes and signs in one native call, ten times faster than the library's own signer; so no hash before it.
      hash: hash.none,
      signer: (message) => Promise.resolve(this.#sign(message)),
      evaluateOptions: within(this.#deadlines.evaluateMs),
      endorseOptions: within(this.#deadlines.endorseMs),
      submitOptions: within(this.#deadlines.submitMs),
      commitStatusOptions: within(this.#deadlines.commitStatusMs),
    });
  }

  async evaluate(call: ContractCall): Promise<Uint8Array> {
    return guarded('evaluate', this.#deadlines.evaluateMs, () => this.#newProposal(call).evaluate());
  }

  async endorse(call: ContractCall, endorsingOrganizations?: readonly string[]): Promise<EndorsedTransaction> {
    const proposal = this.#newProposal(call, endorsingOrganizations);
    const transactionId = proposal.getTransactionId();
    return guarded(
      'endorse',
      this.#deadlines.endorseMs,
      async () => {
        const endorsed = await proposal.endorse();
        const signed = this.#gateway.newSignedTransaction(endorsed.getBytes(), this.#sign(endorsed.getDigest()));
        return { transactionId, bytes: signed.getBytes(), result: signed.getResult() };
      },
      transactionId,
    );
  }

  async submit(transaction: Uint8Array): Promise<void> {
    const prepared = this.#gateway.newTransaction(transaction);
    const transactionId = prepared.getTransactionId();
    await guarded('submit', this.#deadlines.submitMs, () => prepared.submit(), transactionId);
  }

  async commitStatus(transactionId: string, deadlineMs = this.#deadlines.commitStatusMs): Promise<CommitStatus> {
    const request = new messages.CommitStatusRequest();
    request.setChannelId(this.channel);
    request.setTransactionId(transactionId);
    request.setIdentity(this.#creator);
    const signed = new messages.SignedCommitStatusRequest();
    signed.setRequest(request.serializeBinary());
    const commit = this.#gateway.newCommit(signed.serializeBinary());
    const status = await guarded(
      'commitStatus',
      deadlineMs,
      () => commit.getStatus({ deadline: Date.now() + deadlineMs }),
      transactionId,
    );
    return { code: status.code, blockNumber: status.blockNumber };
  }

  async contractEvents(startBlock: bigint): Promise<ClosableStream<ContractEvent>> {
    const network = this.#gateway.getNetwork(this.channel);
    const stream = await guarded('events', undefined, () => network.getChaincodeEvents(this.chaincode, { startBlock }));
    return guardedStream('events', stream);
  }

  async blocks(startBlock: bigint): ReturnType<GatewayPort['blocks']> {
    const network = this.#gateway.getNetwork(this.channel);
    const stream = await guarded('blocks', undefined, () => network.getBlockEvents({ startBlock }));
    return guardedStream('blocks', stream);
  }

  async height(): Promise<bigint> {
    const contract = this.#gateway.getNetwork(this.channel).getContract('qscc');
    const proposal = contract.newProposal('GetChainInfo', { arguments: [this.channel] });
    const answer = await guarded('evaluate', this.#deadlines.evaluateMs, () => proposal.evaluate());
    return BigInt(common.BlockchainInfo.deserializeBinary(answer).getHeight());
  }

  close(): void {
    this.#gateway.close();
    this.#client.close();
  }

  #newProposal(call: ContractCall, endorsingOrganizations?: readonly string[]) {
    return this.#gateway
      .getNetwork(this.channel)
      .getContract(this.chaincode)
      .newProposal(call.transaction, {
        arguments: [call.argument],
        ...(call.transient === undefined ? {} : { transientData: call.transient }),
        ...(endorsingOrganizations === undefined ? {} : { endorsingOrganizations: [...endorsingOrganizations] }),
      });
  }
}

function serializedIdentity(mspId: string, certificate: Uint8Array): Uint8Array {
  const identity = new msp.SerializedIdentity();
  identity.setMspid(mspId);
  identity.setIdBytes(certificate);
  return identity.serializeBinary();
}

async function guarded<T>(
  stage: GatewayStage,
  deadlineMs: number | undefined,
  run: () => Promise<T>,
  transactionId?: string,
): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw toFailure(stage, error, deadlineMs, transactionId);
  }
}

/** A stream whose end by an error is a GatewayFailure; it holds its connection until it is closed. */
function guardedStream<T>(stage: GatewayStage, stream: ClosableStream<T>): ClosableStream<T> {
  return {
    close: () => {
      stream.close();
    },
    async *[Symbol.asyncIterator]() {
      try {
        yield* stream;
      } catch (error) {
        throw toFailure(stage, error);
      } finally {
        stream.close();
      }
    },
  };
}

function toFailure(stage: GatewayStage, error: unknown, deadlineMs?: number, transactionId?: string): GatewayFailure {
  if (error instanceof GatewayFailure) {
    return error;
  }
  if (error instanceof GatewayError) {
    return new GatewayFailure({
      stage,
      grpcCode: error.code,
      summary: (error.cause as Partial<ServiceError>).details ?? error.message,
      details: error.details,
      transactionId,
      deadlineMs,
      cause: error,
    });
  }
  const summary = error instanceof Error ? error.message : String(error);
  return new GatewayFailure({ stage, grpcCode: GrpcCode.UNKNOWN, summary, transactionId, deadlineMs, cause: error });
}
