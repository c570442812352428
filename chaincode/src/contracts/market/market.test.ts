import type { JsonObject, OrderContent, OrderId, ParticipantId } from '@flexledger/domain';
import { callers, command, firstSlot, idOf, Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene, signed, transientOf } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community, market, oracle } = callers;

const annBuys = contentOf('ann 0', ['buy', 0, 2_000n, 300_000n]);
const cydSells = contentOf('cyd 0', ['sell', 0, 1_500n, 100_000n]);

/** A scene in which ann and cyd have placed one order each. */
async function placedScene(): Promise<MarketScene> {
  const made = await MarketScene.create();
  await made.place(made.ann, [annBuys]);
  await made.place(made.cyd, [cydSells]);
  return made;
}

async function closedScene(): Promise<MarketScene> {
  const made = await placedScene();
  await made.tickTo(scene.gateCloseSlot);
  await made.step('closeSession');
  return made;
}

const published = { orderIds: [annBuys.orderId, cydSells.orderId] };

async function publishedScene(): Promise<MarketScene> {
  const made = await closedScene();
  await made.step('publishOrders', published);
  return made;
}

describe('market:openSession', () => {
  it('pins the rule set in force and claims its intervals', async () => {
    const made = await MarketScene.create();
    const session = await made.ledger.evaluate(community, 'market:getSession', { sessionId: scene.sessionId });
    expect(session).toMatchObject({
      state: 'OPEN',
      ruleSet: { number: 2 },
      intervalSlots: 4,
      firstSlot: scene.sessionSlot,
    });
    expect(made.ledger.rows('session-interval').size).toBe(scene.intervals);
  });

  it.each<[string, JsonObject]>([
    ['GRID_UNKNOWN', { gridId: 'nowhere' }],
    ['MARKET_SESSION_EXISTS', {}],
    ['MARKET_SESSION_PERIOD', { sessionId: idOf('other'), firstSlot: scene.sessionSlot + 1 }],
    ['MARKET_SESSION_PERIOD', { sessionId: idOf('other'), gateCloseSlot: scene.publishDeadlineSlot }],
    ['MARKET_SESSION_PERIOD', { sessionId: idOf('other'), publishDeadlineSlot: scene.sessionSlot + 1 }],
    ['INPUT_FIELD_INVALID', { sessionId: idOf('other'), firstSlot: 99_999_996 }],
    ['MARKET_SESSION_OVERLAP', { sessionId: idOf('other'), firstSlot: scene.sessionSlot + 4 }],
    ['MARKET_GATE_PASSED', { sessionId: idOf('other'), firstSlot: scene.sessionSlot + 400, gateCloseSlot: firstSlot }],
    ['MARKET_PRODUCT_UNKNOWN', { sessionId: idOf('other'), kind: 'intraday' }],
    ['MARKET_SESSION_INTERVALS', { sessionId: idOf('other'), intervals: 25 }],
    ['INPUT_FIELD_INVALID', { sessionId: idOf('other'), intervals: 26 }],
    ['INPUT_FIELD_INVALID', { sessionId: idOf('other'), kind: 'weekly' }],
  ])('refuses with %s (%#)', async (code, changes) => {
    const made = await MarketScene.create();
    const request = () => made.openSession({ ...changes, commandId: command('open again') });
    expect(await codeOf(made.ledger, request)).toBe(code);
  });
});

