import {
  answerDigestOf,
  computationCodec,
  forecastMean,
  forecastModel,
  historyDigest,
  historyOf,
  qualifiedTotalCodec,
  seriesListCodec,
  type JsonObject,
  type JsonValue,
  type MeterHistory,
  type MeterId,
  type Series,
} from '@flexledger/domain';
import { callers, command, firstSlot, idOf } from '../../testing/actors';
import { MarketScene } from '../../testing/market-scene';
import { composite } from '../../store/keys';
import { codeOf } from '../../testing/refusal';

const { aggregator, community, dso, oracle } = callers;

const day = 96;
const historyTo = firstSlot + 2 * day;
const requestId = command('forecast');

/** A scene with two days of readings of ann and cyd; bob sent one day only. */
async function measuredScene(): Promise<MarketScene> {
  const made = await MarketScene.create();
  await made.tickTo(historyTo);
  const values = (seed: number): bigint[] => Array.from({ length: day }, (_, index) => BigInt((index * seed) % 97));
  await made.measure(made.meters.ann, values(3));
  await made.measure(made.meters.ann, values(5));
  await made.measure(made.meters.bob, values(7));
  await made.measure(made.meters.cyd, values(0), values(11));
  await made.measure(made.meters.cyd, values(0), values(13));
  return made;
}

function asking(made: MarketScene, changes: JsonObject = {}): JsonObject {
  const { ann, bob, cyd } = made.meters;
  return {
    commandId: requestId,
    service: 'forecast-day-ahead',
    version: '1',
    meterIds: [ann.meterId, bob.meterId, cyd.meterId],
    firstSlot: historyTo + 24,
    intervals: 24,
    intervalSlots: 4,
    historyFromSlot: firstSlot,
    historyToSlot: historyTo,
    expirySlot: historyTo + 12,
    ...changes,
  };
}

/** What an oracle does: reads the frozen data from the ledger as anybody can, and computes. */
async function computed(
  made: MarketScene,
): Promise<{ readonly series: readonly Series[]; readonly dataDigest: string }> {
  const answer = await made.ledger.evaluate(community, 'oracle:getRequest', { requestId });
  const request = computationCodec.decode(answer, '');
  const history: MeterHistory[] = [];
  for (const { meterId, toSlot } of request.inputs) {
    history.push(historyOf(meterId, await totalsOf(made, meterId), toSlot));
  }
  return { series: forecastMean(history, request), dataDigest: historyDigest(history) };
}

async function totalsOf(made: MarketScene, meterId: MeterId) {
  const totals = [];
  for (let from = firstSlot; from < historyTo; from += day) {
    const asked = { meterIds: [meterId], fromSlot: from, toSlot: from + day - 1 };
    const { meters } = await made.ledger.evaluate(community, 'metering:getIntervalTotals', asked);
    const rows = (meters as JsonObject[])[0]?.totals as JsonValue[];
    totals.push(...rows.map((row) => qualifiedTotalCodec.decode(row, '')));
  }
  return totals;
}

async function answering(made: MarketScene, changes: JsonObject = {}, label = 'once'): Promise<JsonObject> {
  const { dataDigest, series } = await computed(made);
  return {
    commandId: command(`answer ${label}`),
    requestId,
    service: 'forecast-day-ahead',
    version: '1',
    model: forecastModel,
    dataDigest,
    chunk: 0,
    chunks: 1,
    answerDigest: answerDigestOf(series),
    series: seriesListCodec.encode(series),
    ...changes,
  };
}

async function askedScene(): Promise<MarketScene> {
  const made = await measuredScene();
  await made.ledger.submit(aggregator, 'oracle:requestComputation', asking(made));
  return made;
}

