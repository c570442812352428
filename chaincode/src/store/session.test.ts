import { canonicalBytes, integer, meterIdCodec, object, rowCodec, slot, type JsonObject } from '@flexledger/domain';
import { ChaincodeStub } from 'fabric-shim';
import { MemoryStub, type MemoryState } from '../testing/memory-stub';
import { isUnder, keyParts, keys, prefixes } from './keys';
import { RowKeeper } from './row-keeper';
import { RowMemory } from './row-memory';
import type { Ledger } from './ledger-access';
import { StoreSession } from './session';

const call = {
  channel: 'community',
  transactionId: 't',
  functionName: 'f',
  request: '{}',
  transient: new Map<string, Uint8Array>(),
  transactionSeconds: 0,
  collections: ['profiles'],
};
const meterId = meterIdCodec.decode('0'.repeat(26), '');

function sessionOver(rows: Readonly<Record<string, JsonObject>> = {}) {
  const entries = Object.entries(rows).map(([key, row]): [string, Uint8Array] => [key, canonicalBytes(row)]);
  const state: MemoryState = new Map([['', new Map(entries)]]);
  const stub = new MemoryStub(state, call);
  const reads: string[] = [];
  const getState = stub.getState.bind(stub);
  stub.getState = (key) => {
    reads.push(key);
    return getState(key);
  };
  return { stub, reads, session: new StoreSession(stub as unknown as Ledger) };
}

describe('the session', () => {
  const key = keys.clock(slot(5));

  it('shows a transaction its own writes, which the ledger would not', async () => {
    const { session, stub } = sessionOver({ [key]: { v: 1 } });
    session.save(key, { v: 1, changed: true });
    expect(await session.load(key)).toEqual({ v: 1, changed: true });
    expect(await stub.getState(key)).toEqual(canonicalBytes({ v: 1 }));
  });

  it('reads every key once, however often it is asked for', async () => {
    const { session, reads } = sessionOver({ [key]: { v: 1 } });
    await Promise.all([session.load(key), session.load(key)]);
    await session.load(key);
    expect(reads).toEqual([key]);
  });

  it('writes every key once, sorted, and nothing before it is told to', async () => {
    const { session, stub } = sessionOver();
    session.save(keys.clock(slot(7)), { v: 1 });
    session.save(keys.clock(slot(6)), { v: 1 });
    session.save(keys.clock(slot(7)), { v: 1, last: true });
    session.savePrivate('profiles', keys.profile(meterId, slot(1)), { v: 1 });
    expect(stub.writes).toEqual([]);
    const written: string[] = [];
    const putState = stub.putState.bind(stub);
    stub.putState = (name, value) => {
      written.push(name);
      return putState(name, value);
    };
    await session.flush();
    expect(written).toEqual([keys.clock(slot(6)), keys.clock(slot(7))]);
    expect(Buffer.from(stub.writes.find((write) => write.key === keys.clock(slot(7)))!.value).toString()).toBe(
      '{"last":true,"v":1}',
    );
    expect(stub.writes.filter((write) => write.place === 'profiles')).toHaveLength(1);
  });

  it('lists rows in key order, and refuses to list what it is writing', async () => {
    const rows = { [keys.gap(meterId, slot(9))]: { v: 1, b: 1 }, [keys.gap(meterId, slot(8))]: { v: 1, a: 1 } };
    const { session } = sessionOver(rows);
    expect(await session.list(prefixes.gaps(meterId))).toEqual([
      { parts: [meterId, '00000008'], row: { v: 1, a: 1 } },
      { parts: [meterId, '00000009'], row: { v: 1, b: 1 } },
    ]);
    session.save(keys.gap(meterId, slot(10)), { v: 1 });
    await expect(session.list(prefixes.gaps(meterId))).rejects.toMatchObject({ code: 'INVARIANT_BROKEN' });
    await expect(session.page(prefixes.gaps(meterId), 10, undefined)).rejects.toMatchObject({
      code: 'INVARIANT_BROKEN',
    });
  });

  it('goes on after a bookmark with the next row', async () => {
    const gaps = [1, 2, 3, 4, 5].map((at) => keys.gap(meterId, slot(at)));
    const { session } = sessionOver(Object.fromEntries(gaps.map((gap) => [gap, { v: 1 }])));
    const first = await session.page(prefixes.gaps(meterId), 2, undefined);
    expect(first.map((row) => row.parts.at(-1))).toEqual(['00000001', '00000002']);
    const second = await session.page(prefixes.gaps(meterId), 2, '00000002');
    expect(second.map((row) => row.parts.at(-1))).toEqual(['00000003', '00000004']);
  });

  it('gives a failure of the peer a code of its own', async () => {
    const { session, stub } = sessionOver();
    stub.getState = () => Promise.reject(new Error('the peer is gone'));
    await expect(session.load(key)).rejects.toMatchObject({ code: 'LEDGER_REFUSED' });
  });
});

describe('a memory of decoded rows', () => {
  const key = keys.clock(slot(5));
  const codec = rowCodec(object({ count: integer(0, 9) }));

  it('gives the row that was read, never the one that stood there before or that another key has', async () => {
    const keeper = new RowKeeper(codec, keys.clock, new RowMemory(2));
    for (const count of [1, 2, 1, 3, 2, 1]) {
      const { session } = sessionOver({ [key]: { v: 1, count } });
      expect(await keeper.load(session, slot(5))).toEqual({ count });
      expect(await keeper.load(session, slot(6))).toBeUndefined();
    }
  });

  it('does not hide what the transaction itself has written', async () => {
    const keeper = new RowKeeper(codec, keys.clock, new RowMemory(2));
    const { session } = sessionOver({ [key]: { v: 1, count: 1 } });
    await keeper.load(session, slot(5));
    keeper.save(session, { count: 2 }, slot(5));
    expect(await keeper.load(session, slot(5))).toEqual({ count: 2 });
  });

  it('lets nobody change what the next transaction gets', async () => {
    const keeper = new RowKeeper(codec, keys.clock, new RowMemory(2));
    const row = await keeper.load(sessionOver({ [key]: { v: 1, count: 1 } }).session, slot(5));
    expect(() => {
      (row as { count: number }).count = 2;
    }).toThrow(TypeError);
  });
});

describe('a key', () => {
  it('is byte for byte what the shim makes', () => {
    const composite = ChaincodeStub.prototype.createCompositeKey.bind(ChaincodeStub.prototype);
    expect(keys.gap(meterId, slot(12))).toBe(composite('gap', [meterId, '00000012']));
    expect(keys.clock(slot(12))).toBe(composite('clock', ['00000012']));
    expect(keyParts(keys.gap(meterId, slot(12)))).toEqual([meterId, '00000012']);
    expect(isUnder(keys.gap(meterId, slot(12)), prefixes.gaps(meterId))).toBe(true);
    expect(isUnder('\u0000gaps\u0000x\u0000', { objectType: 'gap', parts: [] })).toBe(false);
  });

  it('is simple where ranges are read, and its parts are the same', () => {
    expect(keys.block(meterId, slot(12))).toBe(`block/${meterId}/00000012`);
    expect(keyParts(keys.block(meterId, slot(12)))).toEqual([meterId, '00000012']);
  });

  it('has no part that is empty, long or not plain', () => {
    for (const part of ['', 'a\u0000b', '\u{10ffff}', 'a b', 'x'.repeat(129), 'é']) {
      expect(() => keys.grid(part)).toThrow(expect.objectContaining({ code: 'INVARIANT_BROKEN' }));
    }
  });
});
