import type { JsonObject } from '@flexledger/domain';
import { callers } from '../../testing/actors';
import { replay } from '../../testing/replay';
import { replayElsewhere } from '../../testing/replay-elsewhere';
import { VppScene, vppSlots } from '../../testing/vpp-scene';

const { mandateSlot, testSlot } = vppSlots;

/** A battery under test: 8 kW up for half an hour. */
async function underTest(): Promise<VppScene> {
  const scene = await VppScene.create();
  await scene.publish();
  await scene.ready(scene.made.bob, scene.batteryData());
  const { battery } = scene.assetIds;
  const test = { serviceId: 'mfrr', direction: 'up', firstSlot: testSlot, slots: 2 };
  const shares = [{ assetId: battery, powerW: '8000' }];
  await scene.send(scene.made.aggregator, 'startTest', { subjectKind: 'asset', ...test, shares });
  return scene;
}

/** Lets the meter of the battery tell eight idle quarter hours and then what it gave. */
async function measured(scene: VppScene, gaveWh: readonly bigint[]): Promise<JsonObject> {
  await scene.flex.tickTo(testSlot + 2);
  const idle = Array.from({ length: 8 }, () => 0n);
  const exports = [...idle, ...gaveWh];
  await scene.measure(
    scene.made.meters.bob,
    exports.map(() => 0n),
    exports,
  );
  const fields = { subjectId: scene.assetIds.battery, kind: 'mfrr', direction: 'up' };
  return (await scene.submit(callers.tso, 'completeTest', fields)).response;
}

describe('an asset of a virtual power plant', () => {
  it('has technical data in versions, a mandate, and bands that follow from them', async () => {
    const scene = await VppScene.create();
    const { bob } = scene.made;
    const { battery } = scene.assetIds;
    const { event } = await scene.send(bob, 'fileTechnicalData', scene.batteryData());
    expect(event?.facts).toMatchObject([{ type: 'TechnicalDataFiled', assetId: battery, version: 1, kind: 'storage' }]);
    await scene.fileBands(battery);
    // 75 s are 5 of response, 10 to synchronise and a minute to 10 kW; (15,000 − 4,000) · 0.95 Wh can be given.
    const { bands } = await scene.ask('getBands', { assetId: battery });
    expect(bands).toMatchObject({
      dataVersion: 1,
      bands: [
        { direction: 'up', maxW: '10000', activationSeconds: 75, energyWh: '10450', firmPpm: '980000' },
        { direction: 'down', maxW: '10000', energyWh: '5263', priceMicroPerKwh: '50000' },
      ],
    });
    await scene.send(bob, 'fileTechnicalData', scene.batteryData({ exportMaxW: '6000' }), 'second');
    await scene.fileBands(battery, {}, 'second');
    const next = await scene.ask('getBands', { assetId: battery });
    // With 10 kVA beside at most 10 kW of charging nothing is left for reactive power.
    expect(next.bands).toMatchObject({ dataVersion: 2, bands: [{ maxW: '6000' }, { maxW: '10000' }] });
    expect(await scene.ask('getTechnicalData', { assetId: battery, version: 1 })).toMatchObject({
      data: { exportMaxW: '10000' },
    });
  });

  it('goes from one aggregator to another only where the mandate is revoked, at a slot that has not begun', async () => {
    const scene = await VppScene.create();
    const { aggregator, bob, rival } = scene.made;
    const { battery } = scene.assetIds;
    const mandateId = await scene.ready(bob, scene.batteryData());
    const fromSlot = mandateSlot + 16;
    const revoked = await scene.send(bob, 'revokeMandate', { mandateId, fromSlot });
    expect(revoked.response).toMatchObject({ state: 'REVOKED', revokedFromSlot: fromSlot });
    const toRival = { aggregatorId: rival.participantId, firstSlot: fromSlot };
    await scene.send(bob, 'grantMandate', scene.mandate([battery], toRival), 'rival');
    const listed = (aggregatorId: string) => scene.ask('listMandatedAssets', { aggregatorId });
    expect(await listed(aggregator.participantId)).toMatchObject({ rows: [{ assetId: battery, mandateId }] });
    expect(await listed(rival.participantId)).toMatchObject({ rows: [{ assetId: battery }] });
  });
});

