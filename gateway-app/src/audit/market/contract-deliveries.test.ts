import {
  contractDeliveryCodec,
  contractPositions,
  decideDelivery,
  micro,
  orderSetCodec,
  outcomeOf,
  partyContractCodec,
  postingSetCodec,
  postingSetId,
  rowCodec,
  sellerQuarter,
  sessionCodec,
  settleSlot,
  slotPositionOf,
  slotText,
  wh,
  type ConcludedContract,
  type JsonObject,
  type JsonValue,
} from '@flexledger/domain';
import { auditDeliveries } from './contract-deliveries';
import { Findings } from '../findings';
import { readMoney } from '../money/money';
import { ROW_TYPES } from '../row-types';
import { putContract } from '../testing/contract-rows';
import { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_RULE_SET } from '../testing/sample-ledger';

const RULES = { commitments: true, contractDelivery: 'terms' } as const;

function id(name: string): string {
  return name.padStart(26, '0');
}

/** A contract of a seller without meters, so that nothing of it is delivered, settled in its first quarter hour. */
function settledLedger(): { readonly rows: MemoryRows; readonly contract: ConcludedContract } {
  const rows = new MemoryRows();
  const contract = putContract(rows, RULES);
  const { terms } = contract;
  const { firstSlot: slot, gridId } = terms;
  const session = sessionCodec.decode(
    {
      sessionId: id('y'),
      kind: 'day-ahead',
      gridId,
      firstSlot: slot,
      intervals: 2,
      intervalSlots: 4,
      gateCloseSlot: slot - 8,
      publishDeadlineSlot: slot - 4,
      ruleSet: { ...SAMPLE_RULE_SET, ...RULES },
      state: 'APPLIED',
    },
    '',
  );
  const { ruleSet, sessionId } = session;
  rows.put(rowCodec(sessionCodec), session, ROW_TYPES.session, sessionId);
  const reserveMicro = micro(1_000_000n);
  const all = contractPositions(contract);
  for (const participantId of [terms.sellerParticipantId, terms.buyerParticipantId]) {
    const orderSet = {
      sessionId,
      participantId,
      orderIds: [id('7')],
      connectionLimitW: '30000',
      collateralMicro: '9000000',
      reserveMicroPerSlot: reserveMicro.toString(),
    };
    const codec = rowCodec(orderSetCodec);
    rows.put(codec, orderSetCodec.decode(orderSet, ''), ROW_TYPES.orderSet, sessionId, participantId);
    const place = `${participantId}.${contract.contractId}`;
    const { contractId } = contract;
    rows.put(rowCodec(partyContractCodec), { contractId }, ROW_TYPES.slotPosition, gridId, slotText(slot), place);
  }
  const delivery = decideDelivery(
    sellerQuarter({
      session,
      run: 1,
      slot,
      participant: { participantId: terms.sellerParticipantId, kind: 'prosumer' },
      meters: [],
      reserveMicro,
      positions: all
        .filter(({ participantId }) => participantId === terms.sellerParticipantId)
        .map((position) => [position, { contract }]),
    }),
  );
  const key = `${slotText(slot)}.01.${sessionId}`;
  rows.put(rowCodec(contractDeliveryCodec), delivery, ROW_TYPES.contractDelivery, delivery.participantId, key);
  const participants = all
    .filter(({ firstSlot }) => firstSlot === slot)
    .map((position) => {
      const outcome = outcomeOf(delivery, position.sessionId);
      const settled = slotPositionOf(position);
      return {
        participantId: position.participantId,
        scheduled: false,
        intervalBoughtWh: wh(0n),
        intervalSoldWh: wh(0n),
        intervalBuyMicro: micro(0n),
        intervalSellMicro: micro(0n),
        positions: [outcome === undefined ? settled : { ...settled, outcome }],
        reserveMicro,
        meters: [],
      };
    });
  const set = settleSlot({
    sessionId,
    run: 1,
    slot,
    bucket: 0,
    quarter: 0,
    ruleSet,
    participants,
    balancing: undefined,
  });
  rows.put(rowCodec(postingSetCodec), set, ROW_TYPES.posting, postingSetId(set.cause));
  return { rows, contract };
}

function problemsOf({ contract, rows }: ReturnType<typeof settledLedger>): readonly string[] {
  const problems: string[] = [];
  const findings = new Findings('I21', 'contracts', (problem) => problems.push(problem));
  auditDeliveries(rows, readMoney(rows), [contract], findings);
  return problems;
}

function settlementIndex(rows: MemoryRows): number {
  return rows.rows(ROW_TYPES.posting).findIndex(({ parts }) => parts[0]?.startsWith('settlement') === true);
}

/** Changes what each contract came to. */
function withOutcomes(changes: JsonObject): (row: JsonObject) => JsonValue {
  return (row) => ({
    ...row,
    outcomes: (row.outcomes as JsonObject[]).map((entry) => ({
      ...entry,
      outcome: { ...(entry.outcome as JsonObject), ...changes },
    })),
  });
}

/** Changes the positions of the lines that are settled. */
function withPositions(change: (position: JsonObject) => JsonObject): (row: JsonObject) => JsonValue {
  return (row) => ({
    ...row,
    lines: (row.lines as JsonObject[]).map((line) => ({
      ...line,
      positions: (line.positions as JsonObject[]).map(change),
    })),
  });
}

const METER = { meterId: id('m'), importWh: '0', exportWh: '900', quality: 'OK', blockStartSlot: 9_796 };

const forgeries: readonly (readonly [string, (rows: MemoryRows) => void, string])[] = [
  [
    'more is said to be delivered than the meters say',
    (rows) => rows.tamper(ROW_TYPES.contractDelivery, 0, withOutcomes({ deliveredWh: '1' })),
    "is not what its seller's meters and positions come to",
  ],
  [
    'a reading is invented',
    (rows) => rows.tamper(ROW_TYPES.contractDelivery, 0, (row) => ({ ...row, meters: [METER] })),
    'that the ledger did not have',
  ],
  [
    'a sale is left out',
    (rows) => rows.tamper(ROW_TYPES.contractDelivery, 0, (row) => ({ ...row, sales: [], outcomes: [] })),
    "is not what its seller's meters and positions come to",
  ],
  [
    'the lock of the seller is another one',
    (rows) => rows.tamper(ROW_TYPES.contractDelivery, 0, (row) => ({ ...row, reserveMicro: '1' })),
    "is not what its seller's meters and positions come to",
  ],
  [
    'it is decided twice',
    (rows) => {
      rows.rewrite(ROW_TYPES.contractDelivery, 0);
    },
    'was written 2 times',
  ],
  [
    'nothing has decided it',
    (rows) => {
      rows.remove(ROW_TYPES.contractDelivery, 0);
    },
    'with another delivery of',
  ],
  [
    'it was settled before it was decided',
    (rows) => {
      rows.moveToFront(ROW_TYPES.posting, settlementIndex(rows));
    },
    'with another delivery of',
  ],
  [
    'the sides are settled as if all had come',
    (rows) =>
      rows.tamper(
        ROW_TYPES.posting,
        settlementIndex(rows),
        withPositions(({ outcome: _outcome, ...position }) => position),
      ),
    'with another delivery of',
  ],
];

describe('an audit of deliveries', () => {
  test('holds on what the rules have made', () => {
    expect(problemsOf(settledLedger())).toEqual([]);
  });

  test.each(forgeries)('notices when %s', (_what, forge, problem) => {
    const ledger = settledLedger();
    forge(ledger.rows);
    expect(problemsOf(ledger).join('; ')).toContain(problem);
  });
});
