import { limits, type JsonObject, type OrderContent, type OrderId } from '@flexledger/domain';
import { callers, command, idOf, registerParticipants, Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene, signed, transientOf } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';
import { replay } from '../../testing/replay';
import { replayElsewhere } from '../../testing/replay-elsewhere';

const { aggregator, community, dso, oracle, regulator } = callers;
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

describe('the same order id with another content (B31)', () => {
  const altered: OrderContent = { ...annBuys, interval: 1 };

  it('is refused under the same command', async () => {
    const made = await placedScene();
    const request = made.placing(made.ann, [altered]);
    const attempt = () =>
      made.ledger.submit(community, 'market:placeOrders', request, { transient: transientOf([altered]) });
    expect(await codeOf(made.ledger, attempt)).toBe('COMMAND_REUSED');
  });

  it('is refused to another participant', async () => {
    const made = await placedScene();
    expect(await codeOf(made.ledger, () => made.place(made.bob, [altered]))).toBe('MARKET_ORDER_EXISTS');
  });

  it('is refused to its owner, even once the first one is withdrawn', async () => {
    const made = await placedScene();
    const again = () => made.place(made.ann, [altered], { commandId: command('place again') });
    expect(await codeOf(made.ledger, again)).toBe('MARKET_ORDERS_ALREADY_PLACED');
    await made.ledger.submit(community, 'market:withdrawOrders', withdrawing(made.ann, [annBuys.orderId]));
    expect(await codeOf(made.ledger, again)).toBe('MARKET_ORDER_EXISTS');
  });
});

describe('an own purchase that meets an own sale (B32)', () => {
  it.each<[string, bigint, bigint]>([
    ['MARKET_SELF_TRADE', 200_000n, 100_000n],
    ['MARKET_SELF_TRADE', 200_000n, 200_000n],
    ['ACCEPTED', 199_900n, 200_000n],
  ])('comes to %s where it buys up to %s and sells from %s', async (code, bid, offer) => {
    const made = await MarketScene.create();
    const orders = [contentOf('bid', ['buy', 0, 10n, bid]), contentOf('offer', ['sell', 0, 10n, offer])];
    const work = () => made.place(made.ann, orders);
    if (code === 'ACCEPTED') {
      expect((await work()).response).toMatchObject({ orders: 2 });
    } else {
      expect(await codeOf(made.ledger, work)).toBe(code);
    }
  });
});

/** So many orders of 1 Wh. */
function tinyOrders(count: number, label = 'tiny'): readonly OrderContent[] {
  return Array.from({ length: count }, (_, index) => contentOf(`${label} ${index}`, ['buy', 0, 1n, 300_000n]));
}

describe('100,000 tiny orders of one identity (B34)', () => {
  it.each<[string, number]>([
    ['MARKET_ORDERS_TOO_MANY', 49],
    ['MARKET_ORDERS_TOO_MANY', limits.ordersPerCallMax],
    ['INPUT_FIELD_INVALID', limits.ordersPerCallMax + 1],
    ['INPUT_TOO_LARGE', 100_000],
  ])('are refused at once with %s where %i come together', async (code, count) => {
    const made = await MarketScene.create();
    // One seal stands for all, so that the test itself is no flood; the request is refused before any seal is looked at.
    const [sealed] = made.placing(made.ann, tinyOrders(1)).sealed as JsonObject[];
    const changes = count > 100 ? { sealed: Array.from({ length: count }, () => sealed ?? {}) } : {};
    const contents = tinyOrders(count > 100 ? 1 : count);
    expect(await codeOf(made.ledger, () => made.place(made.ann, contents, changes))).toBe(code);
  });

  it('come to at most five times 48 rows where they come one set after the other', async () => {
    const made = await MarketScene.create();
    const place = (number: number) =>
      made.place(made.ann, tinyOrders(48, `set ${number}`), { commandId: command(`place ${number}`) });
    await place(1);
    expect(await codeOf(made.ledger, () => place(2))).toBe('MARKET_ORDERS_ALREADY_PLACED');
    for (let number = 1; number <= limits.placementsPerSessionMax; number += 1) {
      const orderIds = tinyOrders(48, `set ${number}`).map(({ orderId }) => orderId);
      const commandId = command(`withdraw ${number}`);
      await made.ledger.submit(community, 'market:withdrawOrders', withdrawing(made.ann, orderIds, { commandId }));
      if (number < limits.placementsPerSessionMax) {
        await place(number + 1);
      }
    }
    const more = () => place(limits.placementsPerSessionMax + 1);
    expect(await codeOf(made.ledger, more)).toBe('MARKET_ORDERS_REPLACED_TOO_OFTEN');
    expect(made.ledger.rows('order').size).toBe(48 * limits.placementsPerSessionMax);
  });
});

