import {
  canonicalJson,
  findClearingFault,
  microPerKwh,
  orderCommitment,
  orderContentCodec,
  publishOrder,
  sessionCodec,
  slot,
  wh,
  type ClearingOrder,
  type JsonObject,
  type JsonValue,
  type Order,
  type OrderContent,
  type OrderId,
  type ParticipantId,
} from '@flexledger/domain';
import { callers, command, idOf, type Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene, signed, transientOf } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community } = callers;
const gate = scene.gateCloseSlot;

const annBuys = contentOf('ann 0', ['buy', 0, 2_000n, 300_000n]);
const cydSells = contentOf('cyd 0', ['sell', 0, 1_500n, 100_000n]);
const both = { orderIds: [annBuys.orderId, cydSells.orderId] };

async function placedScene(): Promise<MarketScene> {
  const made = await MarketScene.create();
  await made.place(made.ann, [annBuys]);
  await made.place(made.cyd, [cydSells]);
  return made;
}

async function closedScene(): Promise<MarketScene> {
  const made = await placedScene();
  await made.tickTo(gate);
  await made.step('closeSession');
  return made;
}

/** Places an order whose JSON is changed after it was sealed, as a careless client would that builds it by hand. */
function placeJson(made: MarketScene, changes: JsonObject): Promise<unknown> {
  const content = orderContentCodec.encode(annBuys) as JsonObject;
  const transient = { orders: { orders: [{ ...content, ...changes }] } };
  return made.ledger.submit(community, 'market:placeOrders', made.placing(made.ann, [annBuys]), { transient });
}

describe('a price or a quantity that is none (B25)', () => {
  const bounded = { priceFloorMicroPerKwh: '1000', quantityMinWh: '10' };
  const placing = (energyWh: bigint, limit: bigint) => (made: MarketScene) =>
    made.place(made.ann, [contentOf('bad', ['buy', 0, energyWh, limit])]);

  it.each<[string, string, (made: MarketScene) => Promise<unknown>]>([
    ['price 0, below the floor', 'MARKET_PRICE_RANGE', placing(2_000n, 0n)],
    ['price below zero', 'INPUT_FIELD_INVALID', (made) => placeJson(made, { limitPriceMicroPerKwh: '-100' })],
    ['price that is a fraction', 'INPUT_FIELD_INVALID', (made) => placeJson(made, { limitPriceMicroPerKwh: '0.5' })],
    ['price above the cap', 'MARKET_PRICE_RANGE', placing(2_000n, 4_000_100n)],
    ['price between two ticks', 'MARKET_PRICE_TICK', placing(2_000n, 300_050n)],
    ['quantity 0', 'MARKET_ENERGY_TOO_SMALL', placing(0n, 300_000n)],
    ['quantity below the smallest', 'MARKET_ENERGY_TOO_SMALL', placing(9n, 300_000n)],
    ['quantity below zero', 'INPUT_FIELD_INVALID', (made) => placeJson(made, { energyWh: '-2000' })],
    ['quantity that is a number', 'INPUT_FIELD_INVALID', (made) => placeJson(made, { energyWh: 2_000 })],
    ['quantity above what the connection carries', 'MARKET_ENERGY_ABOVE_LIMIT', placing(30_001n, 300_000n)],
    ['quantity of 19 digits', 'INPUT_FIELD_INVALID', (made) => placeJson(made, { energyWh: '1000000000000000000' })],
  ])('is refused: %s', async (_, code, attempt) => {
    const made = await MarketScene.create(bounded);
    expect(await codeOf(made.ledger, () => attempt(made))).toBe(code);
  });
});

describe('an order for a slot that is not traded (B26)', () => {
  it.each<[string, string, (made: MarketScene) => Promise<unknown>]>([
    [
      'of a closed session',
      'MARKET_GATE_PASSED',
      async (made) => {
        await made.tickTo(gate);
        await made.step('closeSession');
      },
    ],
    ['that is past', 'MARKET_GATE_PASSED', (made) => made.tickTo(scene.endSlot)],
  ])('is refused: %s', async (_, code, prepare) => {
    const made = await MarketScene.create();
    await prepare(made);
    const late = () => made.place(made.ann, [annBuys], { expirySlot: scene.endSlot + 1 });
    expect(await codeOf(made.ledger, late)).toBe(code);
  });

  it.each<[string, string, (made: MarketScene) => Promise<unknown>]>([
    [
      'after the session',
      'MARKET_INTERVAL_UNKNOWN',
      (made) => made.place(made.ann, [contentOf('far', ['buy', scene.intervals, 2_000n, 300_000n])]),
    ],
    ['in a far future', 'INPUT_FIELD_INVALID', (made) => placeJson(made, { interval: 1_000_000 })],
    ['before the session', 'INPUT_FIELD_INVALID', (made) => placeJson(made, { interval: -1 })],
    ['of no session', 'MARKET_SESSION_UNKNOWN', (made) => made.place(made.ann, [annBuys], { sessionId: idOf('no') })],
  ])('is refused: %s', async (_, code, attempt) => {
    const made = await MarketScene.create();
    expect(await codeOf(made.ledger, () => attempt(made))).toBe(code);
  });
});

