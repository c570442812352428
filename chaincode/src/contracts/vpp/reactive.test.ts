import { varh, type JsonObject } from '@flexledger/domain';
import { callers, record, type MeterAgent } from '../../testing/actors';
import { CoalitionScene, coalitionSlots } from '../../testing/coalition-scene';

const first = coalitionSlots.firstSlot;
const [one, two] = [first + 1, first + 2];

const powerFactorService = {
  serviceId: 'power-factor',
  kind: 'reactive',
  directions: ['inductive', 'capacitive'],
  unit: 'var',
  fullActivationSeconds: 60,
  handoverSecondsMax: 60,
};

/** 80 kW with 28 kvar: 1.705 kvar are more than a power factor of 0.95 allows (33.7 of 60 kvar: known answers). */
const measured = { activeW: '80000', reactiveVar: '28000', powerFactorPpm: '950000' };
const neededVar = '1706';

describe('a coalition that regulates a power factor', () => {
  it('is called for it, dispatched by merit, hands over, and is measured by the reactive registers of its members', async () => {
    const scene = await reactiveScene();
    const { vpp } = scene;
    const { battery, pv } = vpp.assetIds;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first);
    const { response: activation } = await call(scene, coalitionId);
    expect(activation).toMatchObject({ powerW: neededVar, powerFactor: measured, dueMinute: one * 15 });
    const activationId = String(activation.activationId);
    // The PV system is the cheaper one; its inverter is there in seconds, whatever its ramp.
    const { response: dispatch } = await scene.dispatch(activationId, { [pv]: neededVar });
    expect(dispatch).toMatchObject({ setPoints: [{ assetId: pv, powersW: [neededVar, neededVar] }], shortW: '0' });
    await vpp.flex.tickTo(two);
    const handing = { activationId, fromAssetId: pv, stopMinute: two * 15 };
    const { response: handed } = await vpp.send(vpp.made.aggregator, 'handOver', handing);
    expect(handed.handover).toMatchObject({ missingW: '0', takenOver: [{ assetId: battery, powerW: neededVar }] });

    await vpp.flex.tickTo(first + 5);
    // Both inverters take 100 varh all day. In a quarter hour 1,706 var are 426 varh, without the minute of the hand-over 398.
    await measureReactive(scene, vpp.made.meters.cyd, { [one]: [0n, 326n] });
    await measureReactive(scene, vpp.made.meters.bob, { [two]: [0n, 298n] });
    const { response: delivered } = await verify(scene, coalitionId, one);
    expect(delivered).toMatchObject({ askedWh: '426', deliveredWh: '426', shortfallWh: '0' });
    // Nothing was asked of the battery, so that it falls short of nothing.
    expect(membersOf(delivered)).toEqual({
      [pv]: { askedWh: '426', deliveredWh: '426', flags: ['DROPPED_OUT'] },
      [battery]: { askedWh: '0', deliveredWh: '0', flags: [] },
    });
    const { response: after } = await verify(scene, coalitionId, two);
    expect(after).toMatchObject({ askedWh: '398', deliveredWh: '398', shortfallWh: '0' });
    expect(membersOf(after)[battery]).toEqual({ askedWh: '398', deliveredWh: '398', flags: [] });
    const { response: completed } = await vpp.submit(callers.tso, 'completeActivation', { activationId });
    expect(completed).toMatchObject({ result: { askedWh: '824', deliveredWh: '824', shortfallWh: '0' } });
    expect((await vpp.ask('getDeliverySamples', { assetId: pv })).samples).toContainEqual(
      expect.objectContaining({ direction: 'capacitive', askedWh: '426', deliveredWh: '426' }),
    );

    await vpp.flex.tickTo(coalitionSlots.endSlot);
    await vpp.submit(callers.tso, 'verifyCoalition', { coalitionId });
    const { response: paid } = await vpp.submit(callers.tso, 'remunerate', { coalitionId });
    // 8 kvar in two slices of four hours at 15,000, and 824 varh at 150,000 micro-units.
    expect(paid).toMatchObject({ paidMicro: String(2n * 480_000n + 123_600n), penaltyMicro: '0' });
    // Each owner by what it delivered; nobody's energy position moves.
    const lines = (paid.lines as JsonObject[]).map(({ deliveredWh, participantId, transferWh }) => [
      participantId,
      deliveredWh,
      transferWh ?? '0',
    ]);
    expect(lines).toEqual(
      expect.arrayContaining([
        [vpp.made.cyd.participantId, '426', '0'],
        [vpp.made.bob.participantId, '398', '0'],
      ]),
    );
  });

  it('is short where an inverter did nothing, and where its meter tells no reactive energy; the others are not harmed', async () => {
    const scene = await reactiveScene();
    const { vpp } = scene;
    const { battery, pv } = vpp.assetIds;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first);
    const { response } = await call(scene, coalitionId, { powerW: '8000' }, null);
    const activationId = String(response.activationId);
    await scene.dispatch(activationId, { [pv]: '4000', [battery]: '4000' });
    await vpp.flex.tickTo(first + 5);
    await measureReactive(scene, vpp.made.meters.cyd, { [one]: [100n, 0n], [two]: [0n, 900n] });
    await scene.measureTo(vpp.made.meters.bob, two, [0n, 0n]);
    const { response: silent } = await verify(scene, coalitionId, one);
    expect(silent).toMatchObject({ askedWh: '2000', deliveredWh: '0', shortfallWh: '2000' });
    expect(silent.flags).toEqual(['NO_TELEMETRY', 'SHORT', 'UNMEASURED']);
    expect(membersOf(silent)).toEqual({
      [pv]: { askedWh: '1000', deliveredWh: '0', flags: ['SHORT'] },
      [battery]: { askedWh: '1000', deliveredWh: '0', flags: ['SILENT_METER', 'SHORT'] },
    });
    const { response: half } = await verify(scene, coalitionId, two);
    expect(half).toMatchObject({ askedWh: '2000', deliveredWh: '1000', shortfallWh: '1000' });
    expect(membersOf(half)[pv]).toEqual({ askedWh: '1000', deliveredWh: '1000', flags: [] });
  });

  it('takes reactive power where that is sold, and tells its minutes in var', async () => {
    const scene = await reactiveScene('inductive');
    const { vpp } = scene;
    const { pv } = vpp.assetIds;
    const coalitionId = await scene.accepted();
    await vpp.flex.tickTo(first);
    const { response } = await call(scene, coalitionId, { powerW: '4000', direction: 'inductive' }, null);
    await scene.dispatch(String(response.activationId), { [pv]: '4000' });
    await vpp.flex.tickTo(two);
    const minutes = Array.from({ length: 15 }, () => ['4800', '0'] as const);
    await scene.open(coalitionId, one, await scene.commit(coalitionId, one, minutes));
    await vpp.flex.tickTo(two + 1);
    await measureReactive(scene, vpp.made.meters.cyd, { [one]: [1_100n, 0n] });
    await measureReactive(scene, vpp.made.meters.bob, {});
    const { response: delivered } = await verify(scene, coalitionId, one);
    expect(delivered).toMatchObject({
      askedWh: '1000',
      deliveredWh: '1000',
      minutes: { due: 15, kept: 15 },
      flags: [],
    });
  });
});

