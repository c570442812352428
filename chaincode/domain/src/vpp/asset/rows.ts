import { array, boolean, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec, signatureCodec } from '../../field-codecs';
import { assetIdCodec, commandIdCodec, meterIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { assetKindCodec } from '../../registry/device-types';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, vaCodec, wCodec, whCodec } from '../../units';
import { mandateIdCodec } from '../ids';
import { serviceKindCodec } from '../service/kinds';

/** What a storage holds, as its owner states it. */
export const vppStorageCodec = object({
  capacityWh: whCodec,
  /** What is never discharged: for its owner's own needs, or the next trip of a car. */
  reserveWh: whCodec,
  /** What charging leaves of the energy taken, and discharging of the energy stored. */
  chargePpm: ppmCodec,
  dischargePpm: ppmCodec,
  /** What it held when a quarter hour began. */
  storedWh: whCodec,
  atSlot: slotCodec,
});
export type VppStorage = TypeOf<typeof vppStorageCodec>;

/** The part of the technical data that the owner writes. */
export const technicalFields = {
  assetId: assetIdCodec,
  /** Most that it gives, and most that it takes. */
  exportMaxW: wCodec,
  importMaxW: wCodec,
  /** Least power when it is called at all; 0 for none. */
  onLevelMinW: wCodec,
  rampUpWPerMinute: wCodec,
  rampDownWPerMinute: wCodec,
  /** Seconds from a signal to its begin, and until a machine is synchronised with the grid. */
  responseSeconds: integer(0, limits.activationSecondsMax),
  syncSeconds: integer(0, limits.activationSecondsMax),
  /** Quarter hours that it can be called for without a pause, and the pause after that. */
  dispatchSlotsMax: integer(1, limits.eventSlotsMax),
  restSlots: integer(0, limits.noticeSlotsMax),
  storage: optional(vppStorageCodec),
  /** Apparent power of its inverter; with it, it has reactive power. */
  apparentVa: optional(vaCodec),
  /** What PV or wind is kept below what it could give, so that it can be called upwards too; absent: it serves only downward. */
  heldBackW: optional(wCodec),
  energyCostMicroPerKwh: microPerKwhCodec,
  startCostMicro: microCodec,
  wearMicroPerKwh: microPerKwhCodec,
  /** Least price of keeping a kW ready for an hour. */
  reservePriceMicroPerKwh: microPerKwhCodec,
  carbonGramPerKwh: integer(0, limits.carbonGramPerKwhMax),
};

/** What an asset can do for a virtual power plant, as its owner has signed it; a later version takes the place of the one before. */
export const technicalDataCodec = object({
  ...technicalFields,
  participantId: participantIdCodec,
  /** 1, 2, … */
  version: integer(1, limits.amendmentVersionMax),
  /** As the registry has it. */
  kind: assetKindCodec,
  gridId: elementIdCodec,
  bus: elementIdCodec,
  meterId: optional(meterIdCodec),
  /** The signature that stands for it. */
  commandId: commandIdCodec,
  expirySlot: slotCodec,
  signature: signatureCodec,
});
export type TechnicalData = TypeOf<typeof technicalDataCodec>;

/** What an owner does not want its assets to be asked for beyond, whatever is paid: its own and its community's needs. */
export const mandateConstraintsCodec = object({
  /** True where only what local demand leaves may be promised to others. */
  localDemandFirst: boolean,
  /** Quarter hours of one local day in which an asset may be called. */
  callSlotsPerDayMax: optional(integer(1, limits.eventSlotsMax)),
  /** Energy that a call may cost the climate; absent for no limit. */
  carbonGramPerKwhMax: optional(integer(0, limits.carbonGramPerKwhMax)),
  /** The grids whose needs its assets may serve; absent for all. */
  gridIds: optional(array(elementIdCodec, limits.gridsPerProgrammeMax, 1)),
});
export type MandateConstraints = TypeOf<typeof mandateConstraintsCodec>;

/** The part of a mandate that the owner writes. */
export const mandateFields = {
  aggregatorId: participantIdCodec,
  assetIds: array(assetIdCodec, limits.assetsPerMandateMax, 1),
  services: array(serviceKindCodec, 7, 1),
  /** Least prices: of a kW kept ready for an hour, and of a kWh that is called. */
  capacityPriceMinMicroPerKwh: microPerKwhCodec,
  energyPriceMinMicroPerKwh: microPerKwhCodec,
  firstSlot: slotCodec,
  lastSlot: slotCodec,
  /** True: no consent to each coalition is asked; false: each one has to be signed. */
  standing: boolean,
  constraints: mandateConstraintsCodec,
};

/** An owner's mandate to an aggregator. */
export const vppMandateCodec = object({
  mandateId: mandateIdCodec,
  ...mandateFields,
  participantId: participantIdCodec,
  /** The signature that stands for it, over the command with the id of the mandate. */
  expirySlot: optional(slotCodec),
  signature: optional(signatureCodec),
  /** A revoked mandate stands for the slices that begin before this slot, to their end, and for no other. */
  revokedFromSlot: optional(slotCodec),
  state: oneOf('GRANTED', 'REVOKED'),
});
export type VppMandate = TypeOf<typeof vppMandateCodec>;

/** The mandates of one asset, so that two aggregators never have it at the same time. */
export const assetMandatesCodec = object({
  mandates: array(
    object({
      mandateId: mandateIdCodec,
      aggregatorId: participantIdCodec,
      firstSlot: slotCodec,
      lastSlot: slotCodec,
    }),
    limits.mandatesPerAssetMax,
  ),
});
export type AssetMandates = TypeOf<typeof assetMandatesCodec>;

/** Under which mandate an aggregator has an asset, for lists; a later mandate takes the place of the one before. */
export const mandatedAssetCodec = object({ assetId: assetIdCodec, mandateId: mandateIdCodec });
export type MandatedAsset = TypeOf<typeof mandatedAssetCodec>;