/** Endorses a call now and keeps the envelope back. */
function holdBack(made: MarketScene, functionName: string, request: JsonValue, contents?: readonly OrderContent[]) {
  const options = contents === undefined ? {} : { transient: transientOf(contents) };
  return made.ledger.call(community, [functionName, canonicalJson(request)], options);
}

describe('an order that comes after the gate (B27)', () => {
  it('is refused whatever time its transaction claims', async () => {
    const made = await MarketScene.create();
    await made.tickTo(gate);
    const request = made.placing(made.ann, [annBuys], { expirySlot: gate + 5 });
    for (const transactionSeconds of [0, (gate - 10) * 900, 4_000_000_000]) {
      const options = { transient: transientOf([annBuys]), transactionSeconds };
      const attempt = () => made.ledger.submit(community, 'market:placeOrders', request, options);
      expect(await codeOf(made.ledger, attempt)).toBe('MARKET_GATE_PASSED');
    }
  });

  it('is invalid where it was endorsed before the gate and held back until after it', async () => {
    const made = await MarketScene.create();
    const request = made.placing(made.ann, [annBuys], { expirySlot: gate + 5 });
    const held = await holdBack(made, 'market:placeOrders', request, [annBuys]);
    await made.tickTo(gate);
    const before = made.ledger.snapshot();
    expect(made.ledger.order(held)).toBe('MVCC_READ_CONFLICT');
    expect(made.ledger.snapshot()).toBe(before);
  });

  it('counts where it is ordered before the gate, though later than others', async () => {
    const made = await MarketScene.create();
    const held = await holdBack(made, 'market:placeOrders', made.placing(made.ann, [annBuys]), [annBuys]);
    await made.place(made.cyd, [cydSells]);
    await made.tickTo(gate - 1);
    expect(made.ledger.order(held)).toBe('VALID');
  });

  it('is not withdrawn by an envelope that was held back until after the gate', async () => {
    const made = await placedScene();
    const held = await holdBack(made, 'market:withdrawOrders', withdrawing(made.ann, [annBuys.orderId]));
    await made.tickTo(gate);
    expect(made.ledger.order(held)).toBe('MVCC_READ_CONFLICT');
  });
});

