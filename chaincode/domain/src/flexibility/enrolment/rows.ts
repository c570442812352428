import { array, integer, object, oneOf, optional, type TypeOf } from '../../decode';
import { elementIdCodec, signatureCodec } from '../../field-codecs';
import { assetIdCodec, commandIdCodec, meterIdCodec, participantIdCodec, programmeIdCodec } from '../../ids';
import { limits } from '../../limits';
import { assetKindCodec } from '../../registry/device-types';
import { slotCodec } from '../../time';
import { ppmCodec, varCodec, wCodec } from '../../units';

const bandFields = {
  assetId: assetIdCodec,
  /** Most that it can take less or give more, against its baseline. */
  reduceMaxW: wCodec,
  /** Most that it can take more or give less, against its baseline. */
  increaseMaxW: wCodec,
  /** Most reactive power that its inverter takes or gives; only for voltage support. */
  reactiveMaxVar: optional(varCodec),
  /** Quarter hours that it needs between a signal and its begin. */
  noticeSlots: integer(0, limits.noticeSlotsMax),
  /** Quarter hours that it can be called for without a pause. */
  runSlotsMax: integer(1, limits.eventSlotsMax),
  /** Quarter hours between the end of a call and the next one, at least. */
  restSlots: integer(0, limits.noticeSlotsMax),
  /** What of the energy comes back after a call, the other way round. */
  reboundPpm: ppmCodec,
};

/** The flexibility band of an asset as its owner states it. */
export const bandCodec = object(bandFields);
export type Band = TypeOf<typeof bandCodec>;

/** What a prosumer does not want to be asked for beyond, whatever its assets can. */
export const comfortCodec = object({
  eventsPerDayMax: integer(1, limits.eventSlotsMax),
  slotsPerDayMax: integer(1, limits.eventSlotsMax),
  /** Between which temperatures the rooms shall stay, in tenths of a kelvin; for the agent on site, which alone measures them. */
  indoorMinimumDecikelvin: optional(integer(0, limits.decikelvinMax)),
  indoorMaximumDecikelvin: optional(integer(0, limits.decikelvinMax)),
});
export type Comfort = TypeOf<typeof comfortCodec>;

/** Slots from first to last. */
export const slotSpanCodec = object({ fromSlot: slotCodec, toSlot: slotCodec });
export type SlotSpan = TypeOf<typeof slotSpanCodec>;

/** An asset of an enrolment: its band, and what the registry says of it. */
export const enrolledAssetCodec = object({
  ...bandFields,
  kind: assetKindCodec,
  bus: elementIdCodec,
  /** The meter that counts it alone; absent where the connection's meters do. */
  meterId: optional(meterIdCodec),
});
export type EnrolledAsset = TypeOf<typeof enrolledAssetCodec>;

/** A prosumer's part in a programme. One that has left may enrol again. */
export const enrolmentCodec = object({
  programmeId: programmeIdCodec,
  aggregatorId: participantIdCodec,
  participantId: participantIdCodec,
  gridId: elementIdCodec,
  assets: array(enrolledAssetCodec, limits.assetsPerEnrolmentMax, 1),
  comfort: comfortCodec,
  /** When it cannot be called, as it has said since; absent for never. */
  unavailable: optional(array(slotSpanCodec, limits.unavailableSpansMax, 1)),
  /** The signature that stands for it: that of its command of enrolment. */
  commandId: commandIdCodec,
  expirySlot: slotCodec,
  signature: signatureCodec,
  state: oneOf('ACTIVE', 'LEFT'),
});
export type Enrolment = TypeOf<typeof enrolmentCodec>;

/** With which aggregator an asset is, and in which of its programmes; in none of them once it has left all. */
export const assetPlaceCodec = object({
  aggregatorId: participantIdCodec,
  programmeIds: array(programmeIdCodec, limits.programmesPerAssetMax),
});
export type AssetPlace = TypeOf<typeof assetPlaceCodec>;
