import { forecastMean, forecastModel, seriesHistory, type JsonObject } from '@flexledger/domain';
import { forecastInputCodec } from '../codecs';
import type { ComputationService, Forecast, ForecastInput } from '../service';

/** Day-ahead forecast of the energy of meters, by the domain's own rule, so that the ledger and any auditor can recompute it. */
export const forecastDayAhead: ComputationService = {
  name: 'forecast-day-ahead',
  version: '1',
  input: forecastInputCodec,
  run: ({ history, request }) => ({
    model: forecastModel,
    series: forecastMean(seriesHistory(request, history), request),
  }),
  certificate: certifyForecast,
};

/** What a forecast was made with and from: how good it is shows when its time has come. */
export function certifyForecast({ request }: ForecastInput, { model }: Forecast): JsonObject {
  return { model, dataDigest: request.dataDigest };
}