describe('market:placeOrders', () => {
  it('keeps what the orders say in the collection, and the seals, the lock and one posting set on the channel', async () => {
    const made = await MarketScene.create();
    const { event, response, writes } = await made.place(made.ann, [annBuys]);
    expect(response).toMatchObject({ orders: 1, collateralMicro: '100000000', availableMicro: '100000000' });
    const places = writes.map(({ key, place }) => `${place} ${key.split('\u0000')[1] ?? ''}`);
    expect(places.sort()).toEqual([' command', ' limit', ' order', ' order-set', ' posting', 'orders order-content']);
    const channelBytes = writes.filter(({ place }) => place === '').map(({ value }) => Buffer.from(value).toString());
    expect(JSON.stringify([channelBytes, event, response])).not.toMatch(/300000|"2000"/);
    expect(event).toMatchObject({ facts: [{ type: 'OrdersPlaced', orders: 1 }] });
  });

  it('answers the same command again without a write, and refuses it with other orders (B31)', async () => {
    const made = await MarketScene.create();
    const request = made.placing(made.ann, [annBuys]);
    const first = await made.ledger.submit(community, 'market:placeOrders', request, {
      transient: transientOf([annBuys]),
    });
    const again = await made.ledger.submit(community, 'market:placeOrders', request, {
      transient: transientOf([annBuys]),
    });
    expect(again.response).toEqual(first.response);
    expect(again.writes).toEqual([]);
    const other = { transient: transientOf([{ ...annBuys, interval: 1 }]) };
    expect(await codeOf(made.ledger, () => made.ledger.submit(community, 'market:placeOrders', request, other))).toBe(
      'COMMAND_REUSED',
    );
  });

  type Case = readonly [string, (made: MarketScene) => Promise<unknown>];
  const cases: readonly Case[] = [
    ['SIGNATURE_EXPIRED', (made) => made.place(made.ann, [annBuys], { expirySlot: firstSlot })],
    [
      'SIGNATURE_INVALID',
      (made) => {
        const request = { ...made.placing(made.ann, [annBuys]), collateralMicro: '99000000' };
        return made.ledger.submit(community, 'market:placeOrders', request, { transient: transientOf([annBuys]) });
      },
    ],
    [
      'SIGNATURE_INVALID',
      (made) => {
        const forged = { ...made.placing(made.bob, [annBuys]), participantId: made.ann.participantId };
        return made.ledger.submit(community, 'market:placeOrders', forged, { transient: transientOf([annBuys]) });
      },
    ],
    ['PARTICIPANT_UNKNOWN', (made) => made.place(new Signer(), [annBuys])],
    [
      'PARTICIPANT_SUSPENDED',
      async (made) => {
        return made.place(made.bob, [annBuys]);
      },
    ],
    ['MARKET_SESSION_UNKNOWN', (made) => made.place(made.ann, [annBuys], { sessionId: idOf('none') })],
    ['MARKET_ORDERS_MISMATCH', (made) => sendWith(made, made.ann, [annBuys], [cydSells])],
    ['MARKET_ORDER_TWICE', (made) => made.place(made.ann, [annBuys, annBuys])],
    ['MARKET_COMMITMENT_MISMATCH', (made) => sendWith(made, made.ann, [annBuys], [{ ...annBuys, interval: 1 }])],
    ['MARKET_INTERVAL_UNKNOWN', (made) => made.place(made.ann, [contentOf('far', ['buy', 2, 10n, 100n])])],
    ['MARKET_PRICE_RANGE', (made) => made.place(made.ann, [contentOf('dear', ['buy', 0, 10n, 4_000_100n])])],
    ['MARKET_PRICE_TICK', (made) => made.place(made.ann, [contentOf('odd', ['buy', 0, 10n, 150n])])],
    ['MARKET_ENERGY_TOO_SMALL', (made) => made.place(made.ann, [contentOf('nothing', ['buy', 0, 0n, 100n])])],
    ['MARKET_ENERGY_ABOVE_LIMIT', (made) => made.place(made.ann, [contentOf('much', ['buy', 0, 30_001n, 100n])])],
    [
      'MARKET_SELF_TRADE',
      (made) => made.place(made.ann, [contentOf('b', ['buy', 0, 10n, 200n]), contentOf('s', ['sell', 0, 10n, 100n])]),
    ],
    ['MARKET_COLLATERAL_TOO_SMALL', (made) => made.place(made.ann, [annBuys], { collateralMicro: '42599999' })],
    ['ACCOUNTS_BALANCE_TOO_LOW', (made) => made.place(made.ann, [annBuys], { collateralMicro: '200000001' })],
    ['ACCESS_ROLE_REFUSED', (made) => made.place(made.ann, [annBuys], {}, oracle as never)],
    [
      'INPUT_TRANSIENT_MISSING',
      (made) => made.ledger.submit(community, 'market:placeOrders', made.placing(made.ann, [annBuys])),
    ],
    ['INPUT_FIELD_INVALID', (made) => made.place(made.ann, [annBuys], { collateralMicro: '-1' })],
    ['INPUT_FIELD_INVALID', (made) => made.place(made.ann, [annBuys], { collateralMicro: 5 })],
  ];

  it.each(cases)('refuses with %s (%#)', async (code, attempt) => {
    const made = await MarketScene.create();
    if (code === 'PARTICIPANT_SUSPENDED') {
      const request = { commandId: command('suspend'), participantId: made.bob.participantId, reason: 'Unpaid bill' };
      await made.ledger.submit(callers.dso, 'registry:suspendParticipant', request);
    }
    expect(await codeOf(made.ledger, () => attempt(made))).toBe(code);
  });

  it('takes collateral that is just enough', async () => {
    const made = await MarketScene.create();
    // 2 kWh at 0.3 EUR/kWh, and 8 slots of 2 x 7.5 kWh at 0.35 EUR/kWh.
    await expect(made.place(made.ann, [annBuys], { collateralMicro: '42600000' })).resolves.toBeDefined();
  });

  it('is for once per participant and session, and takes no id that another has used', async () => {
    const made = await placedScene();
    const more = [contentOf('ann 1', ['buy', 1, 10n, 100n])];
    const again = () => made.place(made.ann, more, { commandId: command('more') });
    expect(await codeOf(made.ledger, again)).toBe('MARKET_ORDERS_ALREADY_PLACED');
    const taken: OrderContent = { ...more[0]!, orderId: annBuys.orderId };
    expect(await codeOf(made.ledger, () => made.place(made.bob, [taken]))).toBe('MARKET_ORDER_EXISTS');
  });

  it("refuses another's seal under one's own name (B29)", async () => {
    const made = await placedScene();
    const copied = { orderId: idOf<OrderId>('copy'), commitment: '' };
    const stolen = { ...annBuys, orderId: copied.orderId };
    const theirs = made.placing(made.ann, [annBuys]).sealed as JsonObject[];
    const sealed = [{ orderId: copied.orderId, commitment: theirs[0]?.commitment ?? '' }];
    const attempt = () => made.place(made.bob, [stolen], { sealed });
    expect(await codeOf(made.ledger, attempt)).toBe('MARKET_COMMITMENT_MISMATCH');
  });

  it('takes nothing once the gate has begun, whatever time the transaction claims (B27)', async () => {
    const made = await MarketScene.create();
    await made.tickTo(scene.gateCloseSlot);
    const late = { expirySlot: scene.gateCloseSlot + 5 };
    expect(await codeOf(made.ledger, () => made.place(made.ann, [annBuys], late))).toBe('MARKET_GATE_PASSED');
    const request = made.placing(made.ann, [annBuys], late);
    const options = { transient: transientOf([annBuys]), transactionSeconds: 1_000 };
    expect(await codeOf(made.ledger, () => made.ledger.submit(community, 'market:placeOrders', request, options))).toBe(
      'MARKET_GATE_PASSED',
    );
  });
});

