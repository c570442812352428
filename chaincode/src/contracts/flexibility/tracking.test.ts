import { flexEventCodec, isPaid, type JsonObject } from '@flexledger/domain';
import { callers, idOf, type MeterAgent } from '../../testing/actors';
import { EventScene, eventSlots, usualWh } from '../../testing/event-scene';
import { replay } from '../../testing/replay';
import { replayElsewhere } from '../../testing/replay-elsewhere';

const { firstSlot, noticeSlot, slots } = eventSlots;
const eventsOf = (outcome: { readonly response: JsonObject }) => outcome.response.events as JsonObject[];

/** Lets the meters of the two who are called go on as usual up to the event. */
async function upToEvent(scene: EventScene): Promise<void> {
  await scene.flex.tickTo(firstSlot);
  const { ann, bob } = scene.made.meters;
  for (const agent of [ann, bob]) {
    await scene.measure(agent, firstSlot - noticeSlot, () => usualWh);
  }
}

/** The events called and opted in to, with everything measured up to the begin. */
async function underWay(terms: JsonObject = {}): Promise<EventScene> {
  const scene = await EventScene.create(terms);
  await scene.called();
  await scene.answer(scene.made.ann, 'optIn');
  await scene.answer(scene.made.bob, 'optIn');
  await upToEvent(scene);
  return scene;
}

describe('tracking', () => {
  it('tells in the next interval who deviates, each and the portfolio', async () => {
    const scene = await underWay();
    const { ann, bob, ledger, meters } = scene.made;
    const early = () => scene.watch('trackEvents', [ann, bob], { slot: slots[0]! });
    expect(await scene.code(early)).toBe('FLEX_EVENT_NOT_OVER');
    await scene.flex.tickTo(slots[0]! + 1);
    // Ann takes 500 Wh less as ordered; bob only 300 of 750.
    await scene.measure(meters.ann, 1, () => 1_000n);
    await scene.measure(meters.bob, 1, () => 1_200n);
    const { event, response } = await scene.watch('trackEvents', [ann, bob], { slot: slots[0]! });
    expect(response.lines).toMatchObject([
      { measurement: 'MEASURED', deliveredWh: '500', deficiencyWh: '0', isDeviation: false },
      { measurement: 'MEASURED', deliveredWh: '300', deficiencyWh: '450', isDeviation: true },
    ]);
    expect(event?.facts).toMatchObject([
      { type: 'FlexTracked', prosumers: 2, orderedWh: '1250', deliveredWh: '800', deficiencyWh: '450' },
      { type: 'FlexDeviation', participantId: bob.participantId, deliveredWh: '300' },
    ]);
    // The deviation is known while the next interval runs.
    const { clock } = await ledger.evaluate(callers.tso, 'registry:getClock', {});
    expect(clock).toMatchObject({ lastSlot: slots[1] });
    const fields = { orderId: scene.orderId, slot: slots[0]! };
    const { portfolio } = await ledger.evaluate(callers.dso, 'flexibility:getPortfolioPerformance', fields);
    // 5 kW are 1,250 Wh in a quarter hour.
    expect(portfolio).toMatchObject({ prosumers: 2, orderedWh: '1250', deliveredWh: '800', deficiencyWh: '450' });
    const other = { orderId: scene.orderId, slot: slots[3]! + 1 };
    await expect(ledger.evaluate(callers.dso, 'flexibility:getPortfolioPerformance', other)).rejects.toThrow(
      'FLEX_EVENT_SLOT',
    );
  });

  it('counts a silent meter as nothing delivered, and what comes late when it has come (B43)', async () => {
    const scene = await underWay();
    const { ann, bob, meters } = scene.made;
    await scene.flex.tickTo(slots[0]! + 1);
    await scene.measure(meters.ann, 1, () => 1_000n);
    const { event, response } = await scene.watch('trackEvents', [ann, bob], { slot: slots[0]! });
    expect(response.lines).toMatchObject([
      { measurement: 'MEASURED', deliveredWh: '500' },
      { measurement: 'SILENT', deliveredWh: '0', deficiencyWh: '750' },
    ]);
    expect(event?.facts).toMatchObject([
      { type: 'FlexTracked' },
      { type: 'FlexDeviation', participantId: bob.participantId, measurement: 'SILENT' },
    ]);
    const portfolioOf = async () => {
      const fields = { orderId: scene.orderId, slot: slots[0]! };
      const answer = await scene.made.ledger.evaluate(callers.dso, 'flexibility:getPortfolioPerformance', fields);
      return answer.portfolio;
    };
    expect(await portfolioOf()).toMatchObject({ unmeasured: [bob.participantId], deliveredWh: '500' });
    await scene.measure(meters.bob, 1, () => 750n);
    await scene.watch('trackEvents', [bob], { slot: slots[0]! }, 'late');
    expect(await portfolioOf()).toMatchObject({ unmeasured: [], deliveredWh: '1250', deficiencyWh: '0' });
  });

  it('is of nobody who was not called, and of nothing that was not ordered', async () => {
    const scene = await underWay();
    await scene.flex.tickTo(slots[3]! + 2);
    const { ann, cyd } = scene.made;
    const track = (signer: typeof ann, slot: number) =>
      scene.code(() => scene.watch('trackEvents', [signer], { slot }));
    expect(await track(cyd, slots[0]!)).toBe('FLEX_EVENT_UNKNOWN');
    expect(await track(ann, slots[3]! + 1)).toBe('FLEX_EVENT_SLOT');
  });
});

