import { array, integer, object, type Codec } from '../decode';
import type { ErrorCode } from '../errors';
import type { FactType } from '../facts';
import { digestCodec, freeTextCodec, signatureCodec, type Role } from '../field-codecs';
import { assetIdCodec, meterIdCodec } from '../ids';
import { limits } from '../limits';
import { assetCodec, assetEntryCodec, meterCodec, meterEntryCodec, meterIdentityCodec } from '../registry/device-types';
import { keyChangeAnswerCodec, keyChangeCodec, keyChangeFields } from '../registry/meter-keys';
import { slotCodec } from '../time';
import { commandFields, countAnswerCodec, listAnswer, pageFields } from './common';
import {
  exampleAsset,
  exampleAssetId,
  exampleCommandId,
  exampleDigest,
  exampleKey,
  exampleMeter,
  exampleMeterId,
  exampleSignature,
} from './examples';
import { evaluateSpec, privateSubmitSpec, submitSpec } from './transaction-spec';

const contract = 'registry';

interface StepWritten {
  readonly roles: readonly Role[];
  readonly errors: readonly ErrorCode[];
  readonly fact: FactType;
  readonly summary: string;
}

const meterStepRequest = object({
  ...commandFields,
  meterIds: array(meterIdCodec, limits.metersPerCallMax, 1),
  reason: freeTextCodec,
});

const assetStepRequest = object({
  ...commandFields,
  assetIds: array(assetIdCodec, limits.assetsPerCallMax, 1),
  reason: freeTextCodec,
});

/** A step in the life of devices: all of the request take it, or none. */
function stepSpec<Request>(name: string, request: Codec<Request>, devices: object, written: StepWritten) {
  const { roles, errors, fact, summary } = written;
  const example = { commandId: exampleCommandId, ...devices, reason: 'Installed and sealed' };
  const facts = [fact];
  return submitSpec(contract, name, { roles, request, response: countAnswerCodec, errors, facts, summary, example });
}

function meterStep(name: string, written: StepWritten) {
  return stepSpec(name, meterStepRequest, { meterIds: [exampleMeterId] }, written);
}

function assetStep(name: string, written: StepWritten) {
  return stepSpec(name, assetStepRequest, { assetIds: [exampleAssetId] }, written);
}

const keyChangeNamed = { meterId: meterIdCodec, changeDigest: digestCodec };
const keyChangeNamedExample = { meterId: exampleMeterId, changeDigest: exampleDigest };
const keyChangeExample = {
  commandId: exampleCommandId,
  meterId: exampleMeterId,
  keyVersion: 2,
  publicKey: exampleKey,
  firstSequence: 97,
};

