import type { JsonObject } from '@flexledger/domain';
import { callers, idOf } from '../../testing/actors';
import { EventScene, eventSlots, usualWh } from '../../testing/event-scene';
import { flexRequest } from '../../testing/programme-scene';

const { slots } = eventSlots;
const results = (outcome: { readonly response: JsonObject }) => outcome.response.events as JsonObject[];

describe('an event', () => {
  it('tells a prosumer what to do against a baseline that is frozen at the notice', async () => {
    const scene = await EventScene.create();
    scene.usualPlan();
    const outcome = await scene.signal([scene.made.ann, scene.made.bob]);
    expect(outcome.event?.facts).toMatchObject([
      { type: 'FlexEventSignalled', state: 'NOTIFIED', signal: 'DISPATCH_SETPOINT' },
      { type: 'FlexEventSignalled', state: 'NOTIFIED', signal: 'DISPATCH_SETPOINT' },
    ]);
    const [ann] = results(outcome);
    // 1,500 Wh less 500 Wh in a quarter hour are 4 kW.
    expect(ann).toMatchObject({
      participantId: scene.made.ann.participantId,
      signal: { values: slots.map((slot) => ({ slot, importW: '4000', exportW: '0' })) },
      meterIds: [scene.made.meters.ann.meterId],
      baseline: { unadjusted: slots.map(() => ({ importWh: usualWh.toString(), exportWh: '0' })) },
    });
    expect((ann?.baseline as JsonObject | undefined)?.days).toHaveLength(4);
    const { orderId } = scene;
    const { rows } = await scene.made.ledger.evaluate(callers.regulator, 'flexibility:listFlexEvents', { orderId });
    expect(rows).toEqual(
      [...results(outcome)].sort((a, b) => (String(a.participantId) < String(b.participantId) ? -1 : 1)),
    );
    const fields = { participantId: scene.made.ann.participantId, fromSlot: slots[0]!, toSlot: slots[0]! };
    const listed = await scene.made.ledger.evaluate(callers.community, 'flexibility:listEventsOf', fields);
    expect(listed.rows).toMatchObject([{ orderId, firstSlot: slots[0] }]);
  });

  it('can be told as a level, a limit or a price', async () => {
    for (const [signalKind, signal] of [
      // 2 kW of the 4 kW that ann has enrolled: the second third.
      ['SIMPLE', { kind: 'SIMPLE', level: 2 }],
      ['IMPORT_CAPACITY_LIMIT', { values: slots.map((slot) => ({ slot, powerW: '4000' })) }],
      ['EXPORT_CAPACITY_LIMIT', { values: slots.map((slot) => ({ slot, powerW: '0' })) }],
      ['PRICE', { priceMicroPerKwh: '250000' }],
    ] as const) {
      const scene = await EventScene.create();
      scene.usualPlan();
      const [event] = results(await scene.signal([scene.made.ann], { signalKind }));
      expect(event?.signal).toMatchObject(signal);
    }
  });

  it('is acknowledged, opted in to and, until it begins, opted out of', async () => {
    const scene = await EventScene.create();
    await scene.called();
    const { ann, bob } = scene.made;
    expect((await scene.answer(ann, 'acknowledgeEvent')).response).toMatchObject({ state: 'ACKNOWLEDGED' });
    const opted = await scene.answer(ann, 'optIn');
    expect(opted.response).toMatchObject({ state: 'OPTED_IN', isBound: true, answer: { transaction: 'optIn' } });
    expect(opted.event?.facts).toMatchObject([{ type: 'FlexEventAnswered', state: 'OPTED_IN' }]);
    const declined = await scene.answer(bob, 'optOut');
    expect(declined.response).toMatchObject({ state: 'OPTED_OUT', reason: 'DECLINED' });
    expect(await scene.code(() => scene.answer(bob, 'optIn'))).toBe('FLEX_EVENT_CLOSED');
    expect(await scene.code(() => scene.answer(scene.made.cyd, 'optIn'))).toBe('FLEX_EVENT_UNKNOWN');
    await scene.flex.tickTo(eventSlots.firstSlot);
    expect(await scene.code(() => scene.answer(ann, 'optOut'))).toBe('FLEX_EVENT_BEGUN');
    const failing = await scene.answer(ann, 'optOut', { reason: 'DEVICE_FAILED' }, 'failed');
    expect(failing.response).toMatchObject({ state: 'FAILED', reason: 'DEVICE_FAILED', isBound: true });
  });

  it('binds nobody who opts out while there is time to plan again', async () => {
    const scene = await EventScene.create();
    await scene.called();
    const { ann, bob } = scene.made;
    await scene.answer(ann, 'optIn');
    await scene.answer(bob, 'optIn');
    expect((await scene.answer(ann, 'optOut')).response).not.toHaveProperty('isBound');
    await scene.flex.tickTo(eventSlots.firstSlot - 3);
    expect((await scene.answer(bob, 'optOut')).response).toMatchObject({ state: 'OPTED_OUT', isBound: true });
  });

  it('is signalled in time, in its programme, by its aggregator, of what a plan asks, and once (B37, B39)', async () => {
    const scene = await EventScene.create();
    const { aggregator, ann, assetIds, bob, rival } = scene.made;
    const refused = (changes: JsonObject = {}, signer = aggregator, signers = [ann]) =>
      scene.made.refusal(signer, 'signalEvents', scene.signalling(signers, changes), JSON.stringify(changes));
    expect(await refused()).toBe('FLEX_EVENT_EMPTY');
    scene.plan([[assetIds.ann, [0n, 0n, 0n, 0n]]]);
    expect(await refused()).toBe('FLEX_EVENT_EMPTY');
    scene.plan([[assetIds.ann, [500n, 1_001n]]]);
    expect(await refused()).toBe('FLEX_EVENT_ABOVE_BAND');
    scene.usualPlan();
    expect(await refused({ orderId: '01f1ex0rder000000000000000' })).toBe('FLEX_REFERENCE_UNKNOWN');
    expect(await refused({ programmeId: idOf('nothing') })).toBe('FLEX_PROGRAMME_UNKNOWN');
    expect(await refused({}, rival)).toBe('FLEX_NOT_OWN_PROGRAMME');
    const rivals = await scene.made.programme({ name: 'Rival' }, rival);
    expect(await refused({ programmeId: rivals }, rival)).toBe('FLEX_NOT_OWN_ORDER');
    expect(await refused({ noticeSlot: eventSlots.noticeSlot + 1 })).toBe('FLEX_NOTICE_SLOT');
    expect(await refused({}, aggregator, [scene.made.cyd])).toBe('FLEX_NOT_ENROLLED');
    const other = await scene.made.programme({ direction: 'increase', name: 'Noon' });
    await scene.made.send(
      bob,
      'enrol',
      scene.made.enrolment(other, [
        {
          assetId: assetIds.bob,
          reduceMaxW: '6000',
          increaseMaxW: '6000',
          noticeSlots: 1,
          runSlotsMax: 8,
          restSlots: 4,
          reboundPpm: '0',
        },
      ]),
      'other',
    );
    expect(await refused({ programmeId: other }, aggregator, [bob])).toBe('FLEX_EVENT_DIRECTION');
    const narrow = await scene.made.programme({ windows: [{ weekdays: [2], fromQuarter: 64, toQuarter: 67 }] });
    await scene.made.send(
      bob,
      'enrol',
      scene.made.enrolment(narrow, [
        {
          assetId: assetIds.bob,
          reduceMaxW: '6000',
          increaseMaxW: '6000',
          noticeSlots: 1,
          runSlotsMax: 8,
          restSlots: 4,
          reboundPpm: '0',
        },
      ]),
      'narrow',
    );
    expect(await refused({ programmeId: narrow }, aggregator, [bob])).toBe('FLEX_EVENT_OUTSIDE_PROGRAMME');
    await scene.signal([bob]);
    expect(await refused({}, aggregator, [bob])).toBe('FLEX_EVENT_EXISTS');
    await scene.flex.tickTo(eventSlots.firstSlot - 3);
    expect(await refused()).toBe('FLEX_NOTICE_TOO_SHORT');
  });

  it('fails alone where its prosumer cannot be called: nobody else waits for it', async () => {
    const scene = await EventScene.create();
    const { ann, bob } = scene.made;
    const unavailable = [{ fromSlot: slots[3]!, toSlot: slots[3]! + 4 }];
    await scene.made.send(ann, 'setAvailability', { programmeId: scene.programmeId, unavailable });
    scene.usualPlan();
    expect(results(await scene.signal([ann, bob]))).toMatchObject([
      { state: 'FAILED', reason: 'UNAVAILABLE' },
      { state: 'NOTIFIED' },
    ]);
    // The same plan again for whoever can be called now.
    await scene.made.send(ann, 'setAvailability', { programmeId: scene.programmeId, unavailable: [] }, 'free');
    scene.usualPlan(2);
    expect(results(await scene.signal([ann, bob], { revision: 2 }, 'again'))).toMatchObject([
      { state: 'NOTIFIED', revision: 2 },
      { state: 'NOTIFIED', revision: 2 },
    ]);
  });

  it('asks no more of a prosumer than its comfort limit, and nobody who has left', async () => {
    const scene = await EventScene.create();
    const { ann, assetIds, cyd } = scene.made;
    await scene.made.send(ann, 'leaveProgramme', { programmeId: scene.programmeId });
    const comfort = { eventsPerDayMax: 1, slotsPerDayMax: 3 };
    const band = { assetId: assetIds.cyd, noticeSlots: 0, runSlotsMax: 8, restSlots: 0, reboundPpm: '0' };
    await scene.enrol(cyd, [{ ...band, reduceMaxW: '8000', increaseMaxW: '0' }], { comfort });
    scene.plan([
      [assetIds.ann, [500n, 500n, 500n, 500n]],
      [assetIds.cyd, [500n, 500n, 500n, 500n]],
    ]);
    expect(results(await scene.signal([ann, cyd]))).toMatchObject([
      { state: 'FAILED', reason: 'NOT_ENROLLED' },
      { state: 'FAILED', reason: 'COMFORT' },
    ]);
  });

  it('has no baseline of days that are too few, or whose readings were found bad (B41)', async () => {
    const few = await EventScene.create({ baseline: { method: 'middle-6-of-10', adjustment: 'none' } });
    few.usualPlan();
    expect(results(await few.signal([few.made.ann]))).toMatchObject([{ state: 'FAILED', reason: 'BASELINE' }]);
    // More than the fuse lets through, at this hour of three of the six working days: three days are left of the four that it takes.
    const isBad = (slot: number) => [4, 5, 6].some((daysAgo) => slot === slots[1]! - 96 * daysAgo);
    const scene = await EventScene.create({}, {}, (_, slot) => (isBad(slot) ? 20_000n : usualWh));
    scene.usualPlan();
    expect(results(await scene.signal([scene.made.ann]))).toMatchObject([{ state: 'FAILED', reason: 'BASELINE' }]);
  });

  it('is promised once: neither an asset nor a connection gives more than it has (B33)', async () => {
    const scene = await EventScene.create({}, { commitments: true });
    const { ann, assetIds, bob, ledger } = scene.made;
    await scene.called();
    const promised = async (assetId: string) => {
      const fields = { assetId, slot: slots[0]! };
      const { commitments } = await ledger.evaluate(callers.dso, 'market:getCommitments', fields);
      return commitments as JsonObject[];
    };
    for (const assetId of [assetIds.bob, bob.participantId]) {
      expect(await promised(assetId)).toMatchObject([
        { purpose: 'flexibility', direction: 'up', powersW: ['3000', '3000', '3000', '3000'] },
      ]);
    }
    await scene.answer(ann, 'optOut');
    expect(await promised(assetIds.ann)).toEqual([]);
  });

  it('is signalled, declined and cancelled where nothing stands under seal without reading anything that would', async () => {
    const scene = await EventScene.create();
    scene.usualPlan();
    const { aggregator, ann, bob, ledger } = scene.made;
    const send = (signer: typeof ann, transaction: string, fields: JsonObject) => {
      const caller = signer === aggregator ? callers.aggregator : callers.community;
      const request = flexRequest(signer, transaction, fields, 'unsealed');
      return ledger.submit(caller, `flexibility:${transaction}`, request, { collections: [] });
    };
    const called = await send(aggregator, 'signalEvents', scene.signalling([ann, bob]));
    expect(results(called)).toMatchObject([{ state: 'NOTIFIED' }, { state: 'NOTIFIED' }]);
    const { orderId } = scene;
    const declined = await send(ann, 'optOut', { orderId, reason: 'DECLINED' });
    expect(declined.response).toMatchObject({ state: 'OPTED_OUT' });
    const cancelling = { orderId, participantIds: [bob.participantId], reason: 'REPLANNED' };
    expect(results(await send(aggregator, 'cancelEvents', cancelling))).toMatchObject([{ state: 'CANCELLED' }]);
  });
});

