import type { JsonObject, JsonValue, OrderContent, SessionId } from '@flexledger/domain';
import { callers, command, idOf } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';
import { answerRequest, computedAnswer } from '../../testing/oracle-scene';
import { codeOf } from '../../testing/refusal';

const { dso, market, oracle } = callers;
const gridId = 'rural-1';
const gateCloseSlot = scene.gateCloseSlot + 12;
const expirySlot = gateCloseSlot + 4;
const firstId = idOf<SessionId>('first intraday session');
const secondId = idOf<SessionId>('second intraday session');
const products = [
  { kind: 'day-ahead', intervalSlots: 4, intervalsMax: 24 },
  { kind: 'intraday', intervalSlots: 2, intervalsMax: 8 },
];
/** The line behind which ann, bob and cyd live lets one kilowatt out of their street. */
const terms = {
  commandId: command('terms'),
  gridId,
  number: 1,
  charges: [],
  limits: [{ elementId: 'line-1', fromSlot: scene.sessionSlot, toSlot: scene.endSlot, exportLimitW: '1000' }],
};

/** A day-ahead session in which cyd's sun fills the line in the first hour; ann has a small order, so that she can trade again. */
async function filledLine(): Promise<MarketScene> {
  const made = await MarketScene.create({ gridLimits: 'tree', products }, (ledger) =>
    ledger.submit(dso, 'market:setGridTerms', terms),
  );
  const sells = contentOf('cyd', ['sell', 0, 1_500n, 100_000n]);
  const buys = contentOf('ann', ['buy', 0, 200n, 50_000n]);
  const takes = contentOf('supplier', ['buy', 0, 5_000n, 150_000n]);
  await made.place(made.cyd, [sells]);
  await made.place(made.ann, [buys]);
  await made.place(made.supplier, [takes], { collateralMicro: '8000000000' }, market);
  await made.tickTo(scene.gateCloseSlot);
  await made.step('closeSession');
  await made.step('publishOrders', { orderIds: [sells, buys, takes].map(({ orderId }) => orderId) });
  await made.step('requestClearing', { expirySlot: scene.publishDeadlineSlot });
  await made.tickTo(scene.publishDeadlineSlot);
  const { response } = await made.step('clear');
  expect(response).toMatchObject({ tradedWh: '1000' });
  await made.step('applyClearing', { chunk: 0 });
  return made;
}

/** Opens an intraday session of half hours in the hour that is filled, so many half hours after its beginning. */
function openIntraday(made: MarketScene, sessionId: SessionId, halfHours: number) {
  return made.openSession({
    sessionId,
    kind: 'intraday',
    firstSlot: scene.sessionSlot + 2 * halfHours,
    intervals: 2,
    gateCloseSlot,
    publishDeadlineSlot: gateCloseSlot + 4,
  });
}

type Placed = readonly (readonly [who: 'ann' | 'cyd' | 'supplier', content: OrderContent])[];

async function publish(made: MarketScene, sessionId: SessionId, placed: Placed): Promise<void> {
  const fields = { sessionId };
  await made.step('closeSession', fields);
  await made.step('publishOrders', { ...fields, orderIds: placed.map(([, { orderId }]) => orderId) });
  await made.step('requestClearing', { ...fields, expirySlot });
}

async function placeAll(made: MarketScene, sessionId: SessionId, placed: Placed): Promise<void> {
  for (const [who, content] of placed) {
    const signer = made[who];
    const commandId = command(`${who} in ${sessionId}`);
    const changes = { commandId, sessionId, expirySlot: gateCloseSlot, collateralMicro: '9000000' };
    await made.place(signer, [content], changes, who === 'supplier' ? market : callers.community);
  }
}

/** What comes out of a session of the first half hour with these orders, which no oracle answers. */
async function clearedWith(made: MarketScene, placed: Placed): Promise<JsonObject> {
  await openIntraday(made, firstId, 0);
  await placeAll(made, firstId, placed);
  await made.tickTo(gateCloseSlot);
  await publish(made, firstId, placed);
  await made.tickTo(expirySlot);
  return (await made.step('clear', { sessionId: firstId })).response;
}

/** The answer that an oracle makes of what it reads now. */
async function answer({ ledger }: MarketScene, sessionId: SessionId): Promise<JsonObject> {
  return answerRequest(ledger, sessionId, await computedAnswer(ledger, sessionId));
}

async function sourceOf(made: MarketScene, sessionId: SessionId): Promise<JsonValue | undefined> {
  const { outcome } = await made.ledger.evaluate(dso, 'market:getGridOutcome', { sessionId, interval: 0 });
  return (outcome as JsonObject).source;
}

const moreSun: Placed = [
  ['cyd', contentOf('more sun', ['sell', 0, 300n, 100_000n])],
  ['supplier', contentOf('takes more', ['buy', 0, 300n, 150_000n])],
];
const lessSun: Placed = [
  ['cyd', contentOf('less sun', ['buy', 0, 300n, 150_000n])],
  ['supplier', contentOf('gives it back', ['sell', 0, 300n, 100_000n])],
];