describe('a completed event', () => {
  /** Measures the hour of both with a value each, and completes. */
  async function completed(scene: EventScene, annWh: bigint, bobWh: bigint, reboundWh = usualWh) {
    const { ann, bob, meters } = scene.made;
    await scene.flex.tickTo(slots[3]! + 5);
    await scene.measure(meters.ann, 4, () => annWh);
    await scene.measure(meters.bob, 4, () => bobWh);
    await scene.measure(meters.ann, 4, () => reboundWh);
    await scene.measure(meters.bob, 4, () => usualWh);
    return eventsOf(await scene.watch('completeEvents', [ann, bob]));
  }

  it('has what was delivered and missed, and the rebound after it', async () => {
    const scene = await underWay({ reboundSlots: 4, reboundMicroPerKwh: '50000' });
    expect(await scene.code(() => scene.watch('completeEvents', [scene.made.ann]))).toBe('FLEX_EVENT_NOT_OVER');
    const [ann, bob] = await completed(scene, 1_000n, 700n, 1_650n);
    expect(ann).toMatchObject({
      state: 'COMPLETED',
      result: { orderedWh: '2000', deliveredWh: '2000', deficiencyWh: '0', reboundWh: '600', flags: [], version: 1 },
    });
    // Help beyond the order is neither paid nor punished.
    expect(bob).toMatchObject({
      result: { orderedWh: '3000', deliveredWh: '3000', deficiencyWh: '0', reboundWh: '0' },
    });
    const again = eventsOf(await scene.watch('completeEvents', [scene.made.ann], {}, 'again'));
    expect(again).toMatchObject([{ result: { deliveredWh: '2000', version: 2 } }]);
  });

  it('flags who opted in and did nothing, and harms nobody else', async () => {
    const scene = await underWay();
    const [ann, bob] = await completed(scene, usualWh, 750n);
    expect(ann).toMatchObject({ result: { deliveredWh: '0', deficiencyWh: '2000', flags: ['DID_NOTHING'] } });
    expect(bob).toMatchObject({ result: { deliveredWh: '3000', flags: [] } });
  });

  it('flags a meter that went silent', async () => {
    const scene = await underWay();
    await scene.flex.tickTo(slots[3]! + 5);
    await scene.measure(scene.made.meters.ann, 2, () => 1_000n);
    const [ann] = eventsOf(await scene.watch('completeEvents', [scene.made.ann]));
    expect(ann).toMatchObject({
      result: { deliveredWh: '1000', deficiencyWh: '1000', unmeasuredSlots: 2, flags: ['SILENT_METER'] },
    });
  });

  it('flags who ran three times its load on the days of its baseline, and does not pay it (B42)', async () => {
    const isHour = (slot: number) => [1, 4, 5].some((daysAgo) => slots.includes(slot + 96 * daysAgo));
    const meterId = idOf('meter ann');
    const usual = (agent: MeterAgent, slot: number) =>
      agent.meterId === meterId && isHour(slot) ? 3n * usualWh : usualWh;
    const scene = await EventScene.create({}, {}, usual);
    const [called] = await scene.called();
    expect(called).toMatchObject({ state: 'NOTIFIED', daysInflated: true });
    await upToEvent(scene);
    const [ann, bob] = await completed(scene, usualWh, 750n);
    // Its readings are taken as they are; only nobody pays for them.
    expect(ann).toMatchObject({ result: { deliveredWh: '2000', flags: ['DAYS_INFLATED'] } });
    expect(isPaid(flexEventCodec.decode(ann!, '').result!)).toBe(false);
    expect(bob).toMatchObject({ result: { deliveredWh: '3000', flags: [] } });
    expect(isPaid(flexEventCodec.decode(bob!, '').result!)).toBe(true);
  });

  it('flags who moved the window that adjusts its baseline, after it knew of the event', async () => {
    // Twelve hours of notice; the window of two hours begins four hours before the event.
    const baseline = { method: 'high-4-of-5', adjustment: 'ratio-40', laterHours: true };
    const scene = await EventScene.create({ baseline }, {}, undefined, 48);
    scene.usualPlan();
    const { ann, bob, meters } = scene.made;
    expect(await scene.code(() => scene.signal([ann, bob]))).toBe('FLEX_SIGNAL_WITHOUT_BASELINE');
    await scene.signal([ann, bob], { signalKind: 'SIMPLE' }, 'simple');
    await scene.flex.tickTo(firstSlot);
    const isWindow = (slot: number) => slot >= firstSlot - 16 && slot < firstSlot - 8;
    await scene.measure(meters.ann, 48, (slot) => (isWindow(slot) ? 2n * usualWh : usualWh));
    await scene.measure(meters.bob, 48, () => usualWh);
    const [gamed, honest] = await completed(scene, usualWh, 750n);
    // The baseline went up by the cap of 40 %, as the rule has it: 600 Wh of 500 ordered seem delivered by doing nothing.
    expect(gamed).toMatchObject({ result: { deliveredWh: '2000', flags: ['WINDOW_GAMED'] } });
    expect(isPaid(flexEventCodec.decode(gamed!, '').result!)).toBe(false);
    expect(honest).toMatchObject({ result: { deliveredWh: '3000', flags: [] } });
  });
});

describe('two endorsers', () => {
  it('come to equal answers, events and write sets for programmes, events and their tracking', async () => {
    const scene = await underWay();
    const { ann, bob, meters } = scene.made;
    await scene.flex.tickTo(slots[3]! + 1);
    await scene.measure(meters.ann, 4, () => 1_000n);
    await scene.watch('trackEvents', [ann, bob], { slot: slots[0]! });
    await scene.watch('completeEvents', [ann, bob]);
    const calls = scene.made.ledger.log;
    const here = await replay(calls);
    expect(here.split('\n')).toHaveLength(calls.length);
    expect(replayElsewhere(calls, { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
  });
});
