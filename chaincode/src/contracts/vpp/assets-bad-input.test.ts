import type { JsonObject } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { FlexScene } from '../../testing/flex-scene';
import { ProgrammeScene } from '../../testing/programme-scene';
import { VppScene, vppSlots } from '../../testing/vpp-scene';

const { mandateSlot, now, testSlot } = vppSlots;

/** What is wrong, the changed fields of a request that is otherwise good, and the code. */
type Case = readonly [problem: string, changes: JsonObject, code: string];
const storage = {
  capacityWh: '20000',
  reserveWh: '4000',
  chargePpm: '950000',
  dischargePpm: '950000',
  storedWh: '15000',
  atSlot: now,
};

describe('technical data are refused', () => {
  let scene: VppScene;
  beforeAll(async () => (scene = await VppScene.create()));

  const ofBattery: readonly Case[] = [
    ['above the registered rating', { exportMaxW: '10001' }, 'VPP_RATING_EXCEEDED'],
    ['in kilowatts as watts times a thousand', { importMaxW: '10000000' }, 'VPP_RATING_EXCEEDED'],
    ['with more apparent power than the rating', { apparentVa: '10001' }, 'VPP_RATING_EXCEEDED'],
    ['of a storage that holds nothing back from the weather', { heldBackW: '10' }, 'VPP_DIRECTION_IMPOSSIBLE'],
    ['with more energy than is registered', { storage: { ...storage, capacityWh: '20001' } }, 'VPP_STORAGE_INVALID'],
    ['with more stored than fits', { storage: { ...storage, storedWh: '20001' } }, 'VPP_STORAGE_INVALID'],
    ['with a reserve above the capacity', { storage: { ...storage, reserveWh: '20001' } }, 'VPP_STORAGE_INVALID'],
    ['with a charge that is lost', { storage: { ...storage, chargePpm: '0' } }, 'VPP_STORAGE_INVALID'],
    ['with a state of charge of tomorrow', { storage: { ...storage, atSlot: now + 96 } }, 'VPP_STORAGE_TIME'],
    ['with a least power above the greatest', { onLevelMinW: '10001' }, 'VPP_LEVELS_INVALID'],
    ['with a ramp of nothing', { rampUpWPerMinute: '0' }, 'VPP_LEVELS_INVALID'],
  ];
  it.each(ofBattery)('%s', async (problem, changes, code) => {
    const file = () => scene.send(scene.made.bob, 'fileTechnicalData', scene.batteryData(changes), problem);
    expect(await scene.code(file)).toBe(code);
  });

  it('of a storage without its energies', async () => {
    const { storage: _storage, ...rest } = scene.batteryData();
    const file = () => scene.send(scene.made.bob, 'fileTechnicalData', rest, 'no storage');
    expect(await scene.code(file)).toBe('VPP_STORAGE_INVALID');
  });

  const ofPv: readonly Case[] = [
    ['of a PV system that takes', { importMaxW: '1' }, 'VPP_DIRECTION_IMPOSSIBLE'],
    ['of a PV system that holds back more than it gives', { heldBackW: '8001' }, 'VPP_DIRECTION_IMPOSSIBLE'],
    ['of a PV system that stores', { storage }, 'VPP_STORAGE_INVALID'],
    ['that offer nothing', { exportMaxW: '0', apparentVa: '0' }, 'VPP_LEVELS_INVALID'],
  ];
  it.each(ofPv)('%s', async (problem, changes, code) => {
    const file = () => scene.send(scene.made.cyd, 'fileTechnicalData', scene.pvData(changes), problem);
    expect(await scene.code(file)).toBe(code);
  });

  it("by who claims another's generation", async () => {
    const file = () => scene.send(scene.made.ann, 'fileTechnicalData', scene.pvData(), 'claimed');
    expect(await scene.code(file)).toBe('VPP_ASSET_NOT_OWN');
  });

  it('of an asset that is unknown, frozen, or retired', async () => {
    const other = await VppScene.create();
    const { bob } = other.made;
    const { battery, pv } = other.assetIds;
    const file = (label: string, assetId: string = battery) =>
      other.code(() => other.send(bob, 'fileTechnicalData', other.batteryData({ assetId }), label));
    expect(await file('unknown', `0${pv.slice(1)}`)).toBe('ASSET_UNKNOWN');
    const step = (name: string) =>
      other.ledger.submit(callers.dso, `registry:${name}`, {
        commandId: command(`doubt ${name}`),
        assetIds: [battery],
        reason: 'A doubt',
      });
    await step('freezeAssets');
    expect(await file('frozen')).toBe('ASSET_FROZEN');
    await step('retireAssets');
    expect(await file('retired')).toBe('ASSET_RETIRED');
  });

  it('where the rule set has no virtual power plants', async () => {
    const flex = await FlexScene.create({}, now);
    const made = await ProgrammeScene.on(flex.ledger, flex.agg, flex.other);
    const publish = { commandId: flex.agg.participantId, serviceId: 'mfrr' };
    const retire = () => made.ledger.submit(callers.tso, 'vpp:retireService', publish);
    expect(await scene.code(retire)).toBe('VPP_OFF');
  });
});

