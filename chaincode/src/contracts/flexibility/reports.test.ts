import { siteReportBytes, siteReportCodec, type JsonObject } from '@flexledger/domain';
import { callers, channel, command, firstSlot, type Signer } from '../../testing/actors';
import { ProgrammeScene } from '../../testing/programme-scene';
import { codeOf } from '../../testing/refusal';

/** A report of ann's meter: two slots of her heat pump with temperatures, signed by a key. */
function reportOf(made: ProgrammeScene, changes: JsonObject = {}, key: Signer = made.meters.ann.key): JsonObject {
  const report = {
    meterId: made.meters.ann.meterId,
    keyVersion: 1,
    startSlot: firstSlot,
    slots: 2,
    devices: [{ assetId: made.assetIds.ann, importWh: ['700', '0'], exportWh: ['0', '0'] }],
    indoorDecikelvin: [2_942, 2_938],
    outdoorDecikelvin: [2_701, 2_700],
    signature: 'A'.repeat(86),
    ...changes,
  };
  const signature = key.sign(siteReportBytes(channel, siteReportCodec.decode(report, '')));
  return { ...report, signature };
}

function file(made: ProgrammeScene, report: JsonObject, label: string) {
  const { meterId = '', startSlot = 0 } = report;
  const request = { commandId: command(`report ${label}`), meterId, startSlot };
  return made.ledger.submit(callers.community, 'flexibility:fileSiteReport', request, { transient: { report } });
}

describe('a report from the site', () => {
  it('is signed by the meter, confidential, and known on the channel by its digest', async () => {
    const made = await ProgrammeScene.create();
    const report = reportOf(made);
    const { event, response, writes } = await file(made, report, 'first');
    expect(response).toMatchObject({ meterId: made.meters.ann.meterId, startSlot: firstSlot, slots: 2 });
    expect(event?.facts).toEqual([{ type: 'SiteReported', ...response }]);
    const onChannel = writes.filter(({ place }) => place === '').map(({ value }) => Buffer.from(value).toString());
    expect(onChannel.some((text) => text.includes('2942'))).toBe(false);
    const place = { meterId: made.meters.ann.meterId, startSlot: firstSlot };
    expect(await made.ledger.evaluate(callers.dso, 'flexibility:getSiteReport', place)).toEqual(report);
    const asking = (caller: (typeof callers)['dso' | 'market'], startSlot: number) =>
      codeOf(made.ledger, () => made.ledger.evaluate(caller, 'flexibility:getSiteReport', { ...place, startSlot }));
    expect(await asking(callers.dso, firstSlot + 1)).toBe('FLEX_REPORT_UNKNOWN');
    expect(await asking(callers.market, firstSlot)).toBe('ACCESS_ROLE_REFUSED');
  });

  it('is refused from another key, of another’s device, of another length, and twice', async () => {
    const made = await ProgrammeScene.create();
    const refused = (report: JsonObject, label: string) => codeOf(made.ledger, () => file(made, report, label));
    expect(await refused(reportOf(made, {}, made.ann), 'prosumer')).toBe('SIGNATURE_INVALID');
    expect(await refused(reportOf(made, { keyVersion: 2 }), 'version')).toBe('SIGNATURE_INVALID');
    expect(await refused({ ...reportOf(made), indoorDecikelvin: [2_942, 2_999] }, 'changed')).toBe('SIGNATURE_INVALID');
    const foreign = [{ assetId: made.assetIds.bob, importWh: ['1', '1'], exportWh: ['0', '0'] }];
    expect(await refused(reportOf(made, { devices: foreign }), 'foreign')).toBe('FLEX_ASSET_NOT_OWN');
    expect(await refused(reportOf(made, { slots: 3 }), 'short')).toBe('FLEX_REPORT_SHAPE');
    await file(made, reportOf(made), 'first');
    expect(await refused(reportOf(made), 'again')).toBe('FLEX_REPORT_EXISTS');
  });
});
