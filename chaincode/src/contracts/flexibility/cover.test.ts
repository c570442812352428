import {
  checkLimits,
  decodeWhole,
  exampleFlexibilityRules,
  foldPostingSets,
  limitRowCodec,
  participantAccount,
  postingSetCodec,
  type JsonObject,
} from '@flexledger/domain';
import { callers, command, type Signer } from '../../testing/actors';
import { EventScene, eventSlots, SCENE_FUND, usualWh } from '../../testing/event-scene';
import { day, FlexScene, header, option, orderOf, requestFields } from '../../testing/flex-scene';

const { firstSlot, noticeSlot, slots } = eventSlots;
const FUND = BigInt(SCENE_FUND);
/** 5 EUR for the 5 kWh of the scene's order. */
const PRICE = 5_000_000n;
/** Half of what it costs to deliver nothing of 5 kWh at 0.40 EUR. */
const PENALTY_COVER = 1_000_000n;
const cover = { penaltyPpm: '500000' };
const coveredRules = { flexibility: { ...exampleFlexibilityRules, prognosisRequired: false, cover } };

const fundOf = async (flex: FlexScene) =>
  BigInt(String((await flex.ask('getFlexibilityFund', { gridId: header.gridId })).availableMicro));

/** What a participant can dispose of. */
async function limitRow({ ledger }: FlexScene, { participantId }: Signer) {
  const { availableMicro } = await ledger.evaluate(callers.regulator, 'accounts:getBalance', { participantId });
  return decodeWhole(limitRowCodec, { participantId, availableMicro: String(availableMicro) });
}

/** Requested by the system operator and offered twice by one aggregator, where orders are covered. */
async function offeredTwice() {
  const flex = await FlexScene.create({ prognosisRequired: false, cover });
  const { requestId } = await flex.requested();
  const orders: JsonObject[] = [];
  for (const ref of ['first', 'second']) {
    const { offerId } = await flex.offered(flex.agg, requestId, [option(ref)], {}, ref);
    orders.push(orderOf(offerId, ref));
  }
  return {
    flex,
    order: (index: 0 | 1, label = 'once') => flex.send('orderFlexibility', orders[index]!, `${index} ${label}`),
  };
}

/** The covered order of the scene under way: both prosumers have opted in and are measured up to the begin. */
async function underWay(): Promise<EventScene> {
  const scene = await EventScene.create({}, coveredRules);
  await scene.called();
  const { ann, bob, meters } = scene.made;
  await scene.answer(ann, 'optIn');
  await scene.answer(bob, 'optIn');
  await scene.flex.tickTo(slots[3]! + 1);
  for (const agent of [meters.ann, meters.bob]) {
    await scene.measure(agent, firstSlot - noticeSlot, () => usualWh);
  }
  return scene;
}

const send = ({ made, orderId }: EventScene, transaction: string, label: string) =>
  made.ledger.submit(callers.dso, `flexibility:${transaction}`, {
    commandId: command(`${transaction} ${label}`),
    orderId,
  });

async function held({ flex, orderId }: EventScene) {
  const { cover: row } = (await flex.ask('getFlexCover', { orderId })) as { readonly cover: JsonObject };
  return [BigInt(String(row.payerMicro)), BigInt(String(row.aggregatorMicro))];
}

/** What everybody holds; the books keep the invariants of money, and nobody can dispose of more than it has. */
async function soundBooks(scene: EventScene) {
  const { flex, made } = scene;
  const { rows } = await made.ledger.evaluate(callers.regulator, 'accounts:listPostings', {});
  const sets = (rows as JsonObject[]).map((row) => decodeWhole(postingSetCodec, row));
  const isFund = ({ cause }: (typeof sets)[number]) => Number(cause.kind === 'fund');
  const books = foldPostingSets([...sets].sort((left, right) => isFund(right) - isFund(left)));
  const signers = [made.ann, made.bob, made.aggregator];
  const limits = await Promise.all(signers.map((signer) => limitRow(flex, signer)));
  expect([...books.violations, ...checkLimits(books, limits)]).toEqual([]);
  const [payerMicro = 0n] = await held(scene);
  expect((await fundOf(flex)) + payerMicro).toBe(books.balances.get('flexibility'));
  return ({ participantId }: Signer) => books.balances.get(participantAccount(participantId)) ?? 0n;
}

