import fc from 'fast-check';

import { hashKeyHex, sha256, toHex, utf8 } from '../common/bytes';
import { compareKeys } from '../common/keys';
import { chaincodeDefinitionWrites, LIFECYCLE_NAMESPACE } from '../lifecycle/read';
import { parseSignaturePolicy } from '../policy/text';
import { testDefinition } from '../testing/test-network';
import { MemoryState } from './memory-state';
import type { HashedUpdate, PrivateUpdate, PublicUpdate, StateReader, UpdateBatch } from './types';

jest.setTimeout(60_000);

function put(block: number, key: string, value: string | undefined, namespace = 'cc'): PublicUpdate {
  const bytes = value === undefined ? undefined : utf8(value);
  return { namespace, key, value: bytes, version: { block, transaction: 0 } };
}

function batch(publicUpdates: readonly PublicUpdate[], hashedUpdates: readonly HashedUpdate[] = []): UpdateBatch {
  return { publicUpdates, hashedUpdates };
}

function hashed(block: number, key: string, value: string | undefined, purge = false, transaction = 0): HashedUpdate {
  const valueHash = value === undefined ? undefined : sha256(utf8(value));
  const version = { block, transaction };
  const base = { namespace: 'cc', collection: 'c', keyHashHex: hashKeyHex(key), valueHash, version, purge };
  return purge ? { ...base, purgedAt: version } : base;
}

function secret(block: number, key: string, value: string | undefined, transaction = 0): PrivateUpdate {
  const bytes = value === undefined ? undefined : utf8(value);
  return { namespace: 'cc', collection: 'c', key, value: bytes, version: { block, transaction } };
}

function contents(state: StateReader, startKey = '', endKey = ''): string[] {
  return [...state.range('cc', startKey, endKey)].map(
    ({ key, value, version }) => `${key}=${Buffer.from(value).toString()}@${version.block}`,
  );
}

