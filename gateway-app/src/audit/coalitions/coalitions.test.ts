import type { JsonObject, JsonValue } from '@flexledger/domain';
import { auditRows } from '../audit';
import { ROW_TYPES } from '../row-types';
import { coalitionLedger } from '../testing/flexibility-ledger';
import type { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL } from '../testing/sample-ledger';

/** The invariants that do not hold. */
function broken(rows: MemoryRows): readonly string[] {
  return auditRows(rows, SAMPLE_CHANNEL)
    .filter(({ holds }) => !holds)
    .map(({ id }) => id);
}

const more = (value: JsonValue | undefined, by = 1n): string => (BigInt(String(value)) + by).toString();
const raise = (name: string) => (row: JsonObject) => ({ ...row, [name]: more(row[name]) });
const inside = (name: string, change: (part: JsonObject) => JsonObject) => (row: JsonObject) => ({
  ...row,
  [name]: change(row[name] as JsonObject),
});
/** A change of the first entry of a list. */
const inFirst = (list: string, change: (entry: JsonObject) => JsonObject) => (row: JsonObject) => {
  const [first = {}, ...rest] = row[list] as JsonObject[];
  return { ...row, [list]: [change(first), ...rest] };
};

/** The number of the first posting set of a cause among all that has something in its lines. */
function postingOf(rows: MemoryRows, kind: string, text = ''): number {
  return rows
    .rows(ROW_TYPES.posting)
    .findIndex(({ parts: [id = ''], value }) => id.startsWith(`${kind}.`) && JSON.stringify(value).includes(text));
}

type Forgery = readonly [string, (rows: MemoryRows) => void, readonly string[]];
const tampered =
  (type: string, change: (row: JsonObject) => JsonValue, index = 0) =>
  (rows: MemoryRows) => {
    rows.tamper(type, index, change);
  };
const rewritten =
  (type: string, change: (row: JsonObject) => JsonValue, index = 0) =>
  (rows: MemoryRows) => {
    rows.tamperAll(type, index, change);
  };
const removed = (type: string) => (rows: MemoryRows) => {
  rows.remove(type, 0);
};

