import {
  digestOf,
  limits,
  orderCommitment,
  slot,
  type JsonObject,
  type OrderContent,
  type OrderId,
  type ParticipantId,
} from '@flexledger/domain';
import { callers, command, idOf, MeterAgent, registerMeters, registerParticipants, Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene, signed } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community } = callers;

const gate = scene.gateCloseSlot;
const buysAnn = contentOf('ann 0', ['buy', 0, 2_000n, 300_000n]);

describe('an order', () => {
  it.each<[string, number | undefined, string]>([
    ['void', gate, 'MARKET_ORDER_EXPIRED'],
    ['void', gate - 1, 'MARKET_ORDER_EXPIRED'],
    ['published', gate + 1, ''],
    ['published', undefined, ''],
  ])('is %s where it expires in slot %s', async (kind, expirySlot, code) => {
    const made = await MarketScene.create();
    const more = expirySlot === undefined ? {} : { expirySlot: slot(expirySlot) };
    const order = contentOf('expiring', ['buy', 0, 2_000n, 300_000n], more);
    await made.place(made.ann, [order]);
    await made.clearAll([order]);
    const status = (await made.statuses()).get(order.orderId);
    expect(status).toMatchObject(kind === 'void' ? { kind, code } : { kind });
    const freed = (await made.ledger.evaluate(community, 'market:getClearing', { sessionId: scene.sessionId }))
      .clearing;
    expect(freed).toMatchObject({ voidOrders: kind === 'void' ? 1 : 0 });
  });

  it('publishes with whom it would rather be paired', async () => {
    const made = await MarketScene.create();
    const pairing = { kind: 'partner', participantId: made.cyd.participantId } as const;
    const order = contentOf('paired', ['buy', 0, 2_000n, 300_000n], { pairing });
    await made.place(made.ann, [order]);
    await made.clearAll([order]);
    expect((await made.statuses()).get(order.orderId)).toMatchObject({ kind: 'published', pairing });
  });

  it('is sealed with all that it says, and as before where it says nothing more', () => {
    const sessionId = scene.sessionId;
    const participantId = idOf<ParticipantId>('ann');
    const commitments = [
      buysAnn,
      { ...buysAnn, expirySlot: slot(gate + 1) },
      { ...buysAnn, pairing: { kind: 'local' } as const },
      { ...buysAnn, pairing: { kind: 'green' } as const },
    ].map((content) => orderCommitment(sessionId, participantId, content));
    expect(new Set(commitments).size).toBe(commitments.length);
    // The bytes that orders without more were sealed by from the first release on.
    expect(commitments[0]).toBe(
      digestOf({
        energyWh: '2000',
        interval: 0,
        limitPriceMicroPerKwh: '300000',
        orderId: buysAnn.orderId,
        participantId,
        salt: buysAnn.salt,
        sessionId,
        side: 'buy',
      }),
    );
  });
});

