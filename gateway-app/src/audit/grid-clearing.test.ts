import {
  clearGridSession,
  clearingChunkCodec,
  clearingCodec,
  contractFlowCodec,
  gridCodec,
  gridInputs,
  gridOutcomeCodec,
  gridTermsCodec,
  orderCodec,
  orderSetCodec,
  rowCodec,
  sessionCodec,
  testTerms,
  type ContractFlow,
  type GridOrderInShort,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import { auditClearings } from './market';
import { ROW_TYPES } from './row-types';
import { MemoryRows } from './testing/memory-rows';

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

function ledger(mechanism: 'uniform' | 'pay-as-bid' = 'uniform', flows: readonly ContractFlow[] = []): MemoryRows {
  const inputs = gridInputs(orders, testTerms, flows);
  const session = {
    ...inputs.session,
    state: 'CLEARED' as const,
    ruleSet: { ...inputs.session.ruleSet, mechanism },
  };
  const { sessionId } = session;
  const { chunks, clearing, gridOutcomes } = clearGridSession({ ...inputs, session }, true, undefined);
  const rows = new MemoryRows();
  flows.forEach(() => {
    putFlow(rows);
  });
  rows.put(rowCodec(gridCodec), inputs.grid, ROW_TYPES.grid, inputs.grid.gridId);
  rows.put(rowCodec(gridTermsCodec), testTerms, ROW_TYPES.gridTerms, testTerms.gridId, '0000001');
  rows.put(rowCodec(sessionCodec), session, ROW_TYPES.session, sessionId);
  for (const order of inputs.orders) {
    rows.put(rowCodec(orderCodec), order, ROW_TYPES.order, sessionId, '0', order.orderId);
  }
  for (const set of inputs.orderSets) {
    rows.put(rowCodec(orderSetCodec), set, ROW_TYPES.orderSet, sessionId, set.participantId);
  }
  rows.put(rowCodec(clearingCodec), clearing, ROW_TYPES.clearing, sessionId);
  for (const chunk of chunks) {
    rows.put(rowCodec(clearingChunkCodec), chunk, ROW_TYPES.clearingChunk, sessionId, `000${chunk.chunk}`);
  }
  for (const outcome of gridOutcomes) {
    rows.put(rowCodec(gridOutcomeCodec), outcome, ROW_TYPES.gridOutcome, sessionId, `0${outcome.interval}`);
  }
  return rows;
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
    const result = auditClearings(ledger(mechanism));
    expect(result.detail).toBe('2 intervals');
    expect(result.holds).toBe(true);
  });

  it('counts what contracts carried when the session was cleared, and nothing that came later', () => {
    const beside = ledger('uniform', [flow]);
    expect(auditClearings(beside).holds).toBe(true);
    beside.remove(ROW_TYPES.contractFlow, 0);
    expect(auditClearings(beside).holds).toBe(false);
    const before = ledger();
    putFlow(before);
    expect(auditClearings(before).holds).toBe(true);
    before.moveToFront(ROW_TYPES.contractFlow, 0);
    expect(auditClearings(before).holds).toBe(false);
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
