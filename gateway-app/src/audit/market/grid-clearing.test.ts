import {
  clearGridSession,
  clearingChunkCodec,
  clearingCodec,
  contractFlowCodec,
  gridCodec,
  gridInputs,
  gridOutcomeCodec,
  gridTermsCodec,
  sessionFlowCodec,
  slotText,
  testGrid,
  orderCodec,
  orderSetCodec,
  rowCodec,
  sessionCodec,
  testTerms,
  type ContractFlow,
  type Grid,
  type GridOrderInShort,
  type SessionFlow,
  type SessionInputs,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import { auditClearings } from './market';
import { ROW_TYPES } from '../row-types';
import { MemoryRows } from '../testing/memory-rows';

/** Two houses sell more than the station lets out to the supplier; house 2 has a fee and losses. */
const orders: readonly GridOrderInShort[] = [
  ['house-1', 'sell', 0, 5_000n, 100_000n],
  ['house-2', 'sell', 0, 4_000n, 100_000n],
  ['house-2', 'buy', 1, 1_000n, 300_000n],
  ['supplier', 'buy', 0, 20_000n, 200_000n],
  ['supplier', 'sell', 1, 20_000n, 250_000n],
];

/** What a contract carries from house 2 to the grid above in the first hour. */
const flow = contractFlowCodec.decode(
  {
    contractId: 'c'.padStart(26, '0'),
    sellerBus: 'house-2',
    buyerBus: 'above',
    hour: 1_000,
    quartersWh: ['600', '600', '600', '600'],
  },
  '',
);

function putFlow(rows: MemoryRows): void {
  rows.put(rowCodec(contractFlowCodec), flow, ROW_TYPES.contractFlow, 'grid-1', '00001000', flow.contractId);
}

/** What happens on a ledger: how money is made, what contracts carry before, and sessions that are cleared one after the other. */
interface Happened {
  readonly mechanism?: 'uniform' | 'pay-as-bid';
  readonly flows?: readonly ContractFlow[];
  readonly sessions?: readonly (readonly GridOrderInShort[])[];
  /** The highest voltage of both houses, where voltages act; the grid above holds 400 V. */
  readonly maximumMillivolt?: number;
}

/** The grid of the tests with resistances and a band of the voltage at both houses. */
function gridWithBand(maximumMillivolt: number): Grid {
  const resistive = <T extends Grid['transformer']>(branch: T): T => ({ ...branch, resistanceMicroOhm: 100_000 });
  const band = { minimumMillivolt: 390_000, maximumMillivolt };
  const buses = ['house-1', 'house-2'].map((busId) => ({ busId, ...band }));
  return {
    ...testGrid,
    lines: testGrid.lines.map(resistive),
    transformer: resistive(testGrid.transformer),
    voltages: { slackMillivolt: 400_000, buses },
  };
}

function ledger(happened: Happened = {}): MemoryRows {
  const { flows = [], maximumMillivolt, mechanism = 'uniform', sessions = [orders] } = happened;
  const grid = maximumMillivolt === undefined ? testGrid : gridWithBand(maximumMillivolt);
  const gridLimits = maximumMillivolt === undefined ? ('tree' as const) : ('tree-and-voltage' as const);
  const rows = new MemoryRows();
  flows.forEach(() => {
    putFlow(rows);
  });
  rows.put(rowCodec(gridCodec), grid, ROW_TYPES.grid, grid.gridId);
  rows.put(rowCodec(gridTermsCodec), testTerms, ROW_TYPES.gridTerms, testTerms.gridId, '0000001');
  const cleared: SessionFlow[] = [];
  sessions.forEach((short, number) => {
    const inputs = gridInputs(short, testTerms, flows, number);
    const ruleSet = { ...inputs.session.ruleSet, gridLimits, mechanism };
    const session = { ...inputs.session, state: 'CLEARED' as const, ruleSet };
    cleared.push(...putSession(rows, { ...inputs, grid, session, clearedFlows: [...cleared] }));
  });
  return rows;
}

/** Clears a session and puts every row that this makes; answers what the session carries. */
function putSession(rows: MemoryRows, inputs: SessionInputs): readonly SessionFlow[] {
  const { session } = inputs;
  const { sessionId } = session;
  const { chunks, clearing, flows, gridOutcomes } = clearGridSession(inputs, true, undefined);
  rows.put(rowCodec(sessionCodec), session, ROW_TYPES.session, sessionId);
  for (const order of inputs.orders) {
    rows.put(rowCodec(orderCodec), order, ROW_TYPES.order, sessionId, '0', order.orderId);
  }
  for (const set of inputs.orderSets) {
    rows.put(rowCodec(orderSetCodec), set, ROW_TYPES.orderSet, sessionId, set.participantId);
  }
  rows.together(() => {
    rows.put(rowCodec(clearingCodec), clearing, ROW_TYPES.clearing, sessionId);
    for (const one of flows) {
      const place = `${slotText(one.firstSlot)}.${sessionId}`;
      rows.put(rowCodec(sessionFlowCodec), one, ROW_TYPES.sessionFlow, session.gridId, place);
    }
  });
  for (const chunk of chunks) {
    rows.put(rowCodec(clearingChunkCodec), chunk, ROW_TYPES.clearingChunk, sessionId, `000${chunk.chunk}`);
  }
  for (const outcome of gridOutcomes) {
    rows.put(rowCodec(gridOutcomeCodec), outcome, ROW_TYPES.gridOutcome, sessionId, `0${outcome.interval}`);
  }
  return flows;
}

/** Adds one to the decimal string at a path. */
function plusOne(path: readonly (string | number)[]): (row: JsonObject) => JsonValue {
  const change = (node: JsonValue | undefined, [step, ...rest]: readonly (string | number)[]): JsonValue => {
    if (step === undefined) return String(BigInt(String(node)) + 1n);
    if (Array.isArray(node)) return node.map((item: JsonValue, at) => (at === step ? change(item, rest) : item));
    const object = node as JsonObject;
    return { ...object, [step]: change(object[step], rest) };
  };
  return (row) => change(row, path);
}

describe('the audit of a clearing with limits of the grid', () => {
  it.each(['uniform', 'pay-as-bid'] as const)('finds nothing wrong with what the rule has made (%s)', (mechanism) => {
    const result = auditClearings(ledger({ mechanism }));
    expect(result.detail).toBe('2 intervals');
    expect(result.holds).toBe(true);
  });

  it.each([
    ['binds', 401_000, 2],
    ['lets nothing out, so that no limit is left to be named', 400_000, 0],
  ])('finds nothing wrong where a voltage %s, and notices a Wh and a micro-unit', (_, maximumMillivolt, binding) => {
    const rows = ledger({ maximumMillivolt });
    const [outcome] = rows.rows(ROW_TYPES.gridOutcome).map(({ value }) => value as JsonObject);
    const named = outcome?.bindingLimits as readonly JsonObject[];
    expect(named.filter(({ direction }) => direction === 'row')).toHaveLength(binding);
    expect(auditClearings(rows).holds).toBe(true);
    rows.tamper(ROW_TYPES.gridOutcome, 0, plusOne(['rentMicro']));
    expect(auditClearings(rows).holds).toBe(false);
    const moved = ledger({ maximumMillivolt });
    moved.tamper(ROW_TYPES.clearingChunk, 0, plusOne(['participants', 0, 'fills', 0, 'energyWh']));
    expect(auditClearings(moved).holds).toBe(false);
  });

  it('counts what contracts carried when the session was cleared, and nothing that came later', () => {
    const beside = ledger({ flows: [flow] });
    expect(auditClearings(beside).holds).toBe(true);
    beside.remove(ROW_TYPES.contractFlow, 0);
    expect(auditClearings(beside).holds).toBe(false);
    const before = ledger();
    putFlow(before);
    expect(auditClearings(before).holds).toBe(true);
    before.moveToFront(ROW_TYPES.contractFlow, 0);
    expect(auditClearings(before).holds).toBe(false);
  });

  it('counts what other sessions carried when the session was cleared, and nothing that came later', () => {
    const more: GridOrderInShort[] = [
      ['house-2', 'sell', 0, 500n, 100_000n],
      ['house-1', 'buy', 0, 300n, 150_000n],
      ['supplier', 'buy', 0, 500n, 200_000n],
    ];
    const rows = ledger({ sessions: [orders, more] });
    expect(auditClearings(rows).holds).toBe(true);
    // The first session fills the station, so that the second one trades behind it alone: without the row it would trade more.
    const carried = rows.rows(ROW_TYPES.sessionFlow).map(({ value }) => JSON.stringify(value));
    expect(carried.map((text) => text.includes('transformer'))).toEqual([true, false, true]);
    rows.remove(ROW_TYPES.sessionFlow, 0);
    expect(auditClearings(rows).holds).toBe(false);
    const later = ledger({ sessions: [orders, more] });
    later.moveToFront(ROW_TYPES.clearing, 1);
    expect(auditClearings(later).holds).toBe(false);
  });

  const forgeries: readonly (readonly [string, (rows: MemoryRows) => void])[] = [
    [
      'a price of a zone is raised by one micro-unit',
      (rows) => rows.tamper(ROW_TYPES.gridOutcome, 0, plusOne(['zones', 0, 'price', 'clearingMicroPerKwh'])),
    ],
    ['the rent of an interval is raised', (rows) => rows.tamper(ROW_TYPES.gridOutcome, 0, plusOne(['rentMicro']))],
    [
      'a binding limit is left out',
      (rows) => rows.tamper(ROW_TYPES.gridOutcome, 0, (row) => ({ ...row, bindingLimits: [] })),
    ],
    [
      'one Wh is moved to a fill',
      (rows) => rows.tamper(ROW_TYPES.clearingChunk, 0, plusOne(['participants', 0, 'fills', 0, 'energyWh'])),
    ],
    [
      'a fill is paid one micro-unit more',
      (rows) =>
        rows.tamper(ROW_TYPES.clearingChunk, 0, plusOne(['participants', 0, 'fills', 0, 'price', 'dueMicroPerKwh'])),
    ],
    ['rent is booked as dust', (rows) => rows.tamper(ROW_TYPES.clearing, 0, plusOne(['rentMicro']))],
    ['the terms of the session disappear', (rows) => rows.remove(ROW_TYPES.gridTerms, 0)],
    [
      'a session carries one Wh less than its outcome says',
      (rows) => rows.tamper(ROW_TYPES.sessionFlow, 0, plusOne(['branches', 0, 'backwardWh'])),
    ],
    ['what a session carries disappears', (rows) => rows.remove(ROW_TYPES.sessionFlow, 0)],
    ['what a session carries is written again', (rows) => rows.rewrite(ROW_TYPES.sessionFlow, 0)],
    ['what a session carries was written before its clearing', (rows) => rows.moveToFront(ROW_TYPES.sessionFlow, 0)],
    [
      'another session carries something that nobody has cleared',
      (rows) => {
        const sessionId = 'x'.padStart(26, '0');
        const forge = (row: JsonObject): JsonObject => ({ ...row, sessionId });
        rows.copy(ROW_TYPES.sessionFlow, 0, forge, 'grid-1', `00001000.${sessionId}`);
      },
    ],
    [
      'what a session carries stands under another grid',
      (rows) => {
        const [, place = ''] = rows.rows(ROW_TYPES.sessionFlow)[0]?.parts ?? [];
        rows.copy(ROW_TYPES.sessionFlow, 0, (row) => row, 'grid-2', place);
        rows.remove(ROW_TYPES.sessionFlow, 0);
      },
    ],
    ['an outcome disappears', (rows) => rows.remove(ROW_TYPES.gridOutcome, 1)],
    [
      'a fee is lowered after the gate',
      (rows) => rows.tamper(ROW_TYPES.gridTerms, 0, plusOne(['charges', 0, 'buyFeeMicroPerKwh'])),
    ],
  ];

  it.each(forgeries)('notices when %s', (_what, forge) => {
    const rows = ledger();
    forge(rows);
    expect(auditClearings(rows).holds).toBe(false);
  });
});
