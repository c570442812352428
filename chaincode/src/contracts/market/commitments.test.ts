import type { JsonObject, JsonValue, OrderContent, OrderId, SessionId } from '@flexledger/domain';
import { callers, command, idOf, type Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene, signed } from '../../testing/market-scene';

const { community } = callers;
const booked = { commitments: true };
const cydSells = contentOf('cyd 0', ['sell', 0, 20_000n, 100_000n]);
const cydMore = contentOf('cyd 1', ['sell', 1, 10_000n, 100_000n]);
const annBuys = contentOf('ann 0', ['buy', 0, 5_000n, 300_000n]);

async function commitmentsOf(made: MarketScene, signer: Signer): Promise<readonly JsonObject[]> {
  const asked = { assetId: signer.participantId, slot: scene.sessionSlot };
  const { commitments } = await made.ledger.evaluate(community, 'market:getCommitments', asked);
  return commitments as JsonObject[];
}

function sealedPowers(made: MarketScene): JsonValue[] {
  const rows = [...made.ledger.rows('sealed-commitment-day', 'orders').values()] as unknown as {
    readonly commitments: readonly { readonly powersW: readonly string[] }[];
  }[];
  return rows.flatMap((row) => row.commitments.map(({ powersW }) => [...powersW]));
}

function withdrawing(made: MarketScene, signer: Signer, content: OrderContent): JsonObject {
  return signed(signer, 'market', 'withdrawOrders', {
    commandId: command(`withdraw ${content.orderId}`),
    sessionId: scene.sessionId,
    participantId: signer.participantId,
    expirySlot: scene.gateCloseSlot,
    orderIds: [content.orderId] satisfies OrderId[],
  });
}

describe('the commitments book and the orders of a session', () => {
  it('is not written where the rule set does not ask for it', async () => {
    const made = await MarketScene.create();
    await made.place(made.cyd, [cydSells]);
    await made.place(made.ann, [annBuys]);
    await made.clearAll([cydSells, annBuys]);
    expect(made.ledger.rows('commitment-day').size + made.ledger.rows('sealed-commitment-day', 'orders').size).toBe(0);
    expect(await commitmentsOf(made, made.cyd)).toEqual([]);
  });

  it('holds what orders sell under seal, and what is sold on the channel once the clearing is applied', async () => {
    const made = await MarketScene.create(booked);
    const { event, writes } = await made.place(made.cyd, [cydSells, cydMore]);
    await made.place(made.ann, [annBuys]);
    expect(sealedPowers(made)).toContainEqual(['20000', '10000']);
    expect(await commitmentsOf(made, made.cyd)).toEqual([]);
    const open = writes.filter(({ place }) => place === '').map(({ value }) => Buffer.from(value).toString());
    expect(JSON.stringify([event, open])).not.toContain('20000');
    await made.clearAll([cydSells, cydMore, annBuys]);
    expect(await commitmentsOf(made, made.cyd)).toMatchObject([
      { promiseId: scene.sessionId, purpose: 'market', direction: 'up', powersW: ['5000', '0'] },
    ]);
    expect(await commitmentsOf(made, made.ann)).toMatchObject([{ powersW: ['0', '0'] }]);
  });

  it('releases what is withdrawn', async () => {
    const made = await MarketScene.create(booked);
    await made.place(made.cyd, [cydSells, cydMore]);
    await made.ledger.submit(community, 'market:withdrawOrders', withdrawing(made, made.cyd, cydSells));
    expect(sealedPowers(made)).toEqual([['0', '10000']]);
  });

  it('refuses sales of another session on the same connection, and says nothing of the orders (B33)', async () => {
    const made = await MarketScene.create(booked);
    await made.place(made.cyd, [cydSells]);
    const sessionId = idOf<SessionId>('other session');
    await registerSecondGrid(made);
    await made.openSession({ sessionId, gridId: 'rural-2' });
    const more = contentOf('cyd again', ['sell', 0, 10_001n, 100_000n]);
    const refusal = await made.placeIn(sessionId, made.cyd, [more]).then(String, String);
    expect(refusal).toContain(`COMMITMENTS_CAPACITY`);
    expect(refusal).toContain(`{"participantId":"${made.cyd.participantId}"}`);
    const fitting = contentOf('cyd again', ['sell', 0, 10_000n, 100_000n]);
    await expect(made.placeIn(sessionId, made.cyd, [fitting])).resolves.toBeDefined();
  });
});

async function registerSecondGrid(made: MarketScene): Promise<void> {
  const [grid] = [...made.ledger.rows('grid').values()] as JsonObject[];
  const { v: _format, ...fields } = grid ?? {};
  const request = { commandId: command('second grid'), ...fields, gridId: 'rural-2' };
  await made.ledger.submit(callers.dso, 'registry:registerGrid', request);
}