describe('an intraday session in an hour in which the day-ahead session fills a line', () => {
  it('trades nothing more in the direction that is full', async () => {
    const cleared = await clearedWith(await filledLine(), moreSun);
    expect(cleared).toMatchObject({ tradedWh: '0', publishedOrders: 2 });
  });

  it('trades in the other direction', async () => {
    expect(await clearedWith(await filledLine(), lessSun)).toMatchObject({ tradedWh: '300' });
  });

  it('trades behind the line', async () => {
    const local: Placed = [
      ['cyd', contentOf('more sun', ['sell', 0, 300n, 100_000n])],
      ['ann', contentOf('needs more', ['buy', 0, 300n, 150_000n])],
    ];
    expect(await clearedWith(await filledLine(), local)).toMatchObject({ tradedWh: '300' });
  });
});

describe('market:listClearedFlows', () => {
  it('lists what cleared sessions carry in an hour, page by page, and nothing of another hour or grid', async () => {
    const made = await filledLine();
    await clearedWith(made, lessSun);
    const list = async (request: JsonObject) =>
      made.ledger.evaluate(dso, 'market:listClearedFlows', { gridId, hour: scene.sessionSlot, ...request });
    const branches = (forwardWh: string, backwardWh: string) =>
      expect.arrayContaining([{ branchId: 'line-1', forwardWh, backwardWh }]) as JsonValue;
    const whole = await list({});
    expect(whole).toMatchObject({ bookmark: null });
    expect(whole.rows).toHaveLength(2);
    expect(whole.rows).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ sessionId: scene.sessionId, intervalSlots: 4, branches: branches('0', '1000') }),
        expect.objectContaining({ sessionId: firstId, intervalSlots: 2, branches: branches('300', '0') }),
      ]),
    );
    const [first] = whole.rows as readonly JsonObject[];
    const bookmark = `${String(first?.firstSlot).padStart(8, '0')}.${String(first?.sessionId)}`;
    expect((await list({ bookmark })).rows).toHaveLength(1);
    // An hour that begins inside the interval is touched by it; the second half hour has nothing of the session of the first.
    expect((await list({ hour: scene.sessionSlot + 3 })).rows).toHaveLength(1);
    expect((await list({ hour: scene.sessionSlot + 4 })).rows).toHaveLength(0);
    expect((await list({ hour: scene.sessionSlot + 4, bookmark })).rows).toHaveLength(0);
    expect((await list({ hour: scene.sessionSlot - 4 })).rows).toHaveLength(0);
    expect((await list({ hour: scene.sessionSlot - 8, bookmark })).rows).toHaveLength(0);
    expect((await list({ gridId: 'rural-2' })).rows).toHaveLength(0);
  });
});

describe('two sessions of one grid between gate and clearing', () => {
  /** The second session, half an hour later, wants to sell what the first one has freed or taken; both have been asked for. */
  async function both(first: Placed, second: Placed): Promise<MarketScene> {
    const made = await filledLine();
    await openIntraday(made, firstId, 0);
    await openIntraday(made, secondId, 1);
    await placeAll(made, firstId, first);
    await placeAll(made, secondId, second);
    await made.tickTo(gateCloseSlot);
    await publish(made, firstId, first);
    await publish(made, secondId, second);
    return made;
  }

  /** The orders of the second half hour of a session, whoever's they are, under names of their own. */
  const inSecondHalf = (placed: Placed): Placed =>
    placed.map(([who, { energyWh, limitPriceMicroPerKwh, side }]) => [
      who,
      contentOf(`${who} in the second half hour`, [side, 1, energyWh, limitPriceMicroPerKwh]),
    ]);

  it('let the one that is cleared later find what the other has freed, without an answer to what was before', async () => {
    const made = await both(inSecondHalf(lessSun), moreSun);
    const early = await answer(made, secondId);
    await made.ledger.submit(oracle, 'oracle:answerClearing', early);
    await made.ledger.submit(oracle, 'oracle:answerClearing', await answer(made, firstId));
    expect((await made.step('clear', { sessionId: firstId })).response).toMatchObject({ tradedWh: '300' });
    expect(await sourceOf(made, firstId)).toMatchObject({ kind: 'oracle' });
    // What the answer was made from is no longer so: the line has room for 300 Wh.
    expect((await made.step('clear', { sessionId: secondId })).response).toMatchObject({ tradedWh: '300' });
    expect(await sourceOf(made, secondId)).toEqual({ kind: 'contract' });
  });

  it('refuse an answer to what was before, and wait for none', async () => {
    const made = await both(inSecondHalf(lessSun), moreSun);
    const early = await answer(made, secondId);
    await made.ledger.submit(oracle, 'oracle:answerClearing', await answer(made, firstId));
    expect(await codeOf(made.ledger, () => made.step('clear', { sessionId: secondId }))).toBe('MARKET_ANSWER_PENDING');
    await made.step('clear', { sessionId: firstId });
    expect(await codeOf(made.ledger, () => made.ledger.submit(oracle, 'oracle:answerClearing', early))).toBe(
      'ORACLE_DATA_MISMATCH',
    );
    expect((await made.step('clear', { sessionId: secondId }, 'now')).response).toMatchObject({ tradedWh: '300' });
  });
});