describe('a service', () => {
  it('is published, requested by organisations and by suppliers, paid in for, and changes between requests', async () => {
    const scene = await VppScene.create();
    await scene.publish();
    const { event, response } = await scene.submit(callers.tso, 'requestService', scene.request());
    expect(response).toMatchObject({ buyer: { mspId: 'TsoMSP' }, kind: 'mfrr', serviceVersion: 1, state: 'OPEN' });
    expect(event?.facts).toMatchObject([{ type: 'ServiceRequested', kind: 'mfrr', mspId: 'TsoMSP' }]);
    const wholesale = { kind: 'wholesale-capacity', buyers: ['wholesale'], serviceId: 'capacity', name: 'Capacity' };
    await scene.publish(wholesale, callers.market);
    const { producer } = scene.flex;
    const ask = scene.request({ serviceId: 'capacity' });
    const signed = await scene.send(producer, 'requestService', ask, 'once', callers.market);
    expect(signed.response).toMatchObject({ buyer: { participantId: producer.participantId } });
    const paid = { mspId: 'TsoMSP', amountMicro: '600000000', reference: 'May' };
    await scene.submit(callers.market, 'fundService', paid);
    expect(await scene.ask('getServiceFund', { mspId: 'TsoMSP' })).toMatchObject({ availableMicro: '600000000' });
    await scene.submit(callers.tso, 'closeServiceRequest', { requestId: String(response.requestId) });
    const changed = await scene.publish({ fullActivationSeconds: 600 }, callers.tso, 'second');
    expect(changed.response).toMatchObject({ version: 2, fullActivationSeconds: 600 });
    expect(await scene.ask('listServiceRequests', { serviceId: 'mfrr' })).toMatchObject({
      rows: [{ state: 'CLOSED', serviceVersion: 1 }],
    });
  });
});

describe('a test activation', () => {
  it('is passed where each quarter hour brings its share, and teaches how reliable the asset is', async () => {
    const scene = await underTest();
    // 8 kW that rise over 750 s come to 1,166 Wh in the first quarter hour, then to 2,000.
    const result = await measured(scene, [1_120n, 1_990n]);
    expect(result).toMatchObject({
      state: 'PREQUALIFIED',
      powerMaxW: '8000',
      result: [
        { askedWh: '1166', deliveredWh: '1120', isMeasured: true },
        { askedWh: '2000', deliveredWh: '1990' },
      ],
    });
    const samples = await scene.ask('getDeliverySamples', { assetId: scene.assetIds.battery });
    expect(samples).toMatchObject({ samples: [{ direction: 'up', askedWh: '1166' }, { deliveredWh: '1990' }] });
  });

  it('is failed by a twentieth too little in one of them', async () => {
    const result = await measured(await underTest(), [1_120n, 1_899n]);
    expect(result).toMatchObject({ state: 'FAILED', powerMaxW: '0' });
  });

  it('waits a day for a silent meter, and is failed by it', async () => {
    const scene = await underTest();
    await scene.flex.tickTo(testSlot + 2);
    const fields = { subjectId: scene.assetIds.battery, kind: 'mfrr', direction: 'up' };
    const complete = (label: string) => scene.submit(callers.tso, 'completeTest', fields, label);
    expect(await scene.code(() => complete('early'))).toBe('VPP_TEST_NOT_OVER');
    await scene.flex.tickTo(testSlot + 2 + 96);
    expect((await complete('late')).response).toMatchObject({ state: 'FAILED', result: [{ isMeasured: false }, {}] });
  });
});

describe('two endorsers', () => {
  it('come to equal answers, events and write sets for assets, services and tests', async () => {
    const scene = await underTest();
    await measured(scene, [1_120n, 1_990n]);
    const calls = scene.ledger.log;
    const here = await replay(calls);
    expect(here.split('\n')).toHaveLength(calls.length);
    expect(replayElsewhere(calls, { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
  });
});
