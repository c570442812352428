export { acceptRequest, acceptAnswer, answerDigestOf, answerChunks, acceptExpiry } from './computation';
export { inputEnd, inputsOf, type ComputationAsked, type RequestClock, type AnswerPart } from './computation';
export { type AnswerState } from './computation';
export { forecastModel, historyOf, historyDigest, forecastMean, type MeterHistory } from './forecast-mean';
export { type ForecastPeriod } from './forecast-mean';
export { serviceCodec, serviceVersionCodec, modelCodec, computationFields, computationCodec } from './rows';
export { seriesCodec, seriesListCodec, answerHeadCodec, answerChunkCodec, answerFields } from './rows';
export { type Computation, type Quantiles, type Series, type AnswerHead, type AnswerChunk } from './rows';
