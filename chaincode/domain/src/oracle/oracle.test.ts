import * as fc from 'fast-check';
import { errorRegistry, RuleError } from '../errors';
import type { MeterId, RequestId } from '../ids';
import { limits } from '../limits';
import { idOf } from '../testing/session-fixture';
import { slot, slotsPerDay } from '../time';
import { wh } from '../units';
import { disagreementOf, isBeyondAnswer, settledBy, type OracleStand } from './agreement';
import {
  acceptAnswer,
  acceptExpiry,
  acceptRefusal,
  acceptRequest,
  answerChunks,
  answerDigestOf,
  inputsOf,
  type AnswerPart,
  type AnswerState,
  type ComputationAsked,
  type RefusalState,
  type RequestClock,
} from './computation';
import type { IntervalTotal } from '../meter/types';
import { forecastMean, forecastModel, historyDigest, type MeterHistory } from './forecast-mean';
import type { AnswerHead, Computation, Refusal, Series } from './rows';

const one = idOf<MeterId>('meter one');
const two = idOf<MeterId>('meter two');
const stranger = idOf<MeterId>('meter three');
const hundred = Array.from({ length: 100 }, (_, index) => idOf<MeterId>(`meter ${index}`));
const dataDigest = historyDigest([]);

const request: Computation = {
  requestId: idOf<RequestId>('request'),
  service: 'forecast-day-ahead',
  version: '1',
  meterIds: [one, two],
  firstSlot: slot(2_000),
  intervals: 2,
  intervalSlots: 4,
  historyFromSlot: slot(1_200),
  historyToSlot: slot(1_900),
  expirySlot: slot(1_950),
  state: 'OPEN',
  inputs: [],
  dataDigest,
  fallback: 'own-history',
};

function seriesOf(meterId: MeterId, change: Partial<Series['importWh']> = {}): Series {
  const quantiles = { p10: [wh(1n), wh(1n)], p50: [wh(2n), wh(2n)], p90: [wh(3n), wh(3n)] };
  return { meterId, importWh: { ...quantiles, ...change }, exportWh: quantiles };
}

const whole = [seriesOf(one), seriesOf(two)];

function partOf(change: Partial<AnswerPart> = {}): AnswerPart {
  const answerDigest = answerDigestOf(whole);
  const head = { service: 'forecast-day-ahead', version: '1', model: forecastModel, dataDigest, answerDigest };
  return { ...head, chunk: 0, chunks: 1, series: whole, ...change };
}

function stateOf(change: Partial<AnswerState> = {}): AnswerState {
  const clock = { firstSlotBegun: false, expired: false };
  return { request, head: undefined, others: new Map(), mspId: 'DsoMSP', approved: true, ...clock, ...change };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) {
      return error.code;
    }
    throw error;
  }
}

const rank = new Map<string, number>(errorRegistry.map((row, index) => [row.code, index]));

function expectPrecedence(codes: readonly string[]): void {
  const ranks = codes.map((code) => rank.get(code) ?? -1);
  expect(ranks).toEqual([...ranks].sort((left, right) => left - right));
}

