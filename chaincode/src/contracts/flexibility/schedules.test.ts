import { answerDigestOf, seriesListCodec, wh, type JsonObject, type Series } from '@flexledger/domain';
import { callers, command, firstSlot as measuredFrom } from '../../testing/actors';
import { EventScene, eventSlots } from '../../testing/event-scene';

const { firstSlot, noticeSlot, slots } = eventSlots;
const DECLARED = { baseline: { method: 'declared', adjustment: 'none' } };
const FORECAST = { baseline: { method: 'forecast', adjustment: 'none' } };

/** What ann's meter is declared to count in the slots of the event. */
function schedule({ made, programmeId }: EventScene, changes: JsonObject = {}): JsonObject {
  return {
    programmeId,
    prosumerId: made.ann.participantId,
    meterId: made.meters.ann.meterId,
    declaredSlot: noticeSlot,
    firstSlot,
    intervals: [2_000n, 1_900n, 1_800n, 1_700n].map((energyWh) => ({ importWh: energyWh.toString(), exportWh: '0' })),
    ...changes,
  };
}

/** Signals the usual plan to ann in the slot after the scene's notice. */
async function signalLater(scene: EventScene, changes: JsonObject = {}): Promise<JsonObject> {
  scene.usualPlan();
  await scene.flex.tickTo(noticeSlot + 1);
  const { response } = await scene.signal([scene.made.ann], { noticeSlot: noticeSlot + 1, ...changes });
  return (response.events as JsonObject[])[0]!;
}

const unadjusted = (event: JsonObject) => (event.baseline as { readonly unadjusted: readonly JsonObject[] }).unadjusted;

describe('a schedule', () => {
  it.each(['the prosumer', 'its aggregator'])('that %s has declared before the notice is the baseline', async (who) => {
    const scene = await EventScene.create(DECLARED);
    const { aggregator, ann, meters } = scene.made;
    const { event: facts } = await scene.made.send(
      who === 'the prosumer' ? ann : aggregator,
      'declareSchedule',
      schedule(scene),
    );
    expect(facts?.facts).toMatchObject([{ type: 'ScheduleDeclared', firstSlot, slots: 4 }]);
    const event = await signalLater(scene);
    expect(event).toMatchObject({ state: 'NOTIFIED' });
    expect(unadjusted(event).map(({ importWh }) => importWh)).toEqual(['2000', '1900', '1800', '1700']);
    // 2,000 Wh less 500 Wh in a quarter hour are 6 kW.
    expect((event.signal as { readonly values: readonly JsonObject[] }).values[0]).toMatchObject({ importW: '6000' });
    const { slots: told } = await scene.flex.ask('getSchedule', { meterId: meters.ann.meterId, firstSlot, slots: 4 });
    expect((told as JsonObject[]).map(({ slot }) => slot)).toEqual(slots);
  });

  it('that is declared in the slot of the notice, or not at all, is no baseline', async () => {
    const scene = await EventScene.create(DECLARED);
    scene.usualPlan();
    await scene.flex.tickTo(noticeSlot + 1);
    await scene.made.send(scene.made.ann, 'declareSchedule', schedule(scene, { declaredSlot: noticeSlot + 1 }));
    const { ann, bob } = scene.made;
    const { response } = await scene.signal([ann, bob], { noticeSlot: noticeSlot + 1 });
    expect(response.events).toMatchObject([
      { state: 'FAILED', reason: 'BASELINE' },
      { state: 'FAILED', reason: 'BASELINE' },
    ]);
  });

  it('is replaced until it begins, and a replacement after the notice changes no frozen baseline', async () => {
    const scene = await EventScene.create(DECLARED);
    const { ann } = scene.made;
    await scene.made.send(ann, 'declareSchedule', schedule(scene), 'first');
    await scene.made.send(ann, 'declareSchedule', schedule(scene, { intervals: fourTimes('1600') }), 'second');
    const event = await signalLater(scene);
    expect(unadjusted(event).map(({ importWh }) => importWh)).toEqual(['1600', '1600', '1600', '1600']);
    const later = schedule(scene, { intervals: fourTimes('2400'), declaredSlot: noticeSlot + 1 });
    await scene.made.send(ann, 'declareSchedule', later, 'third');
    const { rows } = await scene.made.ledger.evaluate(callers.regulator, 'flexibility:listFlexEvents', {
      orderId: scene.orderId,
    });
    expect((rows as JsonObject[])[0]?.baseline).toEqual(event.baseline);
  });

  it('is refused with its code', async () => {
    const scene = await EventScene.create(DECLARED);
    const { ann, bob, cyd, meters } = scene.made;
    const refused = (signer: typeof ann, changes: JsonObject, label: string) =>
      scene.made.refusal(signer, 'declareSchedule', schedule(scene, changes), label);
    expect(await refused(ann, { prosumerId: cyd.participantId }, 'not enrolled')).toBe('FLEX_NOT_ENROLLED');
    expect(await refused(bob, {}, 'of another')).toBe('FLEX_NOT_PARTY');
    expect(await refused(ann, { meterId: '0'.repeat(26) }, 'unknown')).toBe('METER_UNKNOWN');
    expect(await refused(ann, { meterId: meters.bob.meterId }, 'not its meter')).toBe('FLEX_SCHEDULE_METER');
    expect(await refused(ann, { declaredSlot: noticeSlot + 1 }, 'ahead')).toBe('FLEX_NOTICE_SLOT');
    expect(await refused(ann, { firstSlot: noticeSlot }, 'begun')).toBe('FLEX_SCHEDULE_BEGUN');
    expect(await refused(ann, { intervals: fourTimes('900000') }, 'too much')).toBe('FLEX_SCHEDULE_ABOVE_LIMIT');
  });
});

