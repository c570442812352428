export { answerClearing, type ClearingParts } from './answer-clearing';
export { answerCoalition, type CoalitionParts } from './answer-coalition';
export { answerDisaggregation, type DisaggregationParts } from './answer-disaggregation';
export { coalition } from './services/coalition';
export { disaggregation } from './services/disaggregation';
export { fileBands, type BandParts } from './file-bands';
export { segmentation } from './services/segmentation';
export { ClearingModel } from './clearing-model';
export { clearingGrid } from './services/clearing-grid';
export { answerRequest, type AnswerParts } from './answer-request';
export { type AnswerOutcome } from './send-answer';
export { oracleCommandId } from './command-ids';
export { LedgerPort } from './ledger-port';
export { Oracle, type OracleCounters, type OracleParts } from './oracle';
export type { AnswerRequest, ClearingAnswerRequest, ClearingLedger, OracleLedger, OracleLog } from './ports';
export type { BandLedger, BandsRequest } from './ports';
export type { CoalitionAnswerRequest, CoalitionLedger } from './ports';
export type { DisaggregationAnswerRequest, DisaggregationLedger, DisaggregationPlace } from './ports';
export type { OracleMeter } from './ports';
export {
  ServiceCatalogue,
  type ChosenCoalitions,
  type ClearingAnswer,
  type ClearingService,
  type CoalitionService,
  type ComputationService,
  type DisaggregationService,
  type Forecast,
  type ForecastInput,
  type FoundSplit,
  type SegmentationService,
  type Service,
} from './service';
export { forecastDayAhead } from './services/forecast-day-ahead';
