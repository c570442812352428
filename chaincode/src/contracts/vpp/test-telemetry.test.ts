import { commitmentOfMinutes, openedMinutesCodec, type JsonObject } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import type { MemoryCaller } from '../../testing/memory-ledger';
import { replay } from '../../testing/replay';
import { VppScene, vppSlots } from '../../testing/vpp-scene';

const { testSlot } = vppSlots;
const salt = Buffer.alloc(16, 7).toString('base64url');
const byThirds = (none: number, all: number, half: number) =>
  [none, all, half].flatMap((value) => Array.from({ length: 5 }, () => value));
const deviationsMilliHertz = byThirds(0, 200, 100);
/** 975 Wh that rise to 8 kW within half a minute and fall to 4 kW. */
const powersW = [0, 0, 0, 0, 0, 6_000, 8_000, 8_000, 8_000, 8_000, 4_500, 4_000, 4_000, 4_000, 4_000];

/** A battery under a test of a service that is settled by telemetry. */
class TelemetryTest {
  private constructor(
    public readonly scene: VppScene,
    public readonly testId: string,
    private readonly named: JsonObject,
  ) {}

  public static async of(kind: 'fcr' | 'afrr' | 'mfrr', settledBy = 'telemetry'): Promise<TelemetryTest> {
    const scene = await VppScene.create();
    const { aggregator, bob } = scene.made;
    const directions = kind === 'fcr' ? ['symmetric'] : ['up', 'down'];
    await scene.publish({ serviceId: kind, kind, directions, settledBy, fullActivationSeconds: 30 });
    const fast = { rampUpWPerMinute: '60000', rampDownWPerMinute: '60000' };
    await scene.ready(bob, scene.batteryData(fast), [kind]);
    const shares = [{ assetId: scene.assetIds.battery, powerW: '8000' }];
    const test = { subjectKind: 'asset', serviceId: kind, direction: 'up', firstSlot: testSlot, slots: 1, shares };
    const { response } = await scene.send(aggregator, 'startTest', test);
    const named = { subjectId: scene.assetIds.battery, kind, direction: 'up' };
    return new TelemetryTest(scene, String(response.testId), named);
  }

  public opened(netsW: readonly number[] = powersW): JsonObject {
    return { salt, minutes: netsW.map((netW) => ({ importW: '0', exportW: String(netW) })) };
  }

  public commit(changes: JsonObject = {}, signer = this.scene.made.aggregator, label = 'once') {
    const commitment = commitmentOfMinutes(openedMinutesCodec.decode(this.opened(), ''));
    const said = { ...this.named, slot: testSlot, commitment, ...changes };
    return this.scene.send(signer, 'commitTestTelemetry', said, label);
  }

  public open(telemetry: JsonObject = this.opened(), label = 'once', slot: number = testSlot) {
    const request = { commandId: command(`open test ${label}`), ...this.named, slot };
    return this.scene.ledger.submit(callers.aggregator, 'vpp:openTestTelemetry', request, { transient: { telemetry } });
  }

  public state(changes: JsonObject = { deviationsMilliHertz }, label = 'once', caller: MemoryCaller = callers.tso) {
    return this.scene.submit(caller, 'stateTestSignal', { ...this.named, slot: testSlot, ...changes }, label);
  }

  public complete(label = 'once') {
    return this.scene.submit(callers.tso, 'completeTest', this.named, label);
  }

  public async meter(gaveWh: bigint): Promise<void> {
    const exports = [...Array.from({ length: 8 }, () => 0n), gaveWh];
    const { made } = this.scene;
    await this.scene.measure(
      made.meters.bob,
      exports.map(() => 0n),
      exports,
    );
  }
}

describe('a test of frequency containment', () => {
  it('is passed by committed and opened minutes that follow the frequency it was shown', async () => {
    const test = await TelemetryTest.of('fcr');
    const { flex, ledger } = test.scene;
    await flex.tickTo(testSlot + 1);
    const { response: stated } = await test.state();
    expect(stated).toEqual({ testId: test.testId, slot: testSlot, deviationsMilliHertz });
    const { event } = await test.commit();
    expect(event?.facts).toMatchObject([{ type: 'TestTelemetryCommitted', testId: test.testId, slot: testSlot }]);
    await test.meter(975n);
    // What was committed can be opened for eight quarter hours: nobody makes it fail by being quick.
    expect(await test.scene.code(() => test.complete('early'))).toBe('VPP_TEST_NOT_OVER');
    await test.open();
    const known = await test.scene.ask('getTestTelemetry', { testId: test.testId, slot: testSlot });
    expect(known).toMatchObject({ telemetry: { isOpened: true }, signal: stated });
    // The minutes themselves stand under seal.
    expect(JSON.stringify(known)).not.toContain('exportW');
    expect((await test.complete()).response).toMatchObject({
      state: 'PREQUALIFIED',
      powerMaxW: '8000',
      result: [{ askedWh: '965', deliveredWh: '965', keptMinutes: 15, flags: [] }],
    });
    const samples = await test.scene.ask('getDeliverySamples', { assetId: test.scene.assetIds.battery });
    expect(samples).toMatchObject({ samples: [{ direction: 'up', askedWh: '965', deliveredWh: '965' }] });
    expect((await replay(ledger.log)).split('\n')).toHaveLength(ledger.log.length);
  });

  it('is failed where nobody committed anything or stated a signal, and can be held again', async () => {
    const test = await TelemetryTest.of('fcr');
    await test.scene.flex.tickTo(testSlot + 1);
    await test.meter(975n);
    expect(await test.scene.code(() => test.complete('early'))).toBe('VPP_TEST_NOT_OVER');
    await test.scene.flex.tickTo(testSlot + 2);
    expect((await test.complete()).response).toMatchObject({
      state: 'FAILED',
      result: [{ flags: ['NO_SIGNAL', 'NO_TELEMETRY'], isMeasured: false }],
    });
    expect(await test.scene.code(() => test.open())).toBe('VPP_TEST_UNKNOWN');
  });
});

