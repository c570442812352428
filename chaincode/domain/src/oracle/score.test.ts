import * as fc from 'fast-check';
import type { MeterId, RequestId } from '../ids';
import { limits } from '../limits';
import type { QualifiedTotal } from '../meter/types';
import { idOf } from '../testing/session-fixture';
import { addSlots, slot, slotRange, slotsPerDay } from '../time';
import { micro, wh } from '../units';
import { forecastFee } from './forecast-pay';
import type { AnswerHead, Computation, Quantiles, Series } from './rows';
import { isSameScore, readSpan, scorable, scoreAnswer, scoreLineOf, type ScoredReadings } from './score';
import type { Score } from './score-rows';
import { addStandings, standingsOf } from './scoreboard';

const one = idOf<MeterId>('meter one');
const two = idOf<MeterId>('meter two');
const digest = 'A'.repeat(43);

const request: Computation = {
  requestId: idOf<RequestId>('request'),
  service: 'forecast-day-ahead',
  version: '1',
  meterIds: [one, two],
  firstSlot: slot(2_000),
  intervals: 3,
  intervalSlots: 1,
  historyFromSlot: slot(1_200),
  historyToSlot: slot(1_900),
  expirySlot: slot(1_950),
  state: 'ANSWERED',
  inputs: [],
  dataDigest: digest,
  answerDigest: digest,
  fallback: 'own-history',
};

const head: AnswerHead = {
  requestId: request.requestId,
  answerDigest: digest,
  service: 'forecast-day-ahead',
  version: '1',
  model: 'mean',
  dataDigest: digest,
  chunks: 1,
  received: [0],
  mspId: 'DsoMSP',
  complete: true,
};

function quantiles(p10: readonly number[], p50: readonly number[], p90: readonly number[]): Quantiles {
  const energies = (values: readonly number[]) => values.map((value) => wh(BigInt(value)));
  return { p10: energies(p10), p50: energies(p50), p90: energies(p90) };
}

const none = quantiles([0, 0, 0], [0, 0, 0], [0, 0, 0]);

/** Imports of the slots of the forecast, and of those a day before; undefined for a reading that is missing. */
function totalsOf(today: readonly (number | undefined)[], yesterday: readonly (number | undefined)[] = []) {
  const dayOf = (values: readonly (number | undefined)[], first: number): QualifiedTotal[] =>
    values.map((value, index) => ({
      slot: slot(first + index),
      importWh: wh(BigInt(value ?? 0)),
      exportWh: wh(0n),
      quality: value === undefined ? 'MISSING' : 'OK',
    }));
  return [...dayOf(yesterday, request.firstSlot - slotsPerDay), ...dayOf(today, request.firstSlot)];
}

function scored(series: readonly Series[], readings: ScoredReadings): Score {
  return scoreAnswer({ request, head, series }, readings, 1);
}

const first: Series = { meterId: one, importWh: quantiles([5, 5, 5], [10, 10, 10], [20, 20, 20]), exportWh: none };
const second: Series = {
  meterId: two,
  importWh: quantiles([90, 90, 90], [100, 100, 100], [120, 120, 120]),
  exportWh: none,
};

