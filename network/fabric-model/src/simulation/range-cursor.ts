import type { Version } from '../common/version';
import { RangeReads } from '../rwset/merkle';
import type { RangeQuery } from '../rwset/types';
import type { StateEntry } from '../state/types';

/** A key with its value, as a contract gets it from a range. */
export interface KeyValue {
  readonly key: string;
  readonly value: Uint8Array;
}

/** One open range scan; the read set records exactly what was taken, as Fabric does. */
export interface RangeCursor {
  next(): KeyValue | undefined;
  /** The next key that was not returned, '' when there is none. Closes the cursor. */
  bookmarkAndClose(): string;
  close(): void;
}

/** A scan over rows; pageSize 0 = no limit. */
export class ScanCursor implements RangeCursor {
  private taken = 0;
  private closed = false;

  constructor(
    private readonly rows: Iterator<StateEntry>,
    private readonly pageSize: number,
    private readonly observe: (row: { readonly key: string; readonly version: Version } | undefined) => void,
  ) {}

  next(): KeyValue | undefined {
    const row = this.pull();
    this.observe(row);
    return row === undefined ? undefined : { key: row.key, value: row.value };
  }

  bookmarkAndClose(): string {
    const following = this.closed ? undefined : this.rows.next();
    this.close();
    return following === undefined || following.done === true ? '' : following.value.key;
  }

  close(): void {
    this.closed = true;
  }

  private pull(): StateEntry | undefined {
    if (this.closed || (this.pageSize > 0 && this.taken >= this.pageSize)) {
      return undefined;
    }
    const step = this.rows.next();
    if (step.done === true) {
      return undefined;
    }
    this.taken += 1;
    return step.value;
  }
}

/** Follows one scan and gives the range query that goes into the read set. */
export class RangeRecorder {
  private readonly reads = new RangeReads();
  private endKey = '';
  private exhausted = false;

  constructor(
    readonly namespace: string,
    private readonly startKey: string,
    private readonly askedEndKey: string,
  ) {}

  /** A row that was taken, or undefined when the scan told its caller that there are no more. */
  observe(row: { readonly key: string; readonly version: Version } | undefined): void {
    if (row === undefined) {
      this.exhausted = true;
      this.endKey = this.askedEndKey;
      return;
    }
    this.reads.add({ key: row.key, version: row.version });
    this.endKey = row.key;
  }

  finish(): RangeQuery {
    const { rawReads, merkle } = this.reads.done();
    return { startKey: this.startKey, endKey: this.endKey, exhausted: this.exhausted, rawReads, merkle };
  }
}
