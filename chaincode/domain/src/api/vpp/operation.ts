import { array, boolean, integer, nullable, object, optional } from '../../decode';
import { digestCodec, signatureCodec } from '../../field-codecs';
import { assetIdCodec, commandIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { wCodec } from '../../units';
import { bandDirectionCodec } from '../../vpp/directions';
import {
  acknowledgementCodec,
  activationCodec,
  dispatchRecordCodec,
  handoverCodec,
  minuteCodec,
  openedSetPointsCodec,
  powerFactorCallCodec,
} from '../../vpp/dispatch/rows';
import { activationIdCodec, coalitionIdCodec } from '../../vpp/formation/ids';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleCommandId, exampleParticipantId, exampleSignature } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, privateSubmitSpec, submitSpec } from '../transaction-spec';
import { buyerCommandFields, buyerRoles } from './buyer';
import { exampleCoalitionId } from './common';

const contract = 'vpp';
const activationFields = { activationId: activationIdCodec };
const exampleActivationId = '0act1vat10n000000000000000';
const exampleAssetId = '0asset00000000000000000000';

/** What the agent of a member signs of a dispatch: a command of its own, so that many travel in one transaction. */
export const acknowledgementEntryCodec = object({
  commandId: commandIdCodec,
  participantId: participantIdCodec,
  activationId: activationIdCodec,
  revision: integer(1, limits.dispatchesMax),
  assetId: assetIdCodec,
  leaf: digestCodec,
  isAccepted: boolean,
  expirySlot: slotCodec,
  signature: signatureCodec,
});

