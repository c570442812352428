import {
  answerDigestOf,
  limits,
  seriesListCodec,
  wh,
  type MeterId,
  type Quantiles,
  type Series,
} from '@flexledger/domain';
import { callers, command, firstSlot } from '../../testing/actors';
import { MarketScene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { aggregator, oracle } = callers;
const day = 96;
const historyTo = firstSlot + day;
const requestId = command('forecast of a portfolio');

let made: MarketScene;
let dataDigest: string;

async function ask(): Promise<void> {
  const { ann, bob } = made.meters;
  const asked = {
    commandId: requestId,
    service: 'forecast-day-ahead',
    version: '2',
    meterIds: [ann.meterId, bob.meterId],
    total: true,
    firstSlot: historyTo + 8,
    intervals: 2,
    intervalSlots: 4,
    historyFromSlot: firstSlot,
    historyToSlot: historyTo,
    expirySlot: historyTo + 4,
  };
  await made.ledger.submit(aggregator, 'oracle:requestComputation', asked);
}

function seriesOf(meterId: string, middle = 200n): Series {
  const of = (value: bigint): Quantiles['p10'] => [wh(value), wh(value)];
  const quantiles = { p10: of(middle / 2n), p50: of(middle), p90: of(middle * 2n) };
  return { meterId: meterId as MeterId, importWh: quantiles, exportWh: { p10: of(0n), p50: of(0n), p90: of(0n) } };
}

function answer(series: readonly Series[]): Promise<unknown> {
  return made.ledger.submit(oracle, 'oracle:answer', {
    commandId: command(`answer ${answerDigestOf(series)}`),
    requestId,
    service: 'forecast-day-ahead',
    version: '2',
    model: 'trained-day-ahead-1',
    dataDigest,
    chunk: 0,
    chunks: 1,
    answerDigest: answerDigestOf(series),
    series: seriesListCodec.encode(series),
  });
}

beforeEach(async () => {
  made = await MarketScene.create();
  await made.tickTo(historyTo);
  const { ann, bob } = made.meters;
  await made.measure(
    ann,
    Array.from({ length: day }, () => 10n),
  );
  await made.measure(
    bob,
    Array.from({ length: day }, () => 20n),
  );
  await ask();
  const request = await made.ledger.evaluate(aggregator, 'oracle:getRequest', { requestId });
  dataDigest = (request as unknown as { dataDigest: string }).dataDigest;
});

describe('a forecast of meters together', () => {
  it('has one series, which has the id of the request', async () => {
    await answer([seriesOf(requestId)]);
    const forecast = await made.ledger.evaluate(aggregator, 'oracle:getForecast', { requestId });
    expect(forecast).toMatchObject({
      request: { state: 'ANSWERED', total: true },
      series: [{ meterId: requestId, importWh: { p50: ['200', '200'] } }],
    });
  });

  it('is refused with series of meters, and with more than all of them could count', async () => {
    const { ann, bob } = made.meters;
    expect(await codeOf(made.ledger, () => answer([seriesOf(ann.meterId), seriesOf(bob.meterId)]))).toBe(
      'ORACLE_ANSWER_SHAPE',
    );
    const most = BigInt(limits.forecastIntervalWhMax);
    expect(await codeOf(made.ledger, () => answer([seriesOf(requestId, most + 1n)]))).toBe('ORACLE_ANSWER_LIMIT');
    await answer([seriesOf(requestId, most)]);
  });

  it('is scored against what the meters counted together', async () => {
    await answer([seriesOf(requestId, 110n)]);
    await made.tickTo(historyTo + 20);
    const { ann, bob } = made.meters;
    await made.measure(
      ann,
      Array.from({ length: 20 }, () => 10n),
    );
    await made.measure(
      bob,
      Array.from({ length: 20 }, () => 20n),
    );
    const { response } = await made.ledger.submit(aggregator, 'oracle:scoreForecast', {
      commandId: command('score of a total'),
      requestId,
    });
    // Two hours of 120 Wh, of which 110 were forecast.
    expect(response).toMatchObject({
      meters: [{ meterId: requestId, imported: { intervals: 2, actualWh: '240', absoluteErrorWh: '20', covered: 2 } }],
    });
  });
});
