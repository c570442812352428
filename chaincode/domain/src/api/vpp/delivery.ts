import { array, integer, nullable, object } from '../../decode';
import { digestCodec } from '../../field-codecs';
import { assetIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { poolDeliveryCodec, memberScheduleCodec, scheduledEnergyCodec } from '../../vpp/delivery/rows';
import { controlSignalCodec, frequencyCodec, openedMinutesCodec, poolTelemetryCodec } from '../../vpp/dispatch/rows';
import { coalitionIdCodec } from '../../vpp/formation/ids';
import { coalitionCodec } from '../../vpp/formation/rows';
import { wCodec } from '../../units';
import { commandFields, listAnswer, pageFields } from '../common';
import { exampleCommandId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, privateSubmitSpec, submitSpec } from '../transaction-spec';
import { buyerCommandFields, buyerRoles } from './buyer';
import { exampleCoalitionId, verifierRoles } from './common';

const contract = 'vpp';
const placeFields = { coalitionId: coalitionIdCodec, slot: slotCodec };
const examplePlace = { coalitionId: exampleCoalitionId, slot: 1_626_042 };
const minutesOf = <T>(value: T): readonly T[] => Array.from({ length: 15 }, () => value);

/** The transactions of the contract `vpp` in which delivery is measured. */
export const deliveryTransactions = {
  declareSchedule: submitSpec(contract, 'declareSchedule', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      coalitionId: coalitionIdCodec,
      schedules: array(
        object({ assetId: assetIdCodec, slots: array(scheduledEnergyCodec, limits.eventSlotsMax, 1) }),
        limits.schedulesPerCallMax,
        1,
      ),
    }),
    response: object({ count: integer(0, limits.schedulesPerCallMax) }),
    errors: [
      ...signatureErrors,
      'VPP_COALITION_UNKNOWN',
      'VPP_NOT_OWN_COALITION',
      'VPP_COALITION_STATE',
      'VPP_MEMBER_UNKNOWN',
      'VPP_SCHEDULE_LATE',
      'VPP_SCHEDULE_SLOTS',
    ],
    facts: ['SchedulesDeclared'],
    summary:
      'Declares what members will take and give where nobody calls them: their baselines, before the first slice.',
    example: {
      ...signedExample,
      coalitionId: exampleCoalitionId,
      schedules: [{ assetId: '0asset00000000000000000000', slots: [{ importWh: '500', exportWh: '0' }] }],
    },
  }),
  commitTelemetry: submitSpec(contract, 'commitTelemetry', {
    roles: ['aggregator'],
    request: object({ ...signedFields, ...placeFields, commitment: digestCodec }),
    response: poolTelemetryCodec,
    errors: [
      ...signatureErrors,
      'VPP_COALITION_UNKNOWN',
      'VPP_NOT_OWN_COALITION',
      'VPP_COALITION_STATE',
      'VPP_TELEMETRY_SLOT',
      'VPP_TELEMETRY_EARLY',
      'VPP_TELEMETRY_LATE',
      'VPP_TELEMETRY_EXISTS',
    ],
    facts: ['TelemetryCommitted'],
    summary: 'Commits the minutes of a pool in a slot by their digest, before the next slot has ended.',
    example: { ...signedExample, ...examplePlace, commitment: 'A'.repeat(43) },
  }),
  openTelemetry: privateSubmitSpec(contract, 'openTelemetry', {
    roles: ['aggregator'],
    request: object({ ...commandFields, ...placeFields }),
    transient: { key: 'telemetry', codec: openedMinutesCodec },
    collection: 'orders',
    response: poolTelemetryCodec,
    errors: ['VPP_COALITION_UNKNOWN', 'VPP_TELEMETRY_EXISTS', 'VPP_TELEMETRY_UNKNOWN', 'VPP_TELEMETRY_MISMATCH'],
    facts: ['TelemetryOpened'],
    summary:
      'Opens the committed minutes of a pool: on the channel where every owner lets them be published, else under seal.',
    example: { commandId: exampleCommandId, ...examplePlace },
  }),
  stateFrequency: submitSpec(contract, 'stateFrequency', {
    roles: ['tso'],
    request: object({
      ...commandFields,
      slot: slotCodec,
      belowMilliHertz: array(integer(0, 5_000), 15, 15),
      aboveMilliHertz: array(integer(0, 5_000), 15, 15),
    }),
    response: frequencyCodec,
    errors: ['VPP_TELEMETRY_EARLY', 'VPP_SIGNAL_EXISTS', 'VPP_SIGNAL_SHAPE'],
    facts: ['FrequencyStated'],
    summary: 'States by how much the frequency was below or above the nominal one in each minute of a slot.',
    example: {
      commandId: exampleCommandId,
      slot: 1_626_042,
      belowMilliHertz: minutesOf(20),
      aboveMilliHertz: minutesOf(0),
    },
  }),
  stateSignals: submitSpec(contract, 'stateSignals', {
    roles: buyerRoles,
    request: object({
      ...buyerCommandFields,
      ...placeFields,
      upW: array(wCodec, 15, 15),
      downW: array(wCodec, 15, 15),
    }),
    response: controlSignalCodec,
    errors: [
      ...signatureErrors,
      'VPP_COALITION_UNKNOWN',
      'VPP_NOT_BUYER',
      'VPP_TELEMETRY_SLOT',
      'VPP_TELEMETRY_EARLY',
      'VPP_TELEMETRY_LATE',
      'VPP_SIGNAL_EXISTS',
      'VPP_SIGNAL_SHAPE',
    ],
    facts: ['SignalsStated'],
    summary:
      'States what set-points a buyer has sent a pool in each minute of a slot (aFRR), before the next slot has ended.',
    example: { commandId: exampleCommandId, ...examplePlace, upW: minutesOf('500000'), downW: minutesOf('0') },
  }),
  verifyDelivery: submitSpec(contract, 'verifyDelivery', {
    roles: verifierRoles,
    request: object({ ...commandFields, ...placeFields }),
    response: poolDeliveryCodec,
    collection: 'orders',
    errors: [
      'VPP_COALITION_UNKNOWN',
      'VPP_COALITION_STATE',
      'VPP_SIGNAL_MISSING',
      'VPP_DELIVERY_SLOT',
      'VPP_DELIVERY_EARLY',
    ],
    facts: ['DeliveryVerified', 'DeliveryDeviation', 'DeliverySampled'],
    summary: 'Measures what a pool and each member delivered in a slot; again where readings came late.',
    example: { commandId: exampleCommandId, ...examplePlace },
  }),
  verifyReactive: submitSpec(contract, 'verifyReactive', {
    roles: ['tso', 'dso', 'community'],
    request: object({ ...commandFields, ...placeFields }),
    response: poolDeliveryCodec,
    collection: 'profiles',
    errors: [
      'VPP_COALITION_UNKNOWN',
      'VPP_COALITION_STATE',
      'VPP_SIGNAL_MISSING',
      'VPP_DELIVERY_SLOT',
      'VPP_DELIVERY_EARLY',
    ],
    facts: ['DeliveryVerified', 'DeliveryDeviation', 'DeliverySampled'],
    summary: "Measures the reactive energy that a pool delivered in a slot, from the profiles of its members' meters.",
    example: { commandId: exampleCommandId, ...examplePlace },
  }),
  verifyCoalition: submitSpec(contract, 'verifyCoalition', {
    roles: verifierRoles,
    request: object({ ...commandFields, coalitionId: coalitionIdCodec }),
    response: coalitionCodec,
    errors: ['VPP_COALITION_UNKNOWN', 'VPP_COALITION_STATE', 'VPP_DELIVERY_EARLY', 'VPP_DELIVERY_UNVERIFIED'],
    facts: ['CoalitionVerified'],
    summary: 'Ends the measuring of a coalition whose last slice is over and whose activations are all completed.',
    example: { commandId: exampleCommandId, coalitionId: exampleCoalitionId },
  }),
  getTelemetry: evaluateSpec(contract, 'getTelemetry', {
    roles: 'anyone',
    request: object(placeFields),
    response: object({
      telemetry: nullable(poolTelemetryCodec),
      frequency: nullable(frequencyCodec),
      signals: nullable(controlSignalCodec),
    }),
    errors: [],
    summary: 'Answers what is known of a pool in a slot: its telemetry and what it had to follow.',
    example: examplePlace,
  }),
  getSchedule: evaluateSpec(contract, 'getSchedule', {
    roles: 'anyone',
    request: object({ coalitionId: coalitionIdCodec, assetId: assetIdCodec }),
    response: object({ schedule: nullable(memberScheduleCodec) }),
    errors: [],
    summary: 'Answers the declared schedule of a member, or null.',
    example: { coalitionId: exampleCoalitionId, assetId: '0asset00000000000000000000' },
  }),
  getDelivery: evaluateSpec(contract, 'getDelivery', {
    roles: 'anyone',
    request: object(placeFields),
    response: object({ delivery: nullable(poolDeliveryCodec) }),
    errors: [],
    summary: 'Answers what a pool delivered in a slot, or null.',
    example: examplePlace,
  }),
  listDeliveries: evaluateSpec(contract, 'listDeliveries', {
    roles: 'anyone',
    request: object({ coalitionId: coalitionIdCodec, ...pageFields }),
    response: listAnswer(poolDeliveryCodec),
    errors: [],
    summary: 'Lists what a coalition delivered, slot by slot.',
    example: { coalitionId: exampleCoalitionId },
  }),
} as const;
