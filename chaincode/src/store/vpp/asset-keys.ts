import {
  slotText,
  type AssetId,
  type MandateId,
  type ParticipantId,
  type ServiceId,
  type ServiceRequestId,
  type Slot,
  type TestId,
} from '@flexledger/domain';
import { composite, fourDigits, type KeyPrefix } from '../keys';

/** The keys of what virtual power plants are made of, and of what they are asked for. */
export const vppKeys = {
  technicalData: (assetId: AssetId) => composite('technical-data', assetId),
  technicalVersion: (assetId: AssetId, version: number) => composite('technical-version', assetId, fourDigits(version)),
  mandate: (mandateId: MandateId) => composite('vpp-mandate', mandateId),
  /** The mandates of an asset that have not ended. */
  assetMandates: (assetId: AssetId) => composite('asset-mandates', assetId),
  /** Which assets an aggregator has a mandate for. */
  mandatedAsset: (aggregatorId: ParticipantId, assetId: AssetId) => composite('mandated-asset', aggregatorId, assetId),
  bands: (assetId: AssetId) => composite('asset-bands', assetId),
  deliverySamples: (assetId: AssetId) => composite('delivery-samples', assetId),
  service: (serviceId: ServiceId) => composite('service', serviceId),
  serviceVersion: (serviceId: ServiceId, version: number) =>
    composite('service-version', serviceId, fourDigits(version)),
  serviceUse: (serviceId: ServiceId) => composite('service-use', serviceId),
  serviceRequest: (requestId: ServiceRequestId) => composite('service-request', requestId),
  /** Which requests there are for a service. */
  serviceRequestOf: (serviceId: ServiceId, requestId: ServiceRequestId) =>
    composite('service-request-of', serviceId, requestId),
  serviceFund: (mspId: string) => composite('service-fund', mspId),
  prequalification: (subjectId: AssetId, kind: string, direction: string) =>
    composite('prequalification', subjectId, `${kind}.${direction}`),
  testTelemetry: (testId: TestId, slot: Slot) => composite('test-telemetry', testId, slotText(slot)),
  testSignal: (testId: TestId, slot: Slot) => composite('test-signal', testId, slotText(slot)),
  /** Confidential, in `orders`. */
  testMinutes: (testId: TestId, slot: Slot) => composite('test-minutes', testId, slotText(slot)),
} as const;

/** The prefixes under which their rows are listed. */
export const vppPrefixes = {
  technicalData: (): KeyPrefix => ({ objectType: 'technical-data', parts: [] }),
  mandatedAssets: (aggregatorId: ParticipantId): KeyPrefix => ({ objectType: 'mandated-asset', parts: [aggregatorId] }),
  bands: (): KeyPrefix => ({ objectType: 'asset-bands', parts: [] }),
  services: (): KeyPrefix => ({ objectType: 'service', parts: [] }),
  serviceRequestsOf: (serviceId: ServiceId): KeyPrefix => ({ objectType: 'service-request-of', parts: [serviceId] }),
  prequalifications: (subjectId: AssetId): KeyPrefix => ({ objectType: 'prequalification', parts: [subjectId] }),
} as const;