describe('accepting a request', () => {
  const asked: ComputationAsked = request;
  const clock: RequestClock = { historyEnded: true, firstSlotBegun: false };
  const refusals: readonly [string, Partial<ComputationAsked>, Partial<RequestClock>][] = [
    ['ORACLE_METER_TWICE', { meterIds: [one, one] }, {}],
    ['ORACLE_PERIOD', { historyToSlot: slot(1_200) }, {}],
    [
      'ORACLE_PERIOD',
      {
        historyToSlot: slot(1_200 + limits.historySlotsMax + 1),
        expirySlot: slot(1_200 + limits.historySlotsMax + 1),
        firstSlot: slot(1_200 + limits.historySlotsMax + 1),
      },
      {},
    ],
    ['ORACLE_PERIOD', { meterIds: hundred, historyFromSlot: slot(900) }, {}],
    ['ORACLE_PERIOD', { expirySlot: slot(1_899) }, {}],
    ['ORACLE_PERIOD', { expirySlot: slot(2_001) }, {}],
    ['ORACLE_HISTORY_NOT_ENDED', {}, { historyEnded: false }],
    ['ORACLE_PERIOD_BEGUN', {}, { firstSlotBegun: true }],
  ];

  it('takes one that keeps all rules', () => {
    expect(codeOf(() => acceptRequest(asked, clock))).toBeUndefined();
  });

  it.each(refusals)('refuses with %s', (code, change, clockChange) => {
    expect(codeOf(() => acceptRequest({ ...asked, ...change }, { ...clock, ...clockChange }))).toBe(code);
  });

  it('has its refusals in the order of the registry', () => {
    expectPrecedence(refusals.map(([code]) => code));
  });

  it('freezes what was recorded when the request was made', () => {
    const nextSlots = new Map([[one, slot(1_850)]]);
    expect(inputsOf(asked, nextSlots)).toEqual([
      { meterId: one, toSlot: 1_850 },
      { meterId: two, toSlot: 1_200 },
    ]);
    expect(
      inputsOf(
        asked,
        new Map([
          [one, slot(5_000)],
          [two, slot(10)],
        ]),
      ),
    ).toEqual([
      { meterId: one, toSlot: 1_900 },
      { meterId: two, toSlot: 1_200 },
    ]);
  });
});