describe('oracle:requestComputation', () => {
  it('freezes the data: what is recorded later does not change its digest', async () => {
    const made = await measuredScene();
    const { event, response } = await made.ledger.submit(aggregator, 'oracle:requestComputation', asking(made));
    expect(response).toMatchObject({ state: 'OPEN', requestId, fallback: 'own-history' });
    expect((response.inputs as JsonObject[]).map(({ toSlot }) => toSlot)).toEqual([
      historyTo,
      firstSlot + day,
      historyTo,
    ]);
    expect(event).toMatchObject({ facts: [{ type: 'ComputationRequested', requestId }] });
    await made.measure(
      made.meters.bob,
      Array.from({ length: day }, () => 50n),
    );
    expect((await computed(made)).dataDigest).toBe(response.dataDigest);
  });

  it.each<[string, (made: MarketScene) => JsonObject]>([
    ['METER_UNKNOWN', (made) => asking(made, { meterIds: [idOf('none')] })],
    ['ORACLE_METER_TWICE', (made) => asking(made, { meterIds: [made.meters.ann.meterId, made.meters.ann.meterId] })],
    ['ORACLE_PERIOD', (made) => asking(made, { historyToSlot: firstSlot })],
    ['ORACLE_PERIOD', (made) => asking(made, { expirySlot: historyTo + 25 })],
    ['ORACLE_HISTORY_NOT_ENDED', (made) => asking(made, { historyToSlot: historyTo + 1 })],
    ['INPUT_FIELD_INVALID', (made) => asking(made, { service: 'Astrology!' })],
    ['INPUT_FIELD_INVALID', (made) => asking(made, { meterIds: [] })],
  ])('refuses with %s (%#)', async (code, requestOf) => {
    const made = await measuredScene();
    const attempt = () => made.ledger.submit(aggregator, 'oracle:requestComputation', requestOf(made));
    expect(await codeOf(made.ledger, attempt)).toBe(code);
  });

  it('is not for prosumers', async () => {
    const made = await measuredScene();
    const attempt = () => made.ledger.submit(community, 'oracle:requestComputation', asking(made));
    expect(await codeOf(made.ledger, attempt)).toBe('ACCESS_ROLE_REFUSED');
  });
});