function sendWith(
  made: MarketScene,
  signer: Signer,
  sealedContents: readonly OrderContent[],
  sent: readonly OrderContent[],
): Promise<unknown> {
  const request = made.placing(signer, sealedContents);
  return made.ledger.submit(community, 'market:placeOrders', request, { transient: transientOf(sent) });
}

function withdrawing(signer: Signer, orderIds: readonly OrderId[], changes: JsonObject = {}): JsonObject {
  const participantId: ParticipantId = signer.participantId;
  const base = { commandId: command('withdraw'), sessionId: scene.sessionId, participantId };
  return signed(signer, 'market', 'withdrawOrders', { ...base, expirySlot: scene.gateCloseSlot, orderIds, ...changes });
}

describe('market:withdrawOrders', () => {
  it('voids own sealed orders before the gate; their collateral comes back with the clearing', async () => {
    const made = await placedScene();
    const request = withdrawing(made.ann, [annBuys.orderId]);
    expect((await made.ledger.submit(community, 'market:withdrawOrders', request)).response).toEqual({ withdrawn: 1 });
    await made.tickTo(scene.gateCloseSlot);
    await made.step('closeSession');
    await made.step('publishOrders', { orderIds: [cydSells.orderId] });
    expect((await made.step('clear')).response).toMatchObject({
      withdrawnOrders: 1,
      publishedOrders: 1,
      tradedWh: '0',
    });
    const { response } = await made.step('applyClearing', { chunk: 0 });
    // Both get all but the reserve of 8 slots back.
    expect(response).toMatchObject({ releasedMicro: String(2n * (100_000_000n - 8n * 5_250_000n)), applied: true });
  });

  it.each<[string, (made: MarketScene) => JsonObject]>([
    ['MARKET_ORDER_TWICE', (made) => withdrawing(made.ann, [annBuys.orderId, annBuys.orderId])],
    ['MARKET_ORDER_UNKNOWN', (made) => withdrawing(made.ann, [idOf<OrderId>('none')])],
    ['MARKET_ORDER_NOT_OWN', (made) => withdrawing(made.ann, [cydSells.orderId])],
    ['MARKET_SESSION_UNKNOWN', (made) => withdrawing(made.ann, [annBuys.orderId], { sessionId: idOf('none') })],
    [
      'SIGNATURE_INVALID',
      (made) => ({ ...withdrawing(made.bob, [annBuys.orderId]), participantId: made.ann.participantId }),
    ],
  ])('refuses with %s (B30)', async (code, requestOf) => {
    const made = await placedScene();
    const attempt = () => made.ledger.submit(community, 'market:withdrawOrders', requestOf(made));
    expect(await codeOf(made.ledger, attempt)).toBe(code);
  });

  it('is refused after the gate, and twice', async () => {
    const made = await placedScene();
    await made.ledger.submit(community, 'market:withdrawOrders', withdrawing(made.ann, [annBuys.orderId]));
    const again = withdrawing(made.ann, [annBuys.orderId], { commandId: command('withdraw again') });
    const attempt = () => made.ledger.submit(community, 'market:withdrawOrders', again);
    expect(await codeOf(made.ledger, attempt)).toBe('MARKET_ORDER_NOT_SEALED');
    await made.tickTo(scene.gateCloseSlot);
    const changes = { commandId: command('withdraw late'), expirySlot: scene.gateCloseSlot + 1 };
    const late = withdrawing(made.cyd, [cydSells.orderId], changes);
    expect(await codeOf(made.ledger, () => made.ledger.submit(community, 'market:withdrawOrders', late))).toBe(
      'MARKET_GATE_PASSED',
    );
  });
});

