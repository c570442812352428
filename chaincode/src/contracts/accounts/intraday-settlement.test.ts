import {
  foldPostingSets,
  isJsonObject,
  postingSetCodec,
  rowCodec,
  type Books,
  type JsonObject,
  type OrderContent,
  type PostingSet,
  type SessionId,
} from '@flexledger/domain';
import { callers, command, idOf, type Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';

const gridId = 'rural-1';
const intradayId = idOf<SessionId>('intraday session');
const gateCloseSlot = scene.gateCloseSlot + 8;
const products = [
  { kind: 'day-ahead', intervalSlots: 4, intervalsMax: 24 },
  { kind: 'intraday', intervalSlots: 2, intervalsMax: 8 },
];

/** Cyd sells 1 kWh of the first hour to ann; everybody has placed orders day-ahead, dan has not. */
async function dayAheadScene(ruleSet: JsonObject = {}): Promise<MarketScene> {
  const made = await MarketScene.create({ products, ...ruleSet });
  const buys = contentOf('ann', ['buy', 0, 1_000n, 300_000n]);
  const sells = contentOf('cyd', ['sell', 0, 1_000n, 100_000n]);
  await made.place(made.ann, [buys]);
  await made.place(made.cyd, [sells]);
  await made.clearAll([buys, sells]);
  return made;
}

function openIntraday(made: MarketScene) {
  return made.openSession({
    sessionId: intradayId,
    kind: 'intraday',
    intervals: 2,
    gateCloseSlot,
    publishDeadlineSlot: gateCloseSlot + 4,
  });
}

function placeIntraday(made: MarketScene, signer: Signer, contents: readonly OrderContent[], collateralMicro: string) {
  const changes = {
    commandId: command(`intraday ${signer.participantId}`),
    sessionId: intradayId,
    expirySlot: gateCloseSlot,
    collateralMicro,
  };
  return made.place(signer, contents, changes);
}

/** Ann sells back what she can do without: 0.4 kWh in two half hours at 0.15, which cyd buys. */
async function tradeIntraday(made: MarketScene, isApplied = true): Promise<void> {
  await openIntraday(made);
  const sells = [0, 1].map((half) => contentOf(`ann back ${half}`, ['sell', half, 200n, 150_000n]));
  const buys = [0, 1].map((half) => contentOf(`cyd back ${half}`, ['buy', half, 200n, 150_000n]));
  await placeIntraday(made, made.ann, sells, '0');
  await placeIntraday(made, made.cyd, buys, '60000');
  await made.tickTo(gateCloseSlot);
  const fields = { sessionId: intradayId };
  await made.step('closeSession', fields);
  await made.step('publishOrders', { ...fields, orderIds: [...sells, ...buys].map(({ orderId }) => orderId) });
  await made.step('clear', fields);
  if (isApplied) {
    await made.step('applyClearing', { ...fields, chunk: 0 });
  }
}

/** Cyd delivers 0.6 kWh in the hour, and ann takes 0.6. */
async function measure(made: MarketScene): Promise<void> {
  await made.tickTo(scene.endSlot);
  for (const agent of [made.meters.ann, made.meters.cyd]) {
    await made.measure(
      agent,
      Array.from({ length: 40 }, () => 0n),
    );
  }
  const hour = (energyWh: bigint): readonly bigint[] => [energyWh, energyWh, energyWh, energyWh, 0n, 0n, 0n, 0n];
  await made.measure(made.meters.ann, hour(150n));
  await made.measure(made.meters.cyd, hour(0n), hour(150n));
}

function booksOf(made: MarketScene): Books {
  const rank: readonly PostingSet['cause']['kind'][] = ['fund', 'transfer', 'collateral', 'clearing', 'settlement'];
  const sets = [...made.ledger.rows('posting').values()].map((row) => {
    if (!isJsonObject(row)) throw new TypeError('a row is an object');
    return rowCodec(postingSetCodec).decode(row);
  });
  sets.sort((left, right) => rank.indexOf(left.cause.kind) - rank.indexOf(right.cause.kind));
  return foldPostingSets(sets);
}

async function statementOf(made: MarketScene, { participantId }: Signer): Promise<JsonObject> {
  const period = { sessionId: scene.sessionId, run: 1, firstSlot: scene.sessionSlot, slots: scene.slots };
  const request = { commandId: command('statements'), ...period, participantIds: [participantId] };
  await made.ledger.submit(callers.market, 'accounts:statement', request);
  const asked = { sessionId: scene.sessionId, run: 1, participantId };
  return made.ledger.evaluate(callers.tso, 'accounts:getStatement', asked);
}

describe('day-ahead and intraday trades of one hour', () => {
  it('who sells 1 kWh, buys 0.4 back and delivers 0.6 does not deviate, and the statement lists both positions', async () => {
    const made = await dayAheadScene();
    await tradeIntraday(made);
    await measure(made);
    await made.settle();
    await made.settle({ fromSlot: scene.sessionSlot + 4 });
    const { lines, statement } = await statementOf(made, made.cyd);
    expect(statement).toMatchObject({
      totals: { soldWh: '1000', boughtWh: '400', exportWh: '600', shortWh: '0', longWh: '0', shortfallWh: '0' },
    });
    // 1 kWh at 0.20, less 0.4 kWh at 0.15.
    expect(statement).toMatchObject({ totals: { sellMicro: '200000', buyMicro: '60000', shortMicro: '0' } });
    const { participantId } = made.cyd;
    expect((lines as JsonObject[])[0]).toMatchObject({
      line: { soldWh: '250', boughtWh: '100', exportWh: '150', shortWh: '0', longWh: '0' },
      inputs: [
        `position/${participantId}/0${scene.sessionSlot}.${scene.sessionId}`,
        `position/${participantId}/0${scene.sessionSlot}.${intradayId}`,
        expect.stringMatching(/^block\//),
      ],
    });
  });

  it('leave nothing in escrow once every slot is settled, and every invariant holds', async () => {
    const made = await dayAheadScene();
    await tradeIntraday(made);
    await measure(made);
    await made.settle();
    await made.settle({ fromSlot: scene.sessionSlot + 4 });
    const books = booksOf(made);
    expect(books.violations).toEqual([]);
    expect(books.balances.get('escrow')).toBe(0n);
    expect(books.balances.get('imbalance') ?? 0n).toBe(0n);
  });

  it('are both part of the plan that delivery is told against', async () => {
    const made = await dayAheadScene();
    await tradeIntraday(made);
    const asked = { participantId: made.cyd.participantId, gridId, fromSlot: scene.sessionSlot + 3, slots: 2 };
    const { slots } = await made.ledger.evaluate(callers.tso, 'accounts:getDelivery', asked);
    expect(slots).toMatchObject([
      { soldWh: '250', boughtWh: '100', positions: [{ sessionId: scene.sessionId }, { sessionId: intradayId }] },
      { soldWh: '0', boughtWh: '0', positions: [] },
    ]);
  });

  it('are settled only when the intraday clearing has been applied, as its positions would be missing for good', async () => {
    const made = await dayAheadScene();
    await tradeIntraday(made, false);
    await measure(made);
    await expect(made.settle()).rejects.toThrow('ACCOUNTS_POSITIONS_OPEN');
    // The second hour is not traded intraday.
    await made.settle({ fromSlot: scene.sessionSlot + 4 });
    await made.step('applyClearing', { sessionId: intradayId, chunk: 0 });
    const { response } = await made.settle({}, 'once it is applied');
    expect(response.slots).toHaveLength(4);
  });

  it('are settled with the day-ahead session alone', async () => {
    const made = await dayAheadScene();
    await tradeIntraday(made);
    await measure(made);
    await expect(made.settle({ sessionId: intradayId })).rejects.toThrow('ACCOUNTS_SESSION_NOT_ANCHOR');
    const period = { sessionId: intradayId, run: 1, firstSlot: scene.sessionSlot, slots: 4 };
    const request = { commandId: command('intraday'), ...period, participantIds: [made.cyd.participantId] };
    await expect(made.ledger.submit(callers.market, 'accounts:statement', request)).rejects.toThrow(
      'ACCOUNTS_SESSION_NOT_ANCHOR',
    );
  });

  it('cannot be made by somebody whose deviations no day-ahead session covers', async () => {
    const made = await dayAheadScene();
    await openIntraday(made);
    const orders = [contentOf('bob intraday', ['buy', 0, 200n, 150_000n])];
    await expect(placeIntraday(made, made.bob, orders, '30000')).rejects.toThrow('MARKET_NOT_IN_DAY_AHEAD');
  });

  it('lock no second reserve: an intraday seller locks nothing', async () => {
    const made = await dayAheadScene();
    await openIntraday(made);
    const before = await made.available(made.ann);
    await placeIntraday(made, made.ann, [contentOf('ann back', ['sell', 0, 200n, 150_000n])], '0');
    expect(await made.available(made.ann)).toBe(before);
  });
});
