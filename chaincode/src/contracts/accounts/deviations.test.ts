import { limits, type JsonObject } from '@flexledger/domain';
import { callers, command } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';

const gridId = 'rural-1';

/** Cyd sells 4 kWh of the first hour to ann at 0.20; the supplier stands by with its reserve. */
async function tradedScene(ruleSet: JsonObject = {}): Promise<MarketScene> {
  const made = await MarketScene.create(ruleSet);
  const buys = contentOf('ann', ['buy', 0, 4_000n, 200_000n]);
  const sells = contentOf('cyd', ['sell', 0, 4_000n, 200_000n]);
  await made.place(made.ann, [buys]);
  await made.place(made.cyd, [sells]);
  const supplies = contentOf('supplier', ['sell', 0, 9_000n, 320_000n]);
  await made.place(made.supplier, [supplies], { collateralMicro: '5000000000' }, callers.market);
  await made.clearAll([buys, sells, supplies]);
  return made;
}

/** Ann takes 1,100 Wh instead of 1,000 in each quarter hour, cyd gives 950. */
async function measure(made: MarketScene): Promise<void> {
  const { ann, cyd } = made.meters;
  await made.tickTo(scene.endSlot);
  for (const agent of [ann, cyd]) {
    await made.measure(
      agent,
      Array.from({ length: 40 }, () => 0n),
    );
  }
  await made.measure(ann, [1_100n, 1_100n, 1_100n, 1_100n]);
  await made.measure(cyd, [0n, 0n, 0n, 0n], [950n, 950n, 950n, 950n]);
}

function file(made: MarketScene, fromSlot: number, pricesMicroPerKwh: readonly string[], label = 'once') {
  const commandId = command(`prices ${label} ${fromSlot}`);
  const request = { commandId, gridId, fromSlot, pricesMicroPerKwh: [...pricesMicroPerKwh] };
  return made.ledger.submit(callers.dso, 'accounts:fileImbalancePrices', request);
}

/** What the lines of the first settled slot say, by participant. */
async function firstLines(made: MarketScene): Promise<ReadonlyMap<string, JsonObject>> {
  const { rows } = await made.ledger.evaluate(callers.tso, 'accounts:listPostings', {});
  const sets = (rows as readonly JsonObject[]).filter(({ cause }) => (cause as JsonObject).kind === 'settlement');
  const lines = sets[0]?.lines as readonly JsonObject[];
  return new Map(lines.map((line) => [String(line.participantId), line]));
}

describe('imbalance prices', () => {
  it('that are filed settle the slot: a negative one pays for a shortfall', async () => {
    const made = await tradedScene({ imbalancePricing: 'single' });
    await measure(made);
    await file(made, scene.sessionSlot, ['-50000', '90000', '90000', '90000']);
    await made.settle();
    const lines = await firstLines(made);
    // 0.1 and 0.05 kWh at -0.05.
    expect(lines.get(made.ann.participantId)).toMatchObject({
      shortWh: '100',
      shortMicro: '0',
      shortGainMicro: '5000',
    });
    expect(lines.get(made.cyd.participantId)).toMatchObject({ shortWh: '50', shortGainMicro: '2500' });
  });

  it('with dual pricing are compared with the day-ahead price of the trade', async () => {
    const made = await tradedScene({ imbalancePricing: 'dual' });
    await measure(made);
    await file(made, scene.sessionSlot, ['90000', '90000', '90000', '90000']);
    await made.settle();
    const lines = await firstLines(made);
    // 0.1 kWh at max(0.20, 0.09).
    expect(lines.get(made.ann.participantId)).toMatchObject({ dayAheadMicroPerKwh: '200000', shortMicro: '20000' });
  });

  it('are waited for, and where nobody files one within a day the fixed prices settle', async () => {
    const made = await tradedScene({ imbalancePricing: 'single' });
    await measure(made);
    await expect(made.settle({ intervals: 1 })).rejects.toThrow('ACCOUNTS_IMBALANCE_PRICE_MISSING');
    const deadline = scene.sessionSlot + 1 + limits.imbalancePriceWaitSlots;
    await made.tickTo(deadline);
    await expect(file(made, scene.sessionSlot, ['1'])).rejects.toThrow('ACCOUNTS_IMBALANCE_PRICE_LATE');
    await made.settle({ intervals: 1 }, 'after the deadline');
    // 0.1 kWh at the fixed 0.35.
    expect((await firstLines(made)).get(made.ann.participantId)).toMatchObject({ shortMicro: '35000' });
  });

  it('are written once, for grids that exist', async () => {
    const made = await tradedScene({ imbalancePricing: 'single' });
    await file(made, scene.sessionSlot, ['-50000', '90000']);
    await expect(file(made, scene.sessionSlot + 1, ['90000'])).rejects.toThrow('ACCOUNTS_IMBALANCE_PRICE_FILED');
    const unknown = { commandId: command('elsewhere'), gridId: 'nowhere', fromSlot: 1, pricesMicroPerKwh: ['1'] };
    const filing = made.ledger.submit(callers.dso, 'accounts:fileImbalancePrices', unknown);
    await expect(filing).rejects.toThrow('GRID_UNKNOWN');
    const asked = { gridId, fromSlot: scene.sessionSlot, slots: 4 };
    const { prices } = await made.ledger.evaluate(callers.tso, 'accounts:getImbalancePrices', asked);
    expect((prices as JsonObject[]).map(({ priceMicroPerKwh }) => priceMicroPerKwh)).toEqual(['-50000', '90000']);
  });
});

