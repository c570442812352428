import {
  amendmentCodec,
  gapCodec,
  packReading,
  purgeCodec,
  rowCodec,
  slot,
  unpackEntry,
  wh,
  type JsonObject,
  type JsonValue,
  type MeterId,
  type Reading,
} from '@flexledger/domain';
import { auditRows } from './audit';
import { ROW_TYPES } from './row-types';
import { putContract } from './testing/contract-rows';
import type { MemoryRows } from './testing/memory-rows';
import { SAMPLE_CHANNEL, sampleLedger } from './testing/sample-ledger';

/** The ids of the invariants that do not hold. */
function broken(rows: MemoryRows, channel = SAMPLE_CHANNEL): readonly string[] {
  return auditRows(rows, channel)
    .filter(({ holds }) => !holds)
    .map(({ id }) => id);
}

/** Changes one key of an object deep inside, by path. */
function withValue(path: readonly (string | number)[], value: JsonValue): (row: JsonObject) => JsonValue {
  const change = (node: JsonValue, [step, ...rest]: readonly (string | number)[]): JsonValue => {
    if (step === undefined) return value;
    if (Array.isArray(node)) {
      return node.map((item: JsonValue, index) => (index === step ? change(item, rest) : item));
    }
    const object = node as JsonObject;
    return { ...object, [step]: change(object[step] ?? null, rest) };
  };
  return (row) => change(row, path);
}

/** Changes a block and packs it again, as somebody would who can write everything but the signature. */
function withBlock(change: (block: Reading) => Reading): (bytes: Buffer) => Uint8Array {
  return (bytes) => {
    const entry = unpackEntry('b'.padStart(26, '0') as MeterId, slot(9_600), bytes);
    if (entry.kind !== 'block') throw new TypeError('the row is no block');
    return packReading(change(entry.reading));
  };
}

function raiseFirstTotal(block: Reading): Reading {
  const [first, ...rest] = block.totals;
  if (first === undefined) throw new TypeError('a block has a total');
  return { ...block, totals: [{ ...first, importWh: wh(first.importWh + 1n) }, ...rest] };
}

/** The word that the values of the first block were purged. */
function putPurge(rows: MemoryRows): void {
  const meterId = 'b'.padStart(26, '0') as MeterId;
  const purge = { meterId, fromSlot: slot(9_600), toSlot: slot(9_600), cause: 'age', blocks: 1 } as const;
  rows.put(rowCodec(purgeCodec), purge, ROW_TYPES.purge, meterId, '00009600.command');
}

const same = (row: JsonObject): JsonValue => row;

test('every invariant holds on a ledger that the rules have made, and each was checked on something', () => {
  const rows = sampleLedger();
  putPurge(rows);
  putContract(rows);
  const results = auditRows(rows, SAMPLE_CHANNEL);
  expect(results.filter(({ holds }) => !holds)).toEqual([]);
  expect(results.map(({ id }) => id)).toEqual([
    'I1',
    'I2',
    'I3',
    'I4',
    'I5',
    'I6',
    'I10',
    'I11',
    'I12',
    'I13',
    'I19',
    'I20',
    'I21',
    'I22',
    'I23',
    'I24',
  ]);
  // Flexibility (I22), disputes (I23) and coalitions (I24) have ledgers of their own: flexibility.test.ts, coalitions.test.ts.
  expect(results.filter(({ checked }) => checked === 0).map(({ id }) => id)).toEqual(['I22', 'I23', 'I24']);
});

