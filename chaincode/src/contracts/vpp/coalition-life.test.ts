import { memberPromiseId, type JsonObject } from '@flexledger/domain';
import { callers } from '../../testing/actors';
import { CoalitionScene, coalitionSlots } from '../../testing/coalition-scene';

const first = coalitionSlots.firstSlot;

describe('a coalition', () => {
  it('forms, is called, hands over, is measured and verified; each step stands on the ledger', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const { battery, pump } = vpp.assetIds;
    const { bob } = vpp.made;
    const coalitionId = await scene.accepted();
    const { coalition } = await vpp.ask('getCoalition', { coalitionId });
    expect(coalition).toMatchObject({ state: 'ACCEPTED', publishes: true, memberCount: 2, keptPpm: '1000000' });
    // 8 kW of two slices of four hours: 64 kWh at 15,000 and 150,000 micro-units.
    expect(coalition).toMatchObject({ lockedMicro: '10560000' });
    const fund = await vpp.ask('getServiceFund', { mspId: 'TsoMSP' });
    expect(fund).toMatchObject({ availableMicro: '989440000', lockedMicro: '10560000' });

    await vpp.flex.tickTo(first);
    const { response: activation } = await scene.activate(coalitionId);
    const activationId = String(activation.activationId);
    expect(activation).toMatchObject({ dueMinute: (first + 1) * 15, state: 'SIGNALLED' });
    const { response: dispatch } = await scene.dispatch(activationId, { [battery]: '4000' });
    expect(dispatch).toMatchObject({ revision: 1, assets: 1, totalsW: ['4000', '4000'], shortW: '0' });
    const opened = scene.opened({ [battery]: '4000' });
    await vpp.submit(callers.community, 'acknowledgeDispatch', {
      entries: [scene.acknowledgement(bob, activationId, battery, opened)],
    });
    expect((await vpp.ask('listAcknowledgements', { activationId })).rows).toMatchObject([{ assetId: battery }]);

    await vpp.flex.tickTo(first + 1);
    const stopMinute = (first + 1) * 15 + 3;
    const handing = { activationId, fromAssetId: battery, stopMinute };
    const { response: handed } = await vpp.send(vpp.made.aggregator, 'handOver', handing);
    expect(handed.handover).toMatchObject({
      takeoverMinute: stopMinute + 1,
      lostW: '4000',
      missingW: '0',
      takenOver: [{ assetId: pump, powerW: '4000', seconds: 39 }],
    });

    const [one, two] = [first + 1, first + 2];
    await vpp.flex.tickTo(first + 2);
    const minutesW = Array.from({ length: 15 }, (_, minute) => minutePower(minute));
    const telemetry = await scene.commit(coalitionId, one, minutesW);
    expect((await scene.open(coalitionId, one, telemetry)).response).toMatchObject({ isOpened: true });
    await vpp.flex.tickTo(first + 5);
    await scene.measureTo(vpp.made.meters.bob, two, [0n, 0n], { [one]: [0n, 200n] });
    await scene.measureTo(vpp.made.meters.ann, two, [1_500n, 0n], { [one]: [767n, 0n], [two]: [500n, 0n] });
    const { response: delivered } = await vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot: one }, 'one');
    expect(delivered).toMatchObject({
      askedWh: '933',
      deliveredWh: '933',
      shortfallWh: '0',
      // The minute of the hand-over is what the product allows: nothing is due in it.
      minutes: { due: 14, kept: 14 },
      flags: [],
    });
    expect(memberOf(delivered, battery)).toMatchObject({ askedWh: '200', deliveredWh: '200', flags: ['DROPPED_OUT'] });
    expect(memberOf(delivered, pump)).toMatchObject({ askedWh: '733', deliveredWh: '733', flags: [] });
    await vpp.submit(callers.aggregator, 'verifyDelivery', { coalitionId, slot: two }, 'two');
    const { response: completed } = await vpp.submit(callers.tso, 'completeActivation', { activationId });
    expect(completed).toMatchObject({ state: 'COMPLETED', result: { askedWh: '1933', shortfallWh: '0' } });

    await vpp.flex.tickTo(coalitionSlots.endSlot);
    const { response: verified } = await vpp.submit(callers.tso, 'verifyCoalition', { coalitionId });
    expect(verified).toMatchObject({ state: 'VERIFIED' });
    expect((await vpp.ask('listDeliveries', { coalitionId })).rows).toHaveLength(2);
    expect((await vpp.ask('listActivations', { coalitionId })).rows).toMatchObject([{ state: 'COMPLETED' }]);
    const { dispatches, handovers } = await vpp.ask('listDispatches', { activationId });
    expect([(dispatches as unknown[]).length, (handovers as unknown[]).length]).toEqual([2, 1]);
  });

  it('books what its members promise in the same transaction, and releases it where it expires', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const { response } = await scene.propose();
    const coalitionId = String(response.coalitionId);
    const { battery } = vpp.assetIds;
    const booked = async (): Promise<readonly JsonObject[]> => {
      const asked = { assetId: battery, slot: first };
      return (await vpp.ledger.evaluate(callers.community, 'market:getCommitments', asked)).commitments as JsonObject[];
    };
    expect(await booked()).toMatchObject([
      { purpose: 'vpp', direction: 'up', promiseId: memberPromiseId(coalitionId as never, battery), firstSlot: first },
    ]);
    expect((await vpp.ask('getDuties', { assetId: battery, day: first })).duties).toHaveLength(1);
    await vpp.flex.tickTo(coalitionSlots.acceptBySlot);
    await vpp.submit(callers.dso, 'expireCoalition', { coalitionId });
    expect(await booked()).toEqual([]);
    expect((await vpp.ask('getDuties', { assetId: battery, day: first })).duties).toEqual([]);
  });

  it('goes on without a silent member, and offers what the others keep', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const coalitionId = String((await scene.propose()).response.coalitionId);
    await vpp.flex.tickTo(coalitionSlots.consentBySlot);
    const { response } = await vpp.submit(callers.aggregator, 'concludeConsents', { coalitionId });
    expect(response.slices).toMatchObject([{ offeredW: '5000' }, { offeredW: '5000' }]);
    expect((await vpp.ask('getDuties', { assetId: vpp.assetIds.pump, day: first })).duties).toEqual([]);
    expect((await vpp.ask('listMembers', { coalitionId })).rows).toContainEqual(
      expect.objectContaining({ assetId: vpp.assetIds.pump, consent: 'declined' }),
    );
  });

  it('lets a member leave between slices: what it promised before stands, and the aggregator is told what is missing', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first + 3);
    const fromSlot = coalitionSlots.secondSlice;
    const leaving = { coalitionId, assetIds: [vpp.assetIds.pump], fromSlot };
    const { event } = await vpp.send(vpp.made.ann, 'leaveCoalition', leaving);
    expect((event?.facts as JsonObject[])[0]).toMatchObject({ type: 'CoalitionLeft', uncoveredSlots: [fromSlot] });
    const { duties } = await vpp.ask('getDuties', { assetId: vpp.assetIds.pump, day: first });
    const slots = (duties as { slots: number[] }[]).flatMap((duty) => duty.slots);
    expect(Math.max(...slots)).toBeLessThan(fromSlot);
  });

  it('that delivers less is flagged for the member that did; the others are not harmed', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const { battery, pump } = vpp.assetIds;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first);
    const { response } = await scene.activate(coalitionId, { powerW: '8000' });
    await scene.dispatch(String(response.activationId), { [battery]: '6000', [pump]: '2000' });
    await vpp.flex.tickTo(first + 4);
    await scene.measureTo(vpp.made.meters.bob, first + 1, [0n, 0n], { [first + 1]: [0n, 1_500n] });
    await scene.measureTo(vpp.made.meters.ann, first + 1, [1_500n, 0n]);
    const { event, response: delivered } = await vpp.submit(callers.tso, 'verifyDelivery', {
      coalitionId,
      slot: first + 1,
    });
    expect(delivered).toMatchObject({ askedWh: '2000', deliveredWh: '1500', shortfallWh: '500' });
    expect(delivered.flags).toEqual(['NO_TELEMETRY', 'SHORT']);
    expect(memberOf(delivered, battery)).toMatchObject({ askedWh: '1500', deliveredWh: '1500', flags: [] });
    expect(memberOf(delivered, pump)).toMatchObject({ askedWh: '500', deliveredWh: '0', flags: ['SHORT'] });
    expect(event?.facts).toContainEqual(expect.objectContaining({ type: 'DeliveryDeviation', assetId: pump }));
  });

  it('whose telemetry is not what the meters counted is told to lie', async () => {
    const scene = await CoalitionScene.create();
    const { vpp } = scene;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first);
    const { response } = await scene.activate(coalitionId);
    await scene.dispatch(String(response.activationId), { [vpp.assetIds.battery]: '4000' });
    await vpp.flex.tickTo(first + 2);
    const boasting = Array.from({ length: 15 }, () => ['6000', '4000'] as const);
    await scene.open(coalitionId, first + 1, await scene.commit(coalitionId, first + 1, boasting));
    await scene.measureTo(vpp.made.meters.bob, first + 1, [0n, 0n]);
    await scene.measureTo(vpp.made.meters.ann, first + 1, [1_500n, 0n]);
    const { response: delivered } = await vpp.submit(callers.tso, 'verifyDelivery', { coalitionId, slot: first + 1 });
    expect(delivered.flags).toEqual(['TELEMETRY_LIE', 'SHORT']);
  });

  it('that follows the frequency is settled from its committed minutes', async () => {
    const fcr = {
      serviceId: 'fcr',
      kind: 'fcr',
      directions: ['symmetric'],
      settledBy: 'telemetry',
      fullActivationSeconds: 30,
      holdSlots: 1,
    };
    const scene = await CoalitionScene.create(fcr, {}, { direction: 'symmetric' });
    const { vpp } = scene;
    const { battery } = vpp.assetIds;
    scene.plan([{ assetId: battery, owner: vpp.made.bob.participantId, powerW: '6000' }], '4000');
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first + 1);
    const followed = Array.from({ length: 15 }, () => ['0', '2000'] as const);
    await scene.open(coalitionId, first, await scene.commit(coalitionId, first, followed));
    const asked = { coalitionId, slot: first };
    expect(await vpp.code(() => vpp.submit(callers.tso, 'verifyDelivery', asked, 'early'))).toBe('VPP_SIGNAL_MISSING');
    const belowMilliHertz = Array.from({ length: 15 }, () => 100);
    const aboveMilliHertz = Array.from({ length: 15 }, () => 0);
    await vpp.submit(callers.tso, 'stateFrequency', { slot: first, belowMilliHertz, aboveMilliHertz });
    await scene.measureTo(vpp.made.meters.bob, first, [0n, 0n], { [first]: [0n, 500n] });
    const { response } = await vpp.submit(callers.tso, 'verifyDelivery', asked);
    expect(response).toMatchObject({ askedWh: '500', deliveredWh: '500', minutes: { due: 15, kept: 15 }, flags: [] });
  });
});

/** 4 kW of the battery for three minutes, of nobody in the fourth, then of the heat pump; its owner takes 6 kW without a call. */
function minutePower(minute: number): readonly [string, string] {
  if (minute < 3) {
    return ['6000', '4000'];
  }
  return minute === 3 ? ['6000', '0'] : ['2000', '0'];
}

function memberOf(delivery: JsonObject, assetId: string): JsonObject | undefined {
  return (delivery.members as JsonObject[]).find((member) => member.assetId === assetId);
}
