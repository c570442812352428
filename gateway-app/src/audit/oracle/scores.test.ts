import {
  answerChunkCodec,
  answerHeadCodec,
  clockSlotCodec,
  computationCodec,
  readSpan,
  rowCodec,
  scoreAnswer,
  scoreCodec,
  scoreLineCodec,
  scoreLineOf,
  slotRange,
  slotText,
  type JsonObject,
  type JsonValue,
  type MeterId,
  type QualifiedTotal,
  type Score,
} from '@flexledger/domain';
import { auditForecasts } from './forecasts';
import { Findings } from '../findings';
import { readingTotals, totalKey } from '../meters/meters';
import { decodeValue } from '../decoded-rows';
import { ROW_TYPES } from '../row-types';
import type { MemoryRows } from '../testing/memory-rows';
import { SAMPLE_CHANNEL, sampleLedger } from '../testing/sample-ledger';

const [FIRST, LAST] = [0, 1];

function valueOf(rows: MemoryRows, type: string): JsonValue {
  const [row] = rows.rows(type);
  if (row === undefined) throw new RangeError(`there is no row of type ${type}`);
  return row.value;
}

/** The score that the readings of the sample make of its answer; with some of them missing, where they came later. */
function scoreOf(rows: MemoryRows, version: number, isThere: (meterId: MeterId) => boolean): Score {
  const request = decodeValue(valueOf(rows, ROW_TYPES.computation), rowCodec(computationCodec));
  const head = decodeValue(valueOf(rows, ROW_TYPES.computationAnswer), rowCodec(answerHeadCodec));
  const { series } = decodeValue(valueOf(rows, ROW_TYPES.computationChunk), rowCodec(answerChunkCodec));
  const totals = readingTotals(rows, new Findings('none', 'none'));
  const { fromSlot, toSlot } = readSpan(request);
  const readings = new Map(
    request.meterIds.map((meterId) => {
      const known = slotRange(fromSlot, toSlot - fromSlot + 1).map((at) => totals.get(totalKey(meterId, at)));
      const usable = known.filter((total): total is NonNullable<typeof total> => total !== undefined);
      return [meterId, isThere(meterId) ? usable : []] as readonly [MeterId, readonly QualifiedTotal[]];
    }),
  );
  return scoreAnswer({ request, head, series }, readings, version);
}

function put(rows: MemoryRows, score: Score): void {
  const { firstSlot, mspId, requestId, version } = score;
  rows.together(() => {
    rows.put(rowCodec(scoreCodec), score, ROW_TYPES.score, requestId, mspId, `000${version}`);
    const line = `${slotText(firstSlot)}.${requestId}.${mspId}`;
    rows.put(rowCodec(scoreLineCodec), scoreLineOf(score), ROW_TYPES.scoreLine, line);
  });
}

/** The sample, whose forecast was scored when its four slots had ended. */
function scoredLedger(): MemoryRows {
  const rows = sampleLedger();
  const score = scoreOf(rows, 1, () => true);
  rows.put(rowCodec(clockSlotCodec), { timekeeper: 'DsoMSP' }, ROW_TYPES.clock, slotText(score.firstSlot));
  const end = slotText(slotRange(score.firstSlot, 5).at(-1) ?? score.firstSlot);
  rows.put(rowCodec(clockSlotCodec), { timekeeper: 'DsoMSP' }, ROW_TYPES.clock, end);
  put(rows, score);
  return rows;
}

function raised(row: JsonObject): JsonValue {
  const single = row.single as JsonObject;
  return { ...row, single: { ...single, imported: { ...(single.imported as JsonObject), covered: 0 } } };
}

describe('the audit of scores', () => {
  it('finds nothing where each score follows from the readings and the answer', () => {
    const result = auditForecasts(scoredLedger(), SAMPLE_CHANNEL);
    expect(result.holds).toBe(true);
    expect(result.checked).toBe(auditForecasts(sampleLedger(), SAMPLE_CHANNEL).checked + 1);
  });

  it.each<[string, (rows: MemoryRows) => void]>([
    ['a score says something better', (rows) => rows.tamper(ROW_TYPES.score, FIRST, raised)],
    ['the scoreboard says something better', (rows) => rows.tamper(ROW_TYPES.scoreLine, FIRST, raised)],
    ['a score disappears from the scoreboard', (rows) => rows.remove(ROW_TYPES.scoreLine, FIRST)],
    ['a score disappears', (rows) => rows.remove(ROW_TYPES.score, FIRST)],
    ['a score is written twice', (rows) => rows.rewrite(ROW_TYPES.score, FIRST)],
    [
      'a score is of another organisation',
      (rows) => rows.tamper(ROW_TYPES.score, FIRST, (row) => ({ ...row, mspId: 'TsoMSP' })),
    ],
    ['a version is left out', (rows) => rows.tamper(ROW_TYPES.score, FIRST, (row) => ({ ...row, version: 2 }))],
    ['a score stands before its forecast has ended', (rows) => rows.moveToFront(ROW_TYPES.score, FIRST)],
    [
      'a reading was not there when it was scored',
      (rows) =>
        put(
          rows,
          scoreOf(rows, 2, () => false),
        ),
    ],
    ['the answer came after its first slot had begun', (rows) => rows.moveToFront(ROW_TYPES.clock, FIRST)],
    ['the forecast had not ended', (rows) => rows.remove(ROW_TYPES.clock, LAST)],
  ])('notices where %s', (_what, forge) => {
    const rows = scoredLedger();
    forge(rows);
    expect(auditForecasts(rows, SAMPLE_CHANNEL).holds).toBe(false);
  });
});