describe('publishing and clearing that leave the truth (B28)', () => {
  it.each<[string, string, (made: MarketScene) => Promise<unknown>]>([
    [
      'leave an order out',
      'MARKET_ORDERS_UNPUBLISHED',
      async (made) => {
        await made.step('clear');
      },
    ],
    ['add an order', 'MARKET_ORDER_UNKNOWN', (made) => made.step('publishOrders', { orderIds: [idOf('added')] })],
    [
      'repeat an order',
      'MARKET_ORDER_TWICE',
      (made) => made.step('publishOrders', { orderIds: [annBuys.orderId, annBuys.orderId] }),
    ],
    ['alter an order', 'INPUT_FIELD_UNKNOWN', (made) => made.step('publishOrders', { ...both, energyWh: '1' })],
    ['bring their own fills', 'INPUT_FIELD_UNKNOWN', (made) => made.step('clear', { fills: [] })],
    ['bring their own price', 'INPUT_FIELD_UNKNOWN', (made) => made.step('clear', { priceMicroPerKwh: '1' })],
  ])('are refused where they %s', async (_, code, attempt) => {
    const made = await closedScene();
    expect(await codeOf(made.ledger, () => attempt(made))).toBe(code);
  });

  it('publish an order a second time without any effect on it', async () => {
    const made = await closedScene();
    await made.step('publishOrders', both);
    const { response, writes } = await made.step('publishOrders', both, 'again');
    expect(response).toEqual({ published: 0, void: 0, already: 2 });
    expect(writes.map(({ key }) => key.split('\u0000')[1])).toEqual(['command']);
  });

  it.each<[string, Partial<OrderContent>]>([
    ['another quantity', { energyWh: wh(1_999n) }],
    ['another price', { limitPriceMicroPerKwh: microPerKwh(299_900n) }],
    ['the other side', { side: 'sell' }],
    ['another interval', { interval: 1 }],
    ['another salt', { salt: cydSells.salt }],
    ['a wish that it had not', { pairing: { kind: 'green' } }],
    ['an expiry that it had not', { expirySlot: slot(gate + 1) }],
  ])('void an order whose seal is opened with %s', async (_, change) => {
    const made = await closedScene();
    const asked = { sessionId: scene.sessionId };
    const session = sessionCodec.decode(await made.ledger.evaluate(community, 'market:getSession', asked), '');
    const order: Order = {
      sessionId: scene.sessionId,
      orderId: annBuys.orderId,
      participantId: made.ann.participantId,
      commitment: orderCommitment(scene.sessionId, made.ann.participantId, annBuys),
      status: { kind: 'sealed' },
    };
    expect(publishOrder(session, order, annBuys).status).toMatchObject({ kind: 'published' });
    expect(publishOrder(session, order, { ...annBuys, ...change }).status).toEqual({
      kind: 'void',
      code: 'MARKET_COMMITMENT_MISMATCH',
    });
  });

  it.each<[string, readonly [bigint, bigint]]>([
    ['one Wh more for the buyer', [1_501n, 1_500n]],
    ['one Wh less for both', [1_499n, 1_499n]],
  ])('are found out on the second path: %s', (_, fills) => {
    const orders: ClearingOrder[] = [annBuys, cydSells];
    const price = { lowMicroPerKwh: 300_000n, highMicroPerKwh: 300_000n, clearingMicroPerKwh: 300_000n };
    const clearing = (amounts: readonly [bigint, bigint]) => ({
      tradedWh: amounts[1],
      price,
      fills: [annBuys, cydSells]
        .map(({ orderId }, index) => ({ orderId, energyWh: amounts[index] ?? 0n }))
        .sort((left, right) => (left.orderId < right.orderId ? -1 : 1)),
    });
    expect(findClearingFault(orders, clearing([1_500n, 1_500n]), 500_000n)).toBeUndefined();
    expect(findClearingFault(orders, clearing(fills), 500_000n)).toBeDefined();
  });
});

describe("another's commitment under one's own name (B29)", () => {
  it('opens to nothing', async () => {
    const made = await placedScene();
    const theirs = (made.placing(made.ann, [annBuys]).sealed as JsonObject[])[0]?.commitment ?? '';
    const stolen = { ...annBuys, orderId: idOf<OrderId>('copy') };
    const attempt = () => made.place(made.bob, [stolen], { sealed: [{ orderId: stolen.orderId, commitment: theirs }] });
    expect(await codeOf(made.ledger, attempt)).toBe('MARKET_COMMITMENT_MISMATCH');
  });
});

function withdrawing(signer: Signer, orderIds: readonly OrderId[], changes: JsonObject = {}): JsonObject {
  const participantId: ParticipantId = signer.participantId;
  const base = { commandId: command('withdraw'), sessionId: scene.sessionId, participantId };
  return signed(signer, 'market', 'withdrawOrders', { ...base, expirySlot: gate + 5, orderIds, ...changes });
}

describe('a withdrawal (B30)', () => {
  it.each<[string, string, (made: MarketScene) => Promise<JsonObject>]>([
    [
      'after the gate',
      'MARKET_GATE_PASSED',
      async (made) => {
        await made.tickTo(gate);
        return withdrawing(made.ann, [annBuys.orderId]);
      },
    ],
    [
      'after the closing',
      'MARKET_GATE_PASSED',
      async (made) => {
        await made.tickTo(gate);
        await made.step('closeSession');
        return withdrawing(made.ann, [annBuys.orderId]);
      },
    ],
    [
      "of another's order",
      'MARKET_ORDER_NOT_OWN',
      (made) => Promise.resolve(withdrawing(made.ann, [annBuys.orderId, cydSells.orderId])),
    ],
  ])('is refused: %s', async (_, code, requestOf) => {
    const made = await placedScene();
    const request = await requestOf(made);
    expect(await codeOf(made.ledger, () => made.ledger.submit(community, 'market:withdrawOrders', request))).toBe(code);
  });
});
