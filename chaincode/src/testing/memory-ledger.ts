import {
  canonicalBytes,
  canonicalJson,
  isJsonObject,
  parseJson,
  parseJsonBytes,
  toBase64Url,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import type { Certificate } from '../access';
import { checkCall } from '../service/call-guard';
import { GridContext } from '../grid-context';
import { contracts } from '../contracts';
import { MemoryStub, type MemoryRead, type MemoryState, type MemoryWrite } from './memory-stub';

/** Who calls: an organisation and the role in its certificate. */
export interface MemoryCaller {
  readonly mspId: string;
  readonly role?: string;
}

/** What a call may carry beside its request. */
export interface CallOptions {
  readonly transient?: Readonly<Record<string, JsonValue | Uint8Array>>;
  /** The transaction's own time; far in the future where a test does not care. */
  readonly transactionSeconds?: number;
  /** The collections of the endorsing peer; all where a test does not care. */
  readonly collections?: readonly string[];
}

/** What a call came to. */
export interface CallOutcome {
  readonly response: JsonObject;
  readonly writes: readonly MemoryWrite[];
  readonly reads: readonly MemoryRead[];
  readonly purges: readonly Pick<MemoryWrite, 'place' | 'key'>[];
  readonly event: JsonObject | undefined;
}

/** A submitted call as it can be repeated elsewhere; confidential values as base64. */
export interface RecordedCall {
  readonly caller: MemoryCaller;
  readonly functionName: string;
  readonly request: JsonObject;
  readonly transient: Readonly<Record<string, string>>;
  readonly transactionSeconds: number;
}

/** A row that a transaction has written on the channel. */
export interface CommittedRow {
  readonly key: string;
  readonly value: Uint8Array;
}

const lateSeconds = 4_000_000_000;

/** Stands in the log in place of a transaction where a row was planted. */
export const plantedRow = 'planted';

/**
 * A ledger for tests of contracts: one process, one transaction after the other, the real contracts. A refused call changes
 * nothing. It has no endorsement, no blocks, and conflicts only where a test holds an envelope back; the devnet and the simulator
 * have all of it.
 */
export class MemoryLedger {
  private readonly state: MemoryState = new Map();
  private readonly contracts = contracts.map((Contract) => new Contract());
  private readonly accepted: RecordedCall[] = [];
  private readonly committed: CommittedRow[][] = [];
  private transactions = 0;

  public constructor(private readonly channel = 'community') {}

  /** Calls a transaction and commits what it writes. Throws what the contract throws, with the state untouched. */
  public async submit(
    caller: MemoryCaller,
    functionName: string,
    request: JsonValue,
    options: CallOptions = {},
  ): Promise<CallOutcome> {
    const outcome = await this.call(caller, [functionName, canonicalJson(request)], options);
    this.commit(outcome);
    this.accepted.push(recorded(caller, functionName, request, options));
    return outcome;
  }

  /**
   * Orders an envelope that `call` has endorsed earlier, which somebody has held back since. As on a real ledger it is invalid and has no
   * effect where a row that it has read by its key is another one by now.
   */
  public order(held: CallOutcome): 'VALID' | 'MVCC_READ_CONFLICT' {
    const isFresh = held.reads.every(({ place, key, value }) => {
      return Buffer.compare(this.state.get(place)?.get(key) ?? new Uint8Array(), value) === 0;
    });
    if (!isFresh) {
      return 'MVCC_READ_CONFLICT';
    }
    this.commit(held);
    return 'VALID';
  }

  private commit(outcome: Pick<CallOutcome, 'writes' | 'purges'>): void {
    const rows = outcome.writes.filter(({ place }) => place === '').map(({ key, value }) => ({ key, value }));
    this.committed.push(rows);
    for (const { place, key, value } of outcome.writes) {
      const rows = this.state.get(place) ?? new Map<string, Uint8Array>();
      rows.set(key, value);
      this.state.set(place, rows);
    }
    for (const { place, key } of outcome.purges) {
      this.state.get(place)?.delete(key);
    }
  }

  /** Puts a row under a key, for what comes from elsewhere and the test does not play. */
  public plant(key: string, row: JsonObject): void {
    this.commit({ writes: [{ place: '', key, value: canonicalBytes(row) }], purges: [] });
    this.accepted.push(recorded({ mspId: '' }, plantedRow, { key, row }, {}));
  }

  /** What every transaction has written on the channel, in order: what an auditor finds in the blocks. */
  public get history(): readonly (readonly CommittedRow[])[] {
    return this.committed;
  }

  /** Every call that was committed, in order. */
  public get log(): readonly RecordedCall[] {
    return this.accepted;
  }

  /** Calls a transaction and throws its writes away. */
  public async evaluate(
    caller: MemoryCaller,
    functionName: string,
    request: JsonValue,
    options: CallOptions = {},
  ): Promise<JsonObject> {
    return (await this.call(caller, [functionName, canonicalJson(request)], options)).response;
  }

  /** Calls with raw arguments, as a careless or hostile client would, and throws the writes away. */
  public async call(
    caller: MemoryCaller,
    rawArguments: readonly (string | Uint8Array)[],
    options: CallOptions = {},
  ): Promise<CallOutcome> {
    const { contract, transaction, request } = checkCall(rawArguments.map((argument) => Buffer.from(argument)));
    this.transactions += 1;
    const stub = new MemoryStub(this.state, {
      channel: this.channel,
      transactionId: `transaction-${this.transactions}`,
      functionName: `${contract}:${transaction}`,
      request,
      transient: transientOf(options),
      transactionSeconds: options.transactionSeconds ?? lateSeconds,
      collections: options.collections ?? ['profiles', 'orders'],
    });
    const text = await this.run(contract, transaction, contextOf(stub, caller), request);
    const response = parseJson(text);
    if (!isJsonObject(response)) {
      throw new Error(`${transaction} did not answer an object`);
    }
    return { response, writes: stub.writes, reads: stub.reads, purges: stub.purged, event: eventOf(stub) };
  }

  /** The whole state as text, to compare before and after. */
  public snapshot(): string {
    const rows = [...this.state].flatMap(([place, entries]) =>
      [...entries].map(([key, value]) => `${place} ${key} ${Buffer.from(value).toString('base64')}`),
    );
    return rows.sort().join('\n');
  }

  /** The rows under an object type on the channel or in a collection, decoded from JSON, by key; packed ones as base64url. */
  public rows(objectType: string, place = ''): ReadonlyMap<string, JsonValue> {
    const entries = [...(this.state.get(place) ?? new Map<string, Uint8Array>())];
    const found = entries.filter(
      ([key]) => key.startsWith(`\u0000${objectType}\u0000`) || key.startsWith(`${objectType}/`),
    );
    return new Map(found.map(([key, value]) => [key, value[0] === 0x7b ? parseJsonBytes(value) : toBase64Url(value)]));
  }

  private run(contract: string, transaction: string, context: GridContext, request: string): Promise<string> {
    const instance = this.contracts.find((candidate) => candidate.getName() === contract);
    const method: unknown = instance === undefined ? undefined : Reflect.get(instance, transaction);
    if (typeof method !== 'function') {
      throw new Error(`the contract ${contract} has no method ${transaction}`);
    }
    return Promise.resolve(Reflect.apply(method, instance, [context, request]) as Promise<string>);
  }
}

function contextOf(stub: MemoryStub, caller: MemoryCaller): GridContext {
  const context = new GridContext();
  const certificate: Certificate = {
    getMSPID: () => caller.mspId,
    getAttributeValue: (name) => (name === 'role' ? (caller.role ?? null) : null),
  };
  // The stub has every method that the contracts use; the shim's type has many more.
  context.stub = stub as unknown as GridContext['stub'];
  const logger = { error: () => undefined };
  context.logging = { setLevel: () => undefined, getLogger: () => logger } as unknown as GridContext['logging'];
  context.clientIdentity = certificate as GridContext['clientIdentity'];
  return context;
}

function transientOf(options: CallOptions): ReadonlyMap<string, Uint8Array> {
  const entries = Object.entries(options.transient ?? {});
  return new Map(entries.map(([key, value]) => [key, value instanceof Uint8Array ? value : canonicalBytes(value)]));
}

function recorded(caller: MemoryCaller, functionName: string, request: JsonValue, options: CallOptions): RecordedCall {
  const transient = [...transientOf(options)].map(([key, value]) => [key, Buffer.from(value).toString('base64')]);
  return {
    caller,
    functionName,
    request: isJsonObject(request) ? request : {},
    transient: Object.fromEntries(transient) as Record<string, string>,
    transactionSeconds: options.transactionSeconds ?? lateSeconds,
  };
}

function eventOf(stub: MemoryStub): JsonObject | undefined {
  const event = stub.event === undefined ? null : parseJsonBytes(stub.event.payload);
  return isJsonObject(event) ? event : undefined;
}
