import { callers, command, registerParticipants, Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';
import { codeOf } from '../../testing/refusal';

const { community, regulator } = callers;

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

describe('market:clear', () => {
  it('waits for every order, clears once, and only for those who may (B35)', async () => {
    const made = await placedScene();
    expect(await codeOf(made.ledger, () => made.step('clear'))).toBe('MARKET_SESSION_NOT_CLOSED');
    const closed = await closedScene();
    expect(await codeOf(closed.ledger, () => closed.step('clear'))).toBe('MARKET_ORDERS_UNPUBLISHED');
    const ready = await publishedScene();
    const request = { commandId: command('clear'), sessionId: scene.sessionId };
    expect(await codeOf(ready.ledger, () => ready.ledger.submit(community, 'market:clear', request))).toBe(
      'ACCESS_ROLE_REFUSED',
    );
    const { event, response } = await ready.ledger.submit(regulator, 'market:clear', request);
    expect(response).toMatchObject({ tradedWh: '1500', participants: 2, chunks: 1, ruleSet: 2, unpublishedOrders: 0 });
    expect(event).toMatchObject({ facts: [{ type: 'SessionCleared', tradedWh: '1500', chunks: 1, buckets: 1 }] });
    expect(await codeOf(ready.ledger, () => ready.step('clear'))).toBe('MARKET_ALREADY_CLEARED');
  });

  it('leaves out what was not published by the deadline', async () => {
    const made = await closedScene();
    await made.step('publishOrders', { orderIds: [annBuys.orderId] });
    await made.tickTo(scene.publishDeadlineSlot);
    expect((await made.step('clear')).response).toMatchObject({
      publishedOrders: 1,
      unpublishedOrders: 1,
      tradedWh: '0',
    });
  });

  it('clears a session without orders', async () => {
    const made = await MarketScene.create();
    await made.tickTo(scene.gateCloseSlot);
    await made.step('closeSession');
    expect((await made.step('clear')).response).toMatchObject({ participants: 0, chunks: 0, tradedWh: '0' });
    const session = await made.ledger.evaluate(community, 'market:getSession', { sessionId: scene.sessionId });
    expect(session.state).toBe('APPLIED');
  });
});

describe('market:applyClearing', () => {
  it('writes trades and positions once, and answers the same again', async () => {
    const made = await publishedScene();
    expect(await codeOf(made.ledger, () => made.step('applyClearing', { chunk: 0 }))).toBe(
      'MARKET_SESSION_NOT_CLEARED',
    );
    await made.step('clear');
    expect(await codeOf(made.ledger, () => made.step('applyClearing', { chunk: 1 }))).toBe('MARKET_CHUNK_UNKNOWN');
    const first = await made.step('applyClearing', { chunk: 0 });
    expect(first.response).toMatchObject({ trades: 2, positions: 2, applied: true });
    const again = await made.step('applyClearing', { chunk: 0 }, 'again');
    expect(again.response).toEqual(first.response);
    expect(again.writes).toHaveLength(1);
    const positions = await made.ledger.evaluate(community, 'market:getPositions', {
      participantId: made.ann.participantId,
    });
    expect(positions.rows).toEqual([
      {
        sessionId: scene.sessionId,
        participantId: made.ann.participantId,
        interval: 0,
        firstSlot: scene.sessionSlot,
        boughtWh: '1500',
        soldWh: '0',
        priceMicroPerKwh: '300000',
        buyMicro: '450000',
        sellMicro: '0',
        feeMicro: '0',
      },
    ]);
  });

  it('applies the chunks of many participants one after the other', async () => {
    const made = await MarketScene.create();
    const many = Array.from({ length: 11 }, () => new Signer());
    await registerParticipants(made.ledger, many);
    const contents = many.map((_, index) => contentOf(`many ${index}`, ['buy', 0, 10n, 100_000n]));
    for (const [index, signer] of many.entries()) {
      await made.fund(signer, '100000000');
      await made.place(signer, [contents[index]!]);
    }
    await made.tickTo(scene.gateCloseSlot);
    await made.step('closeSession');
    await made.step('publishOrders', { orderIds: contents.map((content) => content.orderId) });
    expect((await made.step('clear')).response).toMatchObject({ chunks: 2, participants: 11 });
    expect(await codeOf(made.ledger, () => made.step('applyClearing', { chunk: 1 }))).toBe('MARKET_CHUNK_ORDER');
    expect((await made.step('applyClearing', { chunk: 0 })).response.applied).toBe(false);
    expect((await made.step('applyClearing', { chunk: 1 })).response.applied).toBe(true);
  });
});