describe('accepting an answer', () => {
  const broken = (change: Partial<Series['importWh']>): readonly Series[] => [seriesOf(one, change), seriesOf(two)];
  const head = { ...acceptAnswer(partOf(), stateOf()), complete: false, chunks: 2, received: [0] };
  const refusals: readonly [string, Partial<AnswerPart>, Partial<AnswerState>][] = [
    ['ORACLE_NOT_APPROVED', {}, { approved: false }],
    ['ORACLE_REQUEST_UNKNOWN', {}, { request: undefined }],
    ['ORACLE_REQUEST_CLOSED', {}, { request: { ...request, state: 'ANSWERED' }, head: { ...head, complete: true } }],
    ['ORACLE_REQUEST_CLOSED', {}, { request: { ...request, state: 'EXPIRED' } }],
    ['ORACLE_REQUEST_EXPIRED', {}, { expired: true }],
    ['ORACLE_PERIOD_BEGUN', {}, { firstSlotBegun: true }],
    ['ORACLE_SERVICE_MISMATCH', { version: '2' }, {}],
    ['ORACLE_DATA_MISMATCH', { dataDigest: answerDigestOf(whole) }, {}],
    ['ORACLE_ANSWER_SECOND', { answerDigest: dataDigest }, { head }],
    ['ORACLE_ANSWER_TOO_LARGE', { series: Array.from({ length: 2_000 }, () => seriesOf(one)) }, {}],
    ['ORACLE_CHUNK_INVALID', { chunk: 1 }, {}],
    ['ORACLE_CHUNK_INVALID', { chunk: 1, chunks: 2, model: 'other' }, { head }],
    ['ORACLE_CHUNK_EXISTS', { chunk: 0, chunks: 2 }, { head }],
    ['ORACLE_ANSWER_SHAPE', { series: [seriesOf(stranger)] }, {}],
    ['ORACLE_ANSWER_SHAPE', { series: [seriesOf(two), seriesOf(one)] }, {}],
    ['ORACLE_ANSWER_SHAPE', { series: [seriesOf(one), seriesOf(one)] }, {}],
    ['ORACLE_ANSWER_SHAPE', { series: broken({ p50: [wh(2n)] }) }, {}],
    ['ORACLE_ANSWER_SHAPE', { series: [seriesOf(one)] }, {}],
    ['ORACLE_ANSWER_LIMIT', { series: broken({ p90: [wh(3n), wh(1_000_000_001n)] }) }, {}],
    ['ORACLE_ANSWER_QUANTILES', { series: broken({ p10: [wh(1n), wh(3n)] }) }, {}],
    ['ORACLE_ANSWER_QUANTILES', { series: broken({ p90: [wh(1n), wh(3n)] }) }, {}],
    ['ORACLE_ANSWER_DIGEST', { answerDigest: dataDigest }, {}],
  ];

  it('takes one that keeps all rules, and is complete with its last chunk', () => {
    expect(acceptAnswer(partOf(), stateOf())).toEqual({
      requestId: request.requestId,
      answerDigest: answerDigestOf(whole),
      service: 'forecast-day-ahead',
      version: '1',
      model: forecastModel,
      dataDigest,
      chunks: 1,
      received: [0],
      mspId: 'DsoMSP',
      complete: true,
    });
  });

  it.each(refusals)('refuses with %s (%#)', (code, change, stateChange) => {
    expect(codeOf(() => acceptAnswer(partOf(change), stateOf(stateChange)))).toBe(code);
  });

  it('has its refusals in the order of the registry', () => {
    const order = refusals.map(([code]) => code);
    // The sequence of chunks is checked before the shape of what they carry.
    expectPrecedence(order);
  });

  it('puts chunks together in any order', () => {
    const first = acceptAnswer(partOf({ chunk: 1, chunks: 2, series: [seriesOf(two)] }), stateOf());
    expect(first).toMatchObject({ received: [1], complete: false });
    const others = new Map([[1, [seriesOf(two)]]]);
    const second = acceptAnswer(partOf({ chunks: 2, series: [seriesOf(one)] }), stateOf({ head: first, others }));
    expect(second).toMatchObject({ received: [0, 1], complete: true });
  });

  it('cuts answers into chunks that it takes', () => {
    const days = Array.from({ length: 24 }, () => wh(999_999_999n));
    const quantiles = { p10: days, p50: days, p90: days };
    const series = Array.from({ length: 200 }, (_, index) => ({
      meterId: idOf<MeterId>(`meter ${index}`),
      importWh: quantiles,
      exportWh: quantiles,
    }));
    const chunks = answerChunks(series);
    expect(chunks.length).toBeGreaterThan(1);
    expect(chunks.flat()).toEqual(series);
    const long = { ...request, intervals: 24, meterIds: series.map((entry) => entry.meterId) };
    const answer = { chunks: chunks.length, answerDigest: answerDigestOf(series) };
    let head: AnswerState['head'];
    const others = new Map<number, readonly Series[]>();
    for (const [chunk, part] of chunks.entries()) {
      head = acceptAnswer(partOf({ ...answer, chunk, series: part }), stateOf({ request: long, head, others }));
      others.set(chunk, part);
    }
    expect(head?.complete).toBe(true);
  });
});

describe('accepting a refusal', () => {
  const head = acceptAnswer(partOf(), stateOf());
  const refusal: Refusal = { requestId: request.requestId, mspId: 'DsoMSP', reason: 'ORACLE_SERVICE_FAILED' };
  const known = (change: Partial<RefusalState> = {}): RefusalState => ({ ...stateOf(), refusal: undefined, ...change });
  const refusals: readonly [string, Partial<RefusalState>][] = [
    ['ORACLE_NOT_APPROVED', { approved: false }],
    ['ORACLE_REQUEST_UNKNOWN', { request: undefined }],
    ['ORACLE_REQUEST_CLOSED', { request: { ...request, state: 'ANSWERED' } }],
    ['ORACLE_REQUEST_EXPIRED', { expired: true }],
    ['ORACLE_DECIDED', { refusal }],
    ['ORACLE_DECIDED', { head }],
  ];

  it('takes the first one, and also from an oracle that has begun to answer', () => {
    expect(acceptRefusal('ORACLE_SERVICE_FAILED', known())).toEqual(refusal);
    expect(acceptRefusal('ORACLE_SERVICE_FAILED', known({ head: { ...head, complete: false } }))).toEqual(refusal);
  });

  it.each(refusals)('refuses with %s (%#)', (code, change) => {
    expect(codeOf(() => acceptRefusal('ORACLE_SERVICE_FAILED', known(change)))).toBe(code);
  });

  it('has its refusals in the order of the registry', () => {
    expectPrecedence(refusals.map(([code]) => code));
  });
});

