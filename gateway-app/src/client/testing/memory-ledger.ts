import { createHash, randomBytes } from 'node:crypto';
import type { common } from '@hyperledger/fabric-protos';
import { GatewayFailure, GrpcCode, type EndpointDetail, type GatewayStage } from '../gateway-failure';
import type {
  ClosableStream,
  CommitStatus,
  ContractCall,
  ContractEvent,
  EndorsedTransaction,
  GatewayPort,
} from '../gateway-port';

/** What a contract of the memory ledger sees: committed state only, and every read is remembered. */
export interface MemoryState {
  get(key: string): string | undefined;
  put(key: string, value: string): void;
  /** Sets the one event of the transaction. */
  event(name: string, payload: string): void;
}

/** A contract: answers with text, or throws an error whose message is what a real contract would say. */
export type MemoryContract = (state: MemoryState, call: ContractCall) => string;

interface Envelope {
  readonly transactionId: string;
  readonly reads: readonly (readonly [string, number])[];
  readonly writes: readonly (readonly [string, string])[];
  readonly event: readonly [string, string] | null;
  readonly result: string;
}

interface Committed {
  readonly envelope: Envelope;
  readonly status: CommitStatus;
}

/** Thrown by a fault hook: the node was reached or not, and the answer is lost in either case. */
export function failure(
  stage: GatewayStage,
  grpcCode: number,
  summary: string,
  details: readonly EndpointDetail[] = [],
): GatewayFailure {
  return new GatewayFailure({ stage, grpcCode, summary, details });
}

/** Where a test may interfere. A hook that throws makes the step fail there; `after…` means it has happened. */
export interface FaultHooks {
  beforeEndorse?(call: ContractCall, endorsers: readonly string[] | undefined): Promise<void> | void;
  afterEndorse?(transactionId: string): Promise<void> | void;
  beforeSubmit?(transactionId: string): Promise<void> | void;
  afterSubmit?(transactionId: string): Promise<void> | void;
  beforeCommitStatus?(transactionId: string, deadlineMs: number | undefined): Promise<void> | void;
  afterCommitStatus?(transactionId: string): Promise<void> | void;
}

/**
 * A ledger in memory with the rules that decide a client's life: endorsement against committed state, ordering of
 * signed bytes, one block per transaction, stale reads and repeated transaction ids invalid.
 */
export class MemoryLedger {
  readonly #contract: MemoryContract;
  readonly #state = new Map<string, { readonly value: string; readonly version: number }>();
  readonly #blocks: Committed[] = [];
  readonly #fates = new Map<string, CommitStatus>();
  readonly #waiting = new Set<() => void>();

  constructor(contract: MemoryContract) {
    this.#contract = contract;
  }

  /** Committed value of a key. */
  value(key: string): string | undefined {
    return this.#state.get(key)?.value;
  }

  /** Validation codes of all transactions, in order. */
  codes(): readonly number[] {
    return this.#blocks.map(({ status }) => status.code);
  }

