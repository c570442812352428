export { demandThose, metersOfCongestionPoint } from './congestion-point';
export { acceptRequest, acceptAnswer, answerDigestOf, answerChunks, acceptExpiry } from './computation';
export { inputEnd, inputsOf, type ComputationAsked, type RequestClock, type AnswerPart } from './computation';
export { acceptRefusal, type AnswerState, type RefusalState } from './computation';
export { settledBy, disagreementOf, isBeyondAnswer, type OracleStand } from './agreement';
export { oracleRulesCodec, type OracleRules } from './rules';
export { refusalReasonCodec, refusalCodec, disagreementCodec, type Refusal, type Disagreement } from './rows';
export { forecastModel, historyOf, historyDigest, forecastMean, type MeterHistory } from './forecast-mean';
export { type ForecastPeriod } from './forecast-mean';
export { serviceCodec, serviceVersionCodec, modelCodec, computationFields, computationCodec } from './rows';
export { seriesCodec, seriesListCodec, answerHeadCodec, answerChunkCodec, answerFields } from './rows';
export { type Computation, type Quantiles, type Series, type AnswerHead, type AnswerChunk } from './rows';
export { modelCardCodec, type ModelCard } from './rows';
export { addDirections, addMeasures, forecastEnd, isSameScore, noMeasures, readSpan, scorable } from './score';
export { scoreAnswer, scoreLineOf, type AnswerToScore, type ScoredReadings } from './score';
export { measuredDirectionsCodec, measuresCodec, scoreCodec, scoreLineCodec, standingCodec } from './score-rows';
export { type MeasuredDirections, type Measures, type Score, type ScoreLine, type Standing } from './score-rows';
export { addStandings, standingsOf, type ScoreFilter } from './scoreboard';
export { seriesHistory, seriesIdsOf, sumOfTotals, type SeriesAsked } from './total';
export {
  coverForecast,
  forecastCoverCodec,
  forecastFee,
  forecastPaySlot,
  payableCover,
  payForecast,
} from './forecast-pay';
export { type ForecastCover, type ForecastPaid } from './forecast-pay';
export { forecastPayRulesCodec, type ForecastPayRules } from './rules';
