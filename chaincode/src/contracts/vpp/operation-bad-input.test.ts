import { exampleVppRules, type AssetId, type JsonObject } from '@flexledger/domain';
import { callers, firstSlot as now, idOf } from '../../testing/actors';
import { CoalitionScene, coalitionSlots } from '../../testing/coalition-scene';
import type { MemoryCaller } from '../../testing/memory-ledger';

const first = coalitionSlots.firstSlot;
const [one, two] = [first + 1, first + 2];
const nobody = idOf<AssetId>('nobody');
const afrr = { serviceId: 'afrr', kind: 'afrr', settledBy: 'telemetry', fullActivationSeconds: 300 };
const minutes = (value: string) => Array.from({ length: 15 }, () => value);
const still = Array.from({ length: 15 }, () => ['0', '0'] as const);

describe('a dispatch and what follows from it are refused', () => {
  let scene: CoalitionScene;
  let activationId: string;
  let coalitionId: string;
  const code = (attempt: () => Promise<unknown>) => scene.vpp.code(attempt);

  beforeAll(async () => {
    scene = await CoalitionScene.create();
    coalitionId = await scene.accepted();
    await scene.vpp.flex.tickTo(first);
    activationId = String((await scene.activate(coalitionId)).response.activationId);
  });

  const handOver = (changes: JsonObject, label: string) => {
    const { aggregator } = scene.vpp.made;
    const handing = { activationId, fromAssetId: scene.vpp.assetIds.battery, stopMinute: first * 15 + 3, ...changes };
    return scene.vpp.send(aggregator, 'handOver', handing, label);
  };

  it('of a call that there is not', async () => {
    const { battery } = scene.vpp.assetIds;
    expect(await code(() => scene.dispatch(nobody, { [battery]: '4000' }))).toBe('VPP_ACTIVATION_UNKNOWN');
    expect(await code(() => handOver({ activationId: nobody }, 'unknown'))).toBe('VPP_ACTIVATION_UNKNOWN');
    const completing = { activationId: nobody };
    expect(await code(() => scene.vpp.submit(callers.tso, 'completeActivation', completing))).toBe(
      'VPP_ACTIVATION_UNKNOWN',
    );
  });

  it('before there is a dispatch to acknowledge or to hand over', async () => {
    const { assetIds, made } = scene.vpp;
    const entry = acknowledged(scene, made.bob, activationId, assetIds.battery);
    expect(await code(() => acknowledge(scene, [entry], 'soon'))).toBe('VPP_DISPATCH_UNKNOWN');
    expect(await code(() => handOver({}, 'soon'))).toBe('VPP_DISPATCH_UNKNOWN');
  });

  it('with set-points that the asset cannot carry out (B48)', async () => {
    const { battery, pump } = scene.vpp.assetIds;
    const refused = (powers: Readonly<Record<string, string | readonly string[]>>, label: string) =>
      code(() => scene.dispatch(activationId, powers, label));
    expect(await refused({ [battery]: '6001' }, 'above')).toBe('VPP_SETPOINT_CAPACITY');
    expect(await refused({ [battery]: ['4000'] }, 'a period too few')).toBe('VPP_SETPOINT_MEMBER');
    expect(await refused({ [nobody]: '4000' }, 'stranger')).toBe('VPP_SETPOINT_MEMBER');
    expect(await refused({ [battery]: ['4000', '3000'], [pump]: ['0', '0'] }, 'off the call')).toBe(
      'VPP_SETPOINT_TOTAL',
    );
  });

  it("acknowledged by who is not the asset's owner, for another set-point, too late, forged, or twice", async () => {
    const { assetIds, made } = scene.vpp;
    const { battery, pump, pv } = assetIds;
    await scene.dispatch(activationId, { [battery]: '4000' });
    const entryOf = (changes: JsonObject = {}, signer = made.bob, assetId: string = battery) =>
      acknowledged(scene, signer, activationId, assetId, changes);
    const refused = (entry: JsonObject, label: string) => code(() => acknowledge(scene, [entry], label));
    expect(await refused(entryOf({}, made.ann), 'other')).toBe('VPP_ASSET_NOT_OWN');
    expect(await refused(entryOf({}, made.cyd, pv), 'stranger')).toBe('VPP_MEMBER_UNKNOWN');
    expect(await refused(entryOf({ leaf: 'A'.repeat(43) }), 'leaf')).toBe('VPP_DISPATCH_MISMATCH');
    expect(await refused(entryOf({}, made.ann, pump), 'not dispatched')).toBe('VPP_DISPATCH_MISMATCH');
    expect(await refused(entryOf({ revision: 2 }), 'revision')).toBe('VPP_DISPATCH_UNKNOWN');
    expect(await refused(entryOf({ expirySlot: now }), 'expired')).toBe('SIGNATURE_EXPIRED');
    const refusing = { ...entryOf(), isAccepted: false };
    expect(await refused(refusing, 'forged')).toBe('SIGNATURE_INVALID');
    await acknowledge(scene, [entryOf()], 'good');
    expect(await refused(entryOf({ isAccepted: false }), 'twice')).toBe('VPP_ACKNOWLEDGED');
    expect((await scene.vpp.ask('listAcknowledgements', { activationId })).rows).toMatchObject([
      { assetId: battery, isAccepted: true },
    ]);
  });

  it('once the call has ended, or was completed', async () => {
    const { vpp } = scene;
    await vpp.flex.tickTo(first + 4);
    expect(await code(() => handOver({ stopMinute: (first + 2) * 15 + 14 }, 'late'))).toBe('VPP_DISPATCH_LATE');
    await scene.measureTo(vpp.made.meters.bob, two, [0n, 0n], { [one]: [0n, 1_000n], [two]: [0n, 1_000n] });
    await scene.measureTo(vpp.made.meters.ann, two, [1_500n, 0n]);
    for (const slot of [one, two]) {
      await vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot }, String(slot));
    }
    await vpp.submit(callers.tso, 'completeActivation', { activationId });
    const again = () => vpp.submit(callers.tso, 'completeActivation', { activationId }, 'again');
    expect(await code(again)).toBe('VPP_ACTIVATION_STATE');
    expect(await code(() => handOver({}, 'completed'))).toBe('VPP_ACTIVATION_STATE');
  });

  it('where nobody has dispatched in time', async () => {
    const other = await CoalitionScene.create();
    const called = await other.accepted();
    await other.vpp.flex.tickTo(first);
    const late = String((await other.activate(called)).response.activationId);
    await other.vpp.flex.tickTo(first + 3);
    expect(await other.vpp.code(() => other.dispatch(late, { [other.vpp.assetIds.battery]: '4000' }))).toBe(
      'VPP_DISPATCH_LATE',
    );
  });
});

