import type { JsonObject, JsonValue } from '@flexledger/domain';
import { auditRows } from '../audit';
import { ROW_TYPES } from '../row-types';
import { flexibilityLedger } from '../testing/flexibility-ledger';
import type { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL } from '../testing/sample-ledger';

/** The invariants that do not hold, and what is said of them. */
function broken(rows: MemoryRows): readonly string[] {
  return auditRows(rows, SAMPLE_CHANNEL)
    .filter(({ holds }) => !holds)
    .map(({ id }) => id);
}

const more = (value: JsonValue | undefined, by = 1n): string => (BigInt(String(value)) + by).toString();
const part = (row: JsonObject, name: string): JsonObject => row[name] as JsonObject;

/** A change of the first entry of a list in a row. */
function inFirst(list: string, change: (entry: JsonObject) => JsonObject): (row: JsonObject) => JsonObject {
  return (row) => {
    const [first = {}, ...rest] = row[list] as JsonObject[];
    return { ...row, [list]: [change(first), ...rest] };
  };
}

/** The number of the posting set of a cause among all. */
function postingOf(rows: MemoryRows, kind: string): number {
  return rows.rows(ROW_TYPES.posting).findIndex(({ parts: [id = ''] }) => id.startsWith(`${kind}.`));
}

type Forgery = readonly [string, (rows: MemoryRows) => void, readonly string[]];

const raise = (name: string) => (row: JsonObject) => ({ ...row, [name]: more(row[name]) });

const forgeries: readonly Forgery[] = [
  ['a settlement pays more', (rows) => rows.tamper(ROW_TYPES.flexSettlement, 0, raise('paidMicro')), ['I22']],
  [
    'a prosumer is rewarded with more',
    (rows) => rows.tamper(ROW_TYPES.flexSettlement, 0, inFirst('prosumers', raise('rewardMicro'))),
    ['I22'],
  ],
  [
    'a prosumer is settled by other terms',
    (rows) =>
      rows.tamper(
        ROW_TYPES.flexSettlement,
        0,
        inFirst('prosumers', (line) => ({ ...line, terms: raise('rewardMicroPerKwh')(part(line, 'terms')) })),
      ),
    ['I22'],
  ],
  [
    'energy is transferred at another price',
    (rows) => rows.tamper(ROW_TYPES.flexSettlement, 0, raise('transferPriceMicroPerKwh')),
    ['I22'],
  ],
  ['a settlement is written twice', (rows) => rows.rewrite(ROW_TYPES.flexSettlement, 0), ['I22']],
  ['a settlement is not there', (rows) => rows.remove(ROW_TYPES.flexSettlement, 0), ['I22']],
  [
    'a settlement is posted with other amounts',
    (rows) =>
      rows.tamper(ROW_TYPES.posting, postingOf(rows, 'flexibility'), (set) => ({
        ...set,
        entries: (set.entries as JsonObject[])
          .map((entry) => ({ ...entry, amountMicro: more(entry.amountMicro, 0n) }))
          .reverse(),
      })),
    ['I22'],
  ],
  [
    'a fund has more than was paid in',
    (rows) => rows.tamper(ROW_TYPES.flexibilityFund, 0, raise('availableMicro')),
    ['I3'],
  ],
  [
    'more was delivered than meters show',
    (rows) => rows.tamper(ROW_TYPES.performance, 0, raise('deliveredWh')),
    ['I22'],
  ],
  [
    'more is set aside for an order than it costs',
    (rows) => rows.tamper(ROW_TYPES.flexCover, 0, raise('payerMicro')),
    ['I3', 'I22'],
  ],
  [
    'an event is completed with more',
    (rows) =>
      rows.tamper(ROW_TYPES.flexEvent, 0, (row) => ({ ...row, result: raise('deliveredWh')(part(row, 'result')) })),
    ['I22'],
  ],
  [
    'a flag of an event is forgotten',
    (rows) =>
      rows.tamper(ROW_TYPES.flexEvent, 0, (row) => ({
        ...row,
        result: { ...part(row, 'result'), flags: ['SILENT_METER'] },
      })),
    ['I22'],
  ],
  ['an event is not there', (rows) => rows.remove(ROW_TYPES.flexEvent, 0), ['I22']],
  ['an order has another price', (rows) => rows.tamper(ROW_TYPES.flexOrder, 0, raise('priceMicro')), ['I22']],
  [
    'a programme has other terms',
    (rows) =>
      rows.tamper(ROW_TYPES.programme, 0, (row) => ({ ...row, terms: raise('rewardMicroPerKwh')(part(row, 'terms')) })),
    ['I22'],
  ],
  [
    'the case of a split is another',
    (rows) =>
      rows.tamper(ROW_TYPES.splitCase, 0, (row) => ({
        ...row,
        asked: raise('shortfallMicroPerKwh')(part(row, 'asked')),
      })),
    ['I22'],
  ],
  ['a plan costs something else', (rows) => rows.tamper(ROW_TYPES.splitPlan, 0, raise('objectiveNano')), ['I22']],
  ['a plan is not there', (rows) => rows.remove(ROW_TYPES.splitPlan, 0), ['I22']],
  [
    'a promise of an event is not in the book',
    (rows) => rows.tamper(ROW_TYPES.commitmentDay, 0, (row) => ({ ...row, commitments: [] })),
    ['I22'],
  ],
  [
    'a position was not corrected by what was delivered',
    (rows) =>
      rows.tamper(ROW_TYPES.posting, postingOf(rows, 'settlement'), (set) => ({
        ...set,
        lines: (set.lines as JsonObject[]).map(({ flexibility: _flexibility, ...line }) => line),
      })),
    ['I4', 'I22'],
  ],
  [
    'what somebody disputes is changed',
    (rows) => rows.tamper(ROW_TYPES.dispute, 0, (row) => ({ ...row, text: 'No.' })),
    ['I23'],
  ],
  [
    'an answer is changed',
    (rows) =>
      rows.tamper(ROW_TYPES.dispute, 0, (row) => ({ ...row, answer: { ...part(row, 'answer'), text: 'Yes.' } })),
    ['I23'],
  ],
  [
    'a ruling orders something else than was posted',
    (rows) =>
      rows.tamper(ROW_TYPES.dispute, 0, (row) => ({
        ...row,
        ruling: { ...part(row, 'ruling'), remedy: { kind: 'correction', amountMicro: '1001' } },
      })),
    ['I23'],
  ],
  [
    'a dispute is ruled and not ruled',
    (rows) => rows.tamper(ROW_TYPES.dispute, 0, (row) => ({ ...row, state: 'WITHDRAWN' })),
    ['I23'],
  ],
  ['a dispute is not there', (rows) => rows.remove(ROW_TYPES.dispute, 0), ['I23']],
  ['a dispute stands twice', (rows) => rows.copy(ROW_TYPES.dispute, 0, (row) => row, 'a'.repeat(26)), ['I23']],
  ['a ruling was not posted', (rows) => rows.remove(ROW_TYPES.posting, postingOf(rows, 'dispute')), ['I23']],
];