describe('delivery', () => {
  it('is told against the plan before anything is settled, and a missing reading is named', async () => {
    const made = await tradedScene();
    await measure(made);
    const asked = { participantId: made.cyd.participantId, gridId, fromSlot: scene.sessionSlot, slots: 5 };
    const { slots } = await made.ledger.evaluate(callers.tso, 'accounts:getDelivery', asked);
    expect((slots as JsonObject[])[0]).toMatchObject({
      status: 'OK',
      soldWh: '1000',
      exportWh: '950',
      deliveredWh: '950',
      shortfallWh: '50',
      positions: [{ sessionId: scene.sessionId, soldWh: '4000' }],
    });
    expect((slots as JsonObject[])[4]).toMatchObject({ status: 'MISSING', positions: [], soldWh: '0' });
    const nobody = { ...asked, participantId: '0'.repeat(26) };
    await expect(made.ledger.evaluate(callers.tso, 'accounts:getDelivery', nobody)).rejects.toThrow(
      'PARTICIPANT_UNKNOWN',
    );
  });
});

describe('settlement of single slots', () => {
  it('goes slot by slot and out of order, and ends as settlement of all at once does', async () => {
    const apart = await tradedScene();
    await measure(apart);
    for (const at of [3, 0, 2, 1]) {
      await apart.settle({ fromSlot: scene.sessionSlot + at, intervals: 1 });
    }
    const whole = await tradedScene();
    await measure(whole);
    await whole.settle();
    expect(linesOf(apart)).toEqual(linesOf(whole));
    expect(linesOf(apart)).toHaveLength(4 * 3);
  });

  it('takes a slot as soon as it has ended, while the next one still runs', async () => {
    const made = await tradedScene();
    await made.tickTo(scene.sessionSlot + 1);
    await made.measure(
      made.meters.cyd,
      Array.from({ length: 41 }, () => 0n),
      [...Array.from({ length: 40 }, () => 0n), 1_000n],
    );
    const { response } = await made.settle({ intervals: 1 });
    expect(response.slots).toMatchObject([{ slot: scene.sessionSlot, missing: 1 }]);
    await expect(made.settle({ fromSlot: scene.sessionSlot + 1, intervals: 1 })).rejects.toThrow(
      'ACCOUNTS_INTERVAL_NOT_ENDED',
    );
  });
});

/** All settled lines of a ledger as sorted text, with names instead of ids, as these differ from scene to scene. */
function linesOf(made: MarketScene): readonly string[] {
  const names = Object.entries({ ann: made.ann, bob: made.bob, cyd: made.cyd, supplier: made.supplier });
  return [...made.ledger.rows('posting').values()]
    .flatMap((row) => {
      const { cause, lines = [] } = row as { readonly cause: JsonObject; readonly lines?: readonly JsonObject[] };
      return lines.map((line) => JSON.stringify({ slot: cause.slot ?? 0, line }));
    })
    .map((text) => names.reduce((named, [name, { participantId }]) => named.replaceAll(participantId, name), text))
    .sort();
}
