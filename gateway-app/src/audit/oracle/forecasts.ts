import {
  answerChunkCodec,
  answerDigestOf,
  answerHeadCodec,
  canonicalJson,
  computationCodec,
  forecastMean,
  forecastModel,
  historyDigest,
  historyOf,
  inputsDigest,
  rowCodec,
  seriesHistory,
  seriesListCodec,
  slotRange,
  type AnswerHead,
  type RowCodec,
  type Computation,
  type MeterHistory,
  type Series,
} from '@flexledger/domain';
import { checkBands } from '../coalitions/bands';
import { decodeRows, nameOf } from '../decoded-rows';
import { checkFeeds } from './feeds';
import { checkForecastPay } from './forecast-pay';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRows } from '../fold';
import { readingTotals, totalKey, type LedgerTotal } from '../meters/meters';
import { ROW_TYPES } from '../row-types';
import { checkScores } from './scores';

/**
 * I10: every oracle result that counts recomputes to the same bytes from the recorded inputs: the interval totals on the
 * ledger have the digest that the request has frozen, and the rule makes of them exactly the series that were filed. What a model of a
 * plug-in has made nobody else can make again: there the digests must fit, and as many oracles must have said the same as the request needs.
 * Scores of forecasts follow from the readings that had come by then, flexibility bands from what was known when they
 * were filed; signals from outside are as their publishers signed them.
 */
export function auditForecasts(rows: AuditRows, channel: string): InvariantResult {
  const findings = new Findings('I10', 'forecast series and bands');
  const totals = readingTotals(rows, findings);
  const decoded = <T>(types: readonly string[], codec: RowCodec<T>): readonly T[] =>
    types.flatMap((type) => decodeRows(rows, type, codec, findings).map(({ value }) => value));
  const heads = decoded([ROW_TYPES.computationAnswer, ROW_TYPES.earlierAnswer], rowCodec(answerHeadCodec));
  const chunks = decoded([ROW_TYPES.computationChunk, ROW_TYPES.earlierChunk], rowCodec(answerChunkCodec));
  const requests = decodeRows(rows, ROW_TYPES.computation, rowCodec(computationCodec), findings);
  for (const { row, value: request } of requests) {
    if (request.state !== 'ANSWERED') {
      continue;
    }
    const equal = heads.filter((head) => isAnswerTo(head, request));
    const head = equal.find(({ mspId }) => mspId === (request.answeredBy ?? mspId));
    const series = chunks
      .filter((chunk) => isAnswerTo(chunk, request) && chunk.mspId === request.answeredBy)
      .sort((left, right) => left.chunk - right.chunk)
      .flatMap((chunk) => chunk.series);
    findings.count(series.length);
    findings.expect(
      head?.complete === true && answerDigestOf(series) === request.answerDigest,
      () => `${nameOf(row)} is answered, but its chunks do not have the digest of the answer`,
    );
    findings.expect(
      equal.filter(({ complete }) => complete).length >= (request.answersNeeded ?? 1),
      () => `${nameOf(row)} is answered, but not by as many equal answers as it needs`,
    );
    const history = frozenHistory(request, totals);
    findings.expect(
      inputsDigest(historyDigest(history), request.feeds) === request.dataDigest,
      () => `the readings and signals on the ledger do not have the digest that ${nameOf(row)} has frozen`,
    );
    findings.expect(
      head?.model !== forecastModel ||
        bytesOf(forecastMean(seriesHistory(request, history), request)) === bytesOf(series),
      () => `the rule makes another forecast of the readings than ${nameOf(row)} was answered with`,
    );
  }
  checkScores(rows, totals, findings);
  checkForecastPay(rows, findings);
  checkFeeds(rows, channel, requests, findings);
  checkBands(rows, findings);
  return findings.result();
}

function isAnswerTo(answer: Pick<AnswerHead, 'requestId' | 'answerDigest'>, request: Computation): boolean {
  return answer.requestId === request.requestId && answer.answerDigest === request.answerDigest;
}

function frozenHistory(
  { inputs, historyFromSlot }: Computation,
  totals: ReadonlyMap<string, LedgerTotal>,
): readonly MeterHistory[] {
  return inputs.map(({ meterId, toSlot }) => {
    const slots = slotRange(historyFromSlot, Math.max(toSlot - historyFromSlot, 0));
    return historyOf(
      meterId,
      slots.flatMap((slot) => totals.get(totalKey(meterId, slot)) ?? []),
      toSlot,
    );
  });
}

function bytesOf(series: readonly Series[]): string {
  return series.length === 0 ? '' : canonicalJson(seriesListCodec.encode(series));
}