describe('clearing at the wrong time or by the wrong hand (B35)', () => {
  const clearBy = (made: MarketScene, caller: (typeof callers)[keyof typeof callers]) => {
    const request = { commandId: command(`clear ${caller.mspId} ${caller.role}`), sessionId: scene.sessionId };
    return made.ledger.submit(caller, 'market:clear', request);
  };

  it('is refused while the session is open, before all is published, and twice', async () => {
    const made = await placedScene();
    expect(await codeOf(made.ledger, () => made.step('clear'))).toBe('MARKET_SESSION_NOT_CLOSED');
    await made.tickTo(gate);
    await made.step('closeSession');
    expect(await codeOf(made.ledger, () => made.step('clear'))).toBe('MARKET_ORDERS_UNPUBLISHED');
    await made.step('publishOrders', both);
    await clearBy(made, regulator);
    expect(await codeOf(made.ledger, () => made.step('clear'))).toBe('MARKET_ALREADY_CLEARED');
  });

  it.each([community, aggregator, dso, oracle])('is refused to who is not entitled: %o', async (caller) => {
    const made = await placedScene();
    await made.tickTo(gate);
    await made.step('closeSession');
    await made.step('publishOrders', both);
    expect(await codeOf(made.ledger, () => clearBy(made, caller))).toBe('ACCESS_ROLE_REFUSED');
  });

  it('by two at once has one effect: the one that is ordered second is invalid', async () => {
    const made = await placedScene();
    await made.tickTo(gate);
    await made.step('closeSession');
    await made.step('publishOrders', both);
    const request = { commandId: command('other'), sessionId: scene.sessionId };
    const held = await made.ledger.call(regulator, ['market:clear', JSON.stringify(request)]);
    await made.step('clear');
    expect(made.ledger.order(held)).toBe('MVCC_READ_CONFLICT');
  });
});

describe('1,000 orders at one price and 1 Wh to split (B36)', () => {
  it('give it to the order with the smallest id, on every endorser', async () => {
    const made = await MarketScene.create();
    const buyers = Array.from({ length: 25 }, () => new Signer());
    await registerParticipants(made.ledger, buyers);
    const sets = buyers.map((_, index) => tinyOrders(40, `buyer ${index}`));
    for (const [index, buyer] of buyers.entries()) {
      await made.fund(buyer, '100000000');
      await made.place(buyer, sets[index] ?? []);
    }
    const sale = contentOf('one', ['sell', 0, 1n, 300_000n]);
    await made.place(made.cyd, [sale]);
    await made.tickTo(gate);
    await made.step('closeSession');
    const orderIds = [sale, ...sets.flat()].map(({ orderId }) => orderId);
    for (let start = 0; start < orderIds.length; start += limits.ordersPerPublishMax) {
      await made.step('publishOrders', { orderIds: orderIds.slice(start, start + limits.ordersPerPublishMax) });
    }
    const { response } = await made.step('clear');
    expect(response).toMatchObject({ publishedOrders: 1_001, tradedWh: '1' });
    for (let chunk = 0; chunk < Number(response.chunks); chunk += 1) {
      await made.step('applyClearing', { chunk });
    }
    const trades = await made.ledger.evaluate(community, 'market:listTrades', { sessionId: scene.sessionId });
    const bought = (trades.rows as JsonObject[]).filter(({ side }) => side === 'buy');
    const [smallest] = sets
      .flat()
      .map(({ orderId }) => orderId)
      .sort();
    expect(bought).toMatchObject([{ orderId: smallest, energyWh: '1' }]);
    const here = await replay(made.ledger.log);
    expect(replayElsewhere(made.ledger.log, { TZ: 'Pacific/Chatham', LANG: 'tr_TR.UTF-8' })).toBe(here);
  });
});

