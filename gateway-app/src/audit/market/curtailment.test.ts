import {
  curtailmentFundCodec,
  decodeWhole,
  digestOf,
  limitationCodec,
  isJsonObject,
  move,
  postingSetCodec,
  postingSetId,
  resettle,
  rowCodec,
  setPointCodec,
  type CommandId,
  type JsonObject,
  type JsonValue,
  type PostingSet,
} from '@flexledger/domain';
import { auditRows } from '../audit';
import { ROW_TYPES } from '../row-types';
import type { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL, sampleLedger } from '../testing/sample-ledger';

const limitationId = 'c'.padStart(26, '0');
const postings = rowCodec(postingSetCodec);

function isFirst({ cause }: PostingSet): boolean {
  return cause.kind === 'settlement' && cause.slot === 9_696;
}

function indexOfSettlement(rows: MemoryRows): number {
  return rows.rows(ROW_TYPES.posting).findIndex(({ value }) => isJsonObject(value) && isFirst(postings.decode(value)));
}

function settlementOf(rows: MemoryRows): PostingSet {
  const value = rows.rows(ROW_TYPES.posting)[indexOfSettlement(rows)]?.value;
  return postings.decode(isJsonObject(value) ? value : {});
}

/** The sample ledger, but its seller was limited to 800 of 1,200 W in the first quarter hour, and that is settled. */
function limitedLedger(): MemoryRows {
  const rows = sampleLedger();
  const commandId = '9'.padStart(26, '0') as CommandId;
  const paidIn = {
    cause: { kind: 'fund', commandId },
    entries: move('bank', 'curtailment', 500_000n, 'fund'),
  } as const;
  rows.put(postings, paidIn, ROW_TYPES.posting, postingSetId(paidIn.cause));
  rows.moveToFront(
    ROW_TYPES.posting,
    rows.rows(ROW_TYPES.posting).findIndex(({ parts }) => parts[0] === postingSetId(paidIn.cause)),
  );
  const fund = decodeWhole(curtailmentFundCodec, { availableMicro: '460000' });
  rows.put(rowCodec(curtailmentFundCodec), fund, ROW_TYPES.curtailmentFund, 'available');
  putLimit(rows);
  rows.tamper(ROW_TYPES.posting, indexOfSettlement(rows), (value) => {
    const set = postings.decode(value);
    const lines = set.lines?.map((line) => (line.exportWh > 0n ? withLimit(line) : line)) ?? [];
    return postings.encode(resettle({ ...set, lines }));
  });
  return rows;
}

function sellerOf(rows: MemoryRows): string {
  const set = settlementOf(rows);
  return set.lines?.find(({ exportWh }) => exportWh > 0n)?.participantId ?? '';
}

function putLimit(rows: MemoryRows): void {
  const common = { limitationId, direction: 'export', fromSlot: 9_696, slots: 1 };
  const limitation = decodeWhole(limitationCodec, {
    ...common,
    gridId: 'grid',
    elementId: 'line',
    measuredSlot: 9_694,
    measuredW: '1200',
    source: { kind: 'stated', source: 'SCADA' },
    elementLimitW: '800',
    rules: { triggerPpm: '950000', sharing: 'present-flow', importFloorW: '0' },
    compensation: { kind: 'fixed', priceMicroPerKwh: '100000' },
    connections: 1,
    limitsDigest: digestOf('limits'),
    unresolvedW: '0',
    coveredMicro: '40000',
    releasedMicro: '15000',
  });
  rows.put(rowCodec(limitationCodec), limitation, ROW_TYPES.limitation, limitationId);
  const participantId = sellerOf(rows);
  const setPoint = decodeWhole(setPointCodec, {
    ...common,
    participantId,
    bus: 'bus',
    presentW: '1200',
    limitW: '800',
    silent: false,
    decidedBy: 'line',
    heldBackWh: '100',
    coverMicro: '40000',
  });
  rows.put(rowCodec(setPointCodec), setPoint, ROW_TYPES.setPoint, participantId, `00009696.${limitationId}.bus`);
}

type Line = NonNullable<PostingSet['lines']>[number];

