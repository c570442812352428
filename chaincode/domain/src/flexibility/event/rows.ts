import { array, boolean, integer, object, oneOf, optional, union, type TypeOf } from '../../decode';
import { elementIdCodec, signatureCodec } from '../../field-codecs';
import {
  assetIdCodec,
  commandIdCodec,
  eventIdCodec,
  meterIdCodec,
  participantIdCodec,
  programmeIdCodec,
  requestIdCodec,
} from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { microPerKwhCodec, wCodec, whCodec } from '../../units';
import { frozenBaselineCodec } from '../baseline/frozen';
import { flexOrderIdCodec } from '../ids';
import { flexDirectionCodec } from '../isps';

/** What is asked for in one slot against the baseline: less import or more export (`reduce`), or the opposite. */
export const eventIspCodec = object({ slot: slotCodec, direction: flexDirectionCodec, energyWh: whCodec });
export type EventIsp = TypeOf<typeof eventIspCodec>;

/** What an asset is called for, in the order of the slots. */
export const eventAssetCodec = object({
  assetId: assetIdCodec,
  isps: array(eventIspCodec, limits.eventSlotsMax, 1),
});
export type EventAsset = TypeOf<typeof eventAssetCodec>;

/** How an event tells its prosumer what to do (OpenADR 3.1: the payload types of events). */
export const signalKindCodec = oneOf(
  'SIMPLE',
  'DISPATCH_SETPOINT',
  'IMPORT_CAPACITY_LIMIT',
  'EXPORT_CAPACITY_LIMIT',
  'PRICE',
);
export type SignalKind = TypeOf<typeof signalKindCodec>;

const powerValues = array(object({ slot: slotCodec, powerW: wCodec }), limits.eventSlotsMax, 1);

/**
 * What an event tells: a level from 1 to 3, the power that the connection shall have, the most that it shall take or give, or the
 * price at which each kWh against the baseline is paid.
 */
export const eventSignalCodec = union({
  SIMPLE: object({ level: integer(1, 3) }),
  DISPATCH_SETPOINT: object({
    values: array(object({ slot: slotCodec, importW: wCodec, exportW: wCodec }), limits.eventSlotsMax, 1),
  }),
  IMPORT_CAPACITY_LIMIT: object({ values: powerValues }),
  EXPORT_CAPACITY_LIMIT: object({ values: powerValues }),
  PRICE: object({ priceMicroPerKwh: microPerKwhCodec }),
});
export type EventSignal = TypeOf<typeof eventSignalCodec>;

/** Why an event was not signalled, or why the prosumer does not carry it out. */
export const eventReasonCodec = oneOf(
  'NOT_ENROLLED',
  'UNAVAILABLE',
  'CALLS_MAX',
  'COMFORT',
  'PROMISED',
  'BASELINE',
  'DECLINED',
  'DEVICE_FAILED',
  'REPLANNED',
  'ORDER_ENDED',
);
export type EventReason = TypeOf<typeof eventReasonCodec>;

/**
 * What spoils the measurement of an event, or the trust in it:
 * - `SILENT_METER`: a meter had no reading for a slot; `FLAGGED_READING`: a reading was estimated, substituted or found bad;
 * - `WINDOW_GAMED`: the window that adjusts the baseline looks moved; `DAYS_INFLATED`: so do the days that make it;
 * - `DID_NOTHING`: the prosumer opted in, and delivered nothing.
 */
export const eventFlagCodec = oneOf('SILENT_METER', 'FLAGGED_READING', 'WINDOW_GAMED', 'DAYS_INFLATED', 'DID_NOTHING');
export type EventFlag = TypeOf<typeof eventFlagCodec>;

/** What a prosumer has signed about an event; its last answer stands. */
export const eventAnswerCodec = object({
  transaction: oneOf('acknowledgeEvent', 'optIn', 'optOut'),
  commandId: commandIdCodec,
  expirySlot: slotCodec,
  signature: signatureCodec,
});
export type EventAnswer = TypeOf<typeof eventAnswerCodec>;

/** What came of an event in its slots: energies of all of them, and of how many there was no measurement that counts. */
export const eventResultCodec = object({
  orderedWh: whCodec,
  deliveredWh: whCodec,
  deficiencyWh: whCodec,
  /** What came back after the event, the other way round; absent where the programme does not measure it. */
  reboundWh: optional(whCodec),
  unmeasuredSlots: integer(0, limits.eventSlotsMax),
  flags: array(eventFlagCodec, 5),
  /** How often it was worked out; more than once where readings came late. */
  version: integer(1, 9_999),
});
export type EventResult = TypeOf<typeof eventResultCodec>;

/**
 * The event of one prosumer under one order: NOTIFIED, then ACKNOWLEDGED, then OPTED_IN or OPTED_OUT by the prosumer, FAILED where it could
 * not be signalled or a device has failed, CANCELLED by the aggregator, and COMPLETED once it has been measured. Who has said nothing
 * takes part without a penalty.
 */
export const flexEventCodec = object({
  eventId: eventIdCodec,
  orderId: flexOrderIdCodec,
  /** The revision of the disaggregation that it follows. */
  revision: integer(1, 1_000),
  programmeId: programmeIdCodec,
  aggregatorId: participantIdCodec,
  participantId: participantIdCodec,
  gridId: elementIdCodec,
  assets: array(eventAssetCodec, limits.assetsPerEnrolmentMax, 1),
  meterIds: array(meterIdCodec, limits.metersPerEventMax),
  firstSlot: slotCodec,
  lastSlot: slotCodec,
  /** Absent where the event failed before it was signalled. */
  signal: optional(eventSignalCodec),
  baseline: optional(frozenBaselineCodec),
  /** The request of the forecast that the baseline is made from; absent for other methods. */
  forecastId: optional(requestIdCodec),
  /** The baseline of the slots after the event in which a rebound is measured. */
  reboundBaseline: optional(frozenBaselineCodec),
  /** True where the days of the baseline look inflated at the notice already. */
  daysInflated: optional(boolean),
  state: oneOf('NOTIFIED', 'ACKNOWLEDGED', 'OPTED_IN', 'OPTED_OUT', 'FAILED', 'CANCELLED', 'COMPLETED'),
  reason: optional(eventReasonCodec),
  /** True where the prosumer had opted in, whatever came after. */
  isBound: optional(boolean),
  answer: optional(eventAnswerCodec),
  result: optional(eventResultCodec),
});
export type FlexEvent = TypeOf<typeof flexEventCodec>;

/** By which a prosumer's events are found, from the first slot of each. */
export const eventPlaceCodec = object({
  orderId: flexOrderIdCodec,
  participantId: participantIdCodec,
  firstSlot: slotCodec,
});
export type EventPlace = TypeOf<typeof eventPlaceCodec>;
