export { answerRequest, type AnswerOutcome, type AnswerParts } from './answer-request';
export { oracleCommandId } from './command-ids';
export { LedgerPort } from './ledger-port';
export { Oracle, type OracleCounters, type OracleParts } from './oracle';
export type { AnswerRequest, OracleLedger, OracleLog } from './ports';
export { ServiceCatalogue, type ComputationService } from './service';
export { forecastDayAhead } from './services/forecast-day-ahead';
