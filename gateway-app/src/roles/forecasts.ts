import type { Series } from '@flexledger/domain';
import type { QuantileForecast } from '../agents/forecast-quantiles';
import type { RoleContext } from './role-context';

/** The forecast of every meter for each hour of the delivery day, by meter id, as the ledger holds it. */
export async function readForecasts(context: RoleContext): Promise<Map<string, QuantileForecast[]>> {
  const requestId = context.commandId('forecast/day-ahead');
  const forecast = await context.evaluate('oracle', 'getForecast', { requestId });
  if (forecast.answer === null) throw new Error(`request ${requestId} has no answer yet`);
  return forecastsOf(forecast.series);
}

/** Forecasts interval by interval, by meter id, from the series of an answer. */
export function forecastsOf(series: readonly Series[]): Map<string, QuantileForecast[]> {
  return new Map(
    series.map(({ meterId, importWh, exportWh }) => [
      meterId,
      importWh.p50.map((_, interval) => ({ importWh: at(importWh, interval), exportWh: at(exportWh, interval) })),
    ]),
  );
}

type SeriesQuantiles = Readonly<Record<keyof QuantileForecast['importWh'], readonly bigint[]>>;

function at({ p10, p50, p90 }: SeriesQuantiles, interval: number): QuantileForecast['importWh'] {
  return { p10: p10[interval] ?? 0n, p50: p50[interval] ?? 0n, p90: p90[interval] ?? 0n };
}
