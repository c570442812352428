export * from './remuneration';
export * from './service';
export * from './sharing';
export { assetMandatesCodec, mandateConstraintsCodec, mandateFields, mandatedAssetCodec } from './asset/rows';
export { technicalDataCodec, technicalFields, vppMandateCodec, vppStorageCodec } from './asset/rows';
export { type AssetMandates, type MandateConstraints, type MandatedAsset, type TechnicalData } from './asset/rows';
export { type VppMandate, type VppStorage } from './asset/rows';
export {
  grantMandate,
  knownMandate,
  mandateCovers,
  mandatesWith,
  mandatesWithout,
  revokeMandate,
} from './asset/mandate';
export { type MandateAsked, type SliceAsked } from './asset/mandate';
export { acceptTechnicalData, isConsumer, isWeatherDriven, knownTechnicalData } from './asset/technical-data';
export { type TechnicalAsked } from './asset/technical-data';
export { bandsCapacity, bandsOf, demandBands, samplesDigestOf, segment, withSamples } from './band/segment';
export { type SegmentRules } from './band/segment';
export { assetBandsCodec, deliverySampleCodec, deliverySamplesCodec, flexibilityBandCodec } from './band/rows';
export { type AssetBands, type DeliverySample, type DeliverySamples, type FlexibilityBand } from './band/rows';
export { bandDirectionCodec, bandDirectionsOf, powerUnitCodec, serviceDirectionCodec } from './directions';
export { unitOfDirection, type BandDirection, type PowerUnit, type ServiceDirection } from './directions';
export * from './formation/ids';
export { mandateIdCodec, serviceIdCodec, serviceRequestIdCodec, testIdCodec, vppIdCodec, vppIdOf } from './ids';
export { type MandateId, type ServiceId, type ServiceRequestId, type TestId } from './ids';
export { askedEnergyWh } from './prequalification/activation-profile';
export { demandUnpromised, testDays, testPromise } from './prequalification/promise';
export { bandIn, completeTest, loseQualification, testedPowerW } from './prequalification/test-activation';
export { measuredSpan, startTest, subjectIdOf, testWaitSlots } from './prequalification/test-activation';
export { type MeterSlot, type MeteredTest, type TestAsked, type TestOutcome } from './prequalification/test-activation';
export { prequalificationCodec, subjectFields, testShareCodec, testSlotCodec } from './prequalification/rows';
export { testFlagCodec, testSignalCodec, testSignalFields, testTelemetryCodec } from './prequalification/rows';
export { type Prequalification, type TestShare, type TestSlot } from './prequalification/rows';
export { type TestFlag, type TestSignal, type TestTelemetry } from './prequalification/rows';
export { completeTestByTelemetry, followedBand, testedSlots } from './prequalification/test-telemetry';
export { acceptTestSignal, demandTestByTelemetry, toldBySlot } from './prequalification/test-telemetry';
export { type FollowedMinute, type ToldTest } from './prequalification/test-telemetry';
export { deliveryTolerancePpm } from './rules';
export { firmDefaultCodec, vppRulesCodec, vppRulesOf, vppWeightsCodec, type VppRules, type VppWeights } from './rules';
export { lockServiceFund, payIntoServiceFund, unlockServiceFund } from './service/fund';
export { bandsOfService, knownService, publishedService, publishService, retireService } from './service/product';
export { type ServiceAsked } from './service/product';
export { demandBid, endedServiceRequest, endServiceRequest, isBuyer, knownServiceRequest } from './service/request';
export { organisationBuyer, participantBuyer, requestService, usedBy } from './service/request';
export { type ServiceRequestAsked } from './service/request';
export { serviceKindCodec, serviceKinds, type ServiceKind } from './service/kinds';
export { buyerCodec, serviceBuyerCodec, serviceFields, serviceFundCodec, serviceProductCodec } from './service/rows';
export { serviceRequestCodec, serviceRequestFields, serviceUseCodec } from './service/rows';
export { type Buyer, type ServiceBuyer, type ServiceFund, type ServiceProduct } from './service/rows';
export { type ServiceRequest, type ServiceUse } from './service/rows';