/** The transactions of the contract `vpp` in which coalitions are called, dispatched and hand over. */
export const operationTransactions = {
  activate: submitSpec(contract, 'activate', {
    roles: buyerRoles,
    request: object({
      ...buyerCommandFields,
      coalitionId: coalitionIdCodec,
      slice: integer(0, limits.slicesPerRequestMax - 1),
      direction: bandDirectionCodec,
      powerW: wCodec,
      /** Where reactive power is called for a power factor: what was measured, and what is wanted. */
      powerFactor: optional(powerFactorCallCodec),
      /** The minute of the signal, in the slot that has begun last. */
      signalMinute: minuteCodec,
      /** For how many quarter hours the whole power is called. */
      periods: integer(1, limits.eventSlotsMax),
    }),
    response: activationCodec,
    errors: [
      ...signatureErrors,
      'VPP_COALITION_UNKNOWN',
      'VPP_NOT_BUYER',
      'VPP_COALITION_STATE',
      'VPP_SLICE_UNKNOWN',
      'VPP_ACTIVATION_BY_TELEMETRY',
      'VPP_ACTIVATION_POWER',
      'VPP_ACTIVATION_DIRECTION',
      'VPP_ACTIVATION_POWER_FACTOR',
      'VPP_ACTIVATION_SIGNAL',
      'VPP_ACTIVATION_OUTSIDE',
      'VPP_ACTIVATION_TOO_LONG',
      'VPP_ACTIVATION_OVERLAP',
    ],
    facts: ['CoalitionActivated'],
    summary: 'Calls what a coalition has promised in a slice, or less, inside the contract and by its buyer only.',
    example: {
      commandId: exampleCommandId,
      coalitionId: exampleCoalitionId,
      slice: 0,
      direction: 'up',
      powerW: '1000000',
      signalMinute: 24_390_600,
      periods: 2,
    },
  }),
  recordDispatch: privateSubmitSpec(contract, 'recordDispatch', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...activationFields, root: digestCodec }),
    transient: { key: 'dispatch', codec: openedSetPointsCodec },
    collection: 'orders',
    response: dispatchRecordCodec,
    errors: [
      ...signatureErrors,
      'VPP_NOT_OWN_COALITION',
      'VPP_ACTIVATION_UNKNOWN',
      'VPP_ACTIVATION_STATE',
      'VPP_DISPATCH_EXISTS',
      'VPP_DISPATCH_MISMATCH',
      'VPP_DISPATCH_LATE',
      'VPP_SETPOINT_MEMBER',
      'VPP_SETPOINT_OFFLINE',
      'VPP_SETPOINT_CAPACITY',
      'VPP_SETPOINT_ON_LEVEL',
      'VPP_SETPOINT_RAMP',
      'VPP_SETPOINT_DURATION',
      'VPP_SETPOINT_ENERGY',
      'VPP_SETPOINT_TOTAL',
    ],
    facts: ['DispatchRecorded', 'DispatchShort'],
    summary:
      'Records how an activation is dispatched: the set-points are checked under seal, digest and totals are public.',
    example: { ...signedExample, activationId: exampleActivationId, root: 'A'.repeat(43) },
  }),
  acknowledgeDispatch: submitSpec(contract, 'acknowledgeDispatch', {
    roles: ['community', 'aggregator'],
    request: object({
      ...commandFields,
      entries: array(acknowledgementEntryCodec, limits.acknowledgementsPerCallMax, 1),
    }),
    response: object({ acknowledgements: array(acknowledgementCodec, limits.acknowledgementsPerCallMax) }),
    collection: 'orders',
    errors: [
      ...signatureErrors,
      'VPP_ASSET_NOT_OWN',
      'VPP_MEMBER_UNKNOWN',
      'VPP_ACTIVATION_UNKNOWN',
      'VPP_DISPATCH_UNKNOWN',
      'VPP_DISPATCH_MISMATCH',
      'VPP_ACKNOWLEDGED',
    ],
    facts: ['DispatchAcknowledged'],
    summary: 'Says that agents of members have received the set-points of their assets, each signed by its owner.',
    example: {
      commandId: exampleCommandId,
      entries: [
        {
          commandId: exampleCommandId,
          participantId: exampleParticipantId,
          activationId: exampleActivationId,
          revision: 1,
          assetId: exampleAssetId,
          leaf: 'A'.repeat(43),
          isAccepted: true,
          expirySlot: 1_626_050,
          signature: exampleSignature,
        },
      ],
    },
  }),
  handOver: submitSpec(contract, 'handOver', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      ...activationFields,
      fromAssetId: assetIdCodec,
      /** The minute in which the asset has stopped. */
      stopMinute: minuteCodec,
      /** Members that cannot take over now. */
      unavailable: optional(array(assetIdCodec, limits.coalitionMembersMax)),
    }),
    response: object({ handover: handoverCodec, dispatch: dispatchRecordCodec }),
    collection: 'orders',
    errors: [
      ...signatureErrors,
      'VPP_NOT_OWN_COALITION',
      'VPP_MEMBER_UNKNOWN',
      'VPP_ACTIVATION_UNKNOWN',
      'VPP_ACTIVATION_STATE',
      'VPP_DISPATCH_UNKNOWN',
      'VPP_DISPATCH_LATE',
      'VPP_HANDOVER_NOTHING',
      'VPP_HANDOVER_MINUTE',
    ],
    facts: ['HandedOver', 'DispatchShort'],
    summary: "Hands over what an asset that drops out had to give to the next ones by merit inside the product's time.",
    example: {
      ...signedExample,
      activationId: exampleActivationId,
      fromAssetId: exampleAssetId,
      stopMinute: 24_390_620,
    },
  }),
  completeActivation: submitSpec(contract, 'completeActivation', {
    roles: ['aggregator', 'tso', 'dso', 'market'],
    request: object({ ...commandFields, ...activationFields }),
    response: activationCodec,
    errors: ['VPP_ACTIVATION_UNKNOWN', 'VPP_ACTIVATION_STATE', 'VPP_DELIVERY_UNVERIFIED'],
    facts: ['ActivationCompleted'],
    summary: 'Ends an activation whose slots have all been verified, with what came of it.',
    example: { commandId: exampleCommandId, activationId: exampleActivationId },
  }),
  getActivation: evaluateSpec(contract, 'getActivation', {
    roles: 'anyone',
    request: object(activationFields),
    response: object({ activation: nullable(activationCodec) }),
    errors: [],
    summary: 'Answers an activation, or null.',
    example: { activationId: exampleActivationId },
  }),
  listActivations: evaluateSpec(contract, 'listActivations', {
    roles: 'anyone',
    request: object({ coalitionId: coalitionIdCodec, ...pageFields }),
    response: listAnswer(activationCodec),
    errors: [],
    summary: 'Lists the activations of a coalition in order of time.',
    example: { coalitionId: exampleCoalitionId },
  }),
  listDispatches: evaluateSpec(contract, 'listDispatches', {
    roles: 'anyone',
    request: object(activationFields),
    response: object({
      dispatches: array(dispatchRecordCodec, limits.dispatchesMax),
      handovers: array(handoverCodec, limits.dispatchesMax),
    }),
    errors: [],
    summary: 'Answers the dispatches of an activation, digests and totals, and its hand-overs.',
    example: { activationId: exampleActivationId },
  }),
  listAcknowledgements: evaluateSpec(contract, 'listAcknowledgements', {
    roles: 'anyone',
    request: object({ ...activationFields, ...pageFields }),
    response: listAnswer(acknowledgementCodec),
    errors: [],
    summary: 'Lists who has acknowledged a dispatch of an activation.',
    example: { activationId: exampleActivationId },
  }),
} as const;