describe('power-factor regulation is refused', () => {
  it.each([
    ['with more than the power factor asks for', { powerW: '1707' }, measured, 'VPP_ACTIVATION_POWER_FACTOR'],
    ['with less', { powerW: '1705' }, measured, 'VPP_ACTIVATION_POWER_FACTOR'],
    ['for no power factor at all', {}, { ...measured, powerFactorPpm: '0' }, 'VPP_ACTIVATION_POWER_FACTOR'],
    ['for a better one than was measured', {}, { ...measured, reactiveVar: '0' }, 'VPP_ACTIVATION_POWER_FACTOR'],
    ['above what is offered', { powerW: '8001' }, null, 'VPP_ACTIVATION_POWER'],
    ['in the direction that is not sold', { direction: 'inductive' }, measured, 'VPP_ACTIVATION_DIRECTION'],
  ])('%s', async (label, changes, powerFactor, code) => {
    const { coalitionId, scene } = await calledOnce();
    expect(await scene.vpp.code(() => call(scene, coalitionId, changes, powerFactor, label))).toBe(code);
  });

  it('as a service that follows telemetry, since its registers count quarter hours', async () => {
    const { scene } = await calledOnce();
    const followed = { ...powerFactorService, serviceId: 'followed', settledBy: 'telemetry' };
    expect(await scene.vpp.code(() => scene.vpp.publish(followed))).toBe('VPP_SERVICE_TERMS');
  });

  it('to be measured by active energy, and active power by reactive energy or called for a power factor', async () => {
    const { coalitionId, scene } = await calledOnce();
    const asked = { coalitionId, slot: one };
    expect(await scene.vpp.code(() => scene.vpp.submit(callers.tso, 'verifyDelivery', asked))).toBe(
      'VPP_DELIVERY_SLOT',
    );
    const active = await CoalitionScene.create();
    const other = await active.accepted();
    const reactive = { coalitionId: other, slot: one };
    expect(await active.vpp.code(() => active.vpp.submit(callers.tso, 'verifyReactive', reactive))).toBe(
      'VPP_DELIVERY_SLOT',
    );
    await active.vpp.flex.tickTo(first);
    expect(await active.vpp.code(() => active.activate(other, { powerFactor: measured }))).toBe(
      'VPP_ACTIVATION_POWER_FACTOR',
    );
  });

  let scene: Promise<{ readonly scene: CoalitionScene; readonly coalitionId: string }> | undefined;
  function calledOnce() {
    scene ??= reactiveScene().then(async (made) => {
      const coalitionId = await made.accepted();
      await made.vpp.flex.tickTo(first);
      return { scene: made, coalitionId };
    });
    return scene;
  }
});

