import type { IntervalForecast } from '../agents/order-strategy';
import type { RoleContext } from './role-context';

/** The middle forecast (p50) of every meter for each hour of the delivery day, by meter id, as the ledger holds it. */
export async function readForecasts(context: RoleContext): Promise<Map<string, IntervalForecast[]>> {
  const requestId = context.commandId('forecast/day-ahead');
  const forecast = await context.evaluate('oracle', 'getForecast', { requestId });
  if (forecast.answer === null) throw new Error(`request ${requestId} has no answer yet`);
  return new Map(
    forecast.series.map(({ meterId, importWh, exportWh }) => [
      meterId,
      importWh.p50.map((energyWh, interval) => ({ importWh: energyWh, exportWh: exportWh.p50[interval] ?? 0n })),
    ]),
  );
}
