import { forecastMean, forecastModel } from '@flexledger/domain';
import { forecastInputCodec } from '../codecs';
import type { ComputationService } from '../service';

/** Day-ahead forecast of the energy of meters, by the domain's own rule, so that the ledger and any auditor can recompute it. */
export const forecastDayAhead: ComputationService = {
  name: 'forecast-day-ahead',
  version: '1',
  input: forecastInputCodec,
  run: ({ history, request }) => ({ model: forecastModel, series: forecastMean(history, request) }),
  certificate: ({ request }) => ({ model: forecastModel, dataDigest: request.dataDigest }),
};