/** A line with the limit as the ledger has it; what the rule makes of it is worked out by settling again. */
function withLimit(line: Line, changes: JsonObject = {}): Line {
  const listed = {
    limitationId,
    bus: 'bus',
    direction: 'export',
    meterIds: line.meters.map(({ meterId }) => meterId),
    possibleWh: '300',
    limitWh: '200',
    priceMicroPerKwh: '100000',
    coverMicro: '40000',
    ...Object.fromEntries(resultKeys.map((key) => [key, '0'])),
    ...changes,
  };
  const encoded = postingSetCodec.encode({
    cause: { kind: 'fund', commandId: limitationId as CommandId },
    entries: [],
    lines: [line],
  });
  const [own] = (encoded as { lines: JsonObject[] }).lines;
  const [changed] =
    postingSetCodec.decode({ ...(encoded as JsonObject), lines: [{ ...own, curtailments: [listed] }] }, '').lines ?? [];
  return changed ?? line;
}

const resultKeys = [
  'heldBackWh',
  'correctedWh',
  'compensatedWh',
  'compensationMicro',
  'takeoverCostMicro',
  'takeoverGainMicro',
  'uncoveredMicro',
];

/** Settles the limited quarter hour again with a limit that says something else, so that the set itself is consistent. */
function resettledWith(changes: JsonObject): (rows: MemoryRows) => void {
  return (rows) => {
    rows.tamper(ROW_TYPES.posting, indexOfSettlement(rows), (value) => {
      const set = postings.decode(value);
      const lines = set.lines?.map((line) => (line.curtailments === undefined ? line : withLimit(line, changes))) ?? [];
      return postings.encode(resettle({ ...set, lines }));
    });
  };
}

function changed(type: string, changes: JsonObject): (rows: MemoryRows) => void {
  return (rows) => {
    rows.tamper(type, 0, (row) => ({ ...row, ...changes }));
  };
}

function broken(rows: MemoryRows): readonly string[] {
  return auditRows(rows, SAMPLE_CHANNEL)
    .filter(({ holds }) => !holds)
    .map(({ id }) => id);
}

describe('an audit of limits that were compensated', () => {
  it('finds nothing where they are settled as the ledger says', () => {
    const rows = limitedLedger();
    const set = settlementOf(rows);
    // 50 of the 100 Wh were sold and cost 0.40 a kWh, 50 were not and bring 0.10.
    expect(set.lines?.flatMap(({ curtailments = [] }) => curtailments)).toMatchObject([
      { heldBackWh: 100n, correctedWh: 50n, compensationMicro: 5_000n, takeoverCostMicro: 20_000n },
    ]);
    expect(broken(rows)).toEqual([]);
  });

  it.each<readonly [string, (rows: MemoryRows) => void, readonly string[]]>([
    ['more was possible than the connection had shown', resettledWith({ possibleWh: '350' }), ['I4']],
    ['another price was paid', resettledWith({ priceMicroPerKwh: '110000' }), ['I4']],
    ['more was set aside than the limit says', resettledWith({ coverMicro: '41000' }), ['I4']],
    ['the limit of another row was compensated', resettledWith({ bus: 'elsewhere' }), ['I4']],
    ['the limit was lifted before the quarter hour', changed(ROW_TYPES.limitation, { liftedSlot: 9_696 }), ['I4']],
    ['the limit held an hour later', changed(ROW_TYPES.setPoint, { fromSlot: 9_700 }), ['I4']],
    ['the limit was of another grid', changed(ROW_TYPES.limitation, { gridId: 'other' }), ['I4']],
    ['more money was freed than was left', changed(ROW_TYPES.limitation, { releasedMicro: '15001' }), ['I4']],
    ['less money was set aside than the limits have', changed(ROW_TYPES.limitation, { coveredMicro: '39999' }), ['I4']],
    [
      'a limit is part of nothing',
      (rows) => {
        rows.remove(ROW_TYPES.limitation, 0);
      },
      ['I4'],
    ],
    ['more is free than the fund holds', changed(ROW_TYPES.curtailmentFund, { availableMicro: '475001' }), ['I3']],
  ])('notices when %s', (_what, forge, expected) => {
    const rows = limitedLedger();
    forge(rows);
    expect(broken(rows)).toEqual(expected);
  });

  it('notices a compensation that the rule does not make of its inputs', () => {
    const rows = limitedLedger();
    rows.tamper(ROW_TYPES.posting, indexOfSettlement(rows), (row) => ({
      ...row,
      lines: (row.lines as JsonObject[]).map((line) => ({
        ...line,
        ...(line.curtailments === undefined ? {} : { curtailments: raised(line.curtailments) }),
      })),
    }));
    expect(broken(rows)).toEqual(['I4']);
  });
});

function raised(curtailments: JsonValue): JsonValue {
  return (curtailments as JsonObject[]).map((one) => ({ ...one, compensationMicro: '5001' }));
}