describe('a mandate is refused', () => {
  let scene: VppScene;
  beforeAll(async () => {
    scene = await VppScene.create();
    await scene.ready(scene.made.bob, scene.batteryData());
    await scene.send(scene.made.cyd, 'fileTechnicalData', scene.pvData());
  });

  it('with an asset, a service or a grid twice, and with a period that ends before it begins or has begun', async () => {
    const { pv } = scene.assetIds;
    const cases: readonly Case[] = [
      ['asset', { assetIds: [pv, pv] }, 'VPP_NAMED_TWICE'],
      ['service', { services: ['mfrr', 'mfrr'] }, 'VPP_NAMED_TWICE'],
      ['grid', { constraints: { localDemandFirst: true, gridIds: ['rural-1', 'rural-1'] } }, 'VPP_NAMED_TWICE'],
      ['backwards', { lastSlot: mandateSlot - 1 }, 'VPP_PERIOD'],
      ['begun', { firstSlot: now }, 'VPP_PERIOD_BEGUN'],
      ['no aggregator', { aggregatorId: scene.made.bob.participantId }, 'VPP_NOT_AGGREGATOR'],
      ['nobody', { aggregatorId: scene.assetIds.pv }, 'PARTICIPANT_UNKNOWN'],
    ];
    for (const [problem, changes, code] of cases) {
      const grant = () => scene.send(scene.made.cyd, 'grantMandate', scene.mandate([pv], changes), problem);
      expect([problem, await scene.code(grant)]).toEqual([problem, code]);
    }
  });

  it("for another's asset, for one without data, and to a second aggregator at one time (B45)", async () => {
    const { battery, pump, pv } = scene.assetIds;
    const { ann, bob, cyd, rival } = scene.made;
    const grant = (signer: typeof ann, assetId: string, label: string, changes: JsonObject = {}) =>
      scene.code(() => scene.send(signer, 'grantMandate', scene.mandate([assetId], changes), label));
    expect(await grant(ann, pv, 'of another')).toBe('VPP_ASSET_NOT_OWN');
    expect(await grant(ann, pump, 'without data')).toBe('VPP_DATA_UNKNOWN');
    const toRival = { aggregatorId: rival.participantId, firstSlot: mandateSlot + 96 };
    expect(await grant(bob, battery, 'rival', toRival)).toBe('VPP_ASSET_MANDATED');
    const late = { ...toRival, firstSlot: vppSlots.lastSlot + 1, lastSlot: vppSlots.lastSlot + 2 };
    await scene.send(cyd, 'grantMandate', scene.mandate([pv], late), 'good');
    expect(await grant(cyd, pv, 'twice', late)).toBe('VPP_ASSET_MANDATED');
  });

  it('to be revoked by others, twice, from a slot that has begun, or after its end', async () => {
    const { cyd } = scene.made;
    const other = await VppScene.create();
    const mandateId = await other.ready(other.made.bob, other.batteryData());
    const revoke = (signer: typeof cyd, fromSlot: number, label: string, named = mandateId) =>
      other.code(() => other.send(signer, 'revokeMandate', { mandateId: named, fromSlot }, label));
    expect(await revoke(other.made.bob, now, 'begun')).toBe('VPP_PERIOD_BEGUN');
    expect(await revoke(other.made.bob, vppSlots.lastSlot + 1, 'after')).toBe('VPP_PERIOD');
    expect(await revoke(other.made.cyd, now + 8, 'other')).toBe('VPP_NOT_OWN_MANDATE');
    expect(await revoke(other.made.bob, now + 8, 'unknown', cyd.participantId)).toBe('VPP_MANDATE_UNKNOWN');
    await other.send(other.made.bob, 'revokeMandate', { mandateId, fromSlot: now + 8 }, 'good');
    expect(await revoke(other.made.bob, now + 9, 'again')).toBe('VPP_MANDATE_REVOKED');
  });
});