/** What a forger does, and the invariants that must notice it. */
const forgeries: readonly (readonly [string, (rows: MemoryRows) => void, readonly string[]])[] = [
  [
    'a credit is raised',
    (rows) => rows.tamper(ROW_TYPES.posting, 0, withValue(['entries', 1, 'amountMicro'], '9000001')),
    ['I1', 'I2'],
  ],
  ['a posting set is written twice', (rows) => rows.rewrite(ROW_TYPES.posting, 0), ['I2']],
  ['a settlement is written twice', (rows) => rows.rewrite(ROW_TYPES.posting, 5), ['I2', 'I13']],
  ['a funding disappears', (rows) => rows.remove(ROW_TYPES.posting, 3), ['I3']],
  [
    'more is available than there is',
    (rows) => rows.tamper(ROW_TYPES.limit, 0, withValue(['availableMicro'], '99000000')),
    ['I3'],
  ],
  [
    'a settled line claims another metered energy',
    (rows) => rows.tamper(ROW_TYPES.posting, 5, withValue(['lines', 0, 'importWh'], '7')),
    ['I4'],
  ],
  [
    'a settled line lists another reading',
    (rows) => rows.tamper(ROW_TYPES.posting, 5, withValue(['lines', 0, 'meters', 0, 'importWh'], '7')),
    ['I4'],
  ],
  [
    'a settled reading is said to be missing',
    (rows) => rows.tamper(ROW_TYPES.posting, 5, withValue(['lines', 0, 'meters', 0, 'quality'], 'MISSING')),
    ['I4'],
  ],
  ['a block of readings disappears', (rows) => rows.remove(ROW_TYPES.block, 0), ['I5', 'I6', 'I10']],
  ['a block of readings is written twice', (rows) => rows.rewrite(ROW_TYPES.block, 0), ['I5']],
  [
    'a block is doubled under the next slots',
    (rows) => rows.copyPacked(ROW_TYPES.block, 1, (bytes) => bytes, '0'.repeat(25) + 'b', '00009700'),
    ['I5', 'I6'],
  ],
  ['a total is changed', (rows) => rows.tamperPacked(ROW_TYPES.block, 1, withBlock(raiseFirstTotal)), ['I4', 'I6']],
  [
    'a commitment is changed',
    (rows) =>
      rows.tamperPacked(
        ROW_TYPES.block,
        0,
        withBlock((block) => ({ ...block, commitment: 'A'.repeat(43) })),
      ),
    ['I6'],
  ],
  [
    'the link before a block is changed',
    (rows) =>
      rows.tamperPacked(
        ROW_TYPES.block,
        1,
        withBlock((block) => ({ ...block, previousLink: 'A'.repeat(43) })),
      ),
    ['I6'],
  ],
  [
    'one byte of a block is changed',
    (rows) =>
      rows.tamperPacked(ROW_TYPES.block, 1, (bytes) =>
        Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)]),
      ),
    ['I6'],
  ],
  [
    'a block cannot be read',
    (rows) => rows.tamperPacked(ROW_TYPES.block, 1, (bytes) => bytes.subarray(1)),
    ['I4', 'I5', 'I6', 'I10'],
  ],
  [
    'a forecast is raised',
    (rows) => rows.tamper(ROW_TYPES.computationChunk, 0, withValue(['series', 0, 'importWh', 'p90', 0], '999999')),
    ['I10'],
  ],
  [
    'the readings behind a forecast are changed',
    (rows) => rows.tamperPacked(ROW_TYPES.block, 0, withBlock(raiseFirstTotal)),
    ['I6', 'I10'],
  ],
  [
    'a request counts an answer that fewer oracles gave than it needs',
    (rows) => rows.tamper(ROW_TYPES.computation, 0, (row) => ({ ...row, answersNeeded: 2 })),
    ['I10'],
  ],
  ['an answer loses a chunk', (rows) => rows.remove(ROW_TYPES.computationChunk, 0), ['I10']],
  [
    'a buyer pays above its limit',
    (rows) => rows.tamper(ROW_TYPES.clearing, 0, withValue(['intervals', 0, 'price', 'clearingMicroPerKwh'], '260000')),
    ['I11'],
  ],
  [
    'more is sold than bought',
    (rows) => rows.tamper(ROW_TYPES.clearingChunk, 0, withValue(['participants', 0, 'fills', 0, 'energyWh'], '999')),
    ['I11'],
  ],
  ['a session is cleared twice', (rows) => rows.rewrite(ROW_TYPES.clearing, 0), ['I11']],
  ['a clearing disappears', (rows) => rows.remove(ROW_TYPES.clearing, 0), ['I11']],
  [
    'an order is published with another price than was sealed',
    (rows) => rows.tamper(ROW_TYPES.order, 0, withValue(['status', 'limitPriceMicroPerKwh'], '251000')),
    ['I11'],
  ],
  ['a trade disappears', (rows) => rows.remove(ROW_TYPES.trade, 0), ['I11']],
  [
    'a position is raised',
    (rows) => rows.tamper(ROW_TYPES.position, 0, withValue(['boughtWh'], '1001')),
    ['I4', 'I11'],
  ],
  [
    'a slot is settled once more under another bucket',
    (rows) => rows.copy(ROW_TYPES.posting, 5, withValue(['cause', 'bucket'], 1), 'another'),
    ['I3', 'I13'],
  ],
  [
    'a posting set cannot be read',
    (rows) => rows.tamper(ROW_TYPES.posting, 0, () => ({ v: 1 })),
    ['I1', 'I2', 'I3', 'I4', 'I10', 'I13'],
  ],
];