/** The transactions of the contract `registry` that are about meters and flexible assets. */
export const deviceTransactions = {
  registerMeters: privateSubmitSpec(contract, 'registerMeters', {
    roles: ['dso'],
    request: object({ ...commandFields, meters: array(meterEntryCodec, limits.metersPerCallMax, 1) }),
    transient: { key: 'identities', codec: array(meterIdentityCodec, limits.metersPerCallMax, 1) },
    collection: 'profiles',
    response: countAnswerCodec,
    errors: [
      'SIGNATURE_KEY_INVALID',
      'PARTICIPANT_UNKNOWN',
      'GRID_UNKNOWN',
      'METER_IMMUTABLE',
      'METER_EXISTS',
      'METER_KEY_USED',
      'METER_BUS_UNKNOWN',
      'METER_REGISTERS_INVALID',
      'METER_FEEDER_INVALID',
      'METER_IDENTITIES_MISMATCH',
    ],
    facts: ['MetersRegistered'],
    summary: 'Registers meters under pseudonyms; who is behind them goes to the confidential collection.',
    example: { commandId: exampleCommandId, meters: [exampleMeter] },
  }),
  commissionMeters: meterStep('commissionMeters', {
    roles: ['dso'],
    errors: ['METER_UNKNOWN', 'METER_ALREADY_COMMISSIONED', 'METER_RETIRED'],
    fact: 'MetersCommissioned',
    summary: 'Puts registered meters into service: from now on their blocks are recorded.',
  }),
  freezeMeters: meterStep('freezeMeters', {
    roles: ['dso', 'regulator'],
    errors: ['METER_UNKNOWN', 'METER_NOT_COMMISSIONED', 'METER_FROZEN', 'METER_RETIRED'],
    fact: 'MetersFrozen',
    summary: 'Refuses the blocks of meters for as long as there is a doubt about them.',
  }),
  unfreezeMeters: meterStep('unfreezeMeters', {
    roles: ['dso', 'regulator'],
    errors: ['METER_UNKNOWN', 'METER_NOT_FROZEN', 'METER_RETIRED'],
    fact: 'MetersUnfrozen',
    summary: 'Puts frozen meters back into service.',
  }),
  retireMeters: meterStep('retireMeters', {
    roles: ['dso'],
    errors: ['METER_UNKNOWN', 'METER_RETIRED'],
    fact: 'MetersRetired',
    summary: 'Takes meters out of service for good; what they have recorded stays.',
  }),
  rotateMeterKey: submitSpec(contract, 'rotateMeterKey', {
    roles: ['community'],
    request: object({ ...commandFields, ...keyChangeFields, expirySlot: slotCodec, signature: signatureCodec }),
    response: keyChangeAnswerCodec,
    errors: [
      'SIGNATURE_EXPIRED',
      'SIGNATURE_KEY_INVALID',
      'SIGNATURE_INVALID',
      'METER_UNKNOWN',
      'METER_KEY_USED',
      'METER_RETIRED',
      'METER_KEY_VERSION',
      'METER_KEY_SEQUENCE',
    ],
    facts: ['MeterKeyRequested'],
    summary: 'Asks for a new key of a meter, signed by its old key; the system operator approves it.',
    example: { ...keyChangeExample, expirySlot: 1_625_300, signature: exampleSignature },
  }),
  replaceMeterKey: submitSpec(contract, 'replaceMeterKey', {
    roles: ['community'],
    request: object({ ...commandFields, ...keyChangeFields, reason: freeTextCodec }),
    response: keyChangeAnswerCodec,
    errors: [
      'SIGNATURE_KEY_INVALID',
      'METER_UNKNOWN',
      'METER_KEY_USED',
      'METER_RETIRED',
      'METER_KEY_VERSION',
      'METER_KEY_SEQUENCE',
    ],
    facts: ['MeterKeyRequested'],
    summary: 'Asks for a new key of a meter whose old key is lost; an authority approves it.',
    example: { ...keyChangeExample, reason: 'The device was replaced after a fire' },
  }),
  approveMeterKey: submitSpec(contract, 'approveMeterKey', {
    roles: ['dso', 'tso', 'regulator'],
    request: object({ ...commandFields, ...keyChangeNamed }),
    response: object({ keyVersion: integer(2, 1_000) }),
    errors: [
      'METER_UNKNOWN',
      'METER_KEY_CHANGE_UNKNOWN',
      'METER_KEY_NOT_ENTITLED',
      'METER_KEY_CHANGE_CLOSED',
      'METER_KEY_USED',
      'METER_RETIRED',
      'METER_KEY_VERSION',
      'METER_KEY_SEQUENCE',
    ],
    facts: ['MeterKeyChanged'],
    summary: 'Puts a new key of a meter into force, from the block on that was asked for.',
    example: { commandId: exampleCommandId, ...keyChangeNamedExample },
  }),
  getMeterKeyChange: evaluateSpec(contract, 'getMeterKeyChange', {
    roles: 'anyone',
    request: object({ ...keyChangeNamed }),
    response: keyChangeCodec,
    errors: ['METER_KEY_CHANGE_UNKNOWN'],
    summary: 'A change of the key of a meter: what was asked for, why, and whether it has taken effect.',
    example: keyChangeNamedExample,
  }),
  purgeIdentities: submitSpec(contract, 'purgeIdentities', {
    roles: ['dso'],
    request: meterStepRequest,
    collection: 'profiles',
    response: countAnswerCodec,
    errors: ['METER_UNKNOWN', 'METER_NOT_RETIRED'],
    facts: ['IdentitiesPurged'],
    summary: 'Takes who was behind retired meters out of the confidential collection of every member, for good.',
    example: { commandId: exampleCommandId, meterIds: [exampleMeterId], reason: 'The customer has asked for it' },
  }),
  getMeterIdentity: evaluateSpec(contract, 'getMeterIdentity', {
    roles: ['dso', 'regulator'],
    request: object({ meterId: meterIdCodec }),
    collection: 'profiles',
    response: meterIdentityCodec,
    errors: ['METER_IDENTITY_UNKNOWN'],
    summary: 'Who is behind the pseudonym of a meter, for as long as it is kept.',
    example: { meterId: exampleMeterId },
  }),
  registerAssets: submitSpec(contract, 'registerAssets', {
    roles: ['aggregator'],
    request: object({ ...commandFields, assets: array(assetEntryCodec, limits.assetsPerCallMax, 1) }),
    response: countAnswerCodec,
    errors: [
      'PARTICIPANT_UNKNOWN',
      'GRID_UNKNOWN',
      'METER_UNKNOWN',
      'METER_BUS_UNKNOWN',
      'ASSET_IMMUTABLE',
      'ASSET_EXISTS',
      'ASSET_CAPACITY',
      'ASSET_METER_ELSEWHERE',
    ],
    facts: ['AssetsRegistered'],
    summary: 'Registers flexible assets of participants.',
    example: { commandId: exampleCommandId, assets: [exampleAsset] },
  }),
  commissionAssets: assetStep('commissionAssets', {
    roles: ['dso'],
    errors: ['ASSET_UNKNOWN', 'ASSET_ALREADY_COMMISSIONED', 'ASSET_RETIRED'],
    fact: 'AssetsCommissioned',
    summary: 'Puts registered assets into service: the system operator has seen them at their connection.',
  }),
  freezeAssets: assetStep('freezeAssets', {
    roles: ['dso', 'regulator'],
    errors: ['ASSET_UNKNOWN', 'ASSET_NOT_COMMISSIONED', 'ASSET_FROZEN', 'ASSET_RETIRED'],
    fact: 'AssetsFrozen',
    summary: 'Keeps assets out of service for as long as there is a doubt about them.',
  }),
  unfreezeAssets: assetStep('unfreezeAssets', {
    roles: ['dso', 'regulator'],
    errors: ['ASSET_UNKNOWN', 'ASSET_NOT_FROZEN', 'ASSET_RETIRED'],
    fact: 'AssetsUnfrozen',
    summary: 'Puts frozen assets back into service.',
  }),
  retireAssets: assetStep('retireAssets', {
    roles: ['aggregator', 'dso'],
    errors: ['ASSET_UNKNOWN', 'ASSET_RETIRED'],
    fact: 'AssetsRetired',
    summary: 'Takes assets out of service for good.',
  }),
  listMeters: evaluateSpec(contract, 'listMeters', {
    roles: 'anyone',
    request: object({ ...pageFields }),
    response: listAnswer(meterCodec),
    errors: [],
    summary: 'The meters by id, at most 100 at once.',
    example: { bookmark: exampleMeterId },
  }),
  listAssets: evaluateSpec(contract, 'listAssets', {
    roles: 'anyone',
    request: object({ ...pageFields }),
    response: listAnswer(assetCodec),
    errors: [],
    summary: 'The flexible assets by id, at most 100 at once.',
    example: {},
  }),
} as const;