describe('bands are refused', () => {
  let scene: VppScene;
  beforeAll(async () => {
    scene = await VppScene.create();
    await scene.send(scene.made.cyd, 'fileTechnicalData', scene.pvData());
  });

  it('that the contract does not come to: a PV system upwards, wider, faster, firmer', async () => {
    const { pv } = scene.assetIds;
    const [down] = (await scene.bands(pv)).bands as JsonObject[];
    const wrong: readonly JsonObject[][] = [
      [{ ...down, direction: 'up' }],
      [{ ...down, maxW: '8001' }],
      [{ ...down, activationSeconds: 1 }],
      [{ ...down, firmPpm: '1000000' }],
      [],
    ];
    for (const [index, bands] of wrong.entries()) {
      expect(await scene.code(() => scene.fileBands(pv, { bands }, `wrong ${index}`))).toBe('VPP_BAND_MISMATCH');
    }
  });

  it('of data or samples that are not in force, of no data, twice, and from who is no approved oracle', async () => {
    const { pump, pv } = scene.assetIds;
    const honest = await scene.bands(pv);
    expect(await scene.code(() => scene.fileBands(pv, { dataVersion: 2 }, 'version'))).toBe('VPP_BANDS_OUTDATED');
    const digest = { samplesDigest: String(honest.samplesDigest).replace(/^./, 'A') };
    expect(await scene.code(() => scene.fileBands(pv, digest, 'samples'))).toBe('VPP_BANDS_OUTDATED');
    const file = (
      filed: readonly JsonObject[],
      label: string,
      caller = callers.oracle as { mspId: string; role: string },
    ) => scene.code(() => scene.submit(caller, 'fileBands', { filed: [...filed] }, label));
    expect(await file([{ ...honest, assetId: pump }], 'no data')).toBe('VPP_DATA_UNKNOWN');
    expect(await file([honest, honest], 'twice')).toBe('VPP_NAMED_TWICE');
    expect(await file([honest], 'tso', callers.tso)).toBe('ACCESS_ROLE_REFUSED');
    expect((await scene.fileBands(pv)).response).toEqual({ count: 1 });
  });
});

