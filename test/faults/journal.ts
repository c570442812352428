/** One command that the ledger client has acknowledged as committed. Times are milliseconds of a monotonic clock. */
export interface Acknowledged {
  readonly stream: string;
  readonly commandId: string;
  readonly transactionId: string;
  readonly blockNumber: bigint;
  readonly startMs: number;
  readonly endMs: number;
  /** 1 when the first transaction was the one that counts. */
  readonly attempts: number;
}

/** What the load has done, as its clients saw it. */
export class Journal {
  readonly acknowledged: Acknowledged[] = [];
  /** Commands that ended in an error although they should have succeeded. */
  readonly failures: string[] = [];

  /** The highest block of an acknowledged command; -1 before the first. */
  get lastBlock(): bigint {
    return this.acknowledged.reduce((last, { blockNumber }) => (blockNumber > last ? blockNumber : last), -1n);
  }

  /** The names of the streams that have acknowledged anything. */
  get streams(): readonly string[] {
    return [...new Set(this.acknowledged.map(({ stream }) => stream))].sort();
  }

  /** When commands of a stream (or of all) were acknowledged, in order. */
  endsOf(stream?: string): readonly number[] {
    return this.acknowledged
      .filter((one) => stream === undefined || one.stream === stream)
      .map(({ endMs }) => endMs)
      .sort((left, right) => left - right);
  }

  /** The first acknowledgement of a stream after a time. */
  firstAfter(stream: string, timeMs: number): number | undefined {
    return this.endsOf(stream).find((endMs) => endMs > timeMs);
  }
}

/** The longest time without an acknowledgement between two times; both ends count as the ends of a gap. */
export function longestGapMs(endsMs: readonly number[], fromMs: number, toMs: number): number {
  const inside = endsMs.filter((endMs) => endMs > fromMs && endMs < toMs);
  let longest = 0;
  let before = fromMs;
  for (const endMs of [...inside, toMs]) {
    longest = Math.max(longest, endMs - before);
    before = endMs;
  }
  return longest;
}