describe('what is told of a test is refused', () => {
  it('before its slot has ended, by another aggregator, outside, twice and as something else', async () => {
    const test = await TelemetryTest.of('fcr');
    const { flex, made } = test.scene;
    const code = (attempt: () => Promise<unknown>) => test.scene.code(attempt);
    const committing = (label: string, changes: JsonObject = {}, signer = made.aggregator) =>
      code(() => test.commit(changes, signer, label));
    expect(await committing('early')).toBe('VPP_TELEMETRY_EARLY');
    await flex.tickTo(testSlot + 1);
    expect(await committing('other', { kind: 'afrr' })).toBe('VPP_TEST_UNKNOWN');
    expect(await committing('rival', {}, made.rival)).toBe('VPP_TEST_NOT_OWN');
    expect(await committing('outside', { slot: testSlot - 1 })).toBe('VPP_TELEMETRY_SLOT');
    expect(await code(() => test.open())).toBe('VPP_TELEMETRY_UNKNOWN');
    await test.commit();
    expect(await committing('again')).toBe('VPP_TELEMETRY_EXISTS');
    expect(await code(() => test.open(test.opened(byThirds(0, 8_000, 4_000)), 'other'))).toBe('VPP_TELEMETRY_MISMATCH');
    await test.open(test.opened(), 'good');
    expect(await code(() => test.open(test.opened(), 'twice'))).toBe('VPP_TELEMETRY_EXISTS');
  });

  it('as a signal of another organisation, of another kind, twice, and too late', async () => {
    const test = await TelemetryTest.of('fcr');
    const powers = { powersW: powersW.map(String) };
    const refused = (...asked: Parameters<TelemetryTest['state']>) => test.scene.code(() => test.state(...asked));
    expect(await refused({ deviationsMilliHertz }, 'early')).toBe('VPP_TELEMETRY_EARLY');
    await test.scene.flex.tickTo(testSlot + 1);
    const dso = { mspId: 'DsoMSP', role: 'dso' };
    expect(await refused({ deviationsMilliHertz }, 'other', dso)).toBe('VPP_TEST_NOT_OWN');
    expect(await refused(powers, 'powers')).toBe('VPP_TEST_SIGNAL');
    expect(await refused({ ...powers, deviationsMilliHertz }, 'both')).toBe('VPP_TEST_SIGNAL');
    expect(await refused({}, 'neither')).toBe('VPP_TEST_SIGNAL');
    await test.state();
    expect(await refused({ deviationsMilliHertz }, 'twice')).toBe('VPP_SIGNAL_EXISTS');
    await test.scene.flex.tickTo(testSlot + 2);
    expect(await refused({ deviationsMilliHertz }, 'late')).toBe('VPP_TELEMETRY_LATE');
    expect(await test.scene.code(() => test.commit())).toBe('VPP_TELEMETRY_LATE');
  });

  it('as powers above the tested one', async () => {
    const test = await TelemetryTest.of('afrr');
    await test.scene.flex.tickTo(testSlot + 1);
    const state = (powerW: string) => test.state({ powersW: Array.from({ length: 15 }, () => powerW) }, powerW);
    expect(await test.scene.code(() => state('8001'))).toBe('VPP_TEST_SIGNAL');
    expect((await state('8000')).response).toMatchObject({ testId: test.testId, slot: testSlot });
  });

  it('where meters judge the test', async () => {
    const test = await TelemetryTest.of('mfrr', 'dispatch');
    await test.scene.flex.tickTo(testSlot + 1);
    expect(await test.scene.code(() => test.commit())).toBe('VPP_TEST_BY_METERS');
    const stating = () => test.state({ powersW: powersW.map(String) });
    expect(await test.scene.code(stating)).toBe('VPP_TEST_BY_METERS');
  });
});
