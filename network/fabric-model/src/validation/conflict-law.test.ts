import fc from 'fast-check';

import { toHex, utf8 } from '../common/bytes';
import { decodeReadWriteSet } from '../rwset/decode';
import type { ReadWriteSet } from '../rwset/types';
import { TransactionSimulator } from '../simulation/transaction-simulator';
import { MemoryState } from '../state/memory-state';
import type { PublicUpdate } from '../state/types';
import { checkConflicts } from './conflict-check';
import { PendingUpdates } from './pending-updates';
import { InvalidTransaction } from './verdict';

jest.setTimeout(60_000);

const keys = ['a', 'b', 'c', 'd', '\ufffd', '\u{1f50c}'];
const anyKey = fc.constantFrom(...keys);
const step = fc.oneof(
  fc.record({ kind: fc.constant('read' as const), key: anyKey }),
  fc.record({ kind: fc.constant('write' as const), key: anyKey }),
  fc.record({ kind: fc.constant('delete' as const), key: anyKey }),
  fc.record({
    kind: fc.constant('range' as const),
    key: fc.constantFrom('', ...keys),
    end: fc.constantFrom('', ...keys),
    rows: fc.integer({ min: 1, max: 6 }),
  }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What a transaction with these steps reads and writes on a state. */
function simulate(steps: readonly Step[], state: MemoryState, value: string): ReadWriteSet {
  const run = new TransactionSimulator({ transactionId: 't', state });
  for (const one of steps) {
    if (one.kind === 'read') {
      run.getState('cc', one.key);
    } else if (one.kind === 'write') {
      run.putState('cc', one.key, utf8(value));
    } else if (one.kind === 'delete') {
      run.deleteState('cc', one.key);
    } else {
      const cursor = run.openRange('cc', one.key, one.end);
      for (let row = 0; row < one.rows && cursor.next() !== undefined; row += 1);
    }
  }
  return decodeReadWriteSet(run.result().readWriteSetBytes);
}

function readsOf(set: ReadWriteSet): string {
  return JSON.stringify(set.namespaces.map(({ reads, rangeQueries }) => ({ reads, rangeQueries })));
}

function isAccepted(set: ReadWriteSet, state: MemoryState, pending: PendingUpdates): boolean {
  try {
    checkConflicts(set, state, pending);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidTransaction);
    return false;
  }
}

function start(): MemoryState {
  const state = new MemoryState();
  const version = { block: 0, transaction: 0 };
  const rows = ['a', 'c', '\ufffd'].map((key): PublicUpdate => ({ namespace: 'cc', key, value: utf8('0'), version }));
  state.applyUpdates(0, { publicUpdates: rows, hashedUpdates: [] }, []);
  return state;
}

/** The writes of one transaction as a block of their own, with the version they have in the block under test. */
function commitAlone(state: MemoryState, set: ReadWriteSet, transaction: number): void {
  const version = { block: 1, transaction };
  const publicUpdates = set.namespaces.flatMap(({ namespace, writes }) =>
    writes.map((write): PublicUpdate => ({ ...write, namespace, version })),
  );
  state.applyUpdates(state.height, { publicUpdates, hashedUpdates: [] }, []);
}

describe('the law of conflicts', () => {
  it('a transaction of a block is valid exactly if it would have read the same after the valid ones before it', () => {
    const outcomes = { valid: 0, invalid: 0 };
    const block = fc.array(fc.array(step, { maxLength: 4 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(block, (transactions) => {
        const state = start();
        const serial = start();
        const pending = new PendingUpdates();
        const written = new Set<string>();
        transactions.forEach((steps, index) => {
          const endorsed = simulate(steps, state, `value ${index}`);
          const same = readsOf(endorsed) === readsOf(simulate(steps, serial, `value ${index}`));
          // Within a block Fabric asks more of single keys: none that was written before, be it the delete of nothing.
          const overwritten = endorsed.namespaces.some(({ reads }) => reads.some(({ key }) => written.has(key)));
          const accepted = isAccepted(endorsed, state, pending);
          expect(accepted).toBe(same && !overwritten);
          outcomes[accepted ? 'valid' : 'invalid'] += 1;
          if (accepted) {
            pending.apply(endorsed, { block: 1, transaction: index }, state);
            commitAlone(serial, endorsed, index);
            endorsed.namespaces.forEach(({ writes }) => {
              writes.forEach(({ key }) => written.add(key));
            });
          }
        });
        state.applyUpdates(1, pending.batch(), []);
        expect(toHex(state.digest())).toBe(toHex(serial.digest()));
      }),
      { numRuns: 600 },
    );
    // The law would say nothing if one of the two never happened.
    expect(Math.min(outcomes.valid, outcomes.invalid)).toBeGreaterThan(100);
  });

  it('a transaction endorsed some blocks ago is valid exactly if nothing that it read has changed since', () => {
    const history = fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 4 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 4 }), history, (steps, blocks) => {
        const state = start();
        const endorsed = simulate(steps, state, 'late');
        blocks.forEach((block, index) => {
          const set = simulate(block, state, `block ${index}`);
          const pending = new PendingUpdates();
          pending.apply(set, { block: index + 1, transaction: 0 }, state);
          state.applyUpdates(index + 1, pending.batch(), []);
        });
        const same = readsOf(endorsed) === readsOf(simulate(steps, state, 'late'));
        expect(isAccepted(endorsed, state, new PendingUpdates())).toBe(same);
      }),
      { numRuns: 400 },
    );
  });
});
