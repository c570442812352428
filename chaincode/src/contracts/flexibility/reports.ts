import { acceptReport, contracts, demand, reportHeadCodec, rowCodec, siteReportCodec } from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { found } from '../../store/found';
import { keys } from '../../store/keys';
import { assets, meters } from '../../store/registry/registry-store';
import { PrivateRowKeeper, RowKeeper } from '../../store/row-keeper';
import { VoltageContract } from './voltage';

const specs = contracts.flexibility;

/** What the channel keeps of reports: written once. */
const reportHeads = new RowKeeper(rowCodec(reportHeadCodec), keys.reportHead);
/** Confidential: the reports themselves. */
const siteReports = new PrivateRowKeeper('profiles', rowCodec(siteReportCodec), keys.siteReport);

/** The part of the contract `flexibility` that takes reports from the site. */
export abstract class ReportContract extends VoltageContract {
  /** Files a report. */
  @Transaction()
  @Returns('string')
  public async fileSiteReport(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fileSiteReport, request, async ({ meterId, startSlot }, report) => {
      const { channel, session } = context;
      const meter = found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
      const isSame = report.meterId === meterId && report.startSlot === startSlot;
      demand(isSame, 'FLEX_REPORT_SHAPE', { meterId, startSlot });
      const rows = await Promise.all(report.devices.map(({ assetId }) => assets.load(session, assetId)));
      const exists = await reportHeads.exists(session, meterId, startSlot);
      const known = new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.assetId, row] as const])));
      const head = acceptReport(report, { channel, meter, assets: known, exists });
      reportHeads.save(session, head, meterId, startSlot);
      siteReports.save(session, report, meterId, startSlot);
      context.record({ type: 'SiteReported', ...head });
      return head;
    });
  }

  /** A report. */
  @Transaction(false)
  @Returns('string')
  public async getSiteReport(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getSiteReport, request, async ({ meterId, startSlot }) => {
      const report = await siteReports.load(context.session, meterId, startSlot);
      return found(report, 'FLEX_REPORT_UNKNOWN', { meterId, startSlot });
    });
  }
}