const forgeries: readonly Forgery[] = [
  [
    'the case of a choice is another',
    tampered(ROW_TYPES.coalitionCase, inside('asked', inFirst('requests', raise('maxW')))),
    ['I24'],
  ],
  [
    'a case has another digest',
    rewritten(ROW_TYPES.coalitionRequest, (row) => ({ ...row, dataDigest: 'A'.repeat(43) })),
    ['I24'],
  ],
  [
    'a request was for another price than its case says',
    rewritten(ROW_TYPES.serviceRequest, raise('capacityPriceMicroPerKwh')),
    ['I24'],
  ],
  [
    'an asset could do something else than its case says',
    rewritten(ROW_TYPES.technicalData, raise('startCostMicro')),
    ['I24'],
  ],
  ['an asset had no mandate', removed(ROW_TYPES.assetMandates), ['I24']],
  ['a plan earns something else', tampered(ROW_TYPES.coalitionPlan, raise('objectiveNano')), ['I24']],
  ['a plan is not there', removed(ROW_TYPES.coalitionPlan), ['I24']],
  ['a plan was asked for by nobody', removed(ROW_TYPES.coalitionRequest), ['I24']],
  ['an answer is not there', removed(ROW_TYPES.coalitionChunk), ['I24']],
  [
    'a coalition offers more than its plan',
    rewritten(ROW_TYPES.coalition, inFirst('slices', raise('offeredW'))),
    ['I24'],
  ],
  ['a member promises more than its plan', rewritten(ROW_TYPES.coalitionMember, (row) => ({ ...row, powersW: (row.powersW as string[]).map((powerW) => more(powerW)) })), ['I24']], // prettier-ignore
  ['a member is not there', removed(ROW_TYPES.coalitionMember), ['I24']],
  ['a member takes part without a signature', (rows) => rows.rows(ROW_TYPES.coalitionMember).forEach((_, index) => rows.tamper(ROW_TYPES.coalitionMember, index, ({ answer: _answer, ...row }) => ({ ...row, consent: 'signed' }))), ['I24']], // prettier-ignore
  ['a promise is not in the book', tampered(ROW_TYPES.commitmentDay, (row) => ({ ...row, commitments: [] })), ['I24']],
  ['an asset has no duties', tampered(ROW_TYPES.assetDuties, (row) => ({ ...row, duties: [] })), ['I24']],
  ['an asset serves two coalitions at a time', tampered(ROW_TYPES.assetDuties, (row) => ({ ...row, duties: [...(row.duties as JsonObject[]), ...(row.duties as JsonObject[]).map((duty) => ({ ...duty, coalitionId: 'a'.repeat(26) }))] })), ['I24']], // prettier-ignore
  [
    'more was called than was sold',
    rewritten(ROW_TYPES.activation, (row) => ({ ...row, powerW: more(row.powerW, 90_000n) })),
    ['I24'],
  ],
  [
    'a call lasts longer than the service allows',
    rewritten(ROW_TYPES.activation, (row) => ({ ...row, periods: 9 })),
    ['I24'],
  ],
  [
    'a call came to more than was verified',
    tampered(ROW_TYPES.activation, inside('result', raise('deliveredWh'))),
    ['I24'],
  ],
  ['a dispatch has other totals', tampered(ROW_TYPES.dispatch, (row) => ({ ...row, totalsW: (row.totalsW as string[]).map((totalW) => more(totalW)) })), ['I24']], // prettier-ignore
  ['a dispatch is short of more than it says', tampered(ROW_TYPES.dispatch, (row) => ({ ...row, totalsW: (row.totalsW as string[]).map((totalW) => more(totalW, -1n)) })), ['I24']], // prettier-ignore
  ['a dispatch is not there', removed(ROW_TYPES.dispatch), ['I24']],
  ['a pool delivered more than its meters show', tampered(ROW_TYPES.poolDelivery, raise('deliveredWh')), ['I24']],
  [
    'a pool was asked for less',
    tampered(ROW_TYPES.poolDelivery, (row) => ({ ...row, askedWh: more(row.askedWh, -100n) })),
    ['I24'],
  ],
  [
    'a shortfall is forgotten',
    tampered(ROW_TYPES.poolDelivery, (row) => ({ ...row, shortfallWh: '0', flags: ['NO_TELEMETRY'] })),
    ['I24'],
  ],
  ['a member delivered more than its meter shows', (rows) => rows.tamper(ROW_TYPES.poolDelivery, 0, (row) => ({ ...row, members: (row.members as JsonObject[]).map((line) => ({ ...line, deliveredWh: line.askedWh ?? '0', flags: [] })) })), ['I24']], // prettier-ignore
  ['a delivery is not there', removed(ROW_TYPES.poolDelivery), ['I24']],
  [
    'another version of a delivery was lost',
    tampered(ROW_TYPES.poolDelivery, (row) => ({ ...row, version: 2 })),
    ['I24'],
  ],
  ['a remuneration pays more', tampered(ROW_TYPES.remuneration, raise('paidMicro')), ['I24']],
  ['a member gets a larger share', tampered(ROW_TYPES.remuneration, inFirst('lines', raise('shareMicro'))), ['I24']],
  ['a penalty is forgotten', tampered(ROW_TYPES.remuneration, (row) => ({ ...row, penaltyMicro: '0' })), ['I24']],
  ['another rule shares', tampered(ROW_TYPES.remuneration, (row) => ({ ...row, appliedRule: 'shapley' })), ['I24']],
  ['a remuneration is written twice', (rows) => rows.rewrite(ROW_TYPES.remuneration, 0), ['I24']],
  ['a remuneration is not there', removed(ROW_TYPES.remuneration), ['I24']],
  ['a remuneration was posted otherwise', (rows) => rows.tamper(ROW_TYPES.posting, postingOf(rows, 'vpp'), (set) => ({ ...set, entries: [...(set.entries as JsonObject[])].reverse() })), ['I24']], // prettier-ignore
  [
    'a buyer has less locked than it bought for',
    tampered(ROW_TYPES.coalition, (row) => ({ ...row, lockedMicro: more(row.lockedMicro, -1n) })),
    ['I24'],
  ],
  ['a fund has more than was paid in', tampered(ROW_TYPES.serviceFund, raise('availableMicro')), ['I24']],
  ['a fund has other money locked than its coalitions', tampered(ROW_TYPES.serviceFund, (row) => ({ ...row, availableMicro: more(row.availableMicro, -1n), lockedMicro: more(row.lockedMicro) })), ['I24']], // prettier-ignore
  ['a position was not corrected', (rows) => rows.tamper(ROW_TYPES.posting, postingOf(rows, 'settlement', 'coalitions'), (set) => ({ ...set, lines: (set.lines as JsonObject[]).map(({ coalitions: _coalitions, ...line }) => line) })), ['I4', 'I24']], // prettier-ignore
  ['a position was corrected by something else than is transferred', tampered(ROW_TYPES.settledDelivery, inFirst('members', raise('correctedWh'))), ['I24']], // prettier-ignore
  ['nothing says what was corrected', removed(ROW_TYPES.settledDelivery), ['I24']],
];

describe('the audit of coalitions', () => {
  it.each(['answered', 'unanswered'] as const)(
    'finds nothing on a ledger that the contracts have written (%s)',
    (choice) => {
      const results = auditRows(coalitionLedger(choice), SAMPLE_CHANNEL);
      expect(results.filter(({ holds }) => !holds)).toEqual([]);
      expect(results.find(({ id }) => id === 'I24')?.checked).toBeGreaterThanOrEqual(6);
    },
  );

  it.each(forgeries)('notices that %s', (_what, forge, expected) => {
    const rows = coalitionLedger('answered');
    forge(rows);
    expect(broken(rows)).toEqual(expected);
  });

  it('notices a plan that is not the choice of the contract although nobody has answered', () => {
    const rows = coalitionLedger('unanswered');
    rows.tamper(ROW_TYPES.coalitionPlan, 0, raise('boundNano'));
    expect(broken(rows)).toEqual(['I24']);
  });
});
