import { array, integer, object, optional, type TypeOf } from '../../decode';
import { digestCodec, signatureCodec } from '../../field-codecs';
import { assetIdCodec, meterIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { whCodec } from '../../units';

const energiesCodec = array(whCodec, limits.eventSlotsMax, 1);
const temperaturesCodec = array(integer(0, limits.decikelvinMax), limits.eventSlotsMax, 1);

/** What one device took and gave in each slot of a report. */
export const deviceUseCodec = object({ assetId: assetIdCodec, importWh: energiesCodec, exportWh: energiesCodec });
export type DeviceUse = TypeOf<typeof deviceUseCodec>;

/**
 * What the meter's agent on site tells beside its readings: use per device, and temperatures inside and outside in tenths of a kelvin, one
 * value for each slot. Signed by the key of the meter; confidential.
 */
export const siteReportCodec = object({
  meterId: meterIdCodec,
  keyVersion: integer(1, 1_000),
  startSlot: slotCodec,
  slots: integer(1, limits.eventSlotsMax),
  devices: array(deviceUseCodec, limits.assetsPerEnrolmentMax),
  indoorDecikelvin: optional(temperaturesCodec),
  outdoorDecikelvin: optional(temperaturesCodec),
  signature: signatureCodec,
});
export type SiteReport = TypeOf<typeof siteReportCodec>;

/** What the channel sees of a report: from when to when, and the digest of all of it. */
export const reportHeadCodec = object({
  meterId: meterIdCodec,
  startSlot: slotCodec,
  slots: integer(1, limits.eventSlotsMax),
  reportDigest: digestCodec,
});
export type ReportHead = TypeOf<typeof reportHeadCodec>;