describe('the audit of flexibility and disputes', () => {
  it.each(['answered', 'unanswered'] as const)(
    'finds nothing on a ledger that the contracts have written (%s)',
    (split) => {
      const results = auditRows(flexibilityLedger(split), SAMPLE_CHANNEL);
      expect(results.filter(({ holds }) => !holds)).toEqual([]);
      const checked = new Map(results.map(({ checked: facts, id }) => [id, facts]));
      expect([checked.get('I22')! > 8, checked.get('I23')]).toEqual([true, 1]);
    },
  );

  it.each(forgeries)('notices that %s', (_what, forge, expected) => {
    const rows = flexibilityLedger('answered');
    forge(rows);
    expect(broken(rows)).toEqual(expected);
  });

  it('notices that the answer of an oracle is another, or none', () => {
    const other = flexibilityLedger('answered');
    other.tamper(ROW_TYPES.splitChunk, 0, (row) => ({
      ...row,
      piece: String(row.piece).replace('"boundNano":"', '"boundNano":"9'),
    }));
    expect(broken(other)).toEqual(['I22']);
    const none = flexibilityLedger('answered');
    none.remove(ROW_TYPES.splitChunk, 0);
    expect(broken(none)).toEqual(['I22']);
  });

  it('notices a plan that is not the merit order although nobody has answered', () => {
    const rows = flexibilityLedger('unanswered');
    rows.tamper(ROW_TYPES.splitPlan, 0, raise('boundNano'));
    expect(broken(rows)).toEqual(['I22']);
  });

  it('notices a baseline that is not made from the readings of its days', () => {
    const rows = flexibilityLedger('answered');
    rows.tamperAll(ROW_TYPES.flexEvent, 0, (row) => ({
      ...row,
      baseline: { ...part(row, 'baseline'), inputsDigest: 'A'.repeat(43) },
    }));
    expect(broken(rows)).toEqual(['I22']);
  });
});
