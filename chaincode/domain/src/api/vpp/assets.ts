import { nullable, object, optional, integer } from '../../decode';
import { assetIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import {
  mandatedAssetCodec,
  mandateFields,
  technicalDataCodec,
  technicalFields,
  vppMandateCodec,
} from '../../vpp/asset/rows';
import { mandateIdCodec } from '../../vpp/ids';
import { listAnswer, pageFields } from '../common';
import { exampleAssetId, exampleParticipantId } from '../examples';
import { signatureErrors, signedExample, signedFields } from '../signed';
import { evaluateSpec, submitSpec } from '../transaction-spec';
import { exampleMandateId, exampleTechnicalData, vppContract as contract } from './common';

const ownerRoles = ['community', 'aggregator', 'market'] as const;
const assetErrors = ['ASSET_UNKNOWN', 'ASSET_NOT_COMMISSIONED', 'ASSET_FROZEN', 'ASSET_RETIRED'] as const;

/** The transactions of the contract `vpp` about what assets can do, and who may use them. */
export const vppAssetTransactions = {
  fileTechnicalData: submitSpec(contract, 'fileTechnicalData', {
    roles: ownerRoles,
    request: object({ ...signedFields, ...technicalFields }),
    response: technicalDataCodec,
    errors: [
      ...signatureErrors,
      'METER_NOT_COMMISSIONED',
      ...assetErrors,
      'VPP_OFF',
      'VPP_ASSET_NOT_OWN',
      'VPP_RATING_EXCEEDED',
      'VPP_DIRECTION_IMPOSSIBLE',
      'VPP_STORAGE_INVALID',
      'VPP_STORAGE_TIME',
      'VPP_LEVELS_INVALID',
    ],
    facts: ['TechnicalDataFiled'],
    summary:
      'States what an asset can do for virtual power plants, signed by its owner; takes the place of what was stated before.',
    example: { ...signedExample, ...exampleTechnicalData },
  }),
  grantMandate: submitSpec(contract, 'grantMandate', {
    roles: ownerRoles,
    request: object({ ...signedFields, ...mandateFields }),
    response: vppMandateCodec,
    errors: [
      ...signatureErrors,
      'VPP_OFF',
      'VPP_NAMED_TWICE',
      'VPP_PERIOD',
      'VPP_PERIOD_BEGUN',
      'VPP_ASSET_NOT_OWN',
      'VPP_DATA_UNKNOWN',
      'VPP_NOT_AGGREGATOR',
      'VPP_ASSET_MANDATED',
    ],
    facts: ['MandateGranted'],
    summary: 'Lets an aggregator use assets of an owner for services, at least prices and within constraints.',
    example: {
      ...signedExample,
      aggregatorId: exampleParticipantId,
      assetIds: [exampleAssetId],
      services: ['mfrr', 'wholesale-capacity'],
      capacityPriceMinMicroPerKwh: '4000',
      energyPriceMinMicroPerKwh: '60000',
      firstSlot: 1_626_048,
      lastSlot: 1_660_000,
      standing: true,
      constraints: { localDemandFirst: true, carbonGramPerKwhMax: 300 },
    },
  }),
  revokeMandate: submitSpec(contract, 'revokeMandate', {
    roles: ownerRoles,
    request: object({ ...signedFields, mandateId: mandateIdCodec, fromSlot: slotCodec }),
    response: vppMandateCodec,
    errors: [
      ...signatureErrors,
      'VPP_OFF',
      'VPP_PERIOD',
      'VPP_PERIOD_BEGUN',
      'VPP_MANDATE_UNKNOWN',
      'VPP_NOT_OWN_MANDATE',
      'VPP_MANDATE_REVOKED',
    ],
    facts: ['MandateRevoked'],
    summary:
      'Revokes a mandate for all slices that begin from a slot on; slices that have begun are kept to their end.',
    example: { ...signedExample, mandateId: exampleMandateId, fromSlot: 1_630_000 },
  }),
  getTechnicalData: evaluateSpec(contract, 'getTechnicalData', {
    roles: 'anyone',
    request: object({ assetId: assetIdCodec, version: optional(integer(1, limits.amendmentVersionMax)) }),
    response: object({ data: nullable(technicalDataCodec) }),
    errors: [],
    summary: 'The technical data of an asset in a version, or those in force; null where there are none.',
    example: { assetId: exampleAssetId },
  }),
  listTechnicalData: evaluateSpec(contract, 'listTechnicalData', {
    roles: 'anyone',
    request: object({ ...pageFields }),
    response: listAnswer(technicalDataCodec),
    errors: [],
    summary: 'The technical data in force by asset, at most 100 at once.',
    example: {},
  }),
  getMandate: evaluateSpec(contract, 'getMandate', {
    roles: 'anyone',
    request: object({ mandateId: mandateIdCodec }),
    response: object({ mandate: nullable(vppMandateCodec) }),
    errors: [],
    summary: 'A mandate, or null.',
    example: { mandateId: exampleMandateId },
  }),
  listMandatedAssets: evaluateSpec(contract, 'listMandatedAssets', {
    roles: 'anyone',
    request: object({ aggregatorId: participantIdCodec, ...pageFields }),
    response: listAnswer(mandatedAssetCodec),
    errors: [],
    summary: 'The assets that an aggregator has or had a mandate for, each with its last one, at most 100 at once.',
    example: { aggregatorId: exampleParticipantId },
  }),
} as const;
