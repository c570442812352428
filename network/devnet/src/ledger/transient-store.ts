import { decodePrivateWriteSet, sha256, type ParsedTransaction } from '@flexledger/fabric-model';
import { recordKey, type RecordChange, type RecordStore } from './record-store';
import type { ChannelKeys } from './records';

/** How many blocks private data of a transaction that never commits is kept; the peer's own figure. */
const retentionBlocks = 20_000;

interface Held {
  readonly sets: Uint8Array[];
  readonly height: number;
}

/**
 * Private data between endorsement and commit. It is on disk before the endorsement is returned, so that an endorsed
 * transaction still commits with its data after a crash.
 */
export class TransientStore {
  private readonly held = new Map<string, Held>();

  constructor(
    private readonly store: RecordStore,
    private readonly keys: ChannelKeys,
  ) {}

  /** Reads what an earlier process left. */
  async load(height: number): Promise<void> {
    for await (const [key, value] of this.store.scan(this.keys.transients)) {
      const transactionId = String((JSON.parse(key) as unknown[])[2]);
      this.add(transactionId, value, height);
    }
  }

  /** Keeps the private writes of one endorsement. */
  async put(transactionId: string, privateWriteSet: Uint8Array, height: number): Promise<void> {
    const index = this.add(transactionId, privateWriteSet, height);
    if (index === undefined) return;
    await this.store.commit([{ key: this.recordKey(transactionId, index), value: privateWriteSet }], false);
  }

  /** The private writes whose hashes stand in the transaction, among those that its endorsers produced. */
  matching(transaction: ParsedTransaction): Uint8Array | undefined {
    const wanted = transaction.readWriteSet.namespaces.flatMap(({ collections }) =>
      collections.flatMap(({ privateSetHash }) => (privateSetHash === undefined ? [] : [hex(privateSetHash)])),
    );
    return this.held.get(transaction.transactionId)?.sets.find((set) => {
      const present = new Set(decodePrivateWriteSet(set).map(({ bytes }) => hex(sha256(bytes))));
      return wanted.every((hash) => present.has(hash));
    });
  }

  /** The changes that forget the transactions of a block, and what has waited too long. */
  forgetting(transactionIds: readonly string[], height: number): readonly RecordChange[] {
    const expired = [...this.held]
      .filter(([, { height: since }]) => since + retentionBlocks < height)
      .map(([transactionId]) => transactionId);
    return [...transactionIds, ...expired].flatMap((transactionId) => {
      const sets = this.held.get(transactionId)?.sets ?? [];
      return sets.map((_, index) => ({ key: this.recordKey(transactionId, index), value: undefined }));
    });
  }

  /** Forgets in memory, once the changes are on disk. */
  forget(transactionIds: readonly string[]): void {
    for (const transactionId of transactionIds) this.held.delete(transactionId);
  }

  private add(transactionId: string, set: Uint8Array, height: number): number | undefined {
    const held = this.held.get(transactionId) ?? { sets: [], height };
    this.held.set(transactionId, held);
    if (held.sets.some((other) => Buffer.compare(other, set) === 0)) return undefined;
    held.sets.push(set);
    return held.sets.length - 1;
  }

  private recordKey(transactionId: string, index: number): string {
    const base: unknown = JSON.parse(this.keys.transient(transactionId));
    return recordKey(...(base as string[]), index);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
