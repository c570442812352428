import type { Ledger } from './ledger-access';

interface Waiting {
  readonly key: string;
  readonly resolve: (value: Uint8Array) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Reads keys of the channel. What is asked for before the caller waits for anything goes to the peer in one message, where the
 * peer takes that; the keys that are read, and so the read set, are the same either way.
 */
export class ReadQueue {
  private waiting: Waiting[] = [];

  public constructor(private readonly ledger: Ledger) {}

  /** The value of a key; no bytes where it is absent. */
  public get(key: string): Promise<Uint8Array> {
    const { batches } = this.ledger;
    if (batches?.getRows === undefined) {
      return this.ledger.getState(key);
    }
    return new Promise((resolve, reject) => {
      this.waiting.push({ key, resolve, reject });
      if (this.waiting.length === 1) {
        void Promise.resolve().then(() => this.send());
      }
    });
  }

  private async send(): Promise<void> {
    const asked = this.waiting;
    this.waiting = [];
    try {
      const values = await this.valuesOf(asked.map(({ key }) => key));
      asked.forEach(({ resolve }, index) => {
        resolve(values[index] ?? new Uint8Array());
      });
    } catch (error) {
      asked.forEach(({ reject }) => {
        reject(error);
      });
    }
  }

  private async valuesOf(keys: readonly string[]): Promise<readonly Uint8Array[]> {
    const [first] = keys;
    const getRows = this.ledger.batches?.getRows;
    return first === undefined || keys.length === 1 || getRows === undefined
      ? Promise.all(keys.map((key) => this.ledger.getState(key)))
      : getRows(keys);
  }
}