describe('an audit notices when', () => {
  test.each(forgeries)('%s', (_what, forge, expected) => {
    const rows = sampleLedger();
    forge(rows);
    expect(broken(rows)).toEqual(expected);
  });

  test('the readings were signed for another channel', () => {
    expect(broken(sampleLedger(), 'another-channel')).toEqual(['I6']);
  });

  test('a meter was silent, unless its operator has recorded the gap', () => {
    const rows = sampleLedger();
    const [, second] = rows.rows(ROW_TYPES.block);
    rows.copyPacked(ROW_TYPES.block, 1, (bytes) => bytes, second?.parts[0] ?? '', '00009700');
    rows.remove(ROW_TYPES.block, 1);
    expect(broken(rows)).toContain('I5');
    const meterId = 'b'.padStart(26, '0');
    const gap = { meterId, fromSlot: slot(9_696), toSlot: slot(9_699), afterSequence: 1, reason: 'no power' };
    rows.put(rowCodec(gapCodec), gapCodec.decode(gap, ''), ROW_TYPES.gap, meterId, '00009696');
    expect(broken(rows)).not.toContain('I5');
  });

  test('an amendment was not used by the settlement after it, or was used before it was there', () => {
    const rows = sampleLedger();
    const [settlement] = rows.rows(ROW_TYPES.posting).filter(({ value }) => (value as JsonObject).lines !== undefined);
    if (settlement === undefined) throw new TypeError('the sample has a settlement');
    const meterId = 'b'.padStart(26, '0');
    const amendment = amendmentCodec.decode(
      {
        meterId,
        fromSlot: 9_696,
        totals: [{ importWh: '7', exportWh: '0' }],
        reason: 'Read at the meter',
        version: 1,
        cause: 'correction',
        quality: 'OK',
        supersedes: [true],
        mspId: 'DsoMSP',
      },
      '',
    );
    // What is put now is committed after the settlement, which therefore did not have to know it.
    rows.put(rowCodec(amendmentCodec), amendment, ROW_TYPES.amendment, meterId, '00009696.0001');
    expect(broken(rows)).toEqual([]);
    rows.moveToFront(ROW_TYPES.amendment, 0);
    // It then corrects totals that were not there either.
    expect(broken(rows)).toEqual(['I4', 'I20']);
  });

  test('rent was made up: a clearing claims it, and what buyers pay no longer adds up', () => {
    const rows = sampleLedger();
    rows.tamper(ROW_TYPES.clearing, 0, (row) => ({ ...row, rentMicro: '7' }));
    expect(broken(rows)).toEqual(['I11']);
  });

  test('a fill has a price of its own where all have one price', () => {
    const rows = sampleLedger();
    const price = { priceMicroPerKwh: '200000', dueMicroPerKwh: '200000', gridFeeMicroPerKwh: '0' };
    rows.tamper(ROW_TYPES.clearingChunk, 0, withValue(['participants', 0, 'fills', 0, 'price'], price));
    expect(broken(rows)).toContain('I11');
  });

  test('a slot was settled with an imbalance price that nobody filed', () => {
    const rows = sampleLedger();
    const imbalance = { pricing: 'single', priceMicroPerKwh: '-1' };
    rows.tamper(ROW_TYPES.posting, 5, withValue(['prices', 'imbalance'], imbalance));
    expect(broken(rows)).toEqual(['I4']);
  });

  test('a position of another session was left out of the settlement of its slots', () => {
    const rows = sampleLedger();
    const intraday = '9'.padStart(26, '0');
    const [position] = rows.rows(ROW_TYPES.position);
    const [participantId = '', place = ''] = position?.parts ?? [];
    const firstSlot = place.slice(0, 8);
    rows.copy(
      ROW_TYPES.position,
      0,
      (row) => ({ ...row, sessionId: intraday, intervalSlots: 2 }),
      participantId,
      `${firstSlot}.${intraday}`,
    );
    rows.put(
      { decode: (row: JsonObject) => row, encode: (row) => row },
      { v: 1, participantId, firstSlot: Number(firstSlot), sessionId: intraday },
      ROW_TYPES.slotPosition,
      'grid',
      firstSlot,
      `${participantId}.${intraday}`,
    );
    expect(broken(rows)).toEqual(['I4']);
  });

  test('nothing was done: a row that is copied onto itself breaks nothing', () => {
    const rows = sampleLedger();
    rows.tamper(ROW_TYPES.posting, 0, same);
    expect(broken(rows)).toEqual([]);
  });
});
