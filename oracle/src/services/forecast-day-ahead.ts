import { forecastMean, forecastModel } from '@flexledger/domain';
import type { ComputationService } from '../service';

/** Day-ahead forecast of the energy of meters, by the domain's own rule, so that the ledger and any auditor can recompute it. */
export const forecastDayAhead: ComputationService = {
  name: 'forecast-day-ahead',
  version: '1',
  model: forecastModel,
  run: (request, history) => forecastMean(history, request),
};
