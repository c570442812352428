import { digestOf, limits, orderCommitment, slot, type JsonObject, type ParticipantId } from '@flexledger/domain';
import { callers, command, firstSlot, idOf } from '../testing/actors';
import { contentOf, MarketScene, scene } from '../testing/market-scene';
import { codeOf } from '../testing/refusal';

const { community, dso, regulator } = callers;

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

/** The status of every order of the scene's session, by name. */
async function statusesOf(made: MarketScene): Promise<ReadonlyMap<string, JsonObject>> {
  const { rows } = await made.ledger.evaluate(community, 'market:listOrders', { sessionId: scene.sessionId });
  return new Map((rows as JsonObject[]).map((row) => [String(row.orderId), row.status as JsonObject]));
}

const gate = scene.gateCloseSlot;
const buysAnn = contentOf('ann 0', ['buy', 0, 2_000n, 300_000n]);
const sellsCyd = contentOf('cyd 0', ['sell', 0, 1_500n, 100_000n]);

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
    const status = (await statusesOf(made)).get(order.orderId);
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
    expect((await statusesOf(made)).get(order.orderId)).toMatchObject({ kind: 'published', pairing });
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

/** Suspends or readmits ann. */
function standing(made: MarketScene, transaction: 'suspend' | 'readmit', label: string, fromSlot?: number) {
  const caller = transaction === 'suspend' ? dso : regulator;
  const request = {
    commandId: command(`${transaction} ${label}`),
    participantId: made.ann.participantId,
    reason: `Reason ${label}`,
    ...(fromSlot === undefined ? {} : { fromSlot }),
  };
  return made.ledger.submit(caller, `registry:${transaction}Participant`, request);
}

async function twoOrders(ruleSet: JsonObject = { suspendedOrdersVoid: true }): Promise<MarketScene> {
  const made = await MarketScene.create(ruleSet);
  await made.place(made.ann, [buysAnn]);
  await made.place(made.cyd, [sellsCyd]);
  return made;
}

describe('a suspension', () => {
  it('from a slot up to the gate makes the open orders void, and gives their collateral back', async () => {
    const made = await twoOrders();
    const before = await made.available(made.ann);
    const { event } = await standing(made, 'suspend', 'one', gate);
    expect(event).toMatchObject({ facts: [{ type: 'ParticipantSuspended', reason: 'Reason one', fromSlot: gate }] });
    const clearing = await made.clearAll([buysAnn, sellsCyd]);
    expect(clearing).toMatchObject({ voidOrders: 1, publishedOrders: 1, tradedWh: '0' });
    const statuses = await statusesOf(made);
    expect(statuses.get(buysAnn.orderId)).toEqual({ kind: 'void', code: 'MARKET_MEMBER_SUSPENDED' });
    expect(statuses.get(sellsCyd.orderId)).toMatchObject({ kind: 'published' });
    const sources = [{ kind: 'clearing', sessionId: scene.sessionId }];
    const fold = { commandId: command('fold'), participantId: made.ann.participantId, sources };
    await made.ledger.submit(community, 'accounts:foldBalance', fold);
    // All comes back but the reserve of 8 quarter hours, which is for deviations.
    expect(await made.available(made.ann)).toBe(before + 100_000_000n - 8n * 5_250_000n);
  });

  it.each<[string, (made: MarketScene) => Promise<unknown>]>([
    ['from a slot after the gate', (made) => standing(made, 'suspend', 'after', gate + 1)],
    ['without a slot', (made) => standing(made, 'suspend', 'at once')],
    [
      'that ends at the gate',
      async (made) => {
        await standing(made, 'suspend', 'first', gate - 2);
        await standing(made, 'readmit', 'first', gate);
      },
    ],
    [
      'that begins once the gate has closed',
      async (made) => {
        await made.tickTo(gate);
        await standing(made, 'suspend', 'late', gate + 1);
      },
    ],
  ])('%s leaves them as they are', async (_, suspend) => {
    const made = await twoOrders();
    await suspend(made);
    expect(await made.clearAll([buysAnn, sellsCyd])).toMatchObject({ voidOrders: 0, tradedWh: '1500' });
  });

  it('leaves open orders alone under a rule set that does not say so', async () => {
    const made = await twoOrders({});
    await standing(made, 'suspend', 'one', gate);
    expect(await made.clearAll([buysAnn, sellsCyd])).toMatchObject({ voidOrders: 0, tradedWh: '1500' });
  });

  it('stands in the row of the participant with its reasons', async () => {
    const made = await twoOrders();
    await standing(made, 'suspend', 'one', gate - 2);
    await standing(made, 'readmit', 'two', gate + 2);
    const { participantId } = made.ann;
    expect(await made.ledger.evaluate(community, 'registry:getParticipant', { participantId })).toMatchObject({
      state: 'ACTIVE',
      suspensions: [{ fromSlot: gate - 2, reason: 'Reason one', toSlot: gate + 2, readmissionReason: 'Reason two' }],
    });
    expect(await made.clearAll([buysAnn, sellsCyd])).toMatchObject({ voidOrders: 1 });
  });

  it.each([firstSlot + 12, firstSlot - 1])('is refused from slot %i, which has begun', async (fromSlot) => {
    const made = await twoOrders();
    const attempt = () => standing(made, 'suspend', 'past', fromSlot);
    expect(await codeOf(made.ledger, attempt)).toBe('PARTICIPANT_SLOT_BEGUN');
  });

  it.each<[string, number | undefined]>([
    ['PARTICIPANT_SUSPENSION_SLOT', undefined],
    ['PARTICIPANT_SLOT_BEGUN', firstSlot + 12],
  ])('from a slot does not end: %s', async (code, toSlot) => {
    const made = await twoOrders();
    await standing(made, 'suspend', 'first', gate);
    expect(await codeOf(made.ledger, () => standing(made, 'readmit', 'first', toSlot))).toBe(code);
  });

  it('without a slot ends without one', async () => {
    const made = await twoOrders();
    await standing(made, 'suspend', 'at once');
    expect(await codeOf(made.ledger, () => standing(made, 'readmit', 'slot', gate))).toBe(
      'PARTICIPANT_SUSPENSION_SLOT',
    );
    expect((await standing(made, 'readmit', 'at once')).response).toEqual({});
  });

  it('from a slot is listed 50 times; one more is made without', async () => {
    const made = await twoOrders();
    for (let count = 0; count < limits.suspensionsMax; count += 1) {
      await standing(made, 'suspend', `${count}`, gate);
      await standing(made, 'readmit', `${count}`, gate);
    }
    expect(await codeOf(made.ledger, () => standing(made, 'suspend', 'more', gate))).toBe(
      'PARTICIPANT_SUSPENSIONS_TOO_MANY',
    );
    expect((await standing(made, 'suspend', 'more')).response).toEqual({});
  });
});
