import { array, integer, object, optional } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { voltageControlCodec, voltagePerformanceCodec, voltageSupportCodec } from '../../flexibility/voltage/rows';
import { assetIdCodec, commandIdCodec, meterIdCodec, participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { commandFields } from '../common';
import { exampleAssetId, exampleCommandId, exampleMeterId, exampleParticipantId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';

const contract = 'flexibility';

const whenFields = {
  firstSlot: slotCodec,
  slots: integer(1, limits.eventSlotsMax),
  control: voltageControlCodec,
};
const exampleCurve = {
  kind: 'CURVE',
  points: [
    { voltageDecivolt: '2180', direction: 'inject', powerVar: '4000' },
    { voltageDecivolt: '2250', direction: 'inject', powerVar: '0' },
    { voltageDecivolt: '2350', direction: 'absorb', powerVar: '0' },
    { voltageDecivolt: '2420', direction: 'absorb', powerVar: '4000' },
  ],
} as const;

/** The transactions of the contract `flexibility` by which voltage is supported. */
export const voltageTransactions = {
  setVoltVar: submitSpec(contract, 'setVoltVar', {
    roles: ['aggregator'],
    request: object({
      ...signedFields,
      programmeId: programmeIdCodec,
      prosumerId: participantIdCodec,
      assetId: assetIdCodec,
      ...whenFields,
    }),
    response: voltageSupportCodec,
    errors: [
      ...signatureErrors,
      'ASSET_UNKNOWN',
      'FLEX_PROGRAMME_UNKNOWN',
      'FLEX_NOT_OWN_PROGRAMME',
      'FLEX_PROGRAMME_CLOSED',
      'FLEX_NOT_ENROLLED',
      'FLEX_NOTICE_TOO_SHORT',
      'FLEX_EVENT_DIRECTION',
      'FLEX_VOLTAGE_CONTROL',
      'FLEX_VOLTAGE_CURVE',
      'FLEX_VOLTAGE_OVERLAP',
    ],
    facts: ['VoltageSupportSet'],
    summary: 'Gives the inverter of an enrolled prosumer a volt-var curve for some slots.',
    example: {
      ...signedExample,
      programmeId: '01pr0gramme000000000000000',
      prosumerId: exampleParticipantId,
      assetId: exampleAssetId,
      firstSlot: 1_626_044,
      slots: 8,
      control: exampleCurve,
    },
  }),
  setVoltageEquipment: submitSpec(contract, 'setVoltageEquipment', {
    roles: ['dso'],
    request: object({
      ...commandFields,
      gridId: elementIdCodec,
      elementId: elementIdCodec,
      meterId: optional(meterIdCodec),
      ...whenFields,
    }),
    response: voltageSupportCodec,
    errors: [
      'GRID_UNKNOWN',
      'METER_UNKNOWN',
      'FLEX_NOT_GRID_OPERATOR',
      'FLEX_NOTICE_TOO_SHORT',
      'FLEX_VOLTAGE_ELEMENT',
      'FLEX_VOLTAGE_CONTROL',
      'FLEX_VOLTAGE_OVERLAP',
    ],
    facts: ['VoltageSupportSet'],
    summary: "Sets the steps of the system operator's compensator at a bus, or the position of its tap changer.",
    example: {
      commandId: exampleCommandId,
      gridId: 'rural-1',
      elementId: 'bus-2',
      meterId: exampleMeterId,
      firstSlot: 1_626_044,
      slots: 8,
      control: { kind: 'COMPENSATOR', steps: 3, stepVar: '5000', direction: 'absorb' },
    },
  }),
  trackVoltage: submitSpec(contract, 'trackVoltage', {
    roles: ['aggregator', 'dso', 'community'],
    request: object({ ...commandFields, supportId: commandIdCodec, slot: slotCodec }),
    response: voltagePerformanceCodec,
    collection: 'profiles',
    errors: ['FLEX_EVENT_NOT_OVER', 'FLEX_EVENT_SLOT', 'FLEX_VOLTAGE_UNKNOWN', 'FLEX_VOLTAGE_UNMEASURED'],
    facts: ['VoltageSupportTracked'],
    summary: 'Measures the reactive energy that voltage support gave in a slot, by the voltage that was there.',
    example: { commandId: exampleCommandId, supportId: exampleCommandId, slot: 1_626_044 },
  }),
  listVoltageSupport: evaluateSpec(contract, 'listVoltageSupport', {
    roles: 'anyone',
    request: object({ gridId: elementIdCodec, bus: elementIdCodec, slot: slotCodec }),
    response: object({ supports: array(voltageSupportCodec, limits.listRowsMax) }),
    errors: [],
    summary: 'Lists what is set at a bus in a slot, at most 100.',
    example: { gridId: 'rural-1', bus: 'bus-2', slot: 1_626_044 },
  }),
} as const;
