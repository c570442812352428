import { exampleGrid, type IntervalAnswer, type JsonObject, type SessionId } from '@flexledger/domain';
import { callers, command, idOf } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';
import { answerRequest, computedAnswer } from '../../testing/oracle-scene';
import { codeOf } from '../../testing/refusal';

const { dso, market, oracle } = callers;

/**
 * The example grid with voltages: 0.1 Ω in the transformer and 0.5 Ω in the line to the house, whose voltage may be 401 V at most where the grid
 * above holds 400 V. So 2 × 0.6 Ω × P ≤ 401² − 400² V²: the house lets out 667.5 W, far less than line and transformer carry.
 */
const grid = {
  lines: exampleGrid.lines.map((line) => ({ ...line, resistanceMicroOhm: 500_000 })),
  transformer: { ...exampleGrid.transformer, resistanceMicroOhm: 100_000 },
  voltages: {
    slackMillivolt: 400_000,
    buses: [{ busId: 'bus-2', minimumMillivolt: 395_000, maximumMillivolt: 401_000 }],
  },
};
const products = [
  { kind: 'day-ahead', intervalSlots: 4, intervalsMax: 24 },
  { kind: 'intraday', intervalSlots: 2, intervalsMax: 8 },
];
const expirySlot = scene.publishDeadlineSlot;

/** Cyd sells 1.5 kWh of sun at the house, ann buys 0.2 beside it, the supplier buys outside. All is published and asked for. */
async function sunnyHouse(): Promise<MarketScene> {
  const made = await MarketScene.create({ gridLimits: 'tree-and-voltage', products }, undefined, grid);
  const sells = contentOf('cyd', ['sell', 0, 1_500n, 100_000n]);
  const buys = contentOf('ann', ['buy', 0, 200n, 250_000n]);
  const takes = contentOf('supplier', ['buy', 0, 5_000n, 150_000n]);
  await made.place(made.cyd, [sells]);
  await made.place(made.ann, [buys]);
  await made.place(made.supplier, [takes], { collateralMicro: '8000000000' }, market);
  await made.tickTo(scene.gateCloseSlot);
  await made.step('closeSession');
  await made.step('publishOrders', { orderIds: [sells, buys, takes].map(({ orderId }) => orderId) });
  await made.step('requestClearing', { expirySlot });
  return made;
}

async function file({ ledger }: MarketScene, intervals: readonly IntervalAnswer[]) {
  return ledger.submit(oracle, 'oracle:answerClearing', await answerRequest(ledger, scene.sessionId, intervals));
}

async function outcomeOf({ ledger }: MarketScene, sessionId: SessionId = scene.sessionId): Promise<JsonObject> {
  return (await ledger.evaluate(dso, 'market:getGridOutcome', { sessionId, interval: 0 })).outcome as JsonObject;
}

describe('a session in which voltages act', () => {
  it('clears from an answer that names the voltage, with one price at the house and one outside, and a rent between them', async () => {
    const made = await sunnyHouse();
    await file(made, await computedAnswer(made.ledger, scene.sessionId));
    const { response } = await made.step('clear');
    // 667 Wh leave the house, 200 Wh stay: cyd is at the margin and gets what it asks.
    expect(response).toMatchObject({ tradedWh: '867', sellMicro: '86700', buyMicro: '120050', rentMicro: '33350' });
    const outcome = await outcomeOf(made);
    expect(outcome).toMatchObject({ source: { kind: 'oracle' }, bindingLimits: [{ direction: 'row' }] });
    const prices = (outcome.zones as readonly JsonObject[]).map(({ busIds, price }) => [
      busIds,
      (price as JsonObject).clearingMicroPerKwh,
    ]);
    // The busbar lies on the way: a sixth of the resistance, and a sixth of the difference of the prices.
    expect(prices).toEqual([
      [['bus-0'], '150000'],
      [['bus-1'], '141666'],
      [['bus-2'], '100000'],
    ]);
  });

  it('refuses an answer that leaves the voltage out, names another one, or says another worth of it', async () => {
    const made = await sunnyHouse();
    const [first, second] = await computedAnswer(made.ledger, scene.sessionId);
    if (first === undefined || second === undefined) throw new Error('there are two intervals');
    const [row] = first.bindingLimits;
    if (row === undefined) throw new Error('the voltage binds');
    const wrong: readonly (readonly [IntervalAnswer['bindingLimits'], string])[] = [
      [[], 'MARKET_CLEARING_ROW_EXCEEDED'],
      [[{ ...row, id: 'nowhere' }], 'MARKET_CLEARING_LIMIT_UNKNOWN'],
      [[row, { ...row, id: 'line-1', direction: 'backward' }], 'MARKET_CLEARING_LIMIT_NOT_REACHED'],
      [[{ ...row, shadowPriceMicroPerKwh: (row.shadowPriceMicroPerKwh + 1n) as never }], 'ORACLE_ANSWER_MISSTATED'],
    ];
    for (const [bindingLimits, code] of wrong) {
      expect(await codeOf(made.ledger, () => file(made, [{ ...first, bindingLimits }, second]))).toBe(code);
    }
    await expect(file(made, [first, second])).resolves.toBeDefined();
  });

  it('clears alike without an oracle once the request has ended', async () => {
    const answered = await sunnyHouse();
    await file(answered, await computedAnswer(answered.ledger, scene.sessionId));
    const whole = (await answered.step('clear')).response;
    const silent = await sunnyHouse();
    await silent.tickTo(expirySlot);
    const { response } = await silent.step('clear');
    expect(response).toMatchObject({ intervals: whole.intervals, rentMicro: whole.rentMicro } as JsonObject);
    expect(await outcomeOf(silent)).toMatchObject({ source: { kind: 'contract' } });
  });

  it('leaves a later session of the hour no more than the voltage has left: nothing outwards, and room for what comes back', async () => {
    const made = await sunnyHouse();
    await made.tickTo(expirySlot);
    await made.step('clear');
    await made.step('applyClearing', { chunk: 0 });
    const sessionId = idOf<SessionId>('half hours');
    const gateCloseSlot = expirySlot + 2;
    const slots = { gateCloseSlot, publishDeadlineSlot: gateCloseSlot + 2, firstSlot: scene.sessionSlot };
    await made.openSession({ sessionId, kind: 'intraday', intervals: 2, ...slots });
    const placed = [
      [made.cyd, [contentOf('more', ['sell', 0, 300n, 100_000n]), contentOf('less', ['buy', 1, 300n, 150_000n])]],
      [
        made.supplier,
        [contentOf('takes', ['buy', 0, 300n, 150_000n]), contentOf('gives', ['sell', 1, 300n, 100_000n])],
      ],
    ] as const;
    for (const [signer, contents] of placed) {
      const commandId = command(`half hours of ${signer.participantId}`);
      const changes = { commandId, sessionId, expirySlot: gateCloseSlot, collateralMicro: '9000000' };
      await made.place(signer, contents, changes, signer === made.supplier ? market : callers.community);
    }
    await made.tickTo(gateCloseSlot);
    await made.step('closeSession', { sessionId });
    const orderIds = placed.flatMap(([, contents]) => contents.map(({ orderId }) => orderId));
    await made.step('publishOrders', { sessionId, orderIds });
    await made.step('requestClearing', { sessionId, expirySlot: gateCloseSlot + 2 });
    await made.tickTo(gateCloseSlot + 2);
    const { response } = await made.step('clear', { sessionId });
    const traded = (response.intervals as readonly JsonObject[]).map(({ tradedWh }) => tradedWh);
    expect(traded).toEqual(['0', '300']);
  });
});