describe('the score of a forecast', () => {
  it('is what the definitions say, worked out by hand', () => {
    const { meters } = scored([first], new Map([[one, totalsOf([12, 25, 4], [10, 20, 10])]]));
    // Errors 2 + 15 + 6 = 23 of 41 metered. Pinball in tenths: 7 + 10 + 8, 20 + 75 + 45, 9 + 30 + 16.
    expect(meters[0]?.imported).toEqual({
      intervals: 3,
      missing: 0,
      actualWh: 41n,
      absoluteErrorWh: 23n,
      pinballDeciWh: 220n,
      covered: 1,
      compared: 3,
      comparedErrorWh: 23n,
      yesterdayErrorWh: 13n,
      nmaePpm: 560_976,
      coveragePpm: 333_333,
      skillPpm: -769_231,
    });
  });

  it('leaves out intervals without a usable reading and counts them, and compares only where the day before has one too', () => {
    const { meters } = scored([first], new Map([[one, totalsOf([12, undefined, 4], [undefined, 20, 10])]]));
    expect(meters[0]?.imported).toMatchObject({
      intervals: 2,
      missing: 1,
      actualWh: 16n,
      absoluteErrorWh: 8n,
      compared: 1,
      comparedErrorWh: 6n,
      yesterdayErrorWh: 6n,
      skillPpm: 0,
    });
  });

  it('has no rate where there is nothing to divide by', () => {
    const { meters, total } = scored([first], new Map());
    expect(meters[0]?.imported).toMatchObject({ intervals: 0, missing: 3, actualWh: 0n });
    for (const rate of ['nmaePpm', 'coveragePpm', 'skillPpm']) {
      expect(total.imported).not.toHaveProperty(rate);
    }
  });

  it('takes the meters together interval by interval, so that errors of different signs cancel out', () => {
    const { single, total } = scored(
      [first, second],
      new Map([
        [one, totalsOf([12, 10, 10], [10, 10, 10])],
        [two, totalsOf([98, undefined, 103], [90, 100, 100])],
      ]),
    );
    expect(single.imported).toMatchObject({ intervals: 5, missing: 1, absoluteErrorWh: 7n, yesterdayErrorWh: 13n });
    // 110 of 110; 10 of 10 of the one meter that has a reading; 113 of 110.
    expect(total.imported).toMatchObject({ intervals: 3, missing: 0, actualWh: 233n, absoluteErrorWh: 3n });
    expect(total.imported).toMatchObject({ yesterdayErrorWh: 13n, covered: 3, skillPpm: 769_230 });
  });

  it('says the same of the same readings, and something else of a later one', () => {
    const before = scored([first], new Map([[one, totalsOf([12, undefined, 4])]]));
    const again = { ...scored([first], new Map([[one, totalsOf([12, undefined, 4])]])), version: 2 };
    expect(isSameScore(before, again)).toBe(true);
    expect(isSameScore(before, scored([first], new Map([[one, totalsOf([12, 10, 4])]])))).toBe(false);
  });

  it('of meters together is one of their sum, where all of them have a usable reading', () => {
    const series = [{ ...first, meterId: request.requestId as string as MeterId }];
    const readings = new Map([
      [one, totalsOf([6, undefined, 2], [5, 10, 5])],
      [two, totalsOf([6, 5, 2], [5, 10, 5])],
    ]);
    const { meters } = scoreAnswer({ request: { ...request, total: true }, head, series }, readings, 1);
    expect(meters[0]?.imported).toMatchObject({ intervals: 2, missing: 1, actualWh: 16n, absoluteErrorWh: 8n });
  });

  it('needs the slots of the forecast and those of the day before', () => {
    expect(readSpan(request)).toEqual({ fromSlot: 1_904, toSlot: 2_002 });
  });

  it.each<[string, Parameters<typeof scorable>]>([
    ['ORACLE_REQUEST_UNKNOWN', [undefined, head, true]],
    ['ORACLE_NOT_ANSWERED', [request, undefined, true]],
    ['ORACLE_NOT_ANSWERED', [request, { ...head, complete: false }, true]],
    ['ORACLE_FORECAST_NOT_ENDED', [request, head, false]],
  ])('is refused with %s (%#)', (code, known) => {
    expect(() => scorable(...known)).toThrow(`${code}: `);
  });

  it('agrees with a plain implementation in floating point on random forecasts (200 runs)', () => {
    const energies = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 3, maxLength: 3 });
    const rising = fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 9, maxLength: 9 }).map((values) => {
      const rows = [0, 1, 2].map((at) => values.slice(3 * at, 3 * at + 3).sort((left, right) => left - right));
      return [0, 1, 2].map((rank) => rows.map((row) => row[rank] ?? 0));
    });
    fc.assert(
      fc.property(energies, energies, rising, (today, yesterday, [p10 = [], p50 = [], p90 = []]) => {
        const series = [{ meterId: one, importWh: quantiles(p10, p50, p90), exportWh: none }];
        const { imported } = scored(series, new Map([[one, totalsOf(today, yesterday)]])).single;
        const pinball = (tau: number, quantile: readonly number[]): number =>
          today.reduce((all, actual, at) => {
            const error = actual - (quantile[at] ?? 0);
            return all + Math.max(tau * error, (tau - 1) * error);
          }, 0);
        const losses = pinball(0.1, p10) + pinball(0.5, p50) + pinball(0.9, p90);
        expect(Number(imported.pinballDeciWh) / 10).toBeCloseTo(losses, 6);
        const error = today.reduce((all, actual, at) => all + Math.abs(actual - (p50[at] ?? 0)), 0);
        const metered = today.reduce((all, actual) => all + actual, 0);
        const other = today.reduce((all, actual, at) => all + Math.abs(actual - (yesterday[at] ?? 0)), 0);
        if (metered > 0) expect((imported.nmaePpm ?? 0) / 1e6).toBeCloseTo(error / metered, 5);
        if (other > 0) expect((imported.skillPpm ?? 0) / 1e6).toBeCloseTo(1 - error / other, 5);
      }),
      { numRuns: 200, seed: 73 },
    );
  });

  it('stays exact at the largest request that there can be', () => {
    const meterIds = Array.from({ length: limits.forecastMetersMax }, (_, index) => idOf<MeterId>(`meter ${index}`));
    const most = wh(BigInt(limits.forecastIntervalWhMax));
    const wide = { ...request, meterIds, intervals: limits.sessionIntervalsMax, intervalSlots: 4 as const };
    const all = Array.from({ length: wide.intervals }, () => most);
    const quantilesOfAll = { p10: all, p50: all, p90: all };
    const span = readSpan(wide);
    const totals = slotRange(span.fromSlot, span.toSlot - span.fromSlot + 1).map((at): QualifiedTotal => ({
      slot: addSlots(at, 0),
      importWh: wh(0n),
      exportWh: wh(1n),
      quality: 'OK',
    }));
    const series = meterIds.map((meterId) => ({ meterId, importWh: quantilesOfAll, exportWh: quantilesOfAll }));
    const readings = new Map(meterIds.map((meterId) => [meterId, totals]));
    const score = scoreAnswer({ request: wide, head, series }, readings, 1);
    expect(score.single.imported.absoluteErrorWh).toBe(2_500n * most);
    expect(score.single.exported.nmaePpm).toBe(limits.scoreRateMax);
  });
});