describe('services and requests are refused', () => {
  let scene: VppScene;
  beforeAll(async () => {
    scene = await VppScene.create();
    await scene.publish();
    await scene.publish({ serviceId: 'old', name: 'Old' });
    await scene.submit(callers.tso, 'retireService', { serviceId: 'old' });
  });

  const terms: readonly Case[] = [
    ['reactive power in W', { serviceId: 'new', kind: 'reactive' }, 'VPP_SERVICE_TERMS'],
    ['var for active power', { serviceId: 'new', unit: 'var' }, 'VPP_SERVICE_TERMS'],
    ['a direction twice', { serviceId: 'new', directions: ['up', 'up'] }, 'VPP_SERVICE_TERMS'],
    ['a smallest bid between two steps', { serviceId: 'new', bidStepW: '300000' }, 'VPP_SERVICE_TERMS'],
    ['a step of nothing', { serviceId: 'new', bidStepW: '0' }, 'VPP_SERVICE_TERMS'],
    ['an activation longer than a slice', { serviceId: 'new', holdSlots: 17 }, 'VPP_SERVICE_TERMS'],
    ['buyers that are others', { serviceId: 'new', buyers: ['dso'] }, 'VPP_SERVICE_OTHERS'],
  ];
  it.each(terms)('a service with %s', async (problem, changes, code) => {
    expect(await scene.code(() => scene.publish(changes, callers.tso, problem))).toBe(code);
  });

  const requests: readonly Case[] = [
    ['999 kW of a service of 1 MW', { bidMinW: '999000' }, 'VPP_BID_BELOW_MINIMUM'],
    ['a volume of 999 kW', { volumeMaxW: '999000', bidMinW: '1000000' }, 'VPP_BID_BELOW_MINIMUM'],
    ['a volume between two steps', { volumeMaxW: '1500000' }, 'VPP_BID_STEP'],
    ['a least volume above the most', { bidMinW: '3000000' }, 'VPP_BID_STEP'],
    ['a direction that the service has not', { direction: 'symmetric' }, 'VPP_SERVICE_DIRECTION'],
    ['an unknown service', { serviceId: 'fcr' }, 'VPP_SERVICE_UNKNOWN'],
    ['a retired service', { serviceId: 'old' }, 'VPP_SERVICE_RETIRED'],
    ['answers after the begin', { answerBySlot: now + 33 }, 'VPP_PERIOD'],
    ['more than a week', { slices: 43 }, 'VPP_PERIOD'],
    ['answers that would be too late', { answerBySlot: now }, 'VPP_PERIOD_BEGUN'],
    ['a grid that nobody registered', { gridIds: ['rural-9'] }, 'GRID_UNKNOWN'],
    ['a grid twice', { gridIds: ['rural-1', 'rural-1'] }, 'VPP_NAMED_TWICE'],
  ];
  it.each(requests)('a request of %s', async (problem, changes, code) => {
    const ask = () => scene.submit(callers.tso, 'requestService', scene.request(changes), problem);
    expect(await scene.code(ask)).toBe(code);
  });

  it('a request of who may not buy: another operator, the market without a signature, a producer', async () => {
    const ask = (caller: typeof callers.dso | typeof callers.market) =>
      scene.code(() => scene.submit(caller, 'requestService', scene.request(), 'not a buyer'));
    expect(await ask(callers.dso)).toBe('VPP_BUYER_REFUSED');
    expect(await ask(callers.market)).toBe('VPP_BUYER_REFUSED');
    const { producer } = scene.flex;
    const signed = () => scene.send(producer, 'requestService', scene.request(), 'producer', callers.market);
    expect(await scene.code(signed)).toBe('VPP_BUYER_REFUSED');
    const unsigned = { ...scene.request(), participantId: producer.participantId };
    expect(await scene.code(() => scene.submit(callers.market, 'requestService', unsigned, 'unsigned'))).toBe(
      'SIGNATURE_INVALID',
    );
  });

  it('a change or the end of a service while a request is open, and the end of a request by others or twice', async () => {
    const { response } = await scene.submit(callers.tso, 'requestService', scene.request(), 'open');
    const requestId = String(response.requestId);
    expect(await scene.code(() => scene.publish({ name: 'Changed' }, callers.tso, 'changed'))).toBe(
      'VPP_SERVICE_IN_USE',
    );
    const retire = (caller: typeof callers.tso | typeof callers.dso) =>
      scene.code(() => scene.submit(caller, 'retireService', { serviceId: 'mfrr' }, 'in use'));
    expect(await retire(callers.tso)).toBe('VPP_SERVICE_IN_USE');
    expect(await retire(callers.dso)).toBe('VPP_SERVICE_OTHERS');
    const end = (caller: typeof callers.tso | typeof callers.dso, label: string, named = requestId) =>
      scene.code(() => scene.submit(caller, 'withdrawServiceRequest', { requestId: named }, label));
    expect(await end(callers.tso, 'unknown', `0${requestId.slice(1)}`)).toBe('VPP_REQUEST_UNKNOWN');
    expect(await end(callers.dso, 'others')).toBe('VPP_NOT_OWN_REQUEST');
    await scene.submit(callers.tso, 'withdrawServiceRequest', { requestId }, 'good');
    expect(await end(callers.tso, 'again')).toBe('VPP_REQUEST_CLOSED');
    expect((await scene.publish({ name: 'Changed' }, callers.tso, 'free')).response).toMatchObject({ version: 2 });
  });

  it('money of nobody who buys, and no money', async () => {
    const fund = (mspId: string, amountMicro: string) =>
      scene.code(() => scene.submit(callers.market, 'fundService', { mspId, amountMicro, reference: 'May' }, mspId));
    expect(await fund('CommunityMSP', '1')).toBe('VPP_BUYER_REFUSED');
    expect(await fund('TsoMSP', '0')).toBe('ACCOUNTS_AMOUNT_ZERO');
  });
});

