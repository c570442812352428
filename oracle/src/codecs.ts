import {
  array,
  coalitionAnswerCodec,
  coalitionCaseCodec,
  computationCodec,
  contractFlowCodec,
  deliverySamplesCodec,
  disaggregationAnswerCodec,
  disaggregationCaseCodec,
  feedPublicationCodec,
  gridCodec,
  gridTermsCodec,
  intervalAnswerCodec,
  intervalTotalCodec,
  limits,
  mapped,
  meterIdCodec,
  modelCardCodec,
  modelCodec,
  nullable,
  object,
  optional,
  orderCodec,
  orderSetCodec,
  ppmCodec,
  seriesCodec,
  sessionCodec,
  sessionFlowCodec,
  technicalDataCodec,
  text,
  vppRulesCodec,
} from '@flexledger/domain';

/*
 * What goes into services and comes out of them, as JSON: for services that run in a process of their own or behind an address.
 */

/** Most rows of one sort that go into the clearing of a session. */
const SESSION_ROWS_MAX = 100_000;

const solverCodec = text(/^[ -~]{1,64}$/, 'name and version of a solver', 64);

export const forecastInputCodec = object({
  request: computationCodec,
  history: array(
    object({ meterId: meterIdCodec, totals: array(intervalTotalCodec, limits.historySlotsMax) }),
    limits.forecastMetersMax,
  ),
  feeds: optional(array(feedPublicationCodec, limits.feedsPerRequestMax, 1)),
});

export const forecastCodec = object({
  model: modelCodec,
  series: array(seriesCodec, limits.forecastMetersMax, 1),
  card: optional(modelCardCodec),
});

const sessionRows = object({
  session: sessionCodec,
  grid: gridCodec,
  /** null where the grid had none. */
  terms: nullable(gridTermsCodec),
  orders: array(orderCodec, SESSION_ROWS_MAX),
  orderSets: array(orderSetCodec, SESSION_ROWS_MAX),
  contractFlows: array(contractFlowCodec, SESSION_ROWS_MAX),
  clearedFlows: array(sessionFlowCodec, SESSION_ROWS_MAX),
});

export const sessionInputsCodec = mapped(
  sessionRows,
  'the inputs of a clearing',
  ({ terms, ...rows }) => ({ ...rows, terms: terms ?? undefined }),
  ({ terms, ...rows }) => ({ ...rows, terms: terms ?? null }),
);

export const clearingCodec = object({
  solver: solverCodec,
  intervals: array(intervalAnswerCodec, limits.sessionIntervalsMax, 1),
});

export const splitInputCodec = object({ asked: disaggregationCaseCodec, gapPpmMax: ppmCodec });
export const splitCodec = object({ answer: disaggregationAnswerCodec, solver: solverCodec });

export const coalitionInputCodec = object({ asked: coalitionCaseCodec, gapPpmMax: ppmCodec });
export const chosenCodec = object({ answer: coalitionAnswerCodec, solver: solverCodec });

export const bandInputCodec = object({
  data: technicalDataCodec,
  samples: deliverySamplesCodec,
  rules: vppRulesCodec,
});