describe('the scoreboard', () => {
  const lines = [
    ['DsoMSP', 'mean', [10, 10, 10]],
    ['TsoMSP', 'ridge', [11, 10, 9]],
    ['DsoMSP', 'mean', [20, 10, 10]],
    ['DsoMSP', 'ridge', [10, 10, 10]],
  ].map(([mspId, model, today]) => {
    const readings = new Map([[one, totalsOf(today as number[], [10, 11, 12])]]);
    const score = scored([first], readings);
    return scoreLineOf({ ...score, mspId: String(mspId), model: String(model) });
  });

  it('adds up what each organisation and model came to, with the rates of the sums', () => {
    const standings = standingsOf(lines);
    expect(standings.map(({ answers, model, mspId }) => [mspId, model, answers])).toEqual([
      ['DsoMSP', 'mean', 2],
      ['DsoMSP', 'ridge', 1],
      ['TsoMSP', 'ridge', 1],
    ]);
    expect(standings[0]?.single.imported).toMatchObject({ absoluteErrorWh: 10n, actualWh: 70n, nmaePpm: 142_857 });
  });

  it('is the same whether it is added up at once or page by page', () => {
    const pages = [lines.slice(0, 1), lines.slice(1, 3), lines.slice(3)].flatMap((page) => standingsOf(page));
    expect(addStandings(pages)).toEqual(standingsOf(lines));
  });

  it('shows what was asked for alone', () => {
    expect(standingsOf(lines, { mspId: 'TsoMSP' })).toHaveLength(1);
    expect(standingsOf(lines, { model: 'ridge' })).toHaveLength(2);
    expect(standingsOf(lines, { service: 'other' })).toEqual([]);
  });
});

describe('the fee of a forecast', () => {
  it.each<[readonly number[], readonly number[], bigint]>([
    // Errors of the forecast of 10 Wh, of the day before, and what of a fee of 1,000,000 with full skill at a half is paid.
    [[10, 10, 10], [20, 20, 20], 1_000_000n],
    [[12, 10, 10], [20, 10, 10], 1_000_000n],
    [[13, 10, 10], [9, 10, 10], 500_000n],
    [[11, 11, 11], [10, 10, 10], 0n],
    [[20, 20, 20], [19, 20, 20], 0n],
    [[10, 10, 10], [10, 10, 10], 0n],
    [[17, 10, 10], [7, 10, 10], 600_000n],
  ])('for %j after a day of %j is %d', (today, yesterday, expected) => {
    const score = scored([first], new Map([[one, totalsOf(today, yesterday)]]));
    expect(forecastFee({ feeMicro: micro(1_000_000n), fullSkillPpm: 500_000 }, score)).toBe(expected);
  });
});