describe('telemetry and schedules are refused', () => {
  it('for a slot in which nothing is promised, twice, uncommitted and opened as something else', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(one);
    const committing = (slot: number) => vpp.code(() => scene.commit(coalitionId, slot, still));
    expect(await committing(first - 1)).toBe('VPP_TELEMETRY_SLOT');
    expect(await committing(one)).toBe('VPP_TELEMETRY_EARLY');
    const opened = await scene.commit(coalitionId, first, still);
    const commitment = { coalitionId, slot: first, commitment: 'A'.repeat(43) };
    const again = () => vpp.send(vpp.made.aggregator, 'commitTelemetry', commitment, 'again');
    expect(await vpp.code(again)).toBe('VPP_TELEMETRY_EXISTS');
    const rival = () => vpp.send(vpp.made.rival, 'commitTelemetry', commitment);
    expect(await vpp.code(rival)).toBe('VPP_NOT_OWN_COALITION');
    const refused = (slot: number, changes: JsonObject, label: string) =>
      vpp.code(() => scene.open(coalitionId, slot, { ...opened, ...changes }, label));
    expect(await refused(one, {}, 'uncommitted')).toBe('VPP_TELEMETRY_UNKNOWN');
    const better = Array.from({ length: 15 }, () => ({ importW: '0', exportW: '8000' }));
    expect(await refused(first, { minutes: better }, 'other')).toBe('VPP_TELEMETRY_MISMATCH');
    await scene.open(coalitionId, first, opened);
    expect(await refused(first, {}, 'twice')).toBe('VPP_TELEMETRY_EXISTS');
  });

  it('as a baseline of other slots, of a stranger, and once the first slice has begun', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const coalitionId = await scene.accepted();
    const usual = Array.from({ length: 32 }, () => ({ importWh: '1500', exportWh: '0' }));
    const declare = (label: string, slots: JsonObject[], assetId: string = vpp.assetIds.pump) => {
      const schedules = [{ assetId, slots }];
      return vpp.send(vpp.made.aggregator, 'declareSchedule', { coalitionId, schedules }, label);
    };
    expect(await vpp.code(() => declare('short', usual.slice(1)))).toBe('VPP_SCHEDULE_SLOTS');
    expect(await vpp.code(() => declare('stranger', usual, vpp.assetIds.pv))).toBe('VPP_MEMBER_UNKNOWN');
    expect((await declare('good', usual)).response).toEqual({ count: 1 });
    await vpp.flex.tickTo(first);
    expect(await vpp.code(() => declare('late', usual))).toBe('VPP_SCHEDULE_LATE');
  });
});