  endorse(call: ContractCall): Envelope {
    const reads = new Map<string, number>();
    const writes = new Map<string, string>();
    let event: readonly [string, string] | null = null;
    const result = this.#contract(
      {
        get: (key) => {
          const row = this.#state.get(key);
          reads.set(key, row?.version ?? -1);
          return row?.value;
        },
        put: (key, value) => writes.set(key, value),
        event: (name, payload) => {
          event = [name, payload];
        },
      },
      call,
    );
    const transactionId = createHash('sha256').update(randomBytes(24)).digest('hex');
    return { transactionId, reads: [...reads], writes: [...writes], event, result };
  }

  /** Orders a transaction: a block of its own, validated at once. */
  order(bytes: Uint8Array): void {
    const envelope = JSON.parse(Buffer.from(bytes).toString('utf8')) as Envelope;
    const blockNumber = this.#blocks.length;
    const status = { code: this.#validate(envelope), blockNumber: BigInt(blockNumber) };
    this.#blocks.push({ envelope, status });
    if (!this.#fates.has(envelope.transactionId)) {
      this.#fates.set(envelope.transactionId, status);
    }
    if (status.code === 0) {
      envelope.writes.forEach(([key, value]) => this.#state.set(key, { value, version: blockNumber }));
    }
    [...this.#waiting].forEach((wake) => wake());
  }

  /** Waits for the fate of a transaction, as Fabric does: an unknown id blocks until the deadline. */
  async fate(transactionId: string, deadlineMs: number): Promise<CommitStatus> {
    const end = Date.now() + deadlineMs;
    for (;;) {
      const status = this.#fates.get(transactionId);
      if (status !== undefined) {
        return status;
      }
      const leftMs = end - Date.now();
      if (leftMs <= 0) {
        throw failure('commitStatus', GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded');
      }
      await this.#nextBlock(leftMs);
    }
  }

  /** Events of valid transactions from a block on, without end until the stream is closed. */
  events(startBlock: bigint): ClosableStream<ContractEvent> {
    let closed = false;
    return {
      close: () => {
        closed = true;
        [...this.#waiting].forEach((wake) => wake());
      },
      [Symbol.asyncIterator]: () => this.#eventsFrom(Number(startBlock), () => closed),
    };
  }

  async *#eventsFrom(startBlock: number, isClosed: () => boolean): AsyncGenerator<ContractEvent, void, void> {
    for (let index = startBlock; !isClosed();) {
      const block = this.#blocks[index];
      if (block === undefined) {
        await this.#nextBlock(1_000);
        continue;
      }
      index += 1;
      if (block.status.code === 0 && block.envelope.event !== null) {
        const [eventName, payload] = block.envelope.event;
        const { transactionId } = block.envelope;
        yield { blockNumber: block.status.blockNumber, transactionId, eventName, payload: Buffer.from(payload) };
      }
    }
  }

  #validate({ transactionId, reads }: Envelope): number {
    if (this.#fates.has(transactionId)) {
      return 9;
    }
    return reads.every(([key, version]) => (this.#state.get(key)?.version ?? -1) === version) ? 0 : 11;
  }

  #nextBlock(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, withinMs);
      this.#waiting.add(wake);
    });
  }
}

/** A gateway port on a memory ledger, with the places where a test may interfere. */
export class MemoryGateway implements GatewayPort {
  readonly mspId: string;
  readonly channel = 'energy';
  readonly chaincode = 'flexledger';
  readonly faults: FaultHooks = {};
  readonly #ledger: MemoryLedger;
  readonly #defaultDeadlineMs: number;

  constructor(ledger: MemoryLedger, mspId = 'MarketMSP', defaultDeadlineMs = 200) {
    this.#ledger = ledger;
    this.mspId = mspId;
    this.#defaultDeadlineMs = defaultDeadlineMs;
  }

  evaluate(call: ContractCall): Promise<Uint8Array> {
    try {
      return Promise.resolve(Buffer.from(this.#ledger.endorse(call).result));
    } catch (error) {
      return Promise.reject(refusal('evaluate', GrpcCode.UNKNOWN, this.mspId, error));
    }
  }

  async endorse(call: ContractCall, endorsers?: readonly string[]): Promise<EndorsedTransaction> {
    await this.faults.beforeEndorse?.(call, endorsers);
    let envelope: Envelope;
    try {
      envelope = this.#ledger.endorse(call);
    } catch (error) {
      throw refusal('endorse', GrpcCode.ABORTED, this.mspId, error);
    }
    await this.faults.afterEndorse?.(envelope.transactionId);
    const bytes = Buffer.from(JSON.stringify(envelope));
    return { transactionId: envelope.transactionId, bytes, result: Buffer.from(envelope.result) };
  }

  async submit(bytes: Uint8Array): Promise<void> {
    const { transactionId } = JSON.parse(Buffer.from(bytes).toString('utf8')) as Envelope;
    await this.faults.beforeSubmit?.(transactionId);
    this.#ledger.order(bytes);
    await this.faults.afterSubmit?.(transactionId);
  }

  async commitStatus(transactionId: string, deadlineMs?: number): Promise<CommitStatus> {
    await this.faults.beforeCommitStatus?.(transactionId, deadlineMs);
    const status = await this.#ledger.fate(transactionId, deadlineMs ?? this.#defaultDeadlineMs);
    await this.faults.afterCommitStatus?.(transactionId);
    return status;
  }

  contractEvents(startBlock: bigint): Promise<ClosableStream<ContractEvent>> {
    return Promise.resolve(this.#ledger.events(startBlock));
  }

  blocks(): Promise<ClosableStream<common.Block>> {
    return Promise.reject(failure('blocks', 12, 'the memory ledger has no Fabric blocks'));
  }

  close(): void {
    // Nothing is held open.
  }
}

function refusal(stage: GatewayStage, grpcCode: number, mspId: string, error: unknown): GatewayFailure {
  const message = `chaincode response 500, ${error instanceof Error ? error.message : String(error)}`;
  const summary =
    stage === 'evaluate'
      ? `evaluate call to endorser returned error: ${message}`
      : 'failed to endorse transaction, see attached details for more info';
  return failure(stage, grpcCode, summary, [{ address: 'peer0:7051', mspId, message }]);
}

/**
 * A contract that counts: `counter:add {commandId, key}` adds one under a key, once per command id, as the real
 * contracts do with their command rows. `counter:refuse` refuses by a rule.
 */
export function countingContract(state: MemoryState, { transaction, argument }: ContractCall): string {
  const { commandId, key } = JSON.parse(argument) as { readonly commandId: string; readonly key: string };
  if (transaction === 'counter:refuse') {
    throw new Error('COMMAND_REUSED: The command id was used before with another content. {"commandId":"x"}');
  }
  const done = state.get(`command/${commandId}`);
  if (done !== undefined) {
    return done;
  }
  const count = Number(state.get(key) ?? '0') + 1;
  const result = JSON.stringify({ count });
  state.put(key, String(count));
  state.put(`command/${commandId}`, result);
  const facts = [{ type: 'Counted', key, count }];
  state.event(
    'facts.v1',
    JSON.stringify({ v: 1, contract: 'counter', transaction: 'add', commandId, ruleSet: 1, facts }),
  );
  return result;
}
