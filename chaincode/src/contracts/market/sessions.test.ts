import type { JsonObject } from '@flexledger/domain';
import { callers, command, firstSlot, idOf } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const products = [
  { kind: 'day-ahead', intervalSlots: 4, intervalsMax: 25 },
  { kind: 'intraday', intervalSlots: 2, intervalsMax: 8 },
];

/** An intraday session whose first half hour begins so many half hours after the scene's session. */
function intraday(halfHours: number, changes: JsonObject = {}): JsonObject {
  const first = scene.sessionSlot + 2 * halfHours;
  return {
    sessionId: idOf(`intraday ${halfHours}`),
    kind: 'intraday',
    firstSlot: first,
    intervals: 8,
    gateCloseSlot: first - 2,
    publishDeadlineSlot: first - 1,
    ...changes,
  };
}

describe('the products of a rule set', () => {
  it('let intraday sessions of half hours follow each other every half hour, each first slot once', async () => {
    const made = await MarketScene.create({ products });
    for (const halfHours of [0, 1, 2]) {
      const { response } = await made.openSession(intraday(halfHours));
      expect(response).toMatchObject({ kind: 'intraday', intervalSlots: 2, intervals: 8, state: 'OPEN' });
    }
    const again = intraday(1, { sessionId: idOf('again'), commandId: command('again') });
    expect(await codeOf(made.ledger, () => made.openSession(again))).toBe('MARKET_SESSION_OVERLAP');
  });

  it.each<[string, JsonObject]>([
    ['MARKET_SESSION_INTERVALS', intraday(0, { intervals: 9 })],
    ['MARKET_SESSION_PERIOD', intraday(0, { firstSlot: scene.sessionSlot + 1 })],
    ['MARKET_SESSION_PERIOD', intraday(0, { gateOpenSlot: scene.sessionSlot - 2 })],
  ])('refuse with %s (%#)', async (code, asked) => {
    const made = await MarketScene.create({ products });
    expect(await codeOf(made.ledger, () => made.openSession(asked))).toBe(code);
  });

  it.each([23, 24, 25])('take a day of %i hours', async (intervals) => {
    const made = await MarketScene.create({ products });
    const day = { sessionId: idOf('day'), firstSlot: scene.sessionSlot + 96, intervals };
    expect((await made.openSession(day)).response).toMatchObject({ intervals, intervalSlots: 4 });
  });

  it('of one kind twice are refused as a rule set', async () => {
    const made = await MarketScene.create();
    const twice = { number: 3, products: [products[0]!, products[0]!] };
    expect(await codeOf(made.ledger, () => made.changeRules(twice))).toBe('REGISTRY_GOVERNANCE_INVALID');
  });
});

describe('the gate of a session', () => {
  it('takes orders from the slot of its opening on and not before', async () => {
    const made = await MarketScene.create({ products });
    const sessionId = idOf('later');
    const later = { sessionId, firstSlot: scene.sessionSlot + 96, gateOpenSlot: firstSlot + 14 };
    expect((await made.openSession(later)).response).toMatchObject({ gateOpenSlot: firstSlot + 14 });
    const order = contentOf('early', ['buy', 0, 1_000n, 300_000n]);
    const place = (label: string) => made.place(made.ann, [order], { commandId: command(label), sessionId });
    expect(await codeOf(made.ledger, () => place('early'))).toBe('MARKET_GATE_NOT_OPEN');
    await made.tickTo(firstSlot + 14);
    expect((await place('in time')).response).toMatchObject({ orders: 1 });
  });
});