describe('a test is refused', () => {
  let scene: VppScene;
  beforeAll(async () => {
    scene = await VppScene.create();
    await scene.publish();
    await scene.publish({ serviceId: 'fast', name: 'Fast', fullActivationSeconds: 30 });
    await scene.publish({ serviceId: 'old', name: 'Old' });
    await scene.submit(callers.tso, 'retireService', { serviceId: 'old' });
    await scene.ready(scene.made.bob, scene.batteryData());
    await scene.ready(scene.made.cyd, scene.pvData());
  });

  const test = (changes: JsonObject = {}) => ({
    subjectKind: 'asset',
    serviceId: 'mfrr',
    direction: 'up',
    firstSlot: testSlot,
    slots: 2,
    shares: [{ assetId: scene.assetIds.battery, powerW: '8000' }],
    ...changes,
  });

  it('with a code for each reason', async () => {
    const { battery, pump, pv } = scene.assetIds;
    const share = (assetId: string, powerW = '8000') => ({ assetId, powerW });
    const cases: readonly Case[] = [
      ['an asset twice', { shares: [share(battery), share(battery)], subjectKind: 'pool' }, 'VPP_NAMED_TWICE'],
      ['a begun slot', { firstSlot: now }, 'VPP_PERIOD_BEGUN'],
      ['no data', { shares: [share(pump)] }, 'VPP_DATA_UNKNOWN'],
      ['before its mandate', { firstSlot: now + 2 }, 'VPP_MANDATE_MISSING'],
      ['an unknown service', { serviceId: 'fcr' }, 'VPP_SERVICE_UNKNOWN'],
      ['a retired service', { serviceId: 'old' }, 'VPP_SERVICE_RETIRED'],
      ['no such direction', { direction: 'inductive' }, 'VPP_SERVICE_DIRECTION'],
      ['a pool of 8 kW', { subjectKind: 'pool' }, 'VPP_BID_BELOW_MINIMUM'],
      ['two assets as one', { shares: [share(battery), share(pv)] }, 'VPP_TEST_SHARES'],
      ['PV up', { shares: [share(pv)] }, 'VPP_BANDS_UNKNOWN'],
      ['above the band', { shares: [share(battery, '10001')] }, 'VPP_TEST_ABOVE_BAND'],
      ['longer than the band', { slots: 9 }, 'VPP_TEST_ABOVE_BAND'],
      ['a slow asset', { serviceId: 'fast' }, 'VPP_ASSET_TOO_SLOW'],
    ];
    for (const [problem, changes, code] of cases) {
      const start = () => scene.send(scene.made.aggregator, 'startTest', test(changes), problem);
      expect([problem, await scene.code(start)]).toEqual([problem, code]);
    }
    const byOwner = () => scene.send(scene.made.bob, 'startTest', test(), 'owner', callers.aggregator);
    expect(await scene.code(byOwner)).toBe('VPP_NOT_AGGREGATOR');
    const byRival = () => scene.send(scene.made.rival, 'startTest', test(), 'rival');
    expect(await scene.code(byRival)).toBe('VPP_MANDATE_MISSING');
  });

  it('of an asset that is promised elsewhere, that is under test, that is over, and that never was', async () => {
    const { aggregator } = scene.made;
    const start = (changes: JsonObject, label: string) =>
      scene.code(() => scene.send(aggregator, 'startTest', test(changes), label));
    const complete = (kind: string, label: string) => {
      const fields = { subjectId: scene.assetIds.battery, kind, direction: 'up' };
      return scene.code(() => scene.submit(callers.tso, 'completeTest', fields, label));
    };
    expect(await complete('mfrr', 'never')).toBe('VPP_TEST_UNKNOWN');
    await scene.send(aggregator, 'startTest', test(), 'good');
    expect(await start({}, 'again')).toBe('VPP_TEST_OPEN');
    // The hour before the other test is not the asset's own any more.
    expect(await start({ direction: 'down', firstSlot: testSlot + 4 }, 'promised')).toBe('VPP_TEST_PROMISED');
    expect(await complete('mfrr', 'early')).toBe('VPP_TEST_NOT_OVER');
  });
});
