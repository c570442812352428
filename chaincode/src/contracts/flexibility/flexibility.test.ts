import type { JsonObject } from '@flexledger/domain';
import { day, FlexScene, header, option, orderOf, place, requestFields } from '../../testing/flex-scene';

describe('flexibility from the request to the order', () => {
  it('goes from a D-prognosis by request, offer and order to the yellow regime and back to green', async () => {
    const made = await FlexScene.create();
    await made.prognose(made.agg);
    const { requestId } = await made.requested();
    const { offerId } = await made.offered(made.agg, requestId);
    const { event, response } = await made.send('orderFlexibility', orderOf(offerId, 'all', 80n));
    expect(response).toMatchObject({
      offerId,
      requestId,
      aggregatorId: made.agg.participantId,
      direction: 'reduce',
      priceMicro: '4000000',
      prognosisRevision: 1,
      periodIsps: 96,
      state: 'ORDERED',
    });
    expect((response.isps as JsonObject[]).map(({ powerW, slot }) => [slot, powerW])).toEqual(
      [0, 1, 2, 3].map((index) => [day.peakSlot + index, '16000']),
    );
    expect(event).toMatchObject({ facts: [{ type: 'FlexOrdered', offerId, priceMicro: '4000000' }] });
    expect(await made.ask('getFlexOffer', { offerId })).toMatchObject({ offer: { state: 'ORDERED' } });
    expect((await made.ask('listFlexOrders', place)).rows).toEqual([response]);
    expect(await made.ask('getRegime', place)).toMatchObject({ regime: 'YELLOW', requestIds: [requestId] });
    expect(await made.code(() => made.send('declareGreen', place))).toBe('FLEX_REGIME_IN_USE');
    await made.tickTo(day.peakSlot + 4);
    await made.send('declareGreen', place, 'later');
    expect(await made.ask('getRegime', place)).toMatchObject({ regime: 'GREEN' });
  });

  it('keeps every revision of a D-prognosis and changes nothing of what has begun', async () => {
    const made = await FlexScene.create();
    const isps = (importW: string, later: string) => [
      { startSlot: day.periodSlot, slots: 40, importW, exportW: '0' },
      { startSlot: day.periodSlot + 40, slots: 56, importW: later, exportW: '0' },
    ];
    await made.prognose(made.agg, { isps: isps('50000', '50000') });
    await made.tickTo(day.periodSlot + 10);
    const revise = (revision: number, runs: JsonObject[]) =>
      made.prognose(made.agg, { revision, isps: runs }, `revision ${revision}`);
    expect(await made.code(() => revise(2, isps('49000', '40000')))).toBe('FLEX_PERIOD_OUT_OF_BOUNDS');
    await revise(3, isps('50000', '40000'));
    expect(await made.code(() => revise(2, isps('50000', '30000')))).toBe('FLEX_REVISION_SUBORDINATE');
    expect(await made.code(() => made.prognose(made.agg, { revision: 3 }, 'same'))).toBe('FLEX_ALREADY_SUBMITTED');
    const { prognosis } = await made.ask('getDPrognosis', { ...place, aggregatorId: made.agg.participantId });
    expect(prognosis).toMatchObject({ revision: 3 });
    const first = { ...place, aggregatorId: made.agg.participantId, revision: 1 };
    expect(await made.ask('getDPrognosis', first)).toMatchObject({ prognosis: { revision: 1 } });
    expect(await made.ask('getDPrognosis', { ...first, revision: 2 })).toEqual({ prognosis: null });
    const late = () => made.prognose(made.other, { revision: 7 }, 'late');
    expect(await made.code(late)).toBe('FLEX_PERIOD_OUT_OF_BOUNDS');
    expect((await made.ask('listDPrognoses', place)).rows).toEqual([prognosis]);
  });

  it('turns orange only when nothing that could still be ordered meets the request', async () => {
    const made = await FlexScene.create();
    await made.prognose(made.agg);
    await made.prognose(made.other);
    const { requestId } = await made.requested();
    const half = { isps: [{ startSlot: day.peakSlot, slots: 4, direction: 'reduce', powerW: '10000' }] };
    const first = await made.offered(made.agg, requestId, [option('half', half)]);
    const second = await made.offered(made.other, requestId, [option('half', half)]);
    const orange = (label: string) => made.send('declareOrange', { requestId }, label);
    expect(await made.code(() => orange('early'))).toBe('FLEX_STILL_ANSWERABLE');
    await made.send('endFlexRequest', { requestId, state: 'CLOSED' });
    expect(await made.code(() => orange('enough'))).toBe('FLEX_OFFERS_SUFFICE');
    await made.send('orderFlexibility', orderOf(first.offerId, 'half', 100n, 10_000n));
    expect(await made.code(() => orange('still enough'))).toBe('FLEX_OFFERS_SUFFICE');
    await made.sendSigned(made.other, 'revokeFlexOffer', { offerId: second.offerId });
    const { event, response } = await orange('short');
    expect(response).toMatchObject({
      regime: 'ORANGE',
      shortfalls: [0, 1, 2, 3].map((index) => ({
        slot: day.peakSlot + index,
        direction: 'reduce',
        requestedW: '20000',
        coveredW: '10000',
      })),
    });
    expect(event).toMatchObject({ facts: [{ type: 'RegimeChanged', from: 'YELLOW', to: 'ORANGE', shortfallIsps: 4 }] });
    expect(await made.code(() => made.send('declareGreen', place))).toBe('FLEX_REGIME_IN_USE');
    await made.tickTo(day.peakSlot + 4);
    await made.send('declareGreen', place, 'after');
    expect(await made.ask('getRegime', place)).toMatchObject({ regime: 'GREEN', shortfalls: [] });
  });

  it('lets a producer request and order that more is consumed, and leaves the regime alone', async () => {
    const made = await FlexScene.create({ prognosisRequired: false });
    const noon = { startSlot: day.periodSlot + 48, slots: 4 };
    const isps = [{ ...noon, disposition: 'requested', direction: 'increase', minW: '10000', maxW: '30000' }];
    const { response } = await made.sendSigned(made.producer, 'requestIncrease', requestFields({ isps }));
    const requestId = String(response.requestId);
    const more = option('more', { isps: [{ ...noon, direction: 'increase', powerW: '15000' }] });
    const { offerId } = await made.offered(made.agg, requestId, [more], { orderBySlot: day.periodSlot + 40 });
    const order = {
      offerId,
      optionRef: 'more',
      activationFactorPpm: '1000000',
      priceMicro: '5000000',
      isps: [0, 1, 2, 3].map((index) => ({ slot: noon.startSlot + index, direction: 'increase', powerW: '15000' })),
    };
    expect(await made.code(() => made.send('orderFlexibility', order))).toBe('FLEX_NOT_PARTY');
    const placed = await made.sendSigned(made.producer, 'orderIncrease', order);
    expect(placed.response).toMatchObject({ direction: 'increase', requesterId: made.producer.participantId });
    expect(await made.ask('getRegime', place)).toMatchObject({ regime: 'GREEN', requestIds: [] });
  });

  it('obliges an aggregator to what is reserved of its contract, and to no more', async () => {
    const made = await FlexScene.create({ prognosisRequired: false });
    const peak = { startSlot: day.peakSlot, slots: 4, direction: 'reduce' };
    await made.sendSigned(made.agg, 'proposeReservation', {
      ...header,
      contractId: 'evening',
      isps: [{ ...peak, powerW: '30000' }],
    });
    const reserve = (powerW: string, label: string) =>
      made.send('reserveFlexibility', { ...header, contractId: 'evening', isps: [{ ...peak, powerW }] }, label);
    const called = requestFields({ contractId: 'evening' });
    expect(await made.code(() => made.send('requestFlexibility', called))).toBe('FLEX_REFERENCE_UNKNOWN');
    expect(await made.code(() => reserve('30001', 'more'))).toBe('FLEX_RESERVATION_EXCEEDED');
    await reserve('15000', 'released');
    const { requestId } = await made.requested({ contractId: 'evening' }, 'called');
    const offer = (powerW: string, label: string) =>
      made.offered(
        made.agg,
        requestId,
        [option('all', { isps: [{ ...peak, powerW }] })],
        { contractId: 'evening' },
        label,
      );
    expect(await made.code(() => offer('14999', 'less'))).toBe('FLEX_OBLIGED_NOT_MET');
    expect(await made.code(() => made.offered(made.other, requestId, [option('all')], { contractId: 'evening' }))).toBe(
      'FLEX_NOT_PARTY',
    );
    expect(await offer('15000', 'enough')).toMatchObject({ contractId: 'evening', state: 'OPEN' });
  });
});