describe('the limits of members', () => {
  const memberLimits = { positionWhMax: '1999', exposureMicroMax: '90000000' };
  const buys = (name: string, energyWh: bigint) => contentOf(name, ['buy', 0, energyWh, 300_000n]);

  it.each<[string, readonly bigint[], string]>([
    ['MARKET_POSITION_ABOVE_LIMIT', [2_000n], '90000000'],
    ['MARKET_POSITION_ABOVE_LIMIT', [1_000n, 1_000n], '90000000'],
    ['MARKET_EXPOSURE_ABOVE_LIMIT', [1_999n], '90000001'],
  ])('refuse with %s (%#)', async (code, energiesWh, collateralMicro) => {
    const made = await MarketScene.create({ memberLimits });
    const orders = energiesWh.map((energyWh, index) => buys(`limited ${index}`, energyWh));
    expect(await codeOf(made.ledger, () => made.place(made.ann, orders, { collateralMicro }))).toBe(code);
  });

  it('let pass what is just within them', async () => {
    const made = await MarketScene.create({ memberLimits });
    const { response } = await made.place(made.ann, [buys('within', 1_999n)], { collateralMicro: '90000000' });
    expect(response).toMatchObject({ orders: 1 });
  });

  it('do not hold the balancing participant', async () => {
    const made = await MarketScene.create({ memberLimits });
    const orders = [contentOf('standing', ['sell', 0, 900_000n, 320_000n])];
    const { response } = await made.place(made.supplier, orders, { collateralMicro: '2000000000' }, callers.market);
    expect(response).toMatchObject({ orders: 1 });
  });
});

describe('the backstop', () => {
  const standing = { collateralMicro: '2000000000' };

  it.each<[string, 'buy' | 'sell', bigint]>([
    ['MARKET_BACKSTOP_PRICE', 'sell', 320_100n],
    ['MARKET_BACKSTOP_PRICE', 'buy', 79_900n],
  ])('refuses its own orders with %s at any other price (%#)', async (code, side, price) => {
    const made = await MarketScene.create({ backstop: true });
    const orders = [contentOf('standing', [side, 0, 900_000n, price])];
    expect(await codeOf(made.ledger, () => made.place(made.supplier, orders, standing, callers.market))).toBe(code);
  });

  it('sells at the retail price and buys at the feed-in price, and binds nobody else', async () => {
    const made = await MarketScene.create({ backstop: true });
    const orders = [
      contentOf('retail', ['sell', 0, 900_000n, 320_000n]),
      contentOf('feed-in', ['buy', 0, 900_000n, 80_000n]),
    ];
    expect((await made.place(made.supplier, orders, standing, callers.market)).response).toMatchObject({ orders: 2 });
    const own = [contentOf('ann', ['buy', 0, 2_000n, 320_100n])];
    expect((await made.place(made.ann, own)).response).toMatchObject({ orders: 1 });
  });

  it.each<[JsonObject]>([[{ priceCapMicroPerKwh: '300000' }], [{ feedInPriceMicroPerKwh: '320000' }]])(
    'is refused as a rule set whose orders the market would not take (%#)',
    async (changes) => {
      const made = await MarketScene.create();
      const rules = { number: 3, backstop: true, balancingParticipantId: made.supplier.participantId, ...changes };
      expect(await codeOf(made.ledger, () => made.changeRules(rules))).toBe('REGISTRY_GOVERNANCE_INVALID');
    },
  );
});

describe('market:getSessionPhase', () => {
  const phaseOf = async (made: MarketScene) =>
    (await made.ledger.evaluate(callers.community, 'market:getSessionPhase', { sessionId: scene.sessionId })).phase;

  it('follows a session from the opening of its gate to its settlement', async () => {
    const made = await MarketScene.create();
    const orders = [
      contentOf('a', ['buy', 0, 2_000n, 300_000n]),
      contentOf('b', ['sell', 0, 1_500n, 100_000n]),
    ] as const;
    expect(await phaseOf(made)).toBe('OPEN');
    await made.place(made.ann, [orders[0]]);
    await made.place(made.cyd, [orders[1]]);
    await made.tickTo(scene.gateCloseSlot);
    expect(await phaseOf(made)).toBe('GATE_CLOSED');
    await made.clearAll(orders);
    expect(await phaseOf(made)).toBe('APPLIED');
    await made.tickTo(scene.sessionSlot);
    expect(await phaseOf(made)).toBe('DELIVERY');
    await made.tickTo(scene.endSlot + 1);
    expect(await phaseOf(made)).toBe('DELIVERED');
    const values = Array.from({ length: 48 }, () => 100n);
    for (const agent of Object.values(made.meters)) {
      await made.measure(agent, values);
    }
    for (const fromSlot of [scene.sessionSlot, scene.sessionSlot + 4]) {
      expect(await phaseOf(made)).toBe('DELIVERED');
      await made.settle({ fromSlot }, `${fromSlot}`);
    }
    expect(await phaseOf(made)).toBe('SETTLED');
  });
});
