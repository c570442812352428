import type { JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot, idOf } from '../../testing/actors';
import { flat, forecast, ForecastScene } from '../../testing/forecast-scene';
import { codeOf } from '../../testing/refusal';

const { community, regulator } = callers;
const { endSlot, historyTo, requestId } = forecast;

async function answeredScene(): Promise<ForecastScene> {
  const scene = await ForecastScene.create();
  await scene.ask();
  await scene.answer();
  return scene;
}

function partOf(score: JsonObject | undefined, part: 'single' | 'total', direction: 'imported' | 'exported') {
  return (score?.[part] as JsonObject)[direction] as JsonObject;
}

describe('oracle:scoreForecast', () => {
  it('scores a forecast by the readings on the ledger, and tells so in a fact', async () => {
    const scene = await answeredScene();
    const { ledger } = scene.made;
    await scene.measureTo(60n);
    const request = { commandId: command('score'), requestId };
    const { event, response } = await ledger.submit(community, 'oracle:scoreForecast', request);
    // The forecast says 200 Wh in each hour, the meter 240; cyd's meter has not been read.
    expect(response).toMatchObject({
      version: 1,
      mspId: 'DsoMSP',
      model: 'mean-7-latest',
      firstSlot: forecast.firstSlot,
    });
    expect(partOf(response, 'single', 'imported')).toMatchObject({
      intervals: 2,
      missing: 2,
      actualWh: '480',
      absoluteErrorWh: '80',
      nmaePpm: 166_667,
      coveragePpm: 0,
      yesterdayErrorWh: '80',
      skillPpm: 0,
    });
    expect(partOf(response, 'total', 'exported')).toMatchObject({ intervals: 2, actualWh: '0', absoluteErrorWh: '0' });
    expect(event).toMatchObject({ facts: [{ type: 'ForecastScored', requestId, version: 1, nmaePpm: 166_667 }] });
    expect(await ledger.evaluate(regulator, 'oracle:getScore', { requestId })).toEqual(response);
  });

  it('makes a new version where a reading came late, and none where nothing has changed', async () => {
    const scene = await answeredScene();
    const { ledger, meters } = scene.made;
    await scene.measureTo(60n);
    const before = await scene.score('first');
    expect(await scene.score('again')).toEqual(before);
    await scene.made.measure(meters.cyd, flat(endSlot - historyTo, 0n), flat(endSlot - historyTo, 25n));
    const after = await scene.score('late');
    expect(after.version).toBe(2);
    expect(partOf(after, 'single', 'exported')).toMatchObject({ intervals: 4, missing: 0, actualWh: '200' });
    expect(await ledger.evaluate(regulator, 'oracle:getScore', { requestId, version: 1 })).toEqual(before);
    expect(await ledger.evaluate(regulator, 'oracle:getScore', { requestId })).toEqual(after);
    expect(ledger.rows('forecast-score').size).toBe(2);
  });

  it('is refused before the forecast has ended and for what has no answer', async () => {
    const scene = await ForecastScene.create();
    const { ledger } = scene.made;
    const code = (label: string, changes?: JsonObject) => codeOf(ledger, () => scene.score(label, changes));
    expect(await code('unknown', { requestId: idOf('nothing') })).toBe('ORACLE_REQUEST_UNKNOWN');
    await scene.ask();
    expect(await code('open')).toBe('ORACLE_NOT_ANSWERED');
    await scene.answer();
    expect(await code('early')).toBe('ORACLE_FORECAST_NOT_ENDED');
    expect(await code('of another', { mspId: 'TsoMSP' })).toBe('ORACLE_NOT_ANSWERED');
    const unscored = () => ledger.evaluate(community, 'oracle:getScore', { requestId });
    expect(await codeOf(ledger, unscored)).toBe('ORACLE_SCORE_UNKNOWN');
  });
});

describe('oracle:getScoreboard', () => {
  it('adds up the last version of every score, from a slot on', async () => {
    const scene = await answeredScene();
    const { ledger, meters } = scene.made;
    await scene.measureTo(60n);
    await scene.score('first');
    await scene.made.measure(meters.cyd, flat(endSlot - historyTo, 0n), flat(endSlot - historyTo, 25n));
    const { single, total } = await scene.score('second');
    const board = (asked: JsonObject) => ledger.evaluate(regulator, 'oracle:getScoreboard', asked);
    const standing = { service: 'forecast-day-ahead', mspId: 'DsoMSP', model: 'mean-7-latest', answers: 1 };
    expect(await board({})).toEqual({ standings: [{ ...standing, single, total }], bookmark: null });
    expect(await board({ fromSlot: forecast.firstSlot })).toMatchObject({ standings: [standing] });
    expect(await board({ fromSlot: forecast.firstSlot + 1 })).toMatchObject({ standings: [] });
    expect(await board({ model: 'other' })).toMatchObject({ standings: [] });
    const bookmark = `0${forecast.firstSlot}.${requestId}.DsoMSP`;
    expect(await board({ bookmark })).toMatchObject({ standings: [], bookmark: null });
    expect(await board({ bookmark: bookmark.replace('DsoMSP', 'AsoMSP') })).toMatchObject({ standings: [standing] });
  });
});

describe('the model card of an answer', () => {
  const card = {
    model: 'mean-7-latest',
    features: ['hour-of-day', 'same-hour-yesterday'],
    trainedOn: { fromSlot: firstSlot, toSlot: historyTo - 1, rows: 192 },
    errors: { nmaePpm: 346_000, coveragePpm: null },
  };

  it('is shown with the forecast, as the oracle has told it', async () => {
    const scene = await ForecastScene.create();
    await scene.ask();
    await scene.answer({ card });
    const forecasted = await scene.made.ledger.evaluate(community, 'oracle:getForecast', { requestId });
    expect(forecasted).toMatchObject({ answer: { card } });
  });

  it('is refused where it is of another model, of readings to come, too long, or another one than in the chunk before', async () => {
    const scene = await ForecastScene.create();
    const { ledger } = scene.made;
    await scene.ask();
    const code = async (changes: JsonObject) => {
      const request = await scene.answering(changes);
      return codeOf(ledger, () => ledger.submit(callers.oracle, 'oracle:answer', request));
    };
    const { trainedOn } = card;
    expect(await code({ card: { ...card, model: 'ridge' } })).toBe('ORACLE_CARD_INVALID');
    const later = { ...trainedOn, toSlot: forecast.firstSlot };
    expect(await code({ card: { ...card, trainedOn: later } })).toBe('ORACLE_CARD_INVALID');
    expect(await code({ card: { ...card, features: flat(33, 0n).map(String) } })).toBe('INPUT_FIELD_INVALID');
    const whole = await scene.answering({ card, chunks: 2 }, 'first chunk');
    const series = whole.series as JsonObject[];
    await ledger.submit(callers.oracle, 'oracle:answer', { ...whole, series: series.slice(0, 1) });
    expect(await code({ chunk: 1, chunks: 2, series: series.slice(1) })).toBe('ORACLE_CHUNK_INVALID');
    expect(await scene.answer({ card, chunk: 1, chunks: 2, series: series.slice(1) })).toMatchObject({
      complete: true,
    });
  });
});
