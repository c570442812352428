import { array, integer, object, optional, type TypeOf } from '../../decode';
import { digestCodec } from '../../field-codecs';
import { assetIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microCodec, microPerKwhCodec, ppmCodec, wCodec, whCodec } from '../../units';
import { bandDirectionCodec } from '../directions';

/** What an asset can do in one direction: how much, how fast, how long, how reliably and at what price. Powers are in W, or var. */
export const flexibilityBandCodec = object({
  assetId: assetIdCodec,
  direction: bandDirectionCodec,
  /** Most that it moves, wherever its position lets it. */
  maxW: wCodec,
  /** Least that it moves when it is called at all. */
  onLevelMinW: wCodec,
  /** Response, synchronisation and ramp to `maxW` together. */
  activationSeconds: integer(0, limits.activationSecondsMax),
  dispatchSlotsMax: integer(1, limits.eventSlotsMax),
  restSlots: integer(0, limits.noticeSlotsMax),
  /** What a storage can give (or take) in this direction at its connection, from what it held; absent where nothing runs empty. */
  energyWh: optional(whCodec),
  /** What of a power that is asked for is delivered with the rule set's probability. */
  firmPpm: ppmCodec,
  /** What a kWh that is called costs: energy and wear. */
  priceMicroPerKwh: microPerKwhCodec,
  /** Least price of a kW kept ready for an hour. */
  keepMicroPerKwh: microPerKwhCodec,
  /** What each run costs beside its energy. */
  startCostMicro: microCodec,
});
export type FlexibilityBand = TypeOf<typeof flexibilityBandCodec>;

/** The bands of an asset: what `segment` makes of its technical data and of what it has delivered. */
export const assetBandsCodec = object({
  assetId: assetIdCodec,
  participantId: participantIdCodec,
  /** The version of the technical data that they are made of, and the digest of the samples. */
  dataVersion: integer(1, limits.amendmentVersionMax),
  samplesDigest: digestCodec,
  bands: array(flexibilityBandCodec, 4),
});
export type AssetBands = TypeOf<typeof assetBandsCodec>;

/** What was asked of an asset in a quarter hour, and what it delivered; in Wh, or varh. */
export const deliverySampleCodec = object({
  slot: slotCodec,
  direction: bandDirectionCodec,
  askedWh: whCodec,
  deliveredWh: whCodec,
});
export type DeliverySample = TypeOf<typeof deliverySampleCodec>;

/** The last samples of an asset, in the order in which they were measured. */
export const deliverySamplesCodec = object({
  samples: array(deliverySampleCodec, limits.deliverySamplesMax),
});
export type DeliverySamples = TypeOf<typeof deliverySamplesCodec>;
