import { credentials, type ChannelCredentials } from '@grpc/grpc-js';
import { peer } from '@hyperledger/fabric-protos';
import { messageOf } from '../errors';
import type { Log } from '../logger';
import {
  ChaincodeConnection,
  type ChaincodeResult,
  type ChaincodeStream,
  type ConnectionListener,
  type ExecuteRequest,
} from './connection';
import type { ChaincodeLimits } from './state-requests';

/** How long a call waits for chaincode that is starting or being restarted, as a peer does on first use. */
const launchTimeoutMs = 15_000;

/** Pause between two attempts to dial a chaincode server. */
const dialPauseMs = 150;

/** TLS files with which the peer calls a chaincode server. */
export interface DialTls {
  readonly rootCertificate: Buffer;
  readonly clientKey: Buffer;
  readonly clientCertificate: Buffer;
  readonly serverName: string;
}

/** Where an organisation's chaincode server listens; undefined for chaincode that dials the peer by itself. */
export interface DialTarget {
  readonly address: string;
  readonly tls: DialTls | undefined;
}

/** One organisation's connection to one chaincode, whichever side dials; it is dialled again whenever it ends. */
export class ChaincodeService implements ConnectionListener {
  private connection: ChaincodeConnection | undefined;
  private client: peer.ChaincodeClient | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private lastFailure = 'it has not connected yet';
  private readonly waiting = new Set<() => void>();

  constructor(
    readonly chaincodeName: string,
    readonly chaincodeId: string,
    private readonly target: DialTarget | undefined,
    private readonly limits: ChaincodeLimits,
    private readonly log: Log,
  ) {}

  /** Whether calls can be made now. */
  get isReady(): boolean {
    return this.connection?.isReady === true;
  }

  /** Begins to dial, if the chaincode is a server. */
  start(): void {
    if (this.target !== undefined) this.dial(this.target);
  }

  /** Runs a transaction, waiting for a connection if need be; rejects with Fabric's text. */
  async execute(request: ExecuteRequest): Promise<ChaincodeResult> {
    await this.ready(launchTimeoutMs);
    if (this.connection === undefined) {
      throw new Error(`could not launch chaincode ${this.chaincodeId}: connection to it failed: ${this.lastFailure}`);
    }
    return this.connection.execute(request);
  }

  /** Resolves when the chaincode is connected, or after the time with false. */
  async ready(timeoutMs: number): Promise<boolean> {
    if (this.isReady || this.isStopped) return this.isReady;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.waiting.add(done);
    });
    return this.isReady;
  }

  /** Takes over the stream of chaincode that dialled the peer. */
  accept(stream: ChaincodeStream): ChaincodeConnection {
    return new ChaincodeConnection(stream, this.limits, this);
  }

  registered(connection: ChaincodeConnection, chaincodeId: string): void {
    if (this.target === undefined && chaincodeId !== this.chaincodeId) {
      throw new Error(`chaincode registered as ${chaincodeId}, expected ${this.chaincodeId}`);
    }
    if (this.connection !== undefined) throw new Error(`duplicate chaincodeID: ${chaincodeId}`);
    this.connection = connection;
    for (const resume of [...this.waiting]) resume();
  }

  closed(connection: ChaincodeConnection, reason: string): void {
    this.lastFailure = reason;
    const wasReady = this.connection === connection;
    if (wasReady) this.connection = undefined;
    if (this.isStopped || this.target === undefined) return;
    if (wasReady) this.log('warning', this.chaincodeName, `connection to ${this.target.address} ended: ${reason}`);
    this.client?.close();
    this.timer = setTimeout(() => {
      if (this.target !== undefined) this.dial(this.target);
    }, dialPauseMs);
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.connection?.close('the embedded network stops');
    this.client?.close();
    for (const resume of [...this.waiting]) resume();
  }

  private dial({ address, tls }: DialTarget): void {
    if (this.isStopped) return;
    try {
      const options = {
        'grpc.max_receive_message_length': -1,
        'grpc.max_send_message_length': -1,
        ...(tls === undefined ? {} : { 'grpc.ssl_target_name_override': tls.serverName }),
      };
      this.client = new peer.ChaincodeClient(address, dialCredentials(tls), options);
      this.accept(this.client.connect());
    } catch (error) {
      this.lastFailure = messageOf(error);
    }
  }
}

function dialCredentials(tls: DialTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  return credentials.createSsl(tls.rootCertificate, tls.clientKey, tls.clientCertificate);
}
