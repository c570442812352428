import { assert } from './assert';

/** Every bound of the ledger's inputs in one place; exceeding one is a refusal with a code, never a surprise later. */
export const limits = {
  /** Longest JSON document that a contract reads, in bytes of UTF-8. */
  jsonBytesMax: 1_048_576,
  /** Deepest nesting of arrays and objects. */
  jsonDepthMax: 32,
  /** Digits of an amount: 18 digits stay below 2^63, so that sums of a few fit 64 bits elsewhere too. */
  amountDigitsMax: 18,
  /** Longest free text (names, reasons, references), in characters. */
  textCharactersMax: 200,
  /** Most bytes of one facts event. */
  factsBytesMax: 65_536,
  /** Most rows that one list answer carries. */
  listRowsMax: 100,
  organisationsMax: 64,
  participantsPerCallMax: 100,
  /** Suspensions that the row of a participant lists. */
  suspensionsMax: 50,
  metersPerCallMax: 100,
  assetsPerCallMax: 100,
  /** Meters that one feeder is compared with. */
  metersPerFeederMax: 500,
  busesPerGridMax: 2_000,
  linesPerGridMax: 2_000,
  congestionPointsPerGridMax: 200,
  /** A day of quarter hours: what one tick may create. */
  slotsPerTickMax: 96,
  blocksPerCallMax: 200,
  /** One day of minutes. */
  valuesPerBlockMax: 1_440,
  /** Largest value of a block: a terawatt-hour (or a tenth of a teravolt) is a mistake. */
  packedValueMax: 1_000_000_000_000,
  /** Largest amount of a packed block: above every sum of its values and every register, and exact as a number. */
  packedAmountMax: 200_000_000_000_000,
  /** Gaps that may follow each other between two blocks. */
  gapsBetweenBlocksMax: 16,
  /** Quarter hours that one block may cover. */
  intervalsPerBlockMax: 96,
  /** Quarter hours that one operator-signed gap may cover: a week. */
  slotsPerGapMax: 672,
  /** Quarter hours whose blocks one purge may take: 31 days. */
  slotsPerPurgeMax: 2_976,
  /** Amendments that one query may answer. */
  amendmentsPerQueryMax: 1_000,
  /** Versions that the total of a quarter hour may have. */
  amendmentVersionMax: 9_999,
  meterIdsPerQueryMax: 50,
  /** Quarter hours that one query of interval totals may cover: a day. */
  slotsPerQueryMax: 96,
  /** The hours of the longest local day. */
  sessionIntervalsMax: 25,
  /** Quarter hours that one limit of connections may hold for: four hours. */
  setPointSlotsMax: 16,
  /** Connections that one transaction may limit. */
  setPointConnectionsMax: 500,
  ordersPerCallMax: 100,
  /** Sets of orders that a participant may place in a session, each in the place of the one before. */
  placementsPerSessionMax: 5,
  /** Promises of one asset in one UTC day. */
  commitmentsPerDayMax: 100,
  priorityClassesMax: 8,
  /** Intervals of one contract between two. */
  contractIntervalsMax: 96,
  /** Offers and counter-offers of one contract. */
  contractRoundsMax: 20,
  ordersPerPublishMax: 250,
  /** Limits of a grid that bind in one interval. */
  bindingLimitsMax: 200,
  /** Orders that an answer names at the margins of one interval. */
  marginalOrdersMax: 256,
  /** Limits by quarter hour that the terms of a grid state. */
  limitsPerGridTermsMax: 1_000,
  settledIntervalsPerCallMax: 4,
  accountsPerBucketMax: 250,
  statementParticipantsMax: 50,
  forecastMetersMax: 100,
  answerChunkBytesMax: 262_144,
  answerChunksMax: 16,
  /** Participants whose trades and positions one transaction writes: at most 49 rows each. */
  participantsPerApplyMax: 10,
  /** Quarter hours of history that one computation may read: 18 weeks, from which a model can learn. */
  historySlotsMax: 12_096,
  /** Meters times quarter hours of history: ten days of a hundred meters. */
  historyReadingsMax: 96_000,
  /** Values of one publication of a feed: a week of quarter hours. */
  feedValuesMax: 672,
  /** Quarter hours for which a publication may be used: a week. */
  feedValidSlotsMax: 672,
  /** Keys that a feed has one after the other. */
  feedKeysMax: 20,
  /** Feeds that one computation reads. */
  feedsPerRequestMax: 8,
  /** Features that a model card names. */
  cardFeaturesMax: 32,
  /** Readings that a model card says it was trained on. */
  cardRowsMax: 1_000_000_000,
  /** Largest rate of a score: an error of a million times what was metered says no more than a larger one. */
  scoreRateMax: 1_000_000_000_000,
  /** Versions of a score: one more where readings came late. */
  scoreVersionMax: 9_999,
  /** Scores that one page of the scoreboard adds up. */
  scoresPerPageMax: 500,
  /** Most energy that one meter can be forecast to count in an interval: 1 GWh. */
  forecastIntervalWhMax: 1_000_000_000,
  /** Meters of one participant that are settled together. */
  metersPerParticipantMax: 20,
  /**
   * Positions of a participant in one quarter hour beside the one of the day-ahead session: intraday sessions, of which one begins in
   * a slot, and contracts, of which each asset has promised at most so many in a day.
   */
  positionsPerSlotMax: 500,
  /** Grids whose prosumers may enrol in one programme. */
  gridsPerProgrammeMax: 20,
  windowsPerProgrammeMax: 14,
  /** Longest notice of an event, and longest rest of an asset: two days. */
  noticeSlotsMax: 192,
  /** Events of one prosumer in a month, whatever its programme says. */
  callsPerMonthMax: 200,
  /** Quarter hours after an event in which its rebound is measured: half a day. */
  reboundSlotsMax: 48,
  /** Quarter hours of one event: a day. */
  eventSlotsMax: 96,
  assetsPerEnrolmentMax: 20,
  /** Programmes of one aggregator in which an asset is at a time. */
  programmesPerAssetMax: 8,
  /** Times in which an enrolled prosumer cannot be called. */
  unavailableSpansMax: 50,
  /** Meters that measure one event. */
  metersPerEventMax: 20,
  /** Events that one transaction signals, cancels, tracks or completes; each reads days of its meters. */
  eventsPerCallMax: 50,
  voltVarPointsMax: 10,
  compensatorStepsMax: 64,
  tapPositionsMax: 64,
  /** Highest temperature of a report: 1,000 K. */
  decikelvinMax: 10_000,
  /** Quarter hours after the end of a slot up to which its imbalance price is filed; without one the fixed prices are taken then. */
  imbalancePriceWaitSlots: 96,
  /** Imbalance prices that one transaction files: a day. */
  imbalancePricesPerCallMax: 96,
  /** Orders of flexibility under which one participant delivers in one quarter hour. */
  flexOrdersPerSlotMax: 20,
  /** Days before an event among which eligible days for its baseline are looked for. */
  baselineLookBackDaysMax: 45,
  /** Intervals of one baseline: a day of quarter hours. */
  baselineIntervalsMax: 96,
  /** Holidays that the rule of a baseline names. */
  baselineHolidaysMax: 40,
  /** Pairs of trades that one row lists. */
  pairsPerRowMax: 250,
  /** Posting sets that one dispute is about. */
  disputedSetsMax: 10,
  /** Sources of credit that one transaction folds into a balance. */
  foldSourcesMax: 20,
  /** Posting sets of one list answer: they are large. */
  postingRowsMax: 20,
  /** Posting sets that one page of the trial balance sums up. */
  postingSetsPerPageMax: 1_000,
  /** Accounts that one page of the trial balance names. */
  trialAccountsMax: 10_000,
  /** Quarter hours that one order of flexibility can reach over, with those in which energy comes back: the longest day and seven hours. */
  disaggregationSlotsMax: 128,
  /** Enrolled assets that one order can be split among. */
  disaggregationAssetsMax: 500,
  /** Requests to split one order, each after opt-outs or failures. */
  disaggregationRevisionsMax: 20,
  /** Chunks of an answer: together they are one document. */
  disaggregationChunksMax: 4,
  /** Nodes of the tree that proves a bound. */
  certificateNodesMax: 4_095,
  /** Leaves times assets times slots of such a tree: what checking it costs. */
  certificateCellsMax: 1_000_000,
  /** Assets of one coalition case. */
  coalitionAssetsMax: 500,
  /** Requests for services that one coalition case chooses from. */
  coalitionRequestsMax: 32,
  /** Limits that assets of a coalition case share. */
  coalitionGroupsMax: 64,
  /** Steps of a coalition case: a day of quarter hours. */
  coalitionStepsMax: 96,
  /** Leaves times the requests that each asset can serve in each step: what checking the proof of a coalition costs. */
  coalitionChoicesMax: 2_000_000,
  /** Samples of joint errors by which the probability of a promise is counted. */
  coalitionSamplesMax: 1_000,
  /** Players whose Shapley value is worked out exactly: a million sets. */
  shapleyPlayersMax: 20,
  /** Players whose nucleolus is worked out. */
  nucleolusPlayersMax: 12,
  /** Orders of joining that are drawn where there are too many players for all of them. */
  sharingOrdersMax: 1_000,
  /** Numbers that are added up to find what sets of members would have earned. */
  sharingWorkMax: 16_777_216,
  /** Slowest activation of a service or an asset: six hours. */
  activationSecondsMax: 21_600,
  carbonGramPerKwhMax: 10_000,
  assetKindsMax: 16,
  assetsPerMandateMax: 50,
  /** Mandates of one asset that have not ended. */
  mandatesPerAssetMax: 8,
  /** Assets whose bands one transaction files. */
  bandsPerCallMax: 50,
  /** Samples that say how reliable an asset is: the last ones. */
  deliverySamplesMax: 96,
  /** Requests for one service that are neither withdrawn nor served. */
  openRequestsPerServiceMax: 1_000,
  /** Slices of one request for a service: a day of quarter hours. */
  slicesPerRequestMax: 96,
  /** Coalitions that the assets of one participant serve in one quarter hour. */
  coalitionsPerSlotMax: 100,
  /** Coalitions that one statement explains. */
  coalitionsPerStatementMax: 100,
  /** Assets of one coalition. */
  coalitionMembersMax: 500,
  /** Assets that one test activation tests together. */
  assetsPerTestMax: 50,
  /** Quarter hours of one test activation: four hours. */
  testSlotsMax: 16,
  /** Quarter hours that one request for a service reaches over: a week. */
  requestSlotsMax: 672,
  /** Dispatches of one activation: the first, and one for each hand-over. */
  dispatchesMax: 50,
  /** Activations of one coalition. */
  activationsPerCoalitionMax: 200,
  /** Agents that acknowledge a dispatch in one transaction. */
  acknowledgementsPerCallMax: 100,
  /** Members whose schedules one transaction declares. */
  schedulesPerCallMax: 100,
} as const;

assert(limits.answerChunkBytesMax < limits.jsonBytesMax, 'A chunk of an answer fits one request.');
assert(limits.factsBytesMax < limits.jsonBytesMax, 'An event is smaller than a request.');
assert(
  limits.blocksPerCallMax >= limits.metersPerCallMax,
  'One call can carry a block of every meter registered in one call.',
);
assert(
  limits.packedAmountMax >= limits.valuesPerBlockMax * (limits.packedValueMax / 10),
  'The total of a block of plausible values fits.',
);
assert(limits.intervalsPerBlockMax <= limits.slotsPerQueryMax, 'One query can read what one block carries.');