describe('a set of orders', () => {
  const other = contentOf('ann instead', ['buy', 1, 1_000n, 310_000n]);

  async function withdrawnScene(label = 'first', orders = [buysAnn]): Promise<MarketScene> {
    const made = await MarketScene.create();
    await made.place(made.ann, orders);
    await withdraw(made, label, [buysAnn.orderId]);
    return made;
  }

  function withdraw(made: MarketScene, label: string, orderIds: readonly OrderId[]) {
    const { participantId } = made.ann;
    const request = { commandId: command(`withdraw ${label}`), sessionId: scene.sessionId, participantId };
    const whole = signed(made.ann, 'market', 'withdrawOrders', { ...request, expirySlot: gate, orderIds });
    return made.ledger.submit(community, 'market:withdrawOrders', whole);
  }

  const again = (made: MarketScene, contents: readonly OrderContent[], changes: JsonObject = {}) =>
    made.place(made.ann, contents, { commandId: command('place again'), ...changes });

  it('takes the place of one whose orders are all withdrawn, under the same collateral', async () => {
    const made = await withdrawnScene();
    const before = await made.available(made.ann);
    const { response, writes } = await again(made, [other]);
    expect(response).toMatchObject({ orders: 1, collateralMicro: '100000000', availableMicro: before.toString() });
    expect(writes.some(({ key }) => key.startsWith('\u0000posting\u0000'))).toBe(false);
    await made.place(made.cyd, [contentOf('cyd 1', ['sell', 1, 1_500n, 100_000n])]);
    const clearing = await made.clearAll([buysAnn, other, contentOf('cyd 1', ['sell', 1, 1_500n, 100_000n])]);
    expect(clearing).toMatchObject({ withdrawnOrders: 1, publishedOrders: 2, participants: 2, tradedWh: '1000' });
  });

  it.each<[string, readonly OrderContent[], JsonObject]>([
    ['MARKET_COLLATERAL_KEPT', [other], { collateralMicro: '99999999' }],
    ['MARKET_COLLATERAL_KEPT', [other], { collateralMicro: '100000001' }],
    ['MARKET_ORDER_EXISTS', [buysAnn], {}],
  ])('is refused in that place with %s (%#)', async (code, contents, changes) => {
    const made = await withdrawnScene();
    expect(await codeOf(made.ledger, () => again(made, contents, changes))).toBe(code);
  });

  it('stays where one of its orders stands', async () => {
    const made = await withdrawnScene('one of two', [buysAnn, contentOf('ann 1', ['buy', 1, 100n, 300_000n])]);
    expect(await codeOf(made.ledger, () => again(made, [other]))).toBe('MARKET_ORDERS_ALREADY_PLACED');
  });

  it('is replaced four times', async () => {
    const made = await withdrawnScene();
    for (let number = 2; number <= limits.placementsPerSessionMax + 1; number += 1) {
      const order = contentOf(`number ${number}`, ['buy', 0, 100n, 300_000n]);
      const place = () => again(made, [order], { commandId: command(`place ${number}`) });
      if (number > limits.placementsPerSessionMax) {
        expect(await codeOf(made.ledger, place)).toBe('MARKET_ORDERS_REPLACED_TOO_OFTEN');
      } else {
        await place();
        await withdraw(made, `${number}`, [order.orderId]);
      }
    }
  });
});

describe('the bus of a member', () => {
  const limited = { gridLimits: 'tree' };
  const setOf = async (made: MarketScene, signer: Signer) => {
    const asked = { sessionId: scene.sessionId, participantId: signer.participantId };
    return (await made.ledger.evaluate(community, 'market:getOrderSet', asked)).orderSet as JsonObject;
  };

  it('is where its meter is, in a session whose grid has limits, and is not asked for elsewhere', async () => {
    const [on, off] = [await MarketScene.create(limited), await MarketScene.create()];
    await on.place(on.ann, [buysAnn]);
    await off.place(off.ann, [buysAnn]);
    expect(await setOf(on, on.ann)).toMatchObject({ busId: 'bus-2' });
    expect(await setOf(off, off.ann)).not.toHaveProperty('busId');
  });

  it('has to be named by one who has meters at several, and is then that one', async () => {
    const made = await MarketScene.create(limited);
    await registerMeters(made.ledger, made.ann, [new MeterAgent('ann elsewhere', { bus: 'bus-1' })]);
    expect(await codeOf(made.ledger, () => made.place(made.ann, [buysAnn]))).toBe('MARKET_BUS_AMBIGUOUS');
    const foreign = () => made.place(made.ann, [buysAnn], { busId: 'bus-0' });
    expect(await codeOf(made.ledger, foreign)).toBe('MARKET_BUS_UNKNOWN');
    await made.place(made.ann, [buysAnn], { busId: 'bus-1' });
    expect(await setOf(made, made.ann)).toMatchObject({ busId: 'bus-1' });
  });

  it('is that of the grid above for the balancing participant alone, not for a member without a meter', async () => {
    const made = await MarketScene.create(limited);
    const orders = [contentOf('retail', ['sell', 0, 900_000n, 320_000n])];
    await made.place(made.supplier, orders, { collateralMicro: '2000000000' }, callers.market);
    expect(await setOf(made, made.supplier)).not.toHaveProperty('busId');
    const dan = new Signer();
    await registerParticipants(made.ledger, [dan]);
    await made.fund(dan, '200000000');
    expect(await codeOf(made.ledger, () => made.place(dan, [buysAnn]))).toBe('MARKET_BUS_UNKNOWN');
  });
});