describe('answers of several oracles', () => {
  const right = acceptAnswer(partOf(), stateOf());
  const wrong = { ...right, answerDigest: dataDigest };
  const by = (mspId: string, head?: AnswerHead, hasRefused = false): OracleStand => ({
    mspId,
    head: head === undefined ? undefined : { ...head, mspId },
    hasRefused,
  });
  const two: Computation = { ...request, answersNeeded: 2 };
  const settled = { state: 'ANSWERED', answerDigest: right.answerDigest, answeredBy: 'DsoMSP' };

  it('settle a request with the first complete one where one is needed, and never a second time', () => {
    expect(settledBy(request, right, [])).toMatchObject(settled);
    expect(settledBy(request, { ...right, complete: false }, [])).toBe(request);
    const answered: Computation = { ...request, state: 'ANSWERED', answerDigest: wrong.answerDigest };
    expect(settledBy(answered, right, [by('TsoMSP', right)])).toBe(answered);
  });

  it('settle it with the second equal one where two are needed (B63)', () => {
    expect(settledBy(two, right, [by('DsoMSP'), by('TsoMSP')])).toBe(two);
    expect(settledBy(two, right, [by('DsoMSP', right), by('TsoMSP', wrong)])).toBe(two);
    expect(settledBy(two, right, [by('TsoMSP', { ...right, complete: false })])).toBe(two);
    expect(settledBy(two, right, [by('TsoMSP', wrong), by('RegulatorMSP', right)])).toMatchObject(settled);
  });

  it('disagree where two complete ones differ', () => {
    expect(disagreementOf(right, [by('TsoMSP', right)])).toBeUndefined();
    expect(disagreementOf(right, [by('TsoMSP', { ...wrong, complete: false })])).toBeUndefined();
    expect(disagreementOf(right, [by('TsoMSP', right), by('AggregatorMSP', wrong)])?.answers).toEqual([
      { mspId: 'AggregatorMSP', answerDigest: wrong.answerDigest, model: forecastModel },
      { mspId: 'DsoMSP', answerDigest: right.answerDigest, model: forecastModel },
      { mspId: 'TsoMSP', answerDigest: right.answerDigest, model: forecastModel },
    ]);
  });

  it.each<[boolean, Computation, readonly OracleStand[]]>([
    [false, request, [by('DsoMSP')]],
    [true, request, [by('DsoMSP', undefined, true)]],
    [false, request, [by('DsoMSP', undefined, true), by('TsoMSP')]],
    [true, two, [by('DsoMSP', undefined, true), by('TsoMSP')]],
    [false, two, [by('DsoMSP', right), by('TsoMSP', wrong), by('RegulatorMSP')]],
    [true, two, [by('DsoMSP', right), by('TsoMSP', wrong)]],
    [true, two, [by('DsoMSP', right), by('TsoMSP', wrong), by('RegulatorMSP', undefined, true)]],
    [false, two, [by('DsoMSP', right, true), by('TsoMSP', { ...right, complete: false })]],
    [true, request, []],
  ])('are out of reach: %s (%#)', (beyond, asked, stands) => {
    expect(isBeyondAnswer(asked, stands)).toBe(beyond);
  });
});