describe('a plan that is made again', () => {
  it('gives more to who has not answered, keeps what stays, and cancels what is gone', async () => {
    const scene = await EventScene.create();
    await scene.called();
    const { ann, assetIds, bob } = scene.made;
    await scene.answer(bob, 'acknowledgeEvent');
    await scene.answer(ann, 'optOut');
    scene.plan([[assetIds.bob, [1_250n, 1_250n, 1_250n, 1_250n]]], 2);
    expect(results(await scene.signal([bob], { revision: 2 }, 'again'))).toMatchObject([
      { state: 'NOTIFIED', revision: 2, signal: { values: slots.map((slot) => ({ slot, importW: '1000' })) } },
    ]);
    const cancelling = { orderId: scene.orderId, participantIds: [bob.participantId], reason: 'REPLANNED' };
    expect(await scene.made.refusal(scene.made.rival, 'cancelEvents', cancelling)).toBe('FLEX_NOT_OWN_ORDER');
    const cancelled = await scene.made.send(scene.made.aggregator, 'cancelEvents', cancelling);
    expect(results(cancelled)).toMatchObject([{ state: 'CANCELLED', reason: 'REPLANNED' }]);
    scene.usualPlan(3);
    expect(results(await scene.signal([bob], { revision: 3 }, 'back'))).toMatchObject([{ state: 'NOTIFIED' }]);
    expect(await scene.code(() => scene.signal([ann], { revision: 3 }, 'declined'))).toBe('FLEX_EVENT_CLOSED');
  });

  it('cannot change a volume that was accepted, nor cancel what has begun (B44)', async () => {
    const scene = await EventScene.create();
    await scene.called();
    const { aggregator, ann, assetIds, bob } = scene.made;
    await scene.answer(ann, 'optIn');
    scene.plan([[assetIds.ann, [600n, 500n, 500n, 500n]]], 2);
    expect(await scene.code(() => scene.signal([ann], { revision: 2 }, 'more'))).toBe('FLEX_EVENT_ACCEPTED');
    scene.usualPlan(3);
    expect(results(await scene.signal([ann], { revision: 3 }, 'same'))).toMatchObject([
      { state: 'OPTED_IN', revision: 3 },
    ]);
    await scene.flex.tickTo(eventSlots.firstSlot);
    const fields = { orderId: scene.orderId, participantIds: [bob.participantId], reason: 'ORDER_ENDED' };
    expect(await scene.made.refusal(aggregator, 'cancelEvents', fields)).toBe('FLEX_EVENT_BEGUN');
  });
});
