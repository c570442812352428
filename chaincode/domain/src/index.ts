export { accountsTransactions } from './api/accounts';
export { commandFields, countAnswerCodec, emptyCodec, bookmarkCodec, listAnswer, pageFields } from './api/common';
export { type ListAnswer } from './api/common';
export { exampleCommandId, exampleParticipantId, exampleMeterId, exampleSessionId } from './api/examples';
export { exampleOrderId, exampleAssetId, exampleKey, exampleSignature, exampleDigest } from './api/examples';
export { exampleRuleSet, exampleFounding, exampleGrid, exampleMeter, exampleAsset } from './api/examples';
export { contracts, manifest, specOf, type ContractName, type TransactionName, type SubmitName } from './api/manifest';
export { type EvaluateName, type RequestAt, type ResponseAt, type ConfidentialAt } from './api/manifest';
export { flexibilityTransactions } from './api/flexibility';
export { vppTransactions } from './api/vpp';
export { marketTransactions } from './api/market';
export { profilesCodec, meteringTransactions } from './api/metering';
export { oracleTransactions } from './api/oracle';
export { registryTransactions } from './api/registry';
export { submitSpec, privateSubmitSpec, evaluateSpec, functionName, specByFunctionName } from './api/transaction-spec';
export { type CollectionName, type TransactionMode, type TransientSpec } from './api/transaction-spec';
export { type TransactionSpec, type AnyTransactionSpec, type RequestOf, type ResponseOf } from './api/transaction-spec';
export { type ConfidentialOf, type SubmitSpec, type PrivateTransactionSpec } from './api/transaction-spec';
export { InvariantError, assert, present, unreachable } from './assert';
export {
  reserve,
  release,
  displace,
  fits,
  connectionAssetId,
  commitmentParts,
  daysOf,
  cutIntervals,
} from './commitments/book';
export { type BookedCommitment, type PromiseAsked, type Intervals, type DisplacedInterval } from './commitments/book';
export { findMisfit, type AssetCapacity, type Misfit, type StorageState } from './commitments/capacity';
export { type ScheduledPower } from './commitments/capacity';
export { priorityClassOf, preemptionCompensationMicro } from './commitments/priority';
export {
  purposeCodec,
  directionCodec,
  priorityClassCodec,
  commitmentCodec,
  commitmentDayCodec,
} from './commitments/rows';
export {
  type Purpose,
  type Direction,
  type PriorityClass,
  type Commitment,
  type CommitmentDay,
} from './commitments/rows';
export { toBase64Url, fromBase64Url } from './base64url';
export { parseJson, parseJsonBytes, canonicalBytes, canonicalJson, compareText } from './canonical';
export { fieldInvalid, mapped, text, integer, boolean, oneOf, array, optional, nullable, object } from './decode';
export { union, anyJson, decodeWhole, type JsonSchema, type Codec, type TypeOf, type OptionalField } from './decode';
export { type ObjectOf } from './decode';
export { sha256, hmacSha256, digestOf } from './digest';
export { errorRegistry, errorRow, RuleError, demand, type ErrorCode, type ErrorRow } from './errors';
export { factTypes, factsEventName, factsEventCodec, factsEventBytes, type FactType, type Fact } from './facts';
export { type FactsEvent, type FactsMade } from './facts';
export * from './disputes';
export * from './flexibility';
export { roles, roleCodec, mspIdCodec, elementIdCodec, freeTextCodec, obisCodec, bytesCodec } from './field-codecs';
export { digestCodec, publicKeyCodec, signatureCodec, saltCodec, type Role } from './field-codecs';
export { commandIdCodec, participantIdCodec, meterIdCodec, assetIdCodec, sessionIdCodec, orderIdCodec } from './ids';
export { contractIdCodec, promiseIdCodec, contractIdOf, type ContractId, type PromiseId } from './ids';
export { programmeIdCodec, eventIdCodec, programmeIdOf, type ProgrammeId, type EventId } from './ids';
export { disputeIdCodec, disputeIdOf, type DisputeId } from './ids';
export { requestIdCodec, proposalIdCodec, crockford26, participantIdOf, proposalIdOf, type CommandId } from './ids';
export { type ParticipantId, type MeterId, type AssetId, type SessionId, type OrderId, type RequestId } from './ids';
export { type ProposalId } from './ids';
export { exampleFlexibilityRules, examplePeriodSlot } from './api/flexibility/common';
export { exampleService, exampleServiceRequest, exampleTechnicalData, exampleVppRules } from './api/vpp/common';
export { isJsonObject, type JsonValue, type JsonObject } from './json';
export { limits } from './limits';
export { orderCommitment, findOrderFault, findOpeningFault, requiredCollateralMicro } from './market/accept-orders';
export {
  powerOf,
  saleCommitments,
  connectionCapacity,
  reserveSealed,
  type SoldEnergy,
} from './market/order-commitments';
export { acceptOrders, hasExpired, type Placing } from './market/accept-orders';
export { pairingCodec, type Pairing } from './market/pairing';
export { sessionPhaseCodec, sessionPhase, deliveryEnd, type SessionPhase } from './market/session-phase';
export { busOfMember, placementAfter, type EarlierSet, type Placement } from './market/order-set';
export { contractTermsCodec, contractCodec, contractFlowCodec, partyContractCodec } from './market/bilateral/rows';
export { type ContractTerms, type DeliveryTerms, type Contract, type ContractFlow } from './market/bilateral/rows';
export { termsDigestOf, contractIntervals, checkTerms, checkTermsRules } from './market/bilateral/terms';
export { demandContracts, deliverContract, type ContractInterval } from './market/bilateral/terms';
export { type DeliveredContract, type OfferKnown } from './market/bilateral/terms';
export { proposeContract, knownContract, demandAnswerable, demandAcceptable } from './market/bilateral/negotiate';
export { counterContract, rejectContract, withdrawContract, expireContract } from './market/bilateral/negotiate';
export {
  hourStart,
  contractFlowRows,
  contractFlows,
  demandWithinLimits,
  demandWithinRows,
  gridWays,
  rowsBeside,
} from './market/bilateral/flows';
export { type ContractUse, type FlowPeriod, type GridWays } from './market/bilateral/flows';
export { concludeContract, contractPromises, contractAssets, displaceIntervals } from './market/bilateral/conclude';
export { withCompensation, contractCostMicro, contractSet, contractPositions } from './market/bilateral/conclude';
export { concluded, partiesOf, type ConcludedContract, type DisplacedContract } from './market/bilateral/conclude';
export { applyChunk, type AppliedChunk } from './market/apply-chunk';
export { publishOrder } from './market/publish-order';
export {
  knownProduct,
  claimedSlots,
  openSession,
  knownSession,
  demandTakesOrders,
  type GateClock,
  closeSession,
  demandClosed,
  demandOnce,
  knownOrders,
  withdrawOrders,
  countStatus,
  type SessionAsked,
  type OpeningKnown,
} from './market/session';
export { intervalFirstSlot, clearSession, type SessionClearing } from './market/clear-session';
export { clearInterval } from './market/clear';
export { clearWithinBuses } from './market/grid-clearing/clear-within-buses';
export { deriveGridClearing } from './market/grid-clearing/derive-grid';
export { effectiveLimit, buyerPrice, sellerPrice, type BusCharges } from './market/grid-clearing/effective-prices';
export { type GridClearingFault } from './market/grid-clearing/fault';
export { findGridClearingFault } from './market/grid-clearing/find-fault';
export { findRowsClearingFault } from './market/grid-clearing/fault-rows';
export { intervalLimitWh } from './market/grid-clearing/interval-limit';
export { searchBindingLimits } from './market/grid-clearing/derive-grid';
export {
  type GridOrder,
  type TreeLimit,
  type GridLimitRow,
  type ClearingGrid,
  type BindingLimit,
  type ClearingHint,
  type Curtailment,
  type GridClearingRules,
  type ZonePrice,
  type PricedLimit,
  type BranchFlow,
  type GridIntervalClearing,
  type GridClearingRefusal,
  type GridDerivation,
} from './market/grid-clearing/types';
export {
  bindingLimitFields,
  gridOutcomeCodec,
  outcomeSourceCodec,
  priceAt,
  solverNameCodec,
} from './market/grid-session/outcome';
export {
  acceptClearingRequest,
  answeredRequest,
  answerHeadWith,
  clearingAnswerChunks,
} from './market/grid-session/clearing-request';
export {
  clearingAnswerDigest,
  clearingAnswerFields,
  clearingAnswerHeadCodec,
} from './market/grid-session/clearing-request';
export {
  clearingAnswerChunkCodec,
  clearingRequestCodec,
  intervalAnswerCodec,
} from './market/grid-session/clearing-request';
export {
  type ClearingAnswerHead,
  type ClearingAnswerPart,
  type ClearingRequest,
} from './market/grid-session/clearing-request';
export { type AnswerKnown, type IntervalAnswer, type RequestKnown } from './market/grid-session/clearing-request';
export { deriveInterval, namesRow, searchInterval, type FoundInterval } from './market/grid-session/derive-interval';
export { clearGridSession, nodalPrices, gridOutcomeOf } from './market/grid-session/clear-grid-session';
export { type GridSessionClearing, type KnownAnswer } from './market/grid-session/clear-grid-session';
export {
  busOf,
  chargesAt,
  clearingInputsDigest,
  hasGridLimits,
  hoursOf,
  intervalMarkets,
} from './market/grid-session/grid-market';
export { type IntervalMarket, type PlacedOrder, type SessionInputs } from './market/grid-session/grid-market';
export { gridOfInterval, slackBusOf, voltageRows } from './market/grid-session/grid-of-interval';
export { type IntervalSlots, type UsedCapacity } from './market/grid-session/grid-of-interval';
export { answerOf, hintOf, provenBy, statedMicro } from './market/grid-session/prove-interval';
export {
  checkGridTerms,
  gridTermsCodec,
  gridTermsFields,
  gridTermsHeadCodec,
  type GridTerms,
} from './market/grid-session/terms';
export { sessionFlowCodec, sessionFlowRows, flowsBeside } from './market/grid-session/session-flow';
export { sessionUse, rowsBesideSessions, type SessionFlow } from './market/grid-session/session-flow';
export { type GridOutcome, type OutcomeSource } from './market/grid-session/outcome';
export { deriveWithRows, searchRows, type RowDual, type RowsDerivation } from './market/grid-clearing/rows-derive';
export { linDistFlowRows, ptdfRows, type FlowRow, type MeshedLine } from './market/grid-clearing/rows-network';
export { type BranchImpedance, type BusVoltage, type VoltageBands } from './market/grid-clearing/rows-network';
export { type Rational } from './market/grid-clearing/rows-rational';
export {
  costMicro,
  revenueMicro,
  feeMicro,
  connectionWh,
  sessionReserveMicroPerSlot,
  reserveMicroPerSlot,
} from './market/money';
export { pairTrades, payAsBidPairs, pairPriceMicroPerKwh, meanPriceByOrder } from './market/pair-trades';
export { type PairingPreference, type PairingFill, type TradePair, type PricedPair } from './market/pair-trades';
export { fillPriceOf, zoneFillPrices, type ZoneFill } from './market/fill-prices';
export { signalsOf, type DeliverySignal } from './market/signals';
export { listPairs } from './market/list-pairs';
export { fillPriceCodec, tradePairsCodec, type FillPrice, type TradePairs } from './market/rows';
export { pricesOf, positionOf, positionsOf, tradesOf } from './market/positions';
export { intervalCodec, sessionCodec, orderContentCodec, sealedOrderCodec, orderStatusCodec } from './market/rows';
export { orderCodec, orderSetCodec, clearingPriceCodec, intervalOutcomeCodec, clearingCodec } from './market/rows';
export { fillCodec, clearingChunkCodec, bucketCodec, tradeCodec, positionCodec, type Session } from './market/rows';
export { type OrderContent, type SealedOrder, type OrderStatus, type Order, type OrderSet } from './market/rows';
export { type IntervalOutcome, type Clearing, type OrderFill, type ParticipantFills } from './market/rows';
export { type ClearingChunk, type Bucket, type Trade, type Position } from './market/rows';
export { sideCodec, type Side, type ClearingOrder, type Fill, type ClearingPrice } from './market/types';
export { type IntervalClearing } from './market/types';
export { findClearingFault, type ClearingFault } from './market/verify-clearing';
export { floorQuotient, nearestQuotient, floorSquareRoot } from './math';
export {
  mulDivFloor,
  mulDivCeil,
  mulDivHalfUp,
  sum,
  least,
  greatest,
  apportion,
  compareBigint,
  exactNumber,
} from './math';
export { type Share } from './math';
export { leafHash, merkleRoot, inclusionProof, verifyInclusion, type Inclusion } from './merkle';
export { slotAfterBlock, acceptBlock, type BlockContext, type Accepted } from './meter/accept-block';
export { readBlocks, refusalCode, profilesAnswer, blockResults, profilesRecorded } from './meter/block-results';
export { type ReadBlock } from './meter/block-results';
export { genesisLink, intervalsOf, totalsOf, leafOf, leafSaltOf, leafWith, commitmentOf } from './meter/block';
export { linkOf, blockBytes } from './meter/block';
export { type IntervalValues, type Measured, type MeasuredSeries } from './meter/block';
export { acceptAmendment, currentTotal, slotAfterAmendment, amendmentCauseCodec } from './meter/amendment';
export { amendmentFields, amendmentCodec, type Amendment, type AmendmentCause } from './meter/amendment';
export { type AmendmentContext, type CurrentTotal } from './meter/amendment';
export { cloneCodec, cloneOf, type Clone } from './meter/clone';
export { acceptPurge, demandPurgeRange, purgeFields, purgeCodec, type Purge } from './meter/purge';
export { acceptGap, type GapContext } from './meter/gap';
export { totalsBetween, currentTotals, checkQueryRange } from './meter/interval-totals';
export { packBlock, unpackBlock, packReading, packGapMark, unpackEntry, packProfile } from './meter/packed-block';
export { unpackProfile, type ChainEntry } from './meter/packed-block';
export { packSigned, unpackSigned } from './meter/packed-head';
export { seriesNames, type SeriesName } from './meter/series';
export { judge, registersAfter, type Judgement } from './meter/plausibility';
export { sequenceCodec, qualityCodec, intervalTotalCodec, qualifiedTotalCodec, profileBlockCodec } from './meter/types';
export { readingCodec, profileCodec, meterHeadCodec, gapCodec, profilesAnswerCodec } from './meter/types';
export { blockExceptionCodec, registersCodec, plausibilityFindings } from './meter/types';
export { type Quality, type IntervalTotal, type QualifiedTotal, type ProfileBlock, type Reading } from './meter/types';
export { type Profile, type MeterHead, type Gap, type BlockException, type BlockResult } from './meter/types';
export { type ProfilesAnswer, type Registers, type SignedBlockPart, type PlausibilityFinding } from './meter/types';
export * from './oracle';
export * from './feeds';
export { checkTick, slotBefore, type Tick } from './registry/clock';
export { quorum, proposalDigest, proposeFounding, proposeChange, approveProposal } from './registry/governance';
export { type Approved } from './registry/governance';
export { checkGrid } from './registry/grid';
export { admitMeters, meterEntryOf, admitAssets, assetEntryOf, type Known } from './registry/meters';
export { type KnownForMeters, type KnownForAssets } from './registry/meters';
export { statusAfter, canFollow, demandInService, type LifeCycleStep, type DeviceKind } from './registry/life-cycle';
export { type ResolutionMinutes } from './registry/device-types';
export { deviceTypeCodec, resolutionMinutesCodec, phasesCodec, accuracyClassCodec } from './registry/device-types';
export { deviceStatusCodec, meterEntryCodec, meterKeyCodec, meterCodec } from './registry/device-types';
export { meterIdentityCodec, assetEntryCodec, assetCodec, keyOwnerCodec } from './registry/device-types';
export { type AccuracyClass, type DeviceStatus, type MeterEntry, type Meter } from './registry/device-types';
export { participantAssetCodec, type MeterIdentity, type AssetEntry, type Asset } from './registry/device-types';
export { checkRegisters } from './registry/obis';
export { accuracyPpm } from './registry/accuracy';
export { busesBehind, checkFeeder } from './registry/feeder';
export { feederBalanceCodec, feederMeterOf, metersBehind, takesPart, balanceOf } from './meter/feeder-balance';
export { type FeederBalance, type FeederMeter, type MeteredTotal } from './meter/feeder-balance';
export { keyChangeCodec, keyChangeRequestCodec, keyChangeDigest, rotationCommand } from './registry/meter-keys';
export { requestKeyChange, approveKeyChange, type KeyChange, type KeyChangeRequest } from './registry/meter-keys';
export { type KeyChangeContext, type Approver } from './registry/meter-keys';
export { addressOf, possessionCommand, admitParticipants, suspend, readmit } from './registry/participants';
export { wasSuspendedIn, type Registration, type StandingChange } from './registry/participants';
export { roleGrantCodec, foundingFields, foundingCodec, changeCodec, governanceCodec } from './registry/types';
export { proposedCodec, proposalCodec, participantKindCodec, participantEntryCodec } from './registry/types';
export { participantCodec, busCodec, branchCodec, congestionPointCodec, gridFields, gridCodec } from './registry/types';
export { suspensionCodec, clockHeadCodec, clockSlotCodec, type Suspension } from './registry/types';
export { type Founding, type Change, type Governance, type Proposed, type Proposal } from './registry/types';
export { type ParticipantEntry, type Participant, type Grid, type ClockHead, type ClockSlot } from './registry/types';
export { rowFormat, rowCodec, type RowCodec, type RowOf } from './row';
export { ruleSetCodec, checkRuleSet, type RuleSet } from './rule-set';
export * from './set-points';
export { isBackstopPrice } from './rule-set/backstop';
export { memberLimitsCodec, type MemberLimits } from './rule-set/member-limits';
export { productCodec, productOf, sessionKindCodec, intervalSlotsCodec } from './rule-set/products';
export { type Product, type SessionKind } from './rule-set/products';
export {
  checkFlexibilityMoney,
  foldPostingSets,
  checkFund,
  checkLimits,
  type Violation,
  type Books,
} from './settlement/invariants';
export {
  acceptSettlement,
  demandFirstRun,
  demandEnded,
  demandPositionsFinal,
  demandAnchor,
  demandInDayAhead,
  endSlotOf,
  bucketOf,
  chunkOf,
  type SettlementAsked,
  type TradingSession,
} from './settlement/accept-settlement';
export {
  limitOf,
  spend,
  receive,
  collateralSet,
  demandSourcesOnce,
  foldSources,
  creditOf,
  type KnownSource,
} from './settlement/limit';
export { meterInputAt } from './settlement/meter-input';
export { move, joinEntries, sideMicro, netCreditMicro, balanced } from './settlement/post';
export { runCodec, bucketNumberCodec, accountCodec, participantAccount, entryCodec } from './settlement/rows';
export { causeCodec, postingSetId, postingSetKey, meterInputCodec, lineStatusCodec } from './settlement/rows';
export { lineCodec, postingSetCodec, limitRowCodec, sourceCodec, sourceId, foldedCodec } from './settlement/rows';
export { statementTotalsCodec, statementCodec, postingSetKeyCodec, rowKeyCodec } from './settlement/rows';
export { statementLineCodec, type Account, type Entry, type Cause, type MeterInput } from './settlement/rows';
export { type Line, type PostingSet, type LimitRow, type Source, type Folded } from './settlement/rows';
export { type StatementTotals, type Statement, type StatementLine } from './settlement/rows';
export { curtailmentFundCodec, type CurtailmentFund } from './settlement/rows';
export { curtailmentInputCodec, type CurtailmentInput, type LineCurtailment } from './settlement/curtailment-rows';
export { curtailmentInputOf, heldBackBy, correctionOf, curtailmentsOf } from './settlement/curtailment';
export { type Correction, type HeldBack } from './settlement/curtailment';
export {
  curtailmentInputsOf,
  curtailmentPrice,
  type LimitInForce,
  type IntervalPrices,
} from './settlement/curtailment-inputs';
export { lineOf, settleSlot, balancingReserveOf, resettle } from './settlement/settle-slot';
export { deliveryCodec, deliveryOf, deviationEnergy, meteredStatus, type Delivery } from './settlement/delivery';
export { type DeviationEnergy } from './settlement/delivery';
export { intervalSlotsMax, slotPositionCodec, positionSlots, slotPositionOf } from './settlement/slot-position';
export { quarterOf, quartersWh, quarterTrade, coversSlot, type SlotPosition } from './settlement/slot-position';
export { countedTrade, contractOutcomeCodec, type ContractOutcome } from './settlement/slot-position';
export { type QuarterTrade, type CountedTrade } from './settlement/slot-position';
export { sellerAssetsOf, installedPowerW, greenSellers, type IsGreen } from './market/seller-assets';
export { contractDeliveryCodec, decideDelivery, compareSales, outcomeOf } from './settlement/contract-delivery';
export { isTradedIn, sellerQuarter, type PositionSource, type SellerKnown } from './settlement/contract-delivery';
export { type ContractDelivery, type SellerQuarter, type QuarterSale } from './settlement/contract-delivery';
export { imbalancePriceCodec, directionPrices, deviationMoney, type ImbalancePrice } from './settlement/imbalance';
export { imbalanceDeadline, fileImbalancePrices, pricesOfSlot } from './settlement/imbalance';
export { type DeviationPrices, type DirectionPrices, type DeviationMoney } from './settlement/imbalance';
export { imbalancePricingCodec, type ImbalancePricing } from './rule-set/settlement';
export { curtailmentCompensationCodec, type CurtailmentCompensation } from './rule-set/settlement';
export { type SettledParticipant, type BalancingParty, type SlotToSettle } from './settlement/settle-slot';
export { rentWeightsCodec, rentAnswerCodec, rentToShare, rentWeights, shareRent } from './settlement/share-rent';
export { type RentWeights, type RentMember } from './settlement/share-rent';
export { rentShareCodec, deliverySignalsCodec, type RentShare } from './rule-set/settlement';
export { trialBalance, type AccountSums } from './settlement/trial-balance';
export { positionKey, blockKey, contractDeliveryKey, statementLines, statementOf } from './settlement/statement';
export { linesDigest, sessionSlots, ruleInWords, type StatementInput } from './settlement/statement';
export { publicKeyOf, verifySignature, isLowS } from './signature';
export { neverExpires, signedCommandBytes, requestDigestOf, verifySignedCommand } from './signed-command';
export { type SignedCommand } from './signed-command';
export { idOf, testRuleSet, testSession, contentOf, publishedOrder } from './testing/session-fixture';
export { gridInputs, gridSession, testGrid, testTerms, type GridOrderInShort } from './testing/grid-session-fixture';
export * from './vpp';
export { slotSeconds, slotsPerDay, slotsPerHour, slotMax, slot, slotCodec, addSlots, slotRange } from './time';
export { slotText, slotOfText, slotStartSeconds, slotOfSeconds, dayStart, type Slot } from './time';
export { ppmWhole, wh, w, reactive, varh, decivolt, micro, microPerKwh, ppm, whCodec, wCodec } from './units';
export { va, vaCodec, deciWh, deciWhCodec, type Va, type DeciWh } from './units';
export { varCodec, varhCodec, decivoltCodec, microCodec, type Varh, type Decivolt } from './units';
export { signedMicroPerKwh, signedMicroPerKwhCodec, type SignedMicroPerKwh } from './units';
export { nano, nanoCodec, signedPicoPerKwhCodec, type Nano } from './units';
export { microPerKwhCodec, ppmCodec, type Wh, type W, type Var, type Micro, type MicroPerKwh, type Ppm } from './units';
export * from './vpp/coalition';
export * from './vpp/operation';