describe('oracle:answer', () => {
  it('settles the request with the first complete answer, which anybody can repeat (I10)', async () => {
    const made = await askedScene();
    const request = await answering(made);
    const { event, response } = await made.ledger.submit(oracle, 'oracle:answer', request);
    expect(response).toMatchObject({ complete: true, received: 1, answerDigest: request.answerDigest });
    expect(event).toMatchObject({ facts: [{ type: 'ComputationAnswered', complete: true, model: forecastModel }] });
    const forecast = await made.ledger.evaluate(community, 'oracle:getForecast', { requestId });
    expect(forecast).toMatchObject({ request: { state: 'ANSWERED' }, answer: { mspId: 'DsoMSP' } });
    expect(answerDigestOf(seriesListCodec.decode(forecast.series as JsonValue, ''))).toBe(
      answerDigestOf((await computed(made)).series),
    );
    const one = { requestId, meterId: made.meters.cyd.meterId };
    const { series } = await made.ledger.evaluate(community, 'oracle:getForecast', one);
    expect(series).toHaveLength(1);
  });

  it('puts the chunks of an answer together, and takes none twice', async () => {
    const made = await askedScene();
    const whole = await answering(made);
    const series = whole.series as JsonValue[];
    const last = { ...whole, commandId: command('last'), chunk: 1, chunks: 2, series: series.slice(2) };
    expect((await made.ledger.submit(oracle, 'oracle:answer', last)).response.complete).toBe(false);
    const twice = { ...last, commandId: command('twice') };
    expect(await codeOf(made.ledger, () => made.ledger.submit(oracle, 'oracle:answer', twice))).toBe(
      'ORACLE_CHUNK_EXISTS',
    );
    const first = { ...whole, chunks: 2, series: series.slice(0, 2) };
    expect((await made.ledger.submit(oracle, 'oracle:answer', first)).response.complete).toBe(true);
    const { series: stored } = await made.ledger.evaluate(community, 'oracle:getForecast', { requestId });
    expect(stored).toEqual(series);
  });

  it('still answers with rows of before there were several oracles', async () => {
    const made = await askedScene();
    const { ledger } = made;
    const { answerDigest, series, ...head } = await answering(made);
    const { commandId: _command, chunk: _chunk, ...common } = head;
    const asked = await ledger.evaluate(community, 'oracle:getRequest', { requestId });
    const place = [requestId, String(answerDigest)];
    const plant = (type: string, parts: readonly string[], row: JsonObject) => {
      ledger.plant(composite(type, ...parts), { v: 1, ...row });
    };
    plant('computation', [requestId], { ...asked, state: 'ANSWERED', answerDigest: String(answerDigest) });
    plant('answer', place, {
      ...common,
      answerDigest: String(answerDigest),
      received: [0],
      mspId: 'DsoMSP',
      complete: true,
    });
    plant('answer-chunk', [...place, '0000'], {
      requestId,
      answerDigest: String(answerDigest),
      chunk: 0,
      series: series ?? [],
    });
    const forecast = await ledger.evaluate(community, 'oracle:getForecast', { requestId });
    expect(forecast).toMatchObject({ answer: { mspId: 'DsoMSP' }, series });
  });

  it('has one answer of each oracle: with its first chunk it has decided (B59)', async () => {
    const made = await askedScene();
    const whole = await answering(made);
    const series = whole.series as JsonValue[];
    const begun = { chunks: 2, series: series.slice(0, 2) };
    await made.ledger.submit(oracle, 'oracle:answer', await answering(made, begun, 'begun'));
    const second = { answerDigest: whole.dataDigest ?? '', chunks: 2, series: series.slice(0, 2) };
    const attempt = async () => made.ledger.submit(oracle, 'oracle:answer', await answering(made, second, 'second'));
    expect(await codeOf(made.ledger, attempt)).toBe('ORACLE_ANSWER_SECOND');
    expect(made.ledger.rows('computation-answer').size).toBe(1);
  });

  it.each<[string, JsonObject]>([
    ['ORACLE_REQUEST_UNKNOWN', { requestId: idOf('none') }],
    ['ORACLE_DATA_MISMATCH', { dataDigest: answerDigestOf([]) }],
    ['ORACLE_CHUNK_INVALID', { chunk: 1 }],
    ['ORACLE_ANSWER_DIGEST', { answerDigest: answerDigestOf([]) }],
    ['INPUT_FIELD_INVALID', { series: [] }],
    ['ORACLE_SERVICE_MISMATCH', { version: '2' }],
    ['INPUT_FIELD_INVALID', { series: [{ meterId: idOf('m'), importWh: null, exportWh: null }] }],
  ])('refuses with %s (B58, B62, B64, %#)', async (code, changes) => {
    const made = await askedScene();
    const request = await answering(made, changes);
    expect(await codeOf(made.ledger, () => made.ledger.submit(oracle, 'oracle:answer', request))).toBe(code);
  });

  it('is for approved oracles, before the request expires, and once', async () => {
    const made = await askedScene();
    const request = await answering(made);
    expect(await codeOf(made.ledger, () => made.ledger.submit(dso, 'oracle:answer', request))).toBe(
      'ACCESS_ROLE_REFUSED',
    );
    await made.tickTo(historyTo + 12);
    expect(await codeOf(made.ledger, () => made.ledger.submit(oracle, 'oracle:answer', request))).toBe(
      'ORACLE_REQUEST_EXPIRED',
    );
    const answered = await askedScene();
    await answered.ledger.submit(oracle, 'oracle:answer', await answering(answered));
    const again = await answering(answered, {}, 'again');
    expect(await codeOf(answered.ledger, () => answered.ledger.submit(oracle, 'oracle:answer', again))).toBe(
      'ORACLE_REQUEST_CLOSED',
    );
  });
});

describe('oracle:expire', () => {
  it('closes an unanswered request after its last slot, by anyone', async () => {
    const made = await askedScene();
    const request = { commandId: command('expire'), requestId };
    const expire = () => made.ledger.submit(community, 'oracle:expire', request);
    expect(await codeOf(made.ledger, expire)).toBe('ORACLE_NOT_EXPIRED');
    await made.tickTo(historyTo + 12);
    expect((await expire()).response).toMatchObject({ state: 'EXPIRED' });
    const again = { ...request, commandId: command('expire again') };
    const attempt = () => made.ledger.submit(community, 'oracle:expire', again);
    expect(await codeOf(made.ledger, attempt)).toBe('ORACLE_REQUEST_CLOSED');
    const listed = await made.ledger.evaluate(community, 'oracle:listRequests', { state: 'EXPIRED' });
    expect(listed.rows).toHaveLength(1);
    const open = await made.ledger.evaluate(community, 'oracle:listRequests', { state: 'OPEN' });
    expect(open.rows).toEqual([]);
    expect(await made.ledger.evaluate(community, 'oracle:getForecast', { requestId })).toMatchObject({
      answer: null,
      series: [],
    });
  });
});
