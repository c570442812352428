import {
  answerDigestOf,
  computationCodec,
  forecastMean,
  forecastModel,
  historyOf,
  qualifiedTotalCodec,
  seriesListCodec,
  type Computation,
  type JsonObject,
  type JsonValue,
  type MeterHistory,
  type MeterId,
  type QualifiedTotal,
} from '@flexledger/domain';
import { callers, command, firstSlot } from './actors';
import { MarketScene } from './market-scene';

const { aggregator, community, oracle } = callers;

const day = 96;

/** The times of the scene's forecast: two hours, a day and a quarter after the first slot. */
export const forecast = {
  requestId: command('forecast'),
  historyTo: firstSlot + day,
  expirySlot: firstSlot + day + 12,
  firstSlot: firstSlot + day + 24,
  intervals: 2,
  endSlot: firstSlot + day + 32,
} as const;

/** One value for each quarter hour. */
export function flat(count: number, value: bigint): readonly bigint[] {
  return Array.from({ length: count }, () => value);
}

/** A scene in which the meters of ann and cyd have been read for a day, on which a forecast is asked for. */
export class ForecastScene {
  private constructor(public readonly made: MarketScene) {}

  /** Ann's meter takes 50 Wh in each quarter hour, cyd's gives 20 Wh. */
  public static async create(ruleSet: JsonObject = {}): Promise<ForecastScene> {
    const made = await MarketScene.create(ruleSet);
    await made.tickTo(forecast.historyTo);
    await made.measure(made.meters.ann, flat(day, 50n));
    await made.measure(made.meters.cyd, flat(day, 0n), flat(day, 20n));
    return new ForecastScene(made);
  }

  /** The request, with what else it says. */
  public asking(changes: JsonObject = {}): JsonObject {
    const { ann, cyd } = this.made.meters;
    const { expirySlot, firstSlot: start, historyTo, intervals, requestId } = forecast;
    return {
      commandId: requestId,
      service: 'forecast-day-ahead',
      version: '1',
      meterIds: [ann.meterId, cyd.meterId],
      firstSlot: start,
      intervals,
      intervalSlots: 4,
      historyFromSlot: firstSlot,
      historyToSlot: historyTo,
      expirySlot,
      ...changes,
    };
  }

  /** Asks for the forecast. */
  public async ask(changes: JsonObject = {}): Promise<JsonObject> {
    return (await this.made.ledger.submit(aggregator, 'oracle:requestComputation', this.asking(changes))).response;
  }

  /** The answer of an oracle that reads the ledger as anybody can, with what else it says. */
  public async answering(changes: JsonObject = {}, label = 'once'): Promise<JsonObject> {
    const { requestId } = forecast;
    const asked = await this.made.ledger.evaluate(community, 'oracle:getRequest', { requestId });
    const request = computationCodec.decode(asked, '');
    const series = forecastMean(await this.history(request), request);
    return {
      commandId: command(`answer ${label}`),
      requestId,
      service: request.service,
      version: request.version,
      model: forecastModel,
      dataDigest: request.dataDigest,
      chunk: 0,
      chunks: 1,
      answerDigest: answerDigestOf(series),
      series: seriesListCodec.encode(series),
      ...changes,
    };
  }

  /** Answers the request. */
  public async answer(changes: JsonObject = {}): Promise<JsonObject> {
    return (await this.made.ledger.submit(oracle, 'oracle:answer', await this.answering(changes))).response;
  }

  /** Records what ann's meter took in each quarter hour up to the end of the forecast, after the clock has reached it. */
  public async measureTo(annWh: bigint): Promise<void> {
    await this.made.tickTo(forecast.endSlot);
    await this.made.measure(this.made.meters.ann, flat(forecast.endSlot - forecast.historyTo, annWh));
  }

  /** Scores the answer, as anybody may. */
  public async score(label: string, changes: JsonObject = {}): Promise<JsonObject> {
    const request = { commandId: command(`score ${label}`), requestId: forecast.requestId, ...changes };
    return (await this.made.ledger.submit(community, 'oracle:scoreForecast', request)).response;
  }

  private async history({ historyFromSlot, inputs }: Computation): Promise<readonly MeterHistory[]> {
    return Promise.all(
      inputs.map(async ({ meterId, toSlot }) =>
        historyOf(meterId, await this.totals(meterId, historyFromSlot), toSlot),
      ),
    );
  }

  private async totals(meterId: MeterId, fromSlot: number): Promise<readonly QualifiedTotal[]> {
    const asked = { meterIds: [meterId], fromSlot, toSlot: fromSlot + day - 1 };
    const { meters } = await this.made.ledger.evaluate(community, 'metering:getIntervalTotals', asked);
    const rows = (meters as JsonObject[])[0]?.totals as JsonValue[];
    return rows.map((row) => qualifiedTotalCodec.decode(row, ''));
  }
}
