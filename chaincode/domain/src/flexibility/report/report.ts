import { assert } from '../../assert';
import { canonicalBytes } from '../../canonical-writer';
import { digestOf } from '../../digest';
import { demand } from '../../errors';
import type { AssetId } from '../../ids';
import { isJsonObject } from '../../json';
import { verifySignature } from '../../signature';
import type { Asset, Meter } from '../../registry/device-types';
import { siteReportCodec, type ReportHead, type SiteReport } from './rows';

/** The bytes that the key of the meter signs: the report without its signature, for one channel. */
export function siteReportBytes(channel: string, report: SiteReport): Buffer {
  const encoded = siteReportCodec.encode(report);
  assert(isJsonObject(encoded), 'A report is an object.');
  const { signature: _signature, ...unsigned } = encoded;
  return canonicalBytes({ channel, kind: 'site-report', report: unsigned });
}

/** What the ledger knows of a meter and the devices that its report names. */
export interface KnownForReport {
  readonly channel: string;
  readonly meter: Meter;
  readonly assets: ReadonlyMap<AssetId, Asset>;
  /** True where a report of the meter begins in the same slot. */
  readonly exists: boolean;
}

/**
 * What the channel keeps of a report. Refuses a key that the meter does not have, a signature that is not its own (SIGNATURE_INVALID), series
 * of other lengths than the report (FLEX_REPORT_SHAPE), a device of somebody else (FLEX_ASSET_NOT_OWN) and a report that is there already
 * (FLEX_REPORT_EXISTS).
 */
export function acceptReport(report: SiteReport, { assets, channel, exists, meter }: KnownForReport): ReportHead {
  const { devices, indoorDecikelvin, meterId, outdoorDecikelvin, signature, slots, startSlot } = report;
  const key = meter.keys.find(({ version }) => version === report.keyVersion);
  const isSigned = key !== undefined && verifySignature(key.publicKey, siteReportBytes(channel, report), signature);
  demand(isSigned, 'SIGNATURE_INVALID', { meterId });
  for (const { assetId } of devices) {
    demand(assets.get(assetId)?.participantId === meter.participantId, 'FLEX_ASSET_NOT_OWN', { assetId });
  }
  const series = [
    ...devices.flatMap(({ exportWh, importWh }) => [importWh, exportWh]),
    ...[indoorDecikelvin, outdoorDecikelvin].flatMap((values) => (values === undefined ? [] : [values])),
  ];
  const isWhole = series.length > 0 && series.every((values) => values.length === slots);
  demand(isWhole, 'FLEX_REPORT_SHAPE', { meterId, slots });
  demand(!exists, 'FLEX_REPORT_EXISTS', { meterId, startSlot });
  return { meterId, startSlot, slots, reportDigest: digestOf(siteReportCodec.encode(report)) };
}
