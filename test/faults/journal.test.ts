import { Journal, longestGapMs, type Acknowledged } from './journal';

const ack = (stream: string, endMs: number, blockNumber = 1n): Acknowledged => ({
  stream,
  commandId: `${stream}-${endMs}`,
  transactionId: `${endMs}`,
  blockNumber,
  startMs: endMs - 1,
  endMs,
  attempts: 1,
});

describe('the gap of a fault', () => {
  it('is the longest time without a commit, the ends of the window included', () => {
    expect(longestGapMs([100, 200, 500, 600], 0, 700)).toBe(300);
    expect(longestGapMs([500, 600], 0, 700)).toBe(500);
    expect(longestGapMs([100, 200], 0, 900)).toBe(700);
  });

  it('is the whole window when nothing was committed in it', () => {
    expect(longestGapMs([1, 99], 10, 60)).toBe(50);
    expect(longestGapMs([], 10, 60)).toBe(50);
  });
});

describe('a journal', () => {
  it('knows its streams, their commits in order and the highest block', () => {
    const journal = new Journal();
    expect(journal.lastBlock).toBe(-1n);
    journal.acknowledged.push(ack('readings', 30, 7n), ack('orders', 20, 9n), ack('readings', 10, 5n));
    expect(journal.streams).toEqual(['orders', 'readings']);
    expect(journal.endsOf('readings')).toEqual([10, 30]);
    expect(journal.endsOf()).toEqual([10, 20, 30]);
    expect([journal.firstAfter('readings', 10), journal.firstAfter('orders', 20)]).toEqual([30, undefined]);
    expect(journal.lastBlock).toBe(9n);
  });
});
