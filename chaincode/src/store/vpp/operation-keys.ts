import {
  slotText,
  type ActivationId,
  type AssetId,
  type CoalitionId,
  type CoalitionPlanId,
  type ParticipantId,
  type ServiceRequestId,
  type SessionId,
  type Slot,
} from '@flexledger/domain';
import { composite, fourDigits, type KeyPrefix } from '../keys';

/** The keys of coalitions, of how they are dispatched and of what they deliver. */
export const operationKeys = {
  coalition: (coalitionId: CoalitionId) => composite('coalition', coalitionId),
  /** Which coalition was proposed from a plan for a request. */
  plannedCoalition: (planId: CoalitionPlanId, requestId: ServiceRequestId) =>
    composite('planned-coalition', planId, requestId),
  coalitionOf: (aggregatorId: ParticipantId, coalitionId: CoalitionId) =>
    composite('coalition-of', aggregatorId, coalitionId),
  coalitionFor: (requestId: ServiceRequestId, coalitionId: CoalitionId) =>
    composite('coalition-for', requestId, coalitionId),
  coalitionMember: (coalitionId: CoalitionId, assetId: AssetId) => composite('coalition-member', coalitionId, assetId),
  /** What of a request has been bought. */
  boughtCapacity: (requestId: ServiceRequestId) => composite('bought-capacity', requestId),
  /** What an asset serves in the UTC day that begins in a slot. */
  assetDuties: (assetId: AssetId, day: Slot) => composite('asset-duties', assetId, slotText(day)),
  /** Which assets of a participant have ever been asked to serve in a UTC day. */
  servingAsset: (participantId: ParticipantId, day: Slot, assetId: AssetId) =>
    composite('serving-asset', participantId, slotText(day), assetId),

  activation: (activationId: ActivationId) => composite('activation', activationId),
  /** The activations of a coalition in the order of the minutes in which they are due. */
  activationPlace: (coalitionId: CoalitionId, dueMinute: number, activationId: ActivationId) =>
    composite('activation-place', coalitionId, `${String(dueMinute).padStart(10, '0')}.${activationId}`),
  dispatch: (activationId: ActivationId, revision: number) => composite('dispatch', activationId, fourDigits(revision)),
  /** Confidential, in `orders`. */
  setPoints: (activationId: ActivationId, revision: number) =>
    composite('dispatch-set-points', activationId, fourDigits(revision)),
  handover: (activationId: ActivationId, revision: number) => composite('handover', activationId, fourDigits(revision)),
  acknowledgement: (activationId: ActivationId, revision: number, assetId: AssetId) =>
    composite('acknowledgement', activationId, `${fourDigits(revision)}.${assetId}`),

  memberSchedule: (coalitionId: CoalitionId, assetId: AssetId) => composite('member-schedule', coalitionId, assetId),
  poolTelemetry: (coalitionId: CoalitionId, slot: Slot) => composite('pool-telemetry', coalitionId, slotText(slot)),
  /** Confidential, in `orders`. */
  poolMinutes: (coalitionId: CoalitionId, slot: Slot) => composite('pool-minutes', coalitionId, slotText(slot)),
  frequency: (slot: Slot) => composite('frequency', slotText(slot)),
  controlSignal: (coalitionId: CoalitionId, slot: Slot) => composite('control-signal', coalitionId, slotText(slot)),
  poolDelivery: (coalitionId: CoalitionId, slot: Slot) => composite('pool-delivery', coalitionId, slotText(slot)),
  /** By what a settled slot has corrected positions of a bucket. */
  settledDelivery: (coalitionId: CoalitionId, slot: Slot, sessionId: SessionId, bucket: number) =>
    composite('settled-delivery', coalitionId, `${slotText(slot)}.${sessionId}.${fourDigits(bucket)}`),
} as const;

/** The prefixes under which their rows are listed. */
export const operationPrefixes = {
  coalitions: (): KeyPrefix => ({ objectType: 'coalition', parts: [] }),
  coalitionsOf: (aggregatorId: ParticipantId): KeyPrefix => ({ objectType: 'coalition-of', parts: [aggregatorId] }),
  coalitionsFor: (requestId: ServiceRequestId): KeyPrefix => ({ objectType: 'coalition-for', parts: [requestId] }),
  servingAssets: (participantId: ParticipantId, day: Slot): KeyPrefix => ({
    objectType: 'serving-asset',
    parts: [participantId, slotText(day)],
  }),
  members: (coalitionId: CoalitionId): KeyPrefix => ({ objectType: 'coalition-member', parts: [coalitionId] }),
  activations: (coalitionId: CoalitionId): KeyPrefix => ({ objectType: 'activation-place', parts: [coalitionId] }),
  acknowledgements: (activationId: ActivationId): KeyPrefix => ({
    objectType: 'acknowledgement',
    parts: [activationId],
  }),
  deliveries: (coalitionId: CoalitionId): KeyPrefix => ({ objectType: 'pool-delivery', parts: [coalitionId] }),
  settledDeliveries: (coalitionId: CoalitionId): KeyPrefix => ({
    objectType: 'settled-delivery',
    parts: [coalitionId],
  }),
} as const;