function withdrawing(signer: Signer, orderIds: readonly OrderId[], changes: JsonObject = {}): JsonObject {
  const base = { commandId: command('withdraw'), sessionId: scene.sessionId, participantId: signer.participantId };
  return signed(signer, 'market', 'withdrawOrders', { ...base, expirySlot: gate, orderIds, ...changes });
}

describe("the community's own gateway", () => {
  const send = (made: MarketScene, request: JsonObject, contents: readonly OrderContent[] = [annBuys]) =>
    made.ledger.submit(community, 'market:placeOrders', request, { transient: transientOf(contents) });

  /** What a gateway could make of ann's signed request before it sends it on. */
  const tricks: readonly [string, string, (made: MarketScene, own: JsonObject) => Promise<unknown>][] = [
    [
      'forges an order with a key of its own',
      'SIGNATURE_INVALID',
      (made) => send(made, { ...made.placing(new Signer(), [annBuys]), participantId: made.ann.participantId }),
    ],
    ['leaves the signature out', 'INPUT_FIELD_MISSING', (made, { signature: _, ...rest }) => send(made, rest)],
    ['asks for more collateral', 'SIGNATURE_INVALID', (made, own) => send(made, { ...own, collateralMicro: '1' })],
    [
      'drops one of two orders',
      'SIGNATURE_INVALID',
      (made) => {
        const { sealed, ...rest } = made.placing(made.ann, [annBuys, contentOf('second', ['buy', 1, 10n, 300_000n])]);
        return send(made, { ...rest, sealed: (sealed as JsonObject[]).slice(0, 1) });
      },
    ],
    [
      'alters what the order says behind its seal',
      'MARKET_COMMITMENT_MISMATCH',
      (made, own) => send(made, own, [{ ...annBuys, pairing: { kind: 'green' } }]),
    ],
    ['moves it to a later time', 'SIGNATURE_INVALID', (made, own) => send(made, { ...own, expirySlot: gate + 9 })],
    [
      'replays it as a command of its own',
      'SIGNATURE_INVALID',
      (made, own) => send(made, { ...own, commandId: idOf('replay') }),
    ],
    [
      'replays it in another session',
      'SIGNATURE_INVALID',
      async (made, own) => {
        return send(made, { ...own, sessionId: idOf('other session') });
      },
    ],
    [
      'passes the signature of an order off as a withdrawal',
      'SIGNATURE_INVALID',
      (made, own) => {
        const { commandId, expirySlot, participantId, sessionId, signature } = own;
        const request = { commandId, expirySlot, participantId, sessionId, signature, orderIds: [annBuys.orderId] };
        return made.ledger.submit(community, 'market:withdrawOrders', request as JsonObject);
      },
    ],
    [
      'holds it back until it has expired',
      'SIGNATURE_EXPIRED',
      async (made, own) => {
        return send(made, own);
      },
    ],
  ];

  it.each(tricks)('is refused where it %s', async (_, code, trick) => {
    const made = await MarketScene.create();
    const own = made.placing(made.ann, [annBuys]);
    if (code === 'SIGNATURE_EXPIRED') {
      await made.tickTo(gate);
    }
    expect(await codeOf(made.ledger, () => trick(made, own))).toBe(code);
  });

  it('has no effect a second time where it sends a command again', async () => {
    const made = await MarketScene.create();
    const own = made.placing(made.ann, [annBuys]);
    const first = await send(made, own);
    const again = await send(made, own);
    expect(again.response).toEqual(first.response);
    expect(again.writes).toEqual([]);
  });

  it("withdraws nobody's order by a signature of its own", async () => {
    const made = await placedScene();
    const request = { ...withdrawing(new Signer(), [annBuys.orderId]), participantId: made.ann.participantId };
    const attempt = () => made.ledger.submit(community, 'market:withdrawOrders', request);
    expect(await codeOf(made.ledger, attempt)).toBe('SIGNATURE_INVALID');
  });
});
