import type { common } from '@hyperledger/fabric-protos';
import { GatewayFailure, GrpcCode } from './gateway-failure';
import type {
  ClosableStream,
  CommitObserver,
  CommitStatus,
  ContractCall,
  ContractEvent,
  EndorsedTransaction,
  GatewayPort,
} from './gateway-port';

/**
 * The peers of one organisation as one gateway. The peer in use is left for the next one when it does not answer; the
 * call that found out fails, and whoever repeats it comes to the next peer. Nothing is sent twice here.
 */
export class FailoverPort implements GatewayPort {
  readonly mspId: string;
  readonly channel: string;
  readonly chaincode: string;
  /** A peer that is not in use: it is asked for the fate of a transaction when the one in use does not know it. */
  readonly other: CommitObserver;
  readonly #ports: readonly GatewayPort[];
  #inUse = 0;

  /** @throws RangeError when there is no port. */
  constructor(ports: readonly GatewayPort[]) {
    const [first] = ports;
    if (first === undefined) {
      throw new RangeError('a gateway needs at least one peer');
    }
    this.mspId = first.mspId;
    this.channel = first.channel;
    this.chaincode = first.chaincode;
    this.#ports = ports;
    this.other = { commitStatus: (transactionId, deadlineMs) => this.#port(1).commitStatus(transactionId, deadlineMs) };
  }

  /** Number of the peer in use, counted from 0. */
  get inUse(): number {
    return this.#inUse;
  }

  async evaluate(call: ContractCall): Promise<Uint8Array> {
    return this.#through((port) => port.evaluate(call));
  }

  async endorse(call: ContractCall, endorsingOrganizations?: readonly string[]): Promise<EndorsedTransaction> {
    return this.#through((port) => port.endorse(call, endorsingOrganizations));
  }

  async submit(transaction: Uint8Array): Promise<void> {
    return this.#through((port) => port.submit(transaction));
  }

  async commitStatus(transactionId: string, deadlineMs?: number): Promise<CommitStatus> {
    return this.#through((port) => port.commitStatus(transactionId, deadlineMs));
  }

  async contractEvents(startBlock: bigint): Promise<ClosableStream<ContractEvent>> {
    return this.#stream((port) => port.contractEvents(startBlock));
  }

  async blocks(startBlock: bigint): Promise<ClosableStream<common.Block>> {
    return this.#stream((port) => port.blocks(startBlock));
  }

  close(): void {
    this.#ports.forEach((port) => {
      port.close();
    });
  }

  /** The port that is `steps` behind the one in use. */
  #port(steps: number): GatewayPort {
    const port = this.#ports[(this.#inUse + steps) % this.#ports.length];
    if (port === undefined) {
      throw new RangeError('a gateway needs at least one peer');
    }
    return port;
  }

  async #through<T>(run: (port: GatewayPort) => Promise<T>): Promise<T> {
    const used = this.#inUse;
    try {
      return await run(this.#port(0));
    } catch (error) {
      this.#leaveWhenLost(used, error);
      throw error;
    }
  }

  async #stream<T>(open: (port: GatewayPort) => Promise<ClosableStream<T>>): Promise<ClosableStream<T>> {
    const used = this.#inUse;
    const stream = await this.#through(open);
    const leave = (error: unknown): void => {
      this.#leaveWhenLost(used, error);
    };
    return {
      close: () => {
        stream.close();
      },
      async *[Symbol.asyncIterator]() {
        try {
          yield* stream;
        } catch (error) {
          leave(error);
          throw error;
        }
      },
    };
  }

  /** Many calls may fail on one peer at once: only the first of them moves on. */
  #leaveWhenLost(used: number, error: unknown): void {
    if (used === this.#inUse && error instanceof GatewayFailure && isPeerLost(error)) {
      this.#inUse = (used + 1) % this.#ports.length;
    }
  }
}

/** The peer itself does not answer. What it says of others has details; a commit that is awaited says nothing of the peer. */
function isPeerLost({ grpcCode, details, stage }: GatewayFailure): boolean {
  switch (grpcCode) {
    case GrpcCode.UNAVAILABLE:
    case GrpcCode.CANCELLED:
    case GrpcCode.INTERNAL:
      return details.length === 0;
    case GrpcCode.DEADLINE_EXCEEDED:
      return stage === 'evaluate' || stage === 'endorse' || stage === 'submit';
    default:
      return false;
  }
}