function fourTimes(importWh: string): JsonObject[] {
  return [0, 1, 2, 3].map(() => ({ importWh, exportWh: '0' }));
}

/** Asks for a forecast of ann's meter over the hour of the event; answers its id. */
async function forecast({ made }: EventScene, expirySlot: number, energyWh: bigint | undefined): Promise<string> {
  const requestId = command(`forecast ${expirySlot}`);
  const { response } = await made.ledger.submit(callers.aggregator, 'oracle:requestComputation', {
    commandId: requestId,
    service: 'forecast-day-ahead',
    version: '1',
    meterIds: [made.meters.ann.meterId],
    firstSlot,
    intervals: 1,
    intervalSlots: 4,
    historyFromSlot: measuredFrom,
    historyToSlot: noticeSlot,
    expirySlot,
  });
  if (energyWh === undefined) return requestId;
  const series: Series[] = [{ meterId: made.meters.ann.meterId, importWh: flat(energyWh), exportWh: flat(0n) }];
  await made.ledger.submit(callers.oracle, 'oracle:answer', {
    commandId: command(`answer ${expirySlot}`),
    requestId,
    service: 'forecast-day-ahead',
    version: '1',
    model: 'any-1',
    dataDigest: response.dataDigest!,
    answerDigest: answerDigestOf(series),
    chunks: 1,
    chunk: 0,
    series: seriesListCodec.encode(series),
  });
  return requestId;
}

function flat(energyWh: bigint) {
  return { p10: [wh(energyWh)], p50: [wh(energyWh)], p90: [wh(energyWh)] };
}

describe('a forecast', () => {
  it('that was committed before the notice is the baseline, spread over its quarter hours', async () => {
    const scene = await EventScene.create(FORECAST);
    const forecastId = await forecast(scene, noticeSlot + 1, 6_001n);
    const event = await signalLater(scene, { forecastId });
    expect(event).toMatchObject({ state: 'NOTIFIED', forecastId });
    expect(unadjusted(event).map(({ importWh }) => importWh)).toEqual(['1500', '1500', '1500', '1501']);
  });

  it('whose answers are still open, or that nobody has answered or asked for, is refused; without one nobody is called', async () => {
    const scene = await EventScene.create(FORECAST);
    const late = await forecast(scene, noticeSlot + 2, 6_000n);
    const silent = await forecast(scene, noticeSlot + 1, undefined);
    scene.usualPlan();
    await scene.flex.tickTo(noticeSlot + 1);
    const code = (forecastId: string) => scene.code(() => signalLater(scene, { forecastId }));
    expect(await code(late)).toBe('FLEX_FORECAST_LATE');
    expect(await code(silent)).toBe('FLEX_FORECAST_LATE');
    expect(await code(command('never'))).toBe('ORACLE_REQUEST_UNKNOWN');
    expect(await signalLater(scene)).toMatchObject({ state: 'FAILED', reason: 'BASELINE' });
  });
});