describe('market:closeSession', () => {
  it('waits for the gate on the ledger clock and is then open to anyone', async () => {
    const made = await placedScene();
    expect(await codeOf(made.ledger, () => made.step('closeSession'))).toBe('MARKET_GATE_NOT_REACHED');
    await made.tickTo(scene.gateCloseSlot);
    const request = { commandId: command('close'), sessionId: scene.sessionId };
    const { response } = await made.ledger.submit(community, 'market:closeSession', request);
    expect(response).toMatchObject({ state: 'CLOSED' });
    expect(await codeOf(made.ledger, () => made.step('closeSession'))).toBe('MARKET_SESSION_NOT_OPEN');
  });
});

describe('market:publishOrders', () => {
  it('puts the opened orders under the keys of the sealed ones, and says which were already open', async () => {
    const made = await closedScene();
    const { response, writes } = await made.step('publishOrders', { orderIds: [annBuys.orderId] });
    expect(response).toEqual({ published: 1, void: 0, already: 0 });
    expect(writes.filter(({ key }) => key.startsWith('\u0000order\u0000'))).toHaveLength(1);
    expect((await made.step('publishOrders', published)).response).toEqual({ published: 1, void: 0, already: 1 });
    const listed = await made.ledger.evaluate(community, 'market:listOrders', { sessionId: scene.sessionId });
    const kinds = (listed.rows as JsonObject[]).map(({ status }) => (status as JsonObject).kind);
    expect(kinds).toEqual(['published', 'published']);
    expect(listed.bookmark).toBeNull();
  });

  it.each<[string, (made: MarketScene) => Promise<unknown>]>([
    ['MARKET_ORDER_TWICE', (made) => made.step('publishOrders', { orderIds: [annBuys.orderId, annBuys.orderId] })],
    ['MARKET_ORDER_UNKNOWN', (made) => made.step('publishOrders', { orderIds: [idOf('none')] })],
    [
      'MARKET_PUBLISH_DEADLINE_PASSED',
      async (made) => {
        return made.step('publishOrders', published);
      },
    ],
    [
      'LEDGER_REFUSED',
      (made) => {
        const request = { commandId: command('publish'), sessionId: scene.sessionId, ...published };
        return made.ledger.submit(market, 'market:publishOrders', request, { collections: [] });
      },
    ],
  ])('refuses with %s (B28)', async (code, attempt) => {
    const made = await closedScene();
    if (code === 'MARKET_PUBLISH_DEADLINE_PASSED') {
      await made.tickTo(scene.publishDeadlineSlot);
    }
    expect(await codeOf(made.ledger, () => attempt(made))).toBe(code);
  });

  it('is refused while the session is open and after it was cleared', async () => {
    const made = await placedScene();
    expect(await codeOf(made.ledger, () => made.step('publishOrders', published))).toBe('MARKET_SESSION_NOT_CLOSED');
    const cleared = await publishedScene();
    await cleared.step('clear');
    expect(await codeOf(cleared.ledger, () => cleared.step('publishOrders', published, 'late'))).toBe(
      'MARKET_ALREADY_CLEARED',
    );
  });
});

describe('questions about the market', () => {
  it('are refused for a session that does not exist, and answer null before there is an answer', async () => {
    const made = await MarketScene.create();
    for (const name of ['getSession', 'listOrders', 'getClearing', 'listTrades']) {
      const attempt = () => made.ledger.evaluate(community, `market:${name}`, { sessionId: idOf('none') });
      expect([name, await codeOf(made.ledger, attempt)]).toEqual([name, 'MARKET_SESSION_UNKNOWN']);
    }
    const asked = { sessionId: scene.sessionId };
    expect(await made.ledger.evaluate(community, 'market:getClearing', asked)).toEqual({ clearing: null });
    const set = { ...asked, participantId: made.ann.participantId };
    expect(await made.ledger.evaluate(community, 'market:getOrderSet', set)).toEqual({ orderSet: null });
  });
});