describe('a service that follows set-points', () => {
  it('is measured minute by minute against what its buyer has stated, and refuses to be called or misstated', async () => {
    const scene = await CoalitionScene.create(afrr);
    const { vpp } = scene;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first);
    expect(await vpp.code(() => scene.activate(coalitionId))).toBe('VPP_ACTIVATION_BY_TELEMETRY');
    const state = (label: string, changes: JsonObject = {}, caller: MemoryCaller = callers.tso) => {
      const said = { coalitionId, slot: first, upW: minutes('4000'), downW: minutes('0'), ...changes };
      return vpp.submit(caller, 'stateSignals', said, label);
    };
    const refused = (...asked: Parameters<typeof state>) => vpp.code(() => state(...asked));
    expect(await refused('early')).toBe('VPP_TELEMETRY_EARLY');
    await vpp.flex.tickTo(one);
    expect(await refused('other', {}, { mspId: 'DsoMSP', role: 'dso' })).toBe('VPP_NOT_BUYER');
    expect(await refused('outside', { slot: first - 1 })).toBe('VPP_TELEMETRY_SLOT');
    expect(await refused('both ways', { downW: minutes('1') })).toBe('VPP_SIGNAL_SHAPE');
    await state('good');
    expect(await refused('twice')).toBe('VPP_SIGNAL_EXISTS');
    // 4 kW all the time: the battery gives them but for the last three minutes.
    const given = Array.from({ length: 15 }, (_, at) => ['6000', at < 12 ? '4000' : '1000'] as const);
    await scene.open(coalitionId, first, await scene.commit(coalitionId, first, given));
    await scene.measureTo(vpp.made.meters.bob, first, [0n, 0n], { [first]: [0n, 850n] });
    await scene.measureTo(vpp.made.meters.ann, first, [1_500n, 0n]);
    const { response } = await vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot: first });
    expect(response).toMatchObject({ askedWh: '1000', deliveredWh: '850', shortfallWh: '150' });
    expect(response).toMatchObject({ minutes: { due: 15, kept: 12 }, flags: ['SHORT'] });
    await vpp.flex.tickTo(first + 3);
    expect(await refused('late', { slot: one })).toBe('VPP_TELEMETRY_LATE');
    const missing = { coalitionId, slot: one };
    expect(await vpp.code(() => vpp.submit(callers.tso, 'verifyDelivery', missing, 'missing'))).toBe(
      'VPP_SIGNAL_MISSING',
    );
  });

  it('is not what a reserve does that is called, and a frequency is stated once, one way, after its slot', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(one);
    const signals = { coalitionId, slot: first, upW: minutes('1'), downW: minutes('0') };
    expect(await vpp.code(() => vpp.submit(callers.tso, 'stateSignals', signals))).toBe('VPP_TELEMETRY_SLOT');
    const [low, none] = [Array.from({ length: 15 }, () => 20), Array.from({ length: 15 }, () => 0)];
    const state = (label: string, slot: number, aboveMilliHertz: number[]) => {
      const said = { slot, belowMilliHertz: low, aboveMilliHertz };
      return vpp.submit(callers.tso, 'stateFrequency', said, label);
    };
    const refused = (...asked: Parameters<typeof state>) => vpp.code(() => state(...asked));
    expect(await refused('early', one, none)).toBe('VPP_TELEMETRY_EARLY');
    expect(await refused('both', first, low)).toBe('VPP_SIGNAL_SHAPE');
    await state('good', first, none);
    expect(await refused('twice', first, none)).toBe('VPP_SIGNAL_EXISTS');
  });
});

