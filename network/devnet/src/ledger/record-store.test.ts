import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import * as fc from 'fast-check';
import { failureOf } from '../testing/failure';
import { recordKey, recordPrefix, RecordStore } from './record-store';
import { keyParts } from './records';

describe('the record store', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'record-store-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  async function withDatabase(change: (database: ClassicLevel<string, Buffer>) => Promise<void>): Promise<void> {
    const database = new ClassicLevel<string, Buffer>(folder, { valueEncoding: 'buffer' });
    await change(database);
    await database.close();
  }

  it('keeps what was committed, and forgets what was deleted, across processes', async () => {
    const store = await RecordStore.open(folder);
    await store.commit(
      [
        { key: 'a', value: Buffer.from('1') },
        { key: 'b', value: Buffer.from('2') },
      ],
      true,
    );
    await store.commit([{ key: 'a', value: undefined }], true);
    await store.close();
    const again = await RecordStore.open(folder);
    expect(await again.get('a')).toBeUndefined();
    expect(Buffer.from((await again.get('b')) ?? []).toString()).toBe('2');
    await again.close();
  });

  it('scans the records of one prefix, and no others', async () => {
    const store = await RecordStore.open(folder);
    const keys = [
      recordKey('one', 'history', 'a', 'x'),
      recordKey('one', 'history', 'a', 'y'),
      recordKey('one', 'history', 'ab', 'z'),
      recordKey('two', 'history', 'a', 'x'),
    ];
    await store.commit(
      keys.map((key) => ({ key, value: Buffer.from('v') })),
      false,
    );
    const found: string[] = [];
    for await (const [key] of store.scan(recordPrefix('one', 'history', 'a'))) found.push(key);
    expect(found).toEqual(keys.slice(0, 2));
    await store.close();
  });

  it('finds a single changed bit, and a value that was moved to another key', async () => {
    const store = await RecordStore.open(folder);
    await store.commit([{ key: 'a', value: Buffer.from('value') }], true);
    await store.close();
    await withDatabase(async (database) => {
      const bytes = (await database.get('a')) ?? Buffer.alloc(0);
      await database.put('moved', bytes);
      const flipped = Buffer.from(bytes);
      flipped.writeUInt8(flipped.readUInt8(6) ^ 4, 6);
      await database.put('flipped', flipped);
    });
    const again = await RecordStore.open(folder);
    for (const key of ['moved', 'flipped']) {
      expect((await failureOf(again.get(key))).message).toContain(
        `DEVNET_STORE_DAMAGED: record ${key} fails its checksum`,
      );
    }
    expect(await again.get('a')).toBeDefined();
    await again.close();
  });

  it('belongs to one process at a time', async () => {
    const store = await RecordStore.open(folder);
    expect((await failureOf(RecordStore.open(folder))).message).toMatch(/^DEVNET_ALREADY_RUNNING: /);
    await store.close();
  });

  it('makes different keys of different parts, and gives the parts back', () => {
    const parts = fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(parts, parts, (left, right) => {
        expect(keyParts(recordKey(...left))).toEqual(left);
        expect(recordKey(...left) === recordKey(...right)).toBe(JSON.stringify(left) === JSON.stringify(right));
      }),
    );
  });
});
