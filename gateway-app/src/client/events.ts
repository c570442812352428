import {
  factsEventCodec,
  factsEventName,
  isJsonObject,
  parseJsonBytes,
  type CommandId,
  type Fact,
  type JsonValue,
} from '@flexledger/domain';
import { DEFAULT_RETRY_POLICY, SYSTEM_ENVIRONMENT, type Environment, type RetryPolicy } from './backoff';
import type { CheckpointStore, FactPosition } from './checkpoint';
import { LedgerError } from './errors';
import type { GatewayFailure } from './gateway-failure';
import type { ContractEvent, GatewayPort } from './gateway-port';
import { StreamLoop } from './stream-loop';

/** The facts of one transaction. Block number and transaction id are what a consumer dedupes by. */
export interface FactsEvent {
  readonly blockNumber: bigint;
  readonly transactionId: string;
  readonly contract: string;
  readonly transaction: string;
  readonly commandId: CommandId;
  /** Number of the rule set in force. */
  readonly ruleSet: number;
  readonly facts: readonly Fact[];
}

/** How a feed of facts is made. */
export interface FactFeedOptions {
  readonly port: Pick<GatewayPort, 'contractEvents'>;
  readonly checkpoint: CheckpointStore;
  /** Where to start when there is no checkpoint yet; 0 reads everything. */
  readonly startBlock?: bigint;
  readonly policy?: RetryPolicy;
  readonly environment?: Environment;
  /** Told whenever the stream had to be opened again, with the reason when there was one. */
  readonly onReopen?: (reason: GatewayFailure | undefined) => void;
}

/** What a feed has done so far. */
export interface FeedCounters {
  /** Transactions with facts that were handed to the consumer, repetitions after a restart included. */
  readonly received: number;
  /** Number of the last block that had facts; -1 before the first. */
  readonly lastBlock: bigint;
  readonly reopened: number;
}

/**
 * The facts of the channel in order, from a checkpoint that survives a crash, as an async iterator. An event counts as
 * dealt with when the consumer asks for the next one; after a crash the last one comes again (at least once).
 */
export class FactFeed implements AsyncIterable<FactsEvent> {
  readonly #options: FactFeedOptions;
  readonly #loop: StreamLoop<ContractEvent>;
  #position: FactPosition | undefined;
  /** False while the stream repeats what stands before the position. */
  #passed = true;
  #received = 0;
  #reopened = 0;

  private constructor(options: FactFeedOptions, position: FactPosition | undefined) {
    this.#options = options;
    this.#position = position;
    this.#loop = new StreamLoop({
      open: () => this.#openStream(),
      policy: options.policy ?? DEFAULT_RETRY_POLICY,
      environment: options.environment ?? SYSTEM_ENVIRONMENT,
      onReopen: (reason) => {
        this.#reopened += 1;
        options.onReopen?.(reason);
      },
    });
  }

  /** Reads the checkpoint; the stream itself is opened by the iteration. */
  static async open(options: FactFeedOptions): Promise<FactFeed> {
    return new FactFeed(options, await options.checkpoint.load());
  }

  get counters(): FeedCounters {
    const lastBlock = this.#position?.blockNumber ?? -1n;
    return { received: this.#received, lastBlock, reopened: this.#reopened };
  }

  /** Ends the iteration; safe to call twice. The checkpoint stays open, it belongs to the caller. */
  close(): void {
    this.#loop.close();
  }

  /**
   * @throws LedgerError EVENTS_GAP when the channel does not contain the checkpoint, EVENTS_ORDER when the peer goes
   * back, EVENTS_PAYLOAD when an event is not what the contracts write
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<FactsEvent, void, void> {
    for await (const event of this.#loop) {
      if (!this.#isNew(event)) {
        continue;
      }
      if (event.eventName === factsEventName) {
        this.#received += 1;
        yield readFacts(event);
      }
      this.#position = { blockNumber: event.blockNumber, transactionId: event.transactionId };
      await this.#options.checkpoint.save(this.#position);
    }
  }

  #openStream(): ReturnType<GatewayPort['contractEvents']> {
    this.#passed = this.#position === undefined;
    return this.#options.port.contractEvents(this.#position?.blockNumber ?? this.#options.startBlock ?? 0n);
  }

  /**
   * The stream is opened at the block of the checkpoint, not after its transaction, so that the transaction itself
   * must come first: it proves that this is still the same chain.
   */
  #isNew(event: ContractEvent): boolean {
    const position = this.#position;
    if (position === undefined) {
      return true;
    }
    if (!this.#passed) {
      if (event.blockNumber !== position.blockNumber) {
        throw gap(position, event);
      }
      this.#passed = event.transactionId === position.transactionId;
      return false;
    }
    if (event.blockNumber < position.blockNumber) {
      throw new LedgerError({
        code: 'EVENTS_ORDER',
        message: `an event of block ${event.blockNumber} came after one of block ${position.blockNumber}`,
      });
    }
    return true;
  }
}

function gap(position: FactPosition, event: ContractEvent): LedgerError {
  return new LedgerError({
    code: 'EVENTS_GAP',
    message:
      `the checkpoint is transaction ${position.transactionId} in block ${position.blockNumber}, which this channel ` +
      `does not have: the next event is of block ${event.blockNumber}. Is this the checkpoint of another channel?`,
  });
}

function readFacts(event: ContractEvent): FactsEvent {
  const { blockNumber, transactionId } = event;
  try {
    const { facts, ...envelope } = factsEventCodec.decode(parseJsonBytes(event.payload), '');
    if (!facts.every(isFact)) {
      throw new TypeError('a fact without a type');
    }
    return { ...envelope, facts, blockNumber, transactionId };
  } catch (error) {
    throw badPayload(event, error);
  }
}

/** Types that this build does not know are facts too: a newer contract may tell more. */
function isFact(value: JsonValue): value is Fact {
  return isJsonObject(value) && typeof value.type === 'string';
}

function badPayload({ transactionId, blockNumber }: ContractEvent, cause: unknown): LedgerError {
  return new LedgerError({
    code: 'EVENTS_PAYLOAD',
    message: `the event of transaction ${transactionId} in block ${blockNumber} is no list of facts`,
    transactionId,
    cause,
  });
}
