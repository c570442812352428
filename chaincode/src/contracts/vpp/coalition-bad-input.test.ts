import type { JsonObject } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { CoalitionScene, coalitionSlots } from '../../testing/coalition-scene';

const first = coalitionSlots.firstSlot;
const otherTso = { mspId: 'DsoMSP', role: 'dso' };

describe('a proposal is refused', () => {
  let scene: CoalitionScene;
  beforeAll(async () => (scene = await CoalitionScene.create({ membersMin: 2 })));

  it('without a plan, from another aggregator and for a request that the plan does not serve', async () => {
    const code = (changes: JsonObject, label: string) => scene.vpp.code(() => scene.propose(changes, label));
    expect(await code({ planId: scene.requestId }, 'plan')).toBe('VPP_PLAN_UNKNOWN');
    expect(await code({ requestId: scene.planId }, 'request')).toMatch(/VPP_(PLAN|REQUEST)_UNKNOWN/);
    const { rival } = scene.vpp.made;
    expect(await scene.vpp.code(() => scene.propose({}, 'rival', rival))).toBe('VPP_NOT_OWN_COALITION');
  });

  it('of a storage that holds less than can be called of it', async () => {
    const other = await CoalitionScene.create();
    const { assetIds, made } = other.vpp;
    const { storage } = other.vpp.batteryData() as JsonObject & { storage: JsonObject };
    // 6 kW for a quarter of eight hours are 12,000 Wh; 3,800 are there.
    const spent = other.vpp.batteryData({ storage: { ...storage, storedWh: '8000' } });
    await other.vpp.send(made.bob, 'fileTechnicalData', spent, 'spent');
    await other.vpp.fileBands(assetIds.battery, {}, 'spent');
    expect(await other.vpp.code(() => other.propose())).toBe('COMMITMENTS_STORAGE');
  });

  it('of nobody, of fewer than the service asks for, of an asset without a mandate, for no slice and above a band', async () => {
    const [battery] = scene.members();
    const refused = async (label: string, members: Parameters<CoalitionScene['plan']>[0], servedW = '4000') => {
      scene.plan(members, servedW);
      return scene.vpp.code(() => scene.propose({}, label));
    };
    expect(await refused('nobody', [])).toBe('VPP_COALITION_EMPTY');
    expect(await refused('alone', battery === undefined ? [] : [battery])).toBe('VPP_COALITION_TOO_SMALL');
    const pv = { assetId: scene.vpp.assetIds.pv, owner: scene.vpp.made.cyd.participantId, powerW: '4000' };
    expect(await refused('mandate', [...scene.members(), pv])).toBe('VPP_MANDATE_MISSING');
    expect(await refused('slices', scene.members(), '0')).toBe('VPP_COALITION_UNCOVERED');
    const wide = scene.members().map((member) => ({ ...member, powerW: '20000' }));
    expect(await refused('capacity', wide)).toBe('COMMITMENTS_CAPACITY');
    scene.plan();
  });

  it('with times in the wrong order, and of members who serve another one in the same slots', async () => {
    const times = { consentBySlot: coalitionSlots.acceptBySlot, acceptBySlot: coalitionSlots.consentBySlot };
    expect(await scene.vpp.code(() => scene.propose(times, 'times'))).toBe('VPP_COALITION_TIMES');
    await scene.propose();
    expect(await scene.vpp.code(() => scene.propose({}, 'again'))).toBe('VPP_COALITION_EXISTS');
    const half = scene.members().map((member) => ({ ...member, powerW: '2000' }));
    const planId = scene.requestId;
    scene.plan(half, '2000', planId);
    expect(await scene.vpp.code(() => scene.propose({ planId }, 'second'))).toBe('VPP_MEMBER_TAKEN');
  });
});

describe('a step of a coalition is refused', () => {
  it('from who is not its member, its aggregator or its buyer, and before its time', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const { ann, bob, aggregator, rival } = vpp.made;
    const { pump, pv } = vpp.assetIds;
    const coalitionId = String((await scene.propose()).response.coalitionId);
    const named = { coalitionId, assetIds: [pump], publishes: true };
    expect(await vpp.code(() => vpp.send(bob, 'consentCoalition', named))).toBe('VPP_ASSET_NOT_OWN');
    const stranger = { ...named, assetIds: [pv] };
    expect(await vpp.code(() => vpp.send(ann, 'consentCoalition', stranger))).toBe('VPP_MEMBER_UNKNOWN');
    const unknown = { ...named, coalitionId: scene.planId };
    expect(await vpp.code(() => vpp.send(ann, 'consentCoalition', unknown))).toBe('VPP_COALITION_UNKNOWN');
    expect(await vpp.code(() => vpp.submit(callers.aggregator, 'concludeConsents', { coalitionId }))).toBe(
      'VPP_CONSENT_OPEN',
    );
    expect(await vpp.code(() => vpp.send(aggregator, 'offerCapacity', { coalitionId }))).toBe('VPP_COALITION_STATE');
    await vpp.send(ann, 'consentCoalition', named);
    await vpp.submit(callers.aggregator, 'concludeConsents', { coalitionId });
    expect(await vpp.code(() => vpp.send(rival, 'offerCapacity', { coalitionId }))).toBe('VPP_NOT_OWN_COALITION');
    await vpp.send(aggregator, 'offerCapacity', { coalitionId });
    expect(await vpp.code(() => vpp.submit(otherTso, 'acceptOffer', { coalitionId }))).toBe('VPP_NOT_BUYER');
    expect(await vpp.code(() => vpp.submit(callers.dso, 'expireCoalition', { coalitionId }))).toBe(
      'VPP_COALITION_NOT_EXPIRED',
    );
    await vpp.submit(callers.tso, 'acceptOffer', { coalitionId });
    await vpp.flex.tickTo(first + 2);
    const leaving = { coalitionId, assetIds: [pump] };
    const leave = (fromSlot: number) =>
      vpp.code(() => vpp.send(ann, 'leaveCoalition', { ...leaving, fromSlot }, String(fromSlot)));
    expect([await leave(first), await leave(first + 5)]).toEqual(['VPP_LEAVE_IN_SLICE', 'VPP_LEAVE_IN_SLICE']);
  });
});

