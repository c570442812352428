export * from './baseline';
export * from './settlement';
export { programmeCodec, programmeTermsCodec, programmeDirectionCodec } from './programme/rows';
export { type Programme, type ProgrammeTerms, type ProgrammeDirection } from './programme/rows';
export { createProgramme, closeProgramme, knownProgramme, callsIn, weekdayOf } from './programme/programme';
export { demandOwnProgramme, demandOpenProgramme } from './programme/programme';
export { bandCodec, comfortCodec, enrolledAssetCodec, enrolmentCodec, assetPlaceCodec } from './enrolment/rows';
export { type Band, type Comfort, type EnrolledAsset, type Enrolment, type AssetPlace } from './enrolment/rows';
export { slotSpanCodec, type SlotSpan } from './enrolment/rows';
export { enrol, leave, setAvailability, activeEnrolment, isUnavailable, widestBandW } from './enrolment/enrolment';
export { bandW, placeAfter, type EnrolmentAsked, type KnownForEnrolment } from './enrolment/enrolment';
export { firstNewSlot, checkPrognosis } from './congestion/d-prognosis';
export { demandReserved, obligedIsps, proposeReservation, updateReservation } from './congestion/reservation';
export { dPrognosisCodec, flexContractIdCodec, gridOperatorCodec, prognosisHeadCodec } from './congestion/rows';
export { prognosisRunsCodec, reservationCodec, reservedRunsCodec, revisionCodec } from './congestion/rows';
export { type DPrognosis, type PrognosisRun, type Reservation, type ReservedRun } from './congestion/rows';
export { demandExpiry, demandPeriod, demandSamePlace, headerCodec, headerFields, periodOf } from './header';
export { placeCodec, placeFields, placeOf, type FlexHeader, type FlexPlace, type PeriodClock } from './header';
export { flexIdOf, flexOfferIdCodec, flexOrderIdCodec, flexRequestIdCodec } from './ids';
export { type FlexOfferId, type FlexOrderId, type FlexRequestId } from './ids';
export { bySlot, checkRuns, firstSlotOf, flexDirectionCodec, ispsOf, ispsPerDayMax, lastSlotOf } from './isps';
export { runFields, type FlexDirection, type Run } from './isps';
export {
  activationStepPpm,
  checkOffer,
  checkOptionIsps,
  demandActivation,
  firstOfferedSlot,
  priceStepMicro,
  revokeOffer,
} from './offer/offer';
export { type OfferKnown } from './offer/offer';
export {
  flexOfferCodec,
  flexRunsCodec,
  offerFields,
  offerOfCodec,
  offerOptionCodec,
  offersPerAggregatorMax,
} from './offer/rows';
export { type FlexOffer, type FlexRun, type ObligedIsp, type OfferOption } from './offer/rows';
export { activate, demandOrderable, directionOf, placeOrder } from './order/order';
export { type ActivatedOption, type OrderAsked } from './order/order';
export { flexOrderCodec, orderedIspsCodec, orderOfCodec, type FlexOrder, type OrderedIsp } from './order/rows';
export { declareGreen, declareOrange, greenRegime, regimeAfterOrder, regimeAfterRequest } from './regime/regime';
export { regimeEndSlot, shortfallsOf, type AnsweringOffer } from './regime/regime';
export { regimeCodec, type Regime, type Shortfall } from './regime/rows';
export { checkRequest, demandAnswerableRequest, demandIncrease, demandNewRequest } from './request/request';
export { endRequest, expireRequest, requestHeadOf, type RequestHead } from './request/request';
export { flexRequestCodec, requestFields, requestHeadCodec, requestOfCodec } from './request/rows';
export { type FlexRequest, type RequestRun } from './request/rows';
export { flexibilityRulesCodec, flexibilityRulesOf, type FlexibilityRules } from './rules';
export { localDaySlots, timeZoneCodec, utcOffsetSlots, type TimeZoneName } from './time-zone';
export { gapPpmOf, isBetter, proveAnswer, type ProvenAnswer } from './disaggregation/answer';
export { freeAsset, type AssetFixing, type BestPlan, type PlacedCall } from './disaggregation/best-plan';
export {
  bestAt,
  halves,
  provenBound,
  relax,
  type Branch,
  type Multipliers,
  type Relaxed,
} from './disaggregation/certificate';
export { completedAnswer, meritOrder } from './disaggregation/merit-order';
export { checkPlans, plansOutcome, type PlansOutcome } from './disaggregation/plans';
export {
  ceilingOf,
  prepareCase,
  type Cell,
  type Effect,
  type PreparedAsset,
  type PreparedCase,
} from './disaggregation/prepare';
export {
  assetPlanCodec,
  certificateNodeCodec,
  disaggregationAnswerCodec,
  disaggregationCaseCodec,
  type AssetPlan,
  type CertificateLeaf,
  type CertificateNode,
  type DisaggregationAnswer,
  type DisaggregationCase,
  type FlexBand,
  type FlexCall,
  type FlexibleAsset,
  type OrderedSlot,
} from './disaggregation/rows';
export {
  caseOfOrder,
  firstIsp,
  plannedWh,
  standingEvents,
  useAfter,
  type OrderToSplit,
} from './disaggregation/order-case';
export {
  disaggregationAnswerFields,
  disaggregationChunkCodec,
  disaggregationDigest,
  disaggregationHeadCodec,
  disaggregationPlaceFields,
  disaggregationPlanCodec,
  disaggregationRequestCodec,
  flexUseCodec,
  frozenCaseCodec,
  nextRevision,
  splitAnswerDigest,
  splitHeadCodec,
  splitProgrammesCodec,
  withAnswer,
  type DisaggregationHead,
  type DisaggregationPart,
  type DisaggregationPlan,
  type DisaggregationRequest,
} from './disaggregation/request';
export { disaggregationGapPpm } from './rules';
export { selectOffers, type SelectedOption, type Selection } from './order/select-offers';
export { requestForCongestion } from './request/congestion-request';
export { requestRunsCodec } from './request/rows';
export { eventIspCodec, eventAssetCodec, signalKindCodec, eventSignalCodec, eventReasonCodec } from './event/rows';
export { eventFlagCodec, eventAnswerCodec, eventResultCodec, flexEventCodec, eventPlaceCodec } from './event/rows';
export { type EventIsp, type EventAsset, type SignalKind, type EventSignal, type EventReason } from './event/rows';
export { type EventFlag, type EventAnswer, type EventResult, type FlexEvent, type EventPlace } from './event/rows';
export { monthOf, type Month } from './event/months';
export { plannedAssets, ispsOfEvent, demandProgrammeCalls, type PlannedAsset } from './event/plan';
export { counts, whyNotCallable, type CallAsked } from './event/callable';
export { signalOf, type SignalAsked } from './event/signal';
export { eventIdOf, knownEvent, replanned, isOpen, acknowledge, optIn, optOut, cancel } from './event/event';
export { eventPromises, bandCapacity, spanOf, type Withdrawal } from './event/event';
export { deliveryOf, reboundOf, type Delivery } from './tracking/delivered';
export { measurementCodec, performanceCodec, portfolioPerformanceCodec, type Measurement } from './tracking/rows';
export { type Performance, type PortfolioPerformance } from './tracking/rows';
export { measurementOf, trackSlot, trackPortfolio, type MeterTotal, type TrackAsked } from './tracking/track';
export { type OrderedSlotEnergy } from './tracking/track';
export { completeEvent, isPaid, unpaidFlags, type CompletionAsked, type ReboundSlot } from './tracking/complete';
export { baselineReadingOf, measuredEnd, trackedSpan, measureSlot, measureWhole } from './tracking/measure';
export { type EventMeasured, type EventReadings, type SignalledEvent } from './tracking/measure';
export { voltageControlCodec, voltageTargetCodec, voltageSupportCodec, voltagePerformanceCodec } from './voltage/rows';
export { reactiveDirectionCodec, voltVarPointCodec, type ReactiveDirection, type VoltVarPoint } from './voltage/rows';
export { type VoltageControl, type VoltageTarget, type VoltageSupport, type VoltagePerformance } from './voltage/rows';
export { checkCurve, reactivePowerAt, quarterHourVarh, type ReactivePower } from './voltage/curve';
export { checkAssetControl, checkEquipmentControl, demandNoOverlap, trackSupport } from './voltage/support';
export { voltageBudgetCodec, voltageSettlementCodec, settledSupportSlotCodec } from './voltage/settlement-rows';
export { type SettledSupportSlot, type VoltageBudget, type VoltageSettlement } from './voltage/settlement-rows';
export { budgetAfter, budgetEndSlot, grantBudget, heldBudget, releaseBudget } from './voltage/budget';
export { type VoltageGrant } from './voltage/budget';
export { isSameSupportSettlement, paidTarget, postVoltageSettlement, settleSupport } from './voltage/settle-voltage';
export { type SupportToSettle } from './voltage/settle-voltage';
export { deviceUseCodec, siteReportCodec, reportHeadCodec, type DeviceUse } from './report/rows';
export { type SiteReport, type ReportHead } from './report/rows';
export { acceptReport, siteReportBytes, type KnownForReport } from './report/report';
