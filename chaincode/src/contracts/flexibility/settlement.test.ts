import {
  decodeWhole,
  foldPostingSets,
  participantAccount,
  postingSetCodec,
  type JsonObject,
  type PostingSet,
} from '@flexledger/domain';
import { callers, command, idOf, type MeterAgent, type Signer } from '../../testing/actors';
import { EventScene, eventSlots, usualWh } from '../../testing/event-scene';
import { replay } from '../../testing/replay';
import { replayElsewhere } from '../../testing/replay-elsewhere';

const { firstSlot, noticeSlot, slots } = eventSlots;
const GRID = 'rural-1';
/** 5 EUR for the 5 kWh of the order. */
const PRICE = 5_000_000n;

/** The order of the scene under way: its fund is filled, both prosumers have opted in and are measured up to the begin. */
async function underWay(
  terms: JsonObject = {},
  usual?: (agent: MeterAgent, slot: number) => bigint,
): Promise<EventScene> {
  const scene = await EventScene.create(terms, {}, usual);
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

function fund({ made }: EventScene, amountMicro: string, gridId = GRID) {
  const fields = { commandId: command(`fund ${amountMicro}`), gridId, amountMicro, reference: 'Transfer 1' };
  return made.ledger.submit(callers.market, 'flexibility:fundFlexibility', fields);
}

function settle({ made, orderId }: EventScene, label: string) {
  const request = { commandId: command(`settle ${label}`), orderId };
  return made.ledger.submit(callers.aggregator, 'flexibility:settleFlexibility', request);
}

async function postings({ made }: EventScene): Promise<readonly PostingSet[]> {
  const { rows } = await made.ledger.evaluate(callers.regulator, 'accounts:listPostings', {});
  return (rows as JsonObject[]).map((row) => decodeWhole(postingSetCodec, row));
}

const isFund = ({ cause }: PostingSet) => cause.kind === 'fund';

/** What everybody holds after all postings; these keep the invariants of money. */
async function balances(scene: EventScene) {
  // A page is in the order of the keys; money was paid in before anything else happened.
  const sets = [...(await postings(scene))].sort((left, right) => Number(isFund(right)) - Number(isFund(left)));
  const books = foldPostingSets(sets);
  expect(books.violations).toEqual([]);
  const of = ({ participantId }: Signer) => books.balances.get(participantAccount(participantId)) ?? 0n;
  return { of, fund: books.balances.get('flexibility') ?? 0n };
}

describe('the settlement of an order on the ledger', () => {
  it('waits until everything is over and completed', async () => {
    const scene = await EventScene.create();
    expect(await scene.code(() => settle(scene, 'early'))).toBe('FLEX_SETTLEMENT_OPEN');
    await scene.called();
    await scene.flex.tickTo(slots[3]! + 1);
    expect(await scene.code(() => settle(scene, 'open'))).toBe('FLEX_SETTLEMENT_OPEN');
    expect(await scene.code(() => fund(scene, '1', 'elsewhere'))).toBe('GRID_UNKNOWN');
  });

  it('pays the portfolio for what it delivered, and its prosumers for what their meters show', async () => {
    const scene = await underWay();
    const { ann, bob, aggregator, ledger, meters } = scene.made;
    await scene.measure(meters.ann, 4, () => 1_000n);
    await scene.measure(meters.bob, 4, () => 750n);
    await scene.watch('completeEvents', [ann, bob]);
    const { event, response } = await settle(scene, 'once');
    expect(response).toMatchObject({ version: 1, paidMicro: '5000000', penaltyMicro: '0', uncoveredMicro: '0' });
    expect(event?.facts).toMatchObject([{ type: 'FlexSettled', version: 1, prosumers: 2, paidMicro: '5000000' }]);
    const rewards = (response.prosumers as JsonObject[]).map((line) => BigInt(String(line.rewardMicro)));
    const { fund: left, of } = await balances(scene);
    expect(left).toBe(10_000_000n - PRICE);
    expect([of(ann) + of(bob), of(aggregator)]).toEqual([rewards[0]! + rewards[1]!, PRICE - rewards[0]! - rewards[1]!]);
    expect(rewards.every((reward) => reward > 0n)).toBe(true);
    const order = await ledger.evaluate(callers.dso, 'flexibility:getFlexSettlement', { orderId: scene.orderId });
    expect(order).toEqual(response);
    const { availableMicro } = await ledger.evaluate(callers.dso, 'flexibility:getFlexibilityFund', { gridId: GRID });
    expect(availableMicro).toBe(left.toString());
    // Settled once: asking again moves nothing.
    const posted = (await postings(scene)).length;
    expect((await settle(scene, 'again')).response).toEqual(response);
    expect(await postings(scene)).toHaveLength(posted);
    // What was credited can be folded into what its owner disposes of, once.
    const folding = (label: string) =>
      ledger.submit(callers.community, 'accounts:foldBalance', {
        commandId: command(`fold ${label}`),
        participantId: ann.participantId,
        sources: [{ kind: 'flexibility', orderId: scene.orderId, version: 1 }],
      });
    expect((await folding('once')).response).toMatchObject({ availableMicro: of(ann).toString() });
    expect(await scene.code(() => folding('twice'))).toBe('ACCOUNTS_SOURCE_FOLDED');
    const calls = ledger.log;
    const here = await replay(calls);
    expect(replayElsewhere(calls, { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' })).toBe(here);
  });

  it('leaves a silent meter unpaid and settles the rest, and posts the difference when its readings come', async () => {
    const scene = await underWay();
    const { ann, bob, meters } = scene.made;
    await scene.measure(meters.ann, 4, () => 1_000n);
    await scene.watch('completeEvents', [ann, bob]);
    const { response: first } = await settle(scene, 'first');
    // 2 of 5 kWh.
    expect(first).toMatchObject({ version: 1, paidMicro: '2000000' });
    const before = await balances(scene);
    expect(before.of(bob)).toBe(0n);
    expect(before.of(ann) > 0n).toBe(true);
    await scene.measure(meters.bob, 4, () => 750n);
    await scene.watch('completeEvents', [ann, bob], {}, 'late');
    const { response: second } = await settle(scene, 'second');
    expect(second).toMatchObject({ version: 2, paidMicro: '5000000', penaltyMicro: '0', overpaidMicro: '0' });
    const after = await balances(scene);
    expect(after.of(ann)).toBe(before.of(ann));
    expect(after.of(bob) > 0n).toBe(true);
    expect(after.fund).toBe(10_000_000n - PRICE);
  });

  it('pays nobody for what inflated baseline days pretend, and the others as ever (B42)', async () => {
    const isHour = (at: number) => [1, 4, 5].some((daysAgo) => slots.includes(at + 96 * daysAgo));
    const usual = (agent: MeterAgent, at: number) =>
      agent.meterId === idOf('meter ann') && isHour(at) ? 3n * usualWh : usualWh;
    const scene = await underWay({}, usual);
    const { ann, bob, meters } = scene.made;
    await scene.measure(meters.ann, 4, () => usualWh);
    await scene.measure(meters.bob, 4, () => 750n);
    await scene.watch('completeEvents', [ann, bob]);
    const { response } = await settle(scene, 'once');
    const { of } = await balances(scene);
    // Only the 3 kWh of the other one count, of the 5 that were ordered.
    expect(response).toMatchObject({ paidMicro: '3000000' });
    expect([of(ann), of(bob)]).toEqual([0n, 600_000n]);
    const lines = response.prosumers as JsonObject[];
    expect(lines.find(({ participantId }) => participantId === ann.participantId)).toMatchObject({
      isFlagged: true,
      countedWh: '0',
      rewardMicro: '0',
    });
  });
});