describe('a call outside the contract is refused', () => {
  let scene: CoalitionScene;
  let coalitionId: string;
  beforeAll(async () => {
    scene = await CoalitionScene.create();
    coalitionId = await scene.accepted();
    await scene.vpp.flex.tickTo(first);
  });

  it.each([
    ['of more than is promised', { powerW: '8001' }, 'VPP_ACTIVATION_POWER'],
    ['of nothing', { powerW: '0' }, 'VPP_ACTIVATION_POWER'],
    ['in the other direction', { direction: 'down' }, 'VPP_ACTIVATION_DIRECTION'],
    ['in a slice that there is not', { slice: 9 }, 'VPP_SLICE_UNKNOWN'],
    ['with a signal of the past', { signalMinute: (first - 1) * 15 }, 'VPP_ACTIVATION_SIGNAL'],
    ['in a slice that has not begun', { slice: 1 }, 'VPP_ACTIVATION_OUTSIDE'],
    ['for longer than the service is called', { periods: 5 }, 'VPP_ACTIVATION_TOO_LONG'],
  ])('%s', async (label, changes, code) => {
    expect(await scene.vpp.code(() => scene.activate(coalitionId, changes, label))).toBe(code);
  });

  it('by another one, and while another one lasts', async () => {
    expect(await scene.vpp.code(() => scene.activate(coalitionId, {}, 'other', otherTso))).toBe('VPP_NOT_BUYER');
    await scene.activate(coalitionId);
    expect(await scene.vpp.code(() => scene.activate(coalitionId, {}, 'twice'))).toBe('VPP_ACTIVATION_OVERLAP');
  });
});

describe('a dispatch is refused', () => {
  it('above a promise, off the call, to a frozen asset, with another digest and twice; a hand-over of nothing too', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const { battery, pump } = vpp.assetIds;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first);
    const activationId = String((await scene.activate(coalitionId)).response.activationId);
    const code = (powers: Record<string, string>, label: string, changes: JsonObject = {}) =>
      vpp.code(() => scene.dispatch(activationId, powers, label, changes));
    expect(await code({ [battery]: '6001' }, 'above')).toBe('VPP_SETPOINT_CAPACITY');
    expect(await code({ [battery]: '4001' }, 'more')).toBe('VPP_SETPOINT_TOTAL');
    expect(await code({ [battery]: '3999' }, 'less')).toBe('VPP_SETPOINT_TOTAL');
    expect(await code({ [vpp.assetIds.pv]: '4000' }, 'stranger')).toBe('VPP_SETPOINT_MEMBER');
    expect(await code({ [battery]: '4000' }, 'root', { root: 'A'.repeat(43) })).toBe('VPP_DISPATCH_MISMATCH');
    const step = (name: string) => {
      const request = { commandId: command(name), assetIds: [battery], reason: 'Smoke' };
      return vpp.ledger.submit(callers.dso, `registry:${name}`, request);
    };
    await step('freezeAssets');
    expect(await code({ [battery]: '4000' }, 'frozen')).toBe('VPP_SETPOINT_OFFLINE');
    await step('unfreezeAssets');
    await scene.dispatch(activationId, { [battery]: '4000' });
    expect(await code({ [battery]: '4000' }, 'twice')).toBe('VPP_DISPATCH_EXISTS');
    const handing = { activationId, fromAssetId: pump, stopMinute: first * 15 + 3 };
    expect(await vpp.code(() => vpp.send(vpp.made.aggregator, 'handOver', handing))).toBe('VPP_HANDOVER_NOTHING');
    const past = { ...handing, fromAssetId: battery, stopMinute: (first - 9) * 15 };
    expect(await vpp.code(() => vpp.send(vpp.made.aggregator, 'handOver', past, 'past'))).toBe('VPP_HANDOVER_MINUTE');
    const telemetry = { coalitionId, slot: first, commitment: 'A'.repeat(43) };
    const commit = () => vpp.code(() => vpp.send(vpp.made.aggregator, 'commitTelemetry', telemetry));
    expect(await commit()).toBe('VPP_TELEMETRY_EARLY');
    await vpp.flex.tickTo(first + 2);
    expect(await commit()).toBe('VPP_TELEMETRY_LATE');
    expect(await vpp.code(() => vpp.submit(callers.tso, 'completeActivation', { activationId }))).toBe(
      'VPP_DELIVERY_UNVERIFIED',
    );
    expect(await vpp.code(() => vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot: first + 1 }))).toBe(
      'VPP_DELIVERY_EARLY',
    );
  });
});