describe('an order is covered when it is placed', () => {
  it('sets the price aside in the fund, and the share of the penalty with the aggregator', async () => {
    const { flex, order } = await offeredTwice();
    await flex.fund('7500000');
    // 20 kW for an hour: half of 20 kWh at 0.40 EUR.
    await flex.pay(flex.agg, '4000000');
    const { response } = await order(0);
    expect(await fundOf(flex)).toBe(2_500_000n);
    expect((await limitRow(flex, flex.agg)).availableMicro).toBe(0n);
    const { cover: row } = await flex.ask('getFlexCover', { orderId: response.orderId! });
    expect(row).toMatchObject({ payerMicro: '5000000', aggregatorMicro: '4000000', state: 'HELD' });
  });

  it('refuses what the aggregator or the fund cannot cover, and takes it once they can', async () => {
    const { flex, order } = await offeredTwice();
    await flex.fund('7500000');
    expect(await flex.code(() => order(0))).toBe('FLEX_COVER_SHORT');
    await flex.pay(flex.agg, '8000000');
    await order(0);
    expect(await flex.code(() => order(1))).toBe('FLEX_FUND_SHORT');
    // Nothing of a refused order stays set aside.
    expect((await limitRow(flex, flex.agg)).availableMicro).toBe(4_000_000n);
    await flex.fund('2500000', 'more');
    await order(1, 'again');
    expect(await fundOf(flex)).toBe(0n);
  });

  it('has a producer cover its own order', async () => {
    const flex = await FlexScene.create({ prognosisRequired: false, cover });
    await flex.pay(flex.agg, '8000000');
    const isps = [{ ...(requestFields().isps as JsonObject[])[0]!, direction: 'increase' }];
    const asked = await flex.sendSigned(flex.producer, 'requestIncrease', requestFields({ isps }));
    const runs = [{ startSlot: day.peakSlot, slots: 4, direction: 'increase', powerW: '20000' }];
    const { offerId } = await flex.offered(flex.agg, String(asked.response.requestId), [option('all', { isps: runs })]);
    const fields = orderOf(offerId, 'all');
    const ordered = (fields.isps as JsonObject[]).map((isp) => ({ ...isp, direction: 'increase' }));
    const order = () => flex.sendSigned(flex.producer, 'orderIncrease', { ...fields, isps: ordered });
    expect(await flex.code(order)).toBe('ACCOUNTS_BALANCE_TOO_LOW');
    await flex.pay(flex.producer, '6000000');
    await order();
    expect((await limitRow(flex, flex.producer)).availableMicro).toBe(1_000_000n);
  });

  it('leaves orders as they were where the rule set covers none', async () => {
    const scene = await EventScene.create();
    expect(await scene.flex.ask('getFlexCover', { orderId: scene.orderId })).toEqual({ cover: null });
    expect(await scene.code(() => send(scene, 'releaseFlexCover', 'once'))).toBe('FLEX_COVER_UNKNOWN');
    expect(await fundOf(scene.flex)).toBe(FUND);
  });
});

describe('a covered order is settled from what was set aside', () => {
  it('pays prosumers from the price and the penalty from the cover, and gives back the rest', async () => {
    const scene = await underWay();
    const { ann, bob, aggregator, meters } = scene.made;
    expect(await held(scene)).toEqual([PRICE, PENALTY_COVER]);
    // Another command of the operator is not disturbed by the settlement, nor can it take what is set aside.
    expect(await fundOf(scene.flex)).toBe(FUND - PRICE);
    await scene.measure(meters.ann, 4, () => 1_000n);
    await scene.measure(meters.bob, 4, () => usualWh);
    await scene.watch('completeEvents', [ann, bob]);
    expect(await scene.code(() => send(scene, 'releaseFlexCover', 'open'))).toBe('FLEX_COVER_HELD');
    const { response } = await send(scene, 'settleFlexibility', 'once');
    // 2 of 5 kWh are delivered; 3 kWh cost 0.40 EUR each, of which 1 EUR is covered.
    expect(response).toMatchObject({ paidMicro: '2000000', penaltyMicro: '1200000', uncoveredMicro: '0' });
    const of = await soundBooks(scene);
    expect(of(ann)).toBe(400_000n);
    expect(of(aggregator)).toBe(FUND + 2_000_000n - 400_000n - 1_200_000n);
    expect(await held(scene)).toEqual([PRICE - 2_000_000n + 1_200_000n, PENALTY_COVER]);
    expect(await scene.code(() => send(scene, 'releaseFlexCover', 'early'))).toBe('FLEX_COVER_HELD');
    await scene.flex.tickTo(slots[3]! + 97);
    const { response: freed, event } = await send(scene, 'releaseFlexCover', 'late');
    expect(freed).toMatchObject({ state: 'RELEASED', payerMicro: '0', aggregatorMicro: '0' });
    expect(event?.facts).toMatchObject([
      { type: 'FlexCoverReleased', payerMicro: '4200000', aggregatorMicro: '1000000' },
    ]);
    expect(await fundOf(scene.flex)).toBe(FUND - 2_000_000n + 1_200_000n);
    expect((await limitRow(scene.flex, aggregator)).availableMicro).toBe(FUND);
    await soundBooks(scene);
    expect(await scene.code(() => send(scene, 'releaseFlexCover', 'twice'))).toBe('FLEX_COVER_RELEASED');
  });

  it('stays covered when a late reading makes another version', async () => {
    const scene = await underWay();
    const { ann, bob, meters } = scene.made;
    await scene.measure(meters.ann, 4, () => usualWh);
    await scene.watch('completeEvents', [ann, bob]);
    const { response: first } = await send(scene, 'settleFlexibility', 'first');
    // Nothing was measured of bob and ann did nothing: only the cover pays.
    expect(first).toMatchObject({ paidMicro: '0', penaltyMicro: '1000000', uncoveredMicro: '1000000' });
    expect(await held(scene)).toEqual([PRICE + 1_000_000n, 0n]);
    await soundBooks(scene);
    await scene.measure(meters.bob, 4, () => 750n);
    await scene.watch('completeEvents', [ann, bob], {}, 'late');
    const { response: second } = await send(scene, 'settleFlexibility', 'second');
    expect(second).toMatchObject({ version: 2, paidMicro: '3000000', penaltyMicro: '800000' });
    const of = await soundBooks(scene);
    expect(of(bob)).toBe(600_000n);
    expect(await held(scene)).toEqual([PRICE - 3_000_000n + 800_000n, 0n]);
  });
});
