import {
  canonicalJson,
  forecastCoverCodec,
  payForecast,
  postingSetCodec,
  rowCodec,
  scoreCodec,
  type ForecastCover,
  type ForecastPayRules,
  type PostingSet,
  type Score,
} from '@flexledger/domain';
import { decodeRows, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import { isBefore } from '../place';
import { ROW_TYPES } from '../row-types';

/**
 * What a forecast was paid is what the rule makes of the score that stood on the ledger then: the posting set of every paid cover, none for one
 * that was given back, and none without a cover. To whom it went the cover says; that this was the organisation's payee the rule set says.
 */
export function checkForecastPay(rows: AuditRows, findings: Findings): void {
  const covers = decodeRows(rows, ROW_TYPES.forecastCover, rowCodec(forecastCoverCodec), findings);
  const scores = decodeRows(rows, ROW_TYPES.score, rowCodec(scoreCodec), findings);
  const sets = new Map(
    decodeRows(rows, ROW_TYPES.posting, rowCodec(postingSetCodec), findings)
      .filter(({ value }) => value.cause.kind === 'forecast')
      .map(({ row, value }) => [row.parts[0], value]),
  );
  for (const { row, value: cover } of covers) {
    findings.count();
    const set = sets.get(`forecast.${cover.requestId}`);
    sets.delete(`forecast.${cover.requestId}`);
    const own = scores.filter((score) => score.value.requestId === cover.requestId && !isBefore(row, score.row));
    findings.expect(isPaidByRule(cover, set, own), () => `${nameOf(row)} is not paid by the score of its forecast`);
  }
  for (const name of sets.keys()) findings.fail(`${name ?? ''} is posted, but nothing was set aside for it`);
}

function isPaidByRule(
  cover: ForecastCover,
  set: PostingSet | undefined,
  scores: readonly DecodedRow<Score>[],
): boolean {
  if (cover.state !== 'PAID') {
    return set === undefined;
  }
  const { paidMicro: _paid, payeeId, ...terms } = cover;
  return scores.some(({ value }) => {
    const isLast = scores.every((other) => other.value.mspId !== value.mspId || other.value.version <= value.version);
    const payees = [{ mspId: value.mspId, participantId: payeeId }] as ForecastPayRules['payees'];
    const due = payForecast({ ...terms, state: 'HELD' }, value, payees);
    return isLast && set !== undefined && textOf(due.set) === textOf(set) && due.cover.paidMicro === cover.paidMicro;
  });
}

function textOf(set: PostingSet | undefined): string {
  return set === undefined ? '' : canonicalJson(postingSetCodec.encode(set));
}