/** A battery and a cheaper PV system whose inverters have 8 and 6.4 kvar beside their active power; 6 and 4 of them serve 8 kvar. */
async function reactiveScene(direction: 'capacitive' | 'inductive' = 'capacitive'): Promise<CoalitionScene> {
  const scene = await CoalitionScene.create(powerFactorService, {}, { direction });
  const { vpp } = scene;
  const { bob, cyd } = vpp.made;
  const { battery, pv } = vpp.assetIds;
  const narrower = vpp.batteryData({ exportMaxW: '6000', importMaxW: '6000' });
  await vpp.send(bob, 'fileTechnicalData', narrower, 'narrower');
  await vpp.fileBands(battery, {}, 'narrower');
  const slowRamps = { rampUpWPerMinute: '1', rampDownWPerMinute: '1' };
  const prices = { energyCostMicroPerKwh: '10000', wearMicroPerKwh: '0' };
  await vpp.ready(cyd, vpp.pvData({ exportMaxW: '4800', ...slowRamps, ...prices }), ['reactive']);
  scene.plan([
    { assetId: battery, owner: bob.participantId, powerW: '6000' },
    { assetId: pv, owner: cyd.participantId, powerW: '4000' },
  ]);
  return scene;
}

/** Calls it for a power factor one minute before the next quarter hour. */
function call(
  scene: CoalitionScene,
  coalitionId: string,
  changes: JsonObject = {},
  powerFactor: JsonObject | null = measured,
  label = 'once',
) {
  const usual = { direction: 'capacitive', powerW: neededVar, signalMinute: first * 15 + 14 };
  return scene.activate(coalitionId, { ...usual, ...(powerFactor === null ? {} : { powerFactor }), ...changes }, label);
}

function verify(scene: CoalitionScene, coalitionId: string, slot: number) {
  return scene.vpp.submit(callers.tso, 'verifyReactive', { coalitionId, slot }, String(slot));
}

/** Records a meter up to the second called slot: reactive energy taken and given, 100 varh taken where nothing else is said. */
async function measureReactive(
  scene: CoalitionScene,
  agent: MeterAgent,
  others: Readonly<Record<number, readonly [bigint, bigint]>>,
): Promise<void> {
  const { startSlot } = agent.peek([0n], [0n]);
  const values = Array.from({ length: two - startSlot + 1 }, (_, index) => others[startSlot + index] ?? [100n, 0n]);
  const zeros = values.map(() => 0n);
  const block = agent.next(zeros, zeros, {
    reactiveImportVarh: values.map(([taken = 0n]) => varh(taken)),
    reactiveExportVarh: values.map(([, given = 0n]) => varh(given)),
  });
  await record(scene.vpp.ledger, `${agent.meterId} ${block.sequence}`, [block]);
}

function membersOf(delivery: JsonObject): Readonly<Record<string, JsonObject>> {
  return Object.fromEntries(
    (delivery.members as JsonObject[]).map(({ assetId, askedWh, deliveredWh, flags }) => [
      String(assetId),
      { askedWh, deliveredWh, flags } as unknown as JsonObject,
    ]),
  );
}
