import {
  answerChunkCodec,
  answerHeadCodec,
  canonicalJson,
  computationCodec,
  forecastEnd,
  readSpan,
  rowCodec,
  scoreAnswer,
  scoreCodec,
  scoreLineCodec,
  scoreLineOf,
  slotRange,
  slotText,
  type AnswerToScore,
  type JsonValue,
  type Score,
  type ScoredReadings,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { amendmentRows, totalKey, type LedgerTotal } from '../meters/meters';
import { isBefore, type Place } from '../place';
import { ROW_TYPES } from '../row-types';
import { inForce } from '../money/settlement';

/** A complete answer as it stands on a ledger. */
interface AnswerOnLedger extends AnswerToScore {
  /** The row of its head. */
  readonly row: AuditRow;
}

/**
 * Scores are what the readings that had come by then make of the answers: every version of each. They are numbered without a gap, an answer
 * that is scored was complete before its first slot began, and the scoreboard adds up the last version of each.
 */
export function checkScores(rows: AuditRows, totals: ReadonlyMap<string, LedgerTotal>, findings: Findings): void {
  const scored = decodeRows(rows, ROW_TYPES.score, rowCodec(scoreCodec), findings);
  const answers = answersOf(rows, findings);
  const readAt = readingsOf(rows, totals, findings);
  const last = new Map<string, Score>();
  for (const { row, value } of scored) {
    findings.count();
    expectWrittenOnce(row, findings);
    const id = `${value.requestId} ${value.mspId}`;
    findings.expect(value.version === (last.get(id)?.version ?? 0) + 1, () => `${nameOf(row)} is not the next version`);
    last.set(id, value);
    const answer = answers.find(({ head }) => `${head.requestId} ${head.mspId}` === id);
    expectOnTime(rows, answer, row, findings);
    const due = answer === undefined ? undefined : scoreAnswer(answer, readAt(answer, row), value.version);
    findings.expect(
      due !== undefined && textOf(scoreCodec.encode(due)) === textOf(scoreCodec.encode(value)),
      () => `${nameOf(row)} is not what the readings make of the answer`,
    );
  }
  checkLines(decodeRows(rows, ROW_TYPES.scoreLine, rowCodec(scoreLineCodec), findings), [...last.values()], findings);
}

/** All complete answers, whether they count or not. */
function answersOf(rows: AuditRows, findings: Findings): readonly AnswerOnLedger[] {
  const requests = decodeRows(rows, ROW_TYPES.computation, rowCodec(computationCodec), findings);
  const byId = new Map(requests.map(({ value }) => [value.requestId, value]));
  const types = { head: ROW_TYPES.computationAnswer, chunk: ROW_TYPES.computationChunk };
  const earlier = { head: ROW_TYPES.earlierAnswer, chunk: ROW_TYPES.earlierChunk };
  return [types, earlier].flatMap(({ chunk: chunkType, head: headType }) => {
    const chunks = decodeRows(rows, chunkType, rowCodec(answerChunkCodec), findings);
    return decodeRows(rows, headType, rowCodec(answerHeadCodec), findings).flatMap(({ row, value: head }) => {
      const request = byId.get(head.requestId);
      const series = chunks
        .map(({ value }) => value)
        .filter(
          ({ answerDigest, mspId, requestId }) =>
            requestId === head.requestId && (mspId ?? head.mspId) === head.mspId && answerDigest === head.answerDigest,
        )
        .sort((left, right) => left.chunk - right.chunk)
        .flatMap((chunk) => chunk.series);
      return request === undefined || !head.complete ? [] : [{ row, request, head, series }];
    });
  });
}

/** An answer counts as a forecast where it was whole before the clock reached its first slot, and a score where it came after the last one. */
function expectOnTime(rows: AuditRows, answer: AnswerOnLedger | undefined, score: AuditRow, findings: Findings): void {
  if (answer === undefined) {
    findings.fail(`${nameOf(score)} scores an answer that is not there`);
    return;
  }
  const begun = rows.row(ROW_TYPES.clock, slotText(answer.request.firstSlot));
  const ended = rows.row(ROW_TYPES.clock, slotText(forecastEnd(answer.request)));
  findings.expect(
    begun === undefined || isBefore(answer.row, begun),
    () => `${nameOf(answer.row)} was answered after its first slot had begun`,
  );
  findings.expect(
    ended !== undefined && isBefore(ended, score),
    () => `${nameOf(score)} was scored before the forecast had ended`,
  );
}

function readingsOf(
  rows: AuditRows,
  totals: ReadonlyMap<string, LedgerTotal>,
  findings: Findings,
): (answer: AnswerToScore, place: Place) => ScoredReadings {
  const amendments = amendmentRows(rows, findings);
  return ({ request }, place) => {
    const { fromSlot, toSlot } = readSpan(request);
    const slots = slotRange(fromSlot, toSlot - fromSlot + 1);
    return new Map(
      request.meterIds.map((meterId) => [
        meterId,
        slots.map((at) => inForce(totals.get(totalKey(meterId, at)), amendments.get(meterId) ?? [], at, place)),
      ]),
    );
  };
}

function checkLines(
  lines: readonly DecodedRow<ReturnType<typeof scoreLineOf>>[],
  scores: readonly Score[],
  findings: Findings,
): void {
  const due = new Set(scores.map((score) => textOf(scoreLineCodec.encode(scoreLineOf(score)))));
  findings.expect(lines.length === scores.length, () => `${scores.length} scores have ${lines.length} lines`);
  for (const { row, value } of lines) {
    findings.expect(
      due.has(textOf(scoreLineCodec.encode(value))),
      () => `${nameOf(row)} is not the last version of a score`,
    );
  }
}

function textOf(value: JsonValue): string {
  return canonicalJson(value);
}
