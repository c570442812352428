import {
  assetCodec,
  commitmentDayCodec,
  exampleAsset,
  rowCodec,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import { auditRows } from '../audit';
import { ROW_TYPES } from '../row-types';
import { putContract } from '../testing/contract-rows';
import type { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL, sampleLedger } from '../testing/sample-ledger';

function contractedLedger(): MemoryRows {
  const rows = sampleLedger();
  putContract(rows);
  return rows;
}

/** The ids of the invariants that do not hold. */
function broken(rows: MemoryRows, channel = SAMPLE_CHANNEL): readonly string[] {
  return auditRows(rows, channel)
    .filter(({ holds }) => !holds)
    .map(({ id }) => id);
}

/** The number of the contract's row of a type among all of its type. */
function indexOf(rows: MemoryRows, type: string): number {
  const [contract] = rows.rows(ROW_TYPES.contract);
  const id = contract?.parts[0] ?? '';
  return rows.rows(type).findIndex(({ parts }) => parts.some((part) => part.includes(id)));
}

/** Changes a part of a row that is an object. */
function within(key: string, changes: JsonObject): (row: JsonObject) => JsonValue {
  return (row) => ({ ...row, [key]: { ...(row[key] as JsonObject), ...changes } });
}

function withCommitment(changes: JsonObject): (row: JsonObject) => JsonValue {
  return (row) => ({
    ...row,
    commitments: (row.commitments as JsonObject[]).map((entry) => ({ ...entry, ...changes })),
  });
}

/** Raises every amount of a posting set in the same way, so that debits still equal credits. */
function raised(row: JsonObject): JsonValue {
  const entries = (row.entries as JsonObject[]).map((entry) => ({
    ...entry,
    amountMicro: String(BigInt(String(entry.amountMicro)) + 1n),
  }));
  return { ...row, entries };
}

const forgedSignature = 'A'.repeat(86);

/** What a forger does, and the invariants that must notice it. */
const forgeries: readonly (readonly [string, (rows: MemoryRows) => void, readonly string[]])[] = [
  [
    'the price of a contract is changed',
    (rows) => rows.tamper(ROW_TYPES.contract, 0, within('terms', { priceMicroPerKwh: '200501' })),
    ['I21'],
  ],
  [
    'the signature of the offer is another one',
    (rows) => rows.tamper(ROW_TYPES.contract, 0, within('offer', { signature: forgedSignature })),
    ['I21'],
  ],
  [
    'the signature of the acceptance is another one',
    (rows) => rows.tamper(ROW_TYPES.contract, 0, within('accepted', { signature: forgedSignature })),
    ['I21'],
  ],
  [
    'the acceptance is signed by the side that made the offer',
    (rows) =>
      rows.tamper(ROW_TYPES.contract, 0, (row) => {
        const { commandId, expirySlot, participantId, signature } = row.offer as JsonObject;
        return within('accepted', { commandId, expirySlot, participantId, signature } as JsonObject)(row);
      }),
    ['I21'],
  ],
  [
    'an accepted contract is said to be rejected',
    (rows) => rows.tamper(ROW_TYPES.contract, 0, (row) => ({ ...row, state: 'REJECTED' })),
    ['I21'],
  ],
  [
    'an interval is said to be displaced',
    (rows) => rows.tamper(ROW_TYPES.contract, 0, (row) => ({ ...row, displaced: [1] })),
    ['I21'],
  ],
  ['a contract disappears', (rows) => rows.remove(ROW_TYPES.contract, 0), ['I21']],
  [
    'a position of a contract disappears',
    (rows) => rows.remove(ROW_TYPES.position, indexOf(rows, ROW_TYPES.position)),
    ['I21'],
  ],
  [
    'a position of a contract is raised',
    (rows) =>
      rows.tamper(ROW_TYPES.position, indexOf(rows, ROW_TYPES.position), (row) => ({
        ...row,
        priceMicroPerKwh: '300000',
      })),
    ['I21'],
  ],
  [
    'the money of a contract was never locked',
    (rows) => rows.remove(ROW_TYPES.posting, indexOf(rows, ROW_TYPES.posting)),
    ['I21'],
  ],
  [
    'more was locked than the buyer owes',
    (rows) => rows.tamper(ROW_TYPES.posting, indexOf(rows, ROW_TYPES.posting), raised),
    ['I3', 'I21'],
  ],
  [
    'a contract carries one Wh less through the grid than it says',
    (rows) => rows.tamper(ROW_TYPES.contractFlow, 0, (row) => ({ ...row, quartersWh: ['833', '834', '834', '834'] })),
    ['I21'],
  ],
  ['what a contract carries disappears', (rows) => rows.remove(ROW_TYPES.contractFlow, 1), ['I21']],
  [
    'what a contract carries was another thing for a while, which clearings have counted',
    (rows) => {
      const right = rows.rows(ROW_TYPES.contractFlow)[0]?.value as JsonObject;
      rows.tamper(ROW_TYPES.contractFlow, 0, (row) => ({ ...row, quartersWh: ['0', '0', '0', '0'] }));
      rows.copy(ROW_TYPES.contractFlow, 0, () => right, ...(rows.rows(ROW_TYPES.contractFlow)[0]?.parts ?? []));
    },
    ['I21'],
  ],
  [
    'what a contract carries was written before it was concluded',
    (rows) => rows.moveToFront(ROW_TYPES.contractFlow, 0),
    ['I21'],
  ],
  [
    'a contract carries something in an hour that it does not have',
    (rows) => {
      const [gridId = '', , contractId = ''] = rows.rows(ROW_TYPES.contractFlow)[0]?.parts ?? [];
      rows.copy(ROW_TYPES.contractFlow, 0, (row) => ({ ...row, hour: 9_804 }), gridId, '00009804', contractId);
    },
    ['I21'],
  ],
  ['a book of promises disappears', (rows) => rows.remove(ROW_TYPES.commitmentDay, 0), ['I21']],
  [
    'a promise is another one than that of the contract',
    (rows) => rows.tamper(ROW_TYPES.commitmentDay, 0, withCommitment({ powersW: ['3333', '1'] })),
    ['I21'],
  ],
  [
    'an asset has promised more than it can do',
    (rows) => rows.tamper(ROW_TYPES.commitmentDay, 0, withCommitment({ powersW: ['30001'] })),
    ['I12', 'I21'],
  ],
  [
    'an asset has promised to the market more than the contract leaves',
    (rows) =>
      rows.tamper(ROW_TYPES.commitmentDay, indexOfDirection(rows, 'up'), (row) => {
        const [promise = {}] = row.commitments as JsonObject[];
        const { counterpartyId: _other, priceMicroPerKwh: _price, ...rest } = promise;
        const sale = { ...rest, promiseId: 'z'.padStart(26, '0'), purpose: 'market', powersW: ['27000', '28001'] };
        return { ...row, commitments: [promise, sale] };
      }),
    ['I12'],
  ],
  [
    'a promise is in the book twice',
    (rows) =>
      rows.tamper(ROW_TYPES.commitmentDay, 0, (row) => {
        const [promise = {}] = row.commitments as JsonObject[];
        return { ...row, commitments: [promise, promise] };
      }),
    ['I12', 'I21'],
  ],
  [
    'a book belongs to nobody',
    (rows) => rows.tamper(ROW_TYPES.commitmentDay, 0, (row) => ({ ...row, assetId: 'y'.padStart(26, '0') })),
    ['I12', 'I21'],
  ],
];

function indexOfDirection(rows: MemoryRows, direction: string): number {
  return rows
    .rows(ROW_TYPES.commitmentDay)
    .findIndex(({ value }) => JSON.stringify(value).includes(`"direction":"${direction}"`));
}

describe('an audit of contracts', () => {
  test('holds on what the rules have made', () => {
    const results = auditRows(contractedLedger(), SAMPLE_CHANNEL);
    expect(results.filter(({ holds }) => !holds)).toEqual([]);
    const counted = results.filter(({ id }) => id === 'I12' || id === 'I21').map(({ checked }) => checked);
    expect(counted).toEqual([2, 1]);
  });

  test.each(forgeries)('notices when %s', (_what, forge, expected) => {
    const rows = contractedLedger();
    forge(rows);
    expect(broken(rows)).toEqual(expected);
  });

  test.each([
    [20_000n, []],
    [20_001n, ['I12']],
  ])('takes the book of a storage of 10 kW that has promised %d W', (powerW, expected) => {
    const rows = contractedLedger();
    const asset = assetCodec.decode(
      { ...exampleAsset, kind: 'storage', ratedPowerW: '10000', status: 'REGISTERED' },
      '',
    );
    rows.put(rowCodec(assetCodec), asset, ROW_TYPES.asset, asset.assetId);
    const [{ value } = { value: {} }] = rows.rows(ROW_TYPES.commitmentDay);
    const book = withCommitment({ powersW: [String(powerW)], purpose: 'flexibility' })(
      value as JsonObject,
    ) as JsonObject;
    const { v: _format, ...day } = book;
    rows.put(
      rowCodec(commitmentDayCodec),
      commitmentDayCodec.decode({ ...day, assetId: asset.assetId }, ''),
      ROW_TYPES.commitmentDay,
      asset.assetId,
      String(day.day).padStart(8, '0'),
    );
    expect(broken(rows)).toEqual(expected);
  });

  test('notices when the signatures are for another channel', () => {
    expect(broken(contractedLedger(), 'another-channel')).toContain('I21');
  });
});