describe('a state in memory', () => {
  it('gives what the last write of a key left, with its version', () => {
    const state = new MemoryState();
    state.applyUpdates(0, batch([put(0, 'a', '1'), put(0, 'b', '1')]), []);
    state.applyUpdates(1, batch([put(1, 'a', '2'), put(1, 'b', undefined)]), []);
    expect(state.get('cc', 'a')).toEqual({ value: utf8('2'), version: { block: 1, transaction: 0 } });
    expect(state.get('cc', 'b')).toBeUndefined();
    expect(state.get('other', 'a')).toBeUndefined();
    expect(state.height).toBe(2);
  });

  it('refuses blocks out of order', () => {
    const state = new MemoryState();
    expect(() => {
      state.applyUpdates(1, batch([]), []);
    }).toThrow('STATE_BLOCK_OUT_OF_ORDER');
  });

  it('sorts ranges by UTF-8 bytes, start included and end excluded', () => {
    const state = new MemoryState();
    const keys = ['\u{1f50c}', '\ufffd', 'b', 'a', 'aa'];
    state.applyUpdates(0, batch(keys.map((key) => put(0, key, 'x'))), []);
    const sorted = [...keys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    expect([...state.range('cc', '', '')].map(({ key }) => key)).toEqual(sorted);
    expect(contents(state, 'a', 'b')).toEqual(['a=x@0', 'aa=x@0']);
    expect(contents(state, 'b', 'b')).toEqual([]);
    expect(contents(state, 'b', '\u{1f50c}')).toEqual(['b=x@0', '\ufffd=x@0']);
  });

  it('keeps private values beside their hashes and forgets them with a purge', () => {
    const state = new MemoryState();
    state.applyUpdates(0, batch([], [hashed(0, 'k', 'v')]), [secret(0, 'k', 'v')]);
    expect(state.getPrivate('cc', 'c', 'k')?.value).toEqual(utf8('v'));
    expect(state.getHash('cc', 'c', hashKeyHex('k'))?.value).toEqual(sha256(utf8('v')));
    state.applyUpdates(1, batch([], [hashed(1, 'k', undefined, true)]), []);
    expect(state.getPrivate('cc', 'c', 'k')).toBeUndefined();
    expect(state.getHash('cc', 'c', hashKeyHex('k'))).toBeUndefined();
  });

  it('keeps a value that was written after the purge of its block, and not one written before', () => {
    const state = new MemoryState();
    const after = { ...hashed(0, 'k', 'new', true, 0), version: { block: 0, transaction: 1 } };
    state.applyUpdates(0, batch([], [after]), [secret(0, 'k', 'new', 1)]);
    expect(state.getPrivate('cc', 'c', 'k')?.value).toEqual(utf8('new'));
    state.applyUpdates(1, batch([], [hashed(1, 'k', undefined, true, 1)]), [secret(1, 'k', 'late', 0)]);
    expect(state.getPrivate('cc', 'c', 'k')).toBeUndefined();
  });

  it('sees earlier heights, which do not move while blocks commit', () => {
    const state = new MemoryState();
    state.applyUpdates(0, batch([put(0, 'a', '1'), put(0, 'c', '1')]), []);
    const view = state.view();
    const scan = view.range('cc', '', '');
    expect(scan.next().value?.key).toBe('a');
    state.applyUpdates(1, batch([put(1, 'a', '2'), put(1, 'b', '2'), put(1, 'c', undefined)]), []);
    expect(scan.next().value?.key).toBe('c');
    expect(scan.next().done).toBe(true);
    expect(contents(view)).toEqual(['a=1@0', 'c=1@0']);
    expect(contents(state.viewBehind(1))).toEqual(['a=1@0', 'c=1@0']);
    expect(contents(state.viewBehind(2))).toEqual([]);
    expect(contents(state)).toEqual(['a=2@1', 'b=2@1']);
  });

  it('forgets the past beyond the blocks to keep, and says so', () => {
    const state = new MemoryState({ keepBlocks: 2 });
    const view = state.view();
    for (let block = 0; block < 3; block += 1) {
      state.applyUpdates(block, batch([put(block, 'a', String(block))]), []);
    }
    expect(() => view.get('cc', 'a')).toThrow('STATE_VIEW_EXPIRED');
    expect(contents(state.viewBehind(2))).toEqual(['a=0@0']);
    expect(() => state.viewBehind(3)).toThrow('STATE_VIEW_EXPIRED');
  });

  it('comes back from its entries, with the same digest', () => {
    const state = new MemoryState();
    state.applyUpdates(0, batch([put(0, 'b', '1'), put(0, 'a', '2', 'x')], [hashed(0, 'k', 'v')]), [
      secret(0, 'k', 'v'),
    ]);
    const restored = MemoryState.restore(1, {
      publicEntries: state.publicEntries(),
      hashedEntries: state.hashedEntries(),
      privateEntries: state.privateEntries(),
    });
    expect(toHex(restored.digest())).toBe(toHex(state.digest()));
    expect([...restored.privateEntries()]).toEqual([...state.privateEntries()]);
    expect(contents(restored.viewBehind(1))).toEqual(['b=1@0']);
    restored.applyUpdates(1, batch([put(1, 'b', 'other')], [hashed(1, 'k', undefined, true)]), []);
    expect(toHex(restored.digest())).not.toBe(toHex(state.digest()));
    expect(restored.getPrivate('cc', 'c', 'k')).toBeUndefined();
  });

  it('agrees with a plain model at every height, whatever is written', () => {
    const write = fc.tuple(fc.constantFrom('a', 'b', 'c', '\u{1f50c}', '\ufffd'), fc.option(fc.constantFrom('1', '2')));
    fc.assert(
      fc.property(fc.array(fc.array(write, { maxLength: 4 }), { maxLength: 8 }), (blocks) => {
        const state = new MemoryState({ keepBlocks: 10 });
        const models: string[][] = [[]];
        const model = new Map<string, string>();
        blocks.forEach((writes, block) => {
          const last = new Map(writes);
          const updates = [...last].map(([key, value]) => put(block, key, value ?? undefined));
          state.applyUpdates(block, batch(updates), []);
          for (const [key, value] of last) {
            if (value === null) {
              model.delete(key);
            } else {
              model.set(key, `${key}=${value}@${block}`);
            }
          }
          models.push([...model].sort(([left], [right]) => compareKeys(left, right)).map(([, text]) => text));
        });
        models.forEach((expected, height) => {
          expect(contents(state.viewBehind(blocks.length - height))).toEqual(expected);
        });
      }),
    );
  });

  it('keeps many keys sorted through writes and deletes in any order', () => {
    const state = new MemoryState();
    const key = (index: number): string => `key${String((index * 7919) % 20_000).padStart(6, '0')}`;
    const rows = Array.from({ length: 20_000 }, (_, index) => put(0, key(index), 'x'));
    state.applyUpdates(0, batch(rows), []);
    expect([...state.range('cc', 'key010000', 'key010100')]).toHaveLength(100);
    expect([...state.publicEntries()].map((row) => row.key).join()).toBe(
      rows
        .map((row) => row.key)
        .sort()
        .join(),
    );
    const removed = rows.filter((_, index) => index % 3 !== 0).map(({ key: gone }) => put(1, gone, undefined));
    state.applyUpdates(1, batch(removed), []);
    const left = rows.filter((_, index) => index % 3 === 0).map((row) => row.key);
    expect([...state.range('cc', '', '')].map((row) => row.key).join()).toBe(left.sort().join());
    expect([...state.viewBehind(1).range('cc', '', '')]).toHaveLength(20_000);
  });
});

describe('a collection with a block-to-live', () => {
  const collection = {
    name: 'c',
    memberPolicy: parseSignaturePolicy("OR('A.member')"),
    requiredPeerCount: 0,
    maxPeerCount: 0,
    blockToLive: 2,
    memberOnlyRead: false,
    memberOnlyWrite: false,
  };
  const rows = chaincodeDefinitionWrites(testDefinition({ name: 'cc', collections: [collection] })).map(
    ({ key, value }): PublicUpdate => ({
      namespace: LIFECYCLE_NAMESPACE,
      key,
      value,
      version: { block: 0, transaction: 0 },
    }),
  );
  const present = (state: MemoryState): boolean[] => [
    state.getHash('cc', 'c', hashKeyHex('k')) !== undefined,
    state.getPrivate('cc', 'c', 'k') !== undefined,
  ];

  function started(): MemoryState {
    const state = new MemoryState();
    state.applyUpdates(0, batch(rows), []);
    state.applyUpdates(1, batch([], [hashed(1, 'k', 'v')]), [secret(1, 'k', 'v')]);
    return state;
  }

  it('forgets a value together with block n + blockToLive + 1', () => {
    const state = started();
    state.applyUpdates(2, batch([]), []);
    state.applyUpdates(3, batch([]), []);
    expect(present(state)).toEqual([true, true]);
    state.applyUpdates(4, batch([]), []);
    expect(present(state)).toEqual([false, false]);
    expect(state.viewBehind(1).getPrivate('cc', 'c', 'k')).toBeDefined();
  });

  it('gives a new term with every write, also one in the block of the end', () => {
    for (const rewrittenIn of [3, 4]) {
      const state = started();
      for (let block = 2; block <= 4; block += 1) {
        const again = block === rewrittenIn;
        state.applyUpdates(
          block,
          batch([], again ? [hashed(block, 'k', 'w')] : []),
          again ? [secret(block, 'k', 'w')] : [],
        );
      }
      expect(present(state)).toEqual([true, true]);
    }
  });

  it('goes on counting after a restart', () => {
    const before = started();
    const state = MemoryState.restore(2, {
      publicEntries: before.publicEntries(),
      hashedEntries: before.hashedEntries(),
      privateEntries: before.privateEntries(),
    });
    for (let block = 2; block <= 4; block += 1) {
      expect(present(state)).toEqual([true, true]);
      state.applyUpdates(block, batch([]), []);
    }
    expect(present(state)).toEqual([false, false]);
  });
});