describe('expiring a request', () => {
  it('closes an open request after its last slot, and nothing else', () => {
    expect(acceptExpiry(request, true).state).toBe('EXPIRED');
    expect(codeOf(() => acceptExpiry(undefined, true))).toBe('ORACLE_REQUEST_UNKNOWN');
    expect(codeOf(() => acceptExpiry({ ...request, state: 'ANSWERED' }, true))).toBe('ORACLE_REQUEST_CLOSED');
    expect(codeOf(() => acceptExpiry(request, false))).toBe('ORACLE_NOT_EXPIRED');
  });
});

const period = { firstSlot: slot(10 * slotsPerDay), intervals: 24, intervalSlots: 4 };

/** A history in which every quarter hour of a day counts the same. */
function historyOf(
  valueOfDay: (day: number) => bigint,
  slotsPresent: (index: number) => boolean = () => true,
): MeterHistory {
  const totals: IntervalTotal[] = [];
  for (let index = 0; index < 10 * slotsPerDay; index += 1) {
    if (slotsPresent(index)) {
      const value = wh(valueOfDay(Math.floor(index / slotsPerDay)));
      totals.push({ slot: slot(index), importWh: value, exportWh: wh(0n) });
    }
  }
  return { meterId: one, totals };
}

describe('the mean forecast', () => {
  it('is half the mean of seven days and half the latest day, rounded once', () => {
    const [series] = forecastMean([historyOf((day) => BigInt(day))], period);
    // Hours of days 3 to 9 are 12, 16 ... 36: mean 24, latest 36, so 30; deciles at 0.6 and 5.4 of the way.
    expect(series?.importWh.p50).toEqual(Array.from({ length: 24 }, () => 30n));
    expect(series?.importWh.p10[0]).toBe(14n);
    expect(series?.importWh.p90[0]).toBe(33n);
    expect(series?.exportWh.p50[0]).toBe(0n);
  });

  it('takes the latest complete day where yesterday is only half there', () => {
    const untilNoon = historyOf(
      (day) => BigInt(day),
      (index) => index < 9 * slotsPerDay + 48,
    );
    const [series] = forecastMean([untilNoon], period);
    // Before noon: mean of days 3 to 9 is 24; after noon: mean of days 2 to 8 is 20; the latest complete day is day 8 with 32.
    expect(series?.importWh.p50.slice(10, 14)).toEqual([28n, 28n, 26n, 26n]);
  });

  it('forecasts from the days that it has, and zero where it has none', () => {
    const oneDay = historyOf(
      () => 5n,
      (index) => index >= 9 * slotsPerDay,
    );
    expect(forecastMean([oneDay], period)[0]?.importWh.p50[7]).toBe(20n);
    expect(forecastMean([{ meterId: one, totals: [] }], period)[0]?.importWh.p50[7]).toBe(0n);
  });

  it('always has its quantiles in order, and its answer is accepted', () => {
    const values = fc.array(fc.bigInt({ min: 0n, max: 10_000n }), { minLength: 10, maxLength: 10 });
    fc.assert(
      fc.property(values, fc.nat({ max: 960 }), (days, missing) => {
        const history = [
          historyOf(
            (day) => days[day] ?? 0n,
            (index) => index !== missing,
          ),
        ];
        const series = forecastMean(history, period);
        const asked = { ...request, ...period, meterIds: [one], dataDigest: historyDigest(history) };
        const part = partOf({ series, dataDigest: historyDigest(history), answerDigest: answerDigestOf(series) });
        expect(acceptAnswer(part, stateOf({ request: { ...asked, intervalSlots: 4 } })).complete).toBe(true);
      }),
      { numRuns: 25 },
    );
  });

  it('gives equal bytes for equal data, and the digest names the data', () => {
    const history = [historyOf((day) => BigInt(day * day))];
    expect(answerDigestOf(forecastMean(history, period))).toBe(answerDigestOf(forecastMean(history, period)));
    const other = [{ ...history[0]!, totals: history[0]!.totals.slice(1) }];
    expect(historyDigest(other)).not.toBe(historyDigest(history));
  });
});
