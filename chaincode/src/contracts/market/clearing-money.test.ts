import type { JsonObject, OrderContent } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';

/** Ann and bob buy 1 kWh each at 0.30 and 0.20; cyd sells 2 kWh from 0.10. */
async function openScene(ruleSet: JsonObject, wish: Partial<OrderContent> = {}) {
  const made = await MarketScene.create(ruleSet);
  const contents = {
    ann: { ...contentOf('ann', ['buy', 0, 1_000n, 300_000n]), ...wish },
    bob: contentOf('bob', ['buy', 0, 1_000n, 200_000n]),
    cyd: contentOf('cyd', ['sell', 0, 2_000n, 100_000n]),
  };
  await made.place(made.ann, [contents.ann]);
  await made.place(made.bob, [contents.bob]);
  await made.place(made.cyd, [contents.cyd]);
  await made.tickTo(scene.gateCloseSlot);
  await made.step('closeSession');
  const orderIds = Object.values(contents).map(({ orderId }) => orderId);
  await made.step('publishOrders', { orderIds });
  await made.step('clear');
  return { made, contents };
}

describe('money after clearing', () => {
  it('of pay-as-bid is that of each trade: a buyer pays the middle of its own pairs', async () => {
    const { made } = await openScene({ mechanism: 'pay-as-bid' });
    await made.step('applyClearing', { chunk: 0 });
    const asked = { sessionId: scene.sessionId };
    const { rows } = await made.ledger.evaluate(callers.tso, 'market:listTrades', asked);
    const priceOf = (id: string) =>
      (rows as JsonObject[]).find(({ participantId }) => participantId === id)?.priceMicroPerKwh;
    expect(priceOf(made.ann.participantId)).toBe('200000');
    expect(priceOf(made.bob.participantId)).toBe('150000');
    expect(priceOf(made.cyd.participantId)).toBe('175000');
    const positions = await made.ledger.evaluate(callers.tso, 'market:getPositions', {
      participantId: made.cyd.participantId,
    });
    expect((positions.rows as JsonObject[])[0]).toMatchObject({ sellMicro: '350000', priceMicroPerKwh: '175000' });
  });

  it('tells each seller and buyer as a fact what to inject or consume, where the rule set says so', async () => {
    const { made } = await openScene({ deliverySignals: 'facts' });
    const { event } = await made.step('applyClearing', { chunk: 0 });
    const signals = (event?.facts as JsonObject[]).filter(({ type }) => type === 'DeliverySignalled');
    expect(signals).toHaveLength(3);
    expect(signals.find(({ participantId }) => participantId === made.cyd.participantId)).toEqual({
      type: 'DeliverySignalled',
      sessionId: scene.sessionId,
      participantId: made.cyd.participantId,
      firstSlot: scene.sessionSlot,
      slots: 4,
      direction: 'inject',
      powerW: '2000',
    });
    const { made: quiet } = await openScene({});
    const silent = await quiet.step('applyClearing', { chunk: 0 });
    expect((silent.event?.facts as JsonObject[]).map(({ type }) => type)).toEqual(['ClearingApplied']);
  });

  it('lists pairs where an order has a wish, which moves no price', async () => {
    const { contents, made } = await openScene({}, { pairing: { kind: 'green' } });
    const asked = { sessionId: scene.sessionId };
    const { rows } = await made.ledger.evaluate(callers.tso, 'market:listPairs', asked);
    const [{ pairs } = { pairs: [] }] = rows as JsonObject[];
    expect(pairs).toHaveLength(2);
    expect(pairs).toContainEqual({
      buyOrderId: contents.ann.orderId,
      sellOrderId: contents.cyd.orderId,
      energyWh: '1000',
    });
    const { made: without } = await openScene({});
    const clearingOf = async (one: MarketScene): Promise<unknown> =>
      ((await one.ledger.evaluate(callers.tso, 'market:getClearing', asked)).clearing as JsonObject).intervals;
    expect(await clearingOf(made)).toEqual(await clearingOf(without));
    expect((await without.ledger.evaluate(callers.tso, 'market:listPairs', asked)).rows).toEqual([]);
  });

  it('has no rent to share where no limit of the grid acts', async () => {
    const { made } = await openScene({ rentShare: 'traded' });
    await made.step('applyClearing', { chunk: 0 });
    for (const transaction of ['weighRent', 'shareRent'] as const) {
      const request = { commandId: command(transaction), sessionId: scene.sessionId, bucket: 0 };
      await expect(made.ledger.submit(callers.market, `accounts:${transaction}`, request)).rejects.toThrow(
        'ACCOUNTS_RENT_NONE',
      );
      const unknown = { ...request, commandId: command(`${transaction} bucket`), bucket: 1 };
      await expect(made.ledger.submit(callers.market, `accounts:${transaction}`, unknown)).rejects.toThrow(
        'ACCOUNTS_BUCKET_UNKNOWN',
      );
    }
  });
});