describe('what a coalition promises', () => {
  it('stands in the books of its assets and of their connections, so that nobody sells it as well (B33)', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    await vpp.flex.changeRules({ vpp: exampleVppRules, commitments: true }, 4);
    await scene.propose();
    const { bob } = vpp.made;
    for (const assetId of [vpp.assetIds.battery, bob.participantId]) {
      const { commitments } = await vpp.ledger.evaluate(callers.dso, 'market:getCommitments', { assetId, slot: first });
      expect(commitments).toMatchObject([{ purpose: 'vpp', direction: 'up' }]);
    }
  });

  it('is refused where it is unlikely to be kept, or nothing measures a member alone', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    // Nine tenths of 10 kW are firm.
    scene.plan(scene.members(), '10000');
    expect(await vpp.code(() => scene.propose({}, 'unlikely'))).toBe('VPP_COALITION_UNRELIABLE');
    const { ann } = vpp.made;
    const assetId = idOf<AssetId>('unmetered heat pump of ann');
    const unmetered = { assetId, participantId: ann.participantId, kind: 'heat-pump', ratedPowerW: '6000' };
    await vpp.made.registerAssets([unmetered]);
    scene.plan([...scene.members(), { assetId, owner: ann.participantId, powerW: '4000' }]);
    expect(await vpp.code(() => scene.propose({}, 'unmetered'))).toBe('VPP_MEMBER_UNMETERED');
  });

  it('stays under seal where an owner wants it, and counts all the same', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const { ann, aggregator } = vpp.made;
    const coalitionId = String((await scene.propose()).response.coalitionId);
    const consent = { coalitionId, assetIds: [vpp.assetIds.pump], publishes: false };
    await vpp.send(ann, 'consentCoalition', consent);
    await vpp.submit(callers.aggregator, 'concludeConsents', { coalitionId });
    await vpp.send(aggregator, 'offerCapacity', { coalitionId });
    await vpp.submit(callers.tso, 'acceptOffer', { coalitionId });
    await vpp.flex.tickTo(first);
    const { response } = await scene.activate(coalitionId);
    await scene.dispatch(String(response.activationId), { [vpp.assetIds.battery]: '4000' });
    await vpp.flex.tickTo(two);
    const given = Array.from({ length: 15 }, () => ['6000', '4000'] as const);
    const { response: row } = await scene.open(coalitionId, one, await scene.commit(coalitionId, one, given));
    expect(row).toMatchObject({ isOpened: true });
    expect(row).not.toHaveProperty('minutes');
    const { telemetry } = await vpp.ask('getTelemetry', { coalitionId, slot: one });
    expect(telemetry).not.toHaveProperty('minutes');
    await scene.measureTo(vpp.made.meters.bob, one, [0n, 0n], { [one]: [0n, 1_000n] });
    await scene.measureTo(vpp.made.meters.ann, one, [1_500n, 0n]);
    const { response: delivered } = await vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot: one });
    expect(delivered).toMatchObject({ deliveredWh: '1000', minutes: { due: 15, kept: 15 }, flags: [] });
  });
});

function acknowledged(
  scene: CoalitionScene,
  signer: CoalitionScene['vpp']['made']['bob'],
  activationId: string,
  assetId: string,
  changes: JsonObject = {},
): JsonObject {
  const opened = scene.opened({ [scene.vpp.assetIds.battery]: '4000' });
  return scene.acknowledgement(signer, activationId, assetId, opened, changes);
}

function acknowledge(scene: CoalitionScene, entries: JsonObject[], label: string) {
  return scene.vpp.submit(callers.community, 'acknowledgeDispatch', { entries }, label);
}
