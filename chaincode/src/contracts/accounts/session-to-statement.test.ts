import {
  checkLimits,
  foldPostingSets,
  limitRowCodec,
  participantAccount,
  postingSetCodec,
  rowCodec,
  isJsonObject,
  statementLineCodec,
  linesDigest,
  type Books,
  type JsonObject,
  type JsonValue,
  type LimitRow,
  type OrderContent,
  type PostingSet,
} from '@flexledger/domain';
import { callers, command, type Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';

const retail = 320_000n;
const feedIn = 80_000n;

/** What an auditor sees: the posting sets and limit rows as they stand in the state. */
function auditOf(made: MarketScene): { readonly books: Books; readonly limits: readonly LimitRow[] } {
  const decode = <T>(codec: { decode(row: JsonObject): T }, value: JsonValue): T => {
    if (!isJsonObject(value)) {
      throw new Error('a row is an object');
    }
    return codec.decode(value);
  };
  const sets = [...made.ledger.rows('posting').values()].map((row) => decode(rowCodec(postingSetCodec), row));
  const limits = [...made.ledger.rows('limit').values()].map((row) => decode(rowCodec(limitRowCodec), row));
  // Committed order does not stand in the state: money comes first, settlement last.
  const rank: readonly PostingSet['cause']['kind'][] = ['fund', 'transfer', 'collateral', 'clearing', 'settlement'];
  sets.sort((left, right) => rank.indexOf(left.cause.kind) - rank.indexOf(right.cause.kind));
  return { books: foldPostingSets(sets), limits };
}

function balanceOf(books: Books, signer: Signer): bigint {
  return books.balances.get(participantAccount(signer.participantId)) ?? 0n;
}

/** Three prosumers and their supplier trade two hours: cyd's roof to ann, the rest from and to the supplier. */
async function tradedScene(): Promise<MarketScene> {
  const made = await MarketScene.create();
  const orders: readonly (readonly [Signer, readonly OrderContent[]])[] = [
    [made.ann, [contentOf('ann 0', ['buy', 0, 4_000n, 400_000n]), contentOf('ann 1', ['buy', 1, 2_001n, 400_000n])]],
    [made.bob, [contentOf('bob 0', ['buy', 0, 1_001n, 400_000n])]],
    [made.cyd, [contentOf('cyd 0', ['sell', 0, 3_003n, 0n]), contentOf('cyd 1', ['sell', 1, 6_000n, 0n])]],
  ];
  const suppliers = [0, 1].flatMap((interval) => [
    contentOf(`supplier sells ${interval}`, ['sell', interval, 100_000n, retail]),
    contentOf(`supplier buys ${interval}`, ['buy', interval, 100_000n, feedIn]),
  ]);
  for (const [signer, contents] of orders) {
    await made.place(signer, contents);
  }
  await made.place(made.supplier, suppliers, { collateralMicro: '5000000000' }, callers.market);
  await made.clearAll([...orders.flatMap(([, contents]) => contents), ...suppliers]);
  return made;
}

const zeros = (count: number): bigint[] => Array.from({ length: count }, () => 0n);

/** Meters everybody: the hours before the session, then two hours with small deviations; bob's second hour stays out if asked. */
async function measureAll(made: MarketScene, bobsSecondHour = true): Promise<void> {
  const { ann, bob, cyd } = made.meters;
  await made.tickTo(scene.endSlot);
  for (const agent of [ann, bob, cyd]) {
    await made.measure(agent, zeros(40));
  }
  await made.measure(ann, [1_000n, 1_010n, 990n, 1_000n, 500n, 500n, 500n, 501n]);
  await made.measure(bob, bobsSecondHour ? [300n, 250n, 250n, 250n, 10n, 0n, 0n, 0n] : [300n, 250n, 250n, 250n]);
  await made.measure(cyd, zeros(8), [700n, 751n, 751n, 750n, 1_500n, 1_600n, 1_500n, 1_400n]);
}

describe('from a session to its statements', () => {
  it('clears at the competitive price of each hour, with the supplier at the margin', async () => {
    const made = await tradedScene();
    const { clearing } = await made.ledger.evaluate(callers.tso, 'market:getClearing', { sessionId: scene.sessionId });
    expect(clearing).toMatchObject({
      participants: 4,
      publishedOrders: 9,
      intervals: [
        { tradedWh: '5001', price: { clearingMicroPerKwh: String(retail) } },
        { tradedWh: '6000', price: { clearingMicroPerKwh: String(feedIn) } },
      ],
    });
    const trades = await made.ledger.evaluate(callers.tso, 'market:listTrades', { sessionId: scene.sessionId });
    expect(
      (trades.rows as JsonObject[]).map(({ energyWh, interval, side }) => [interval, side, energyWh]).sort(),
    ).toEqual(
      [
        [0, 'buy', '1001'],
        [0, 'buy', '4000'],
        [0, 'sell', '1998'],
        [0, 'sell', '3003'],
        [1, 'buy', '2001'],
        [1, 'buy', '3999'],
        [1, 'sell', '6000'],
      ].sort(),
    );
  });

  it('settles every quarter hour, and every invariant of the books holds', async () => {
    const made = await tradedScene();
    await measureAll(made);
    const { response } = await made.settle();
    expect(response.slots).toHaveLength(4);
    await made.settle({ fromSlot: scene.sessionSlot + 4 });
    const { books, limits } = auditOf(made);
    expect(books.violations).toEqual([]);
    expect(checkLimits(books, limits)).toEqual([]);
    expect(books.issuedMicro).toBe(9_600_000_000n);
    // Everything that was locked has gone back or to a seller; only dust stays.
    expect(books.balances.get('escrow')).toBe(0n);
    expect(books.balances.get('imbalance') ?? 0n).toBe(0n);
    const held = [made.ann, made.bob, made.cyd, made.supplier].reduce(
      (total, signer) => total + balanceOf(books, signer),
      0n,
    );
    expect(held + (books.balances.get('dust') ?? 0n)).toBe(9_600_000_000n);
  });

  it('charges each prosumer what a reader works out by hand', async () => {
    const made = await tradedScene();
    await measureAll(made);
    await made.settle();
    await made.settle({ fromSlot: scene.sessionSlot + 4 });
    const { books } = auditOf(made);
    // ann: 4.000 kWh x 0.32 + 2.001 kWh x 0.08; short 10 Wh at 0.35 (3,500), long 10 Wh at 0.06 (600).
    // In hour 2 she bought 501, 500, 500, 500 and took 500, 500, 500, 501: long 1 (60) and short 1 (350).
    expect(balanceOf(books, made.ann)).toBe(200_000_000n - 1_280_000n - 160_080n - 3_500n + 600n + 60n - 350n);
    // bob: 1.001 kWh x 0.32 = 320,320; quarters 251, 250, 250, 250: short 49 (17,150); then short 10 (3,500).
    expect(balanceOf(books, made.bob)).toBe(200_000_000n - 320_320n - 17_150n - 3_500n);
    // cyd: 3.003 kWh x 0.32 = 960,960 and 6.000 kWh x 0.08 = 480,000. Sold per quarter 751, 751, 751, 750 and 1,500:
    // short 51 (17,850) and 100 (35,000); long 100 (6,000).
    expect(balanceOf(books, made.cyd)).toBe(200_000_000n + 960_960n + 480_000n - 17_850n - 35_000n + 6_000n);
  });

  it('answers a settlement again without a second posting, for the same and for another command (I13)', async () => {
    const made = await tradedScene();
    await measureAll(made);
    const first = await made.settle();
    const before = made.ledger.snapshot();
    const again = await made.settle();
    expect(again.response).toEqual(first.response);
    expect(made.ledger.snapshot()).toBe(before);
    const other = await made.settle({}, 'by another command');
    expect(other.response).toEqual(first.response);
    expect(other.writes.map(({ key }) => key.split('\u0000')[1])).toEqual(['command']);
    expect(other.event).toMatchObject({ facts: [] });
    const overlapping = await made.settle({ fromSlot: scene.sessionSlot + 2 });
    expect(overlapping.writes.filter(({ key }) => key.includes('\u0000posting\u0000'))).toHaveLength(2);
  });

  it('settles the others where a reading is missing, and keeps the reserve of the one', async () => {
    const made = await tradedScene();
    await measureAll(made, false);
    await made.settle();
    const { response } = await made.settle({ fromSlot: scene.sessionSlot + 4 });
    expect((response.slots as JsonObject[]).map(({ missing }) => missing)).toEqual([1, 1, 1, 1]);
    const { books, limits } = auditOf(made);
    expect(books.violations).toEqual([]);
    expect(checkLimits(books, limits)).toEqual([]);
    // 2 x 7.5 kWh at 0.35 EUR/kWh for each of four quarter hours stays locked.
    expect(books.balances.get('escrow')).toBe(4n * 5_250_000n);
  });

  it('issues statements that explain themselves, and folds their credits into the balance', async () => {
    const made = await tradedScene();
    await measureAll(made);
    await made.settle();
    await made.settle({ fromSlot: scene.sessionSlot + 4 });
    const everybody = [made.ann, made.bob, made.cyd, made.supplier];
    const participantIds = everybody.map((signer) => signer.participantId);
    const period = { sessionId: scene.sessionId, run: 1, firstSlot: scene.sessionSlot, slots: scene.slots };
    const request = { commandId: command('statements'), ...period, participantIds };
    const { response } = await made.ledger.submit(callers.market, 'accounts:statement', request);
    const bobs = (response.statements as JsonObject[])[1];
    expect(bobs).toMatchObject({
      participantId: made.bob.participantId,
      totals: {
        boughtWh: '1001',
        importWh: '1060',
        shortWh: '59',
        buyMicro: '320320',
        shortMicro: '20650',
        billDebitMicro: '340970',
        billCreditMicro: '0',
        outsideDebitMicro: '339200',
        missingSlots: 0,
      },
    });
    const asked = { sessionId: scene.sessionId, run: 1, participantId: made.cyd.participantId };
    const answer = await made.ledger.evaluate(callers.tso, 'accounts:getStatement', asked);
    const lines = (answer.lines as JsonValue[]).map((line) => statementLineCodec.decode(line, ''));
    expect(lines).toHaveLength(scene.slots);
    expect(linesDigest(lines)).toBe((answer.statement as JsonObject).linesDigest);
    expect(lines[0]).toMatchObject({
      slot: scene.sessionSlot,
      inputs: [expect.stringMatching(/^position\//), `block/${made.meters.cyd.meterId}/0${scene.sessionSlot}`],
      line: { soldWh: 751n, exportWh: 700n, shortWh: 51n, shortMicro: 17_850n },
    });
    expect((answer.rule as string[]).join(' ')).toContain('350000');
    await foldAll(made, everybody);
    const { books, limits } = auditOf(made);
    expect(books.violations).toEqual([]);
    for (const signer of everybody) {
      expect([signer.participantId, await made.available(signer)]).toEqual([
        signer.participantId,
        balanceOf(books, signer),
      ]);
    }
    expect(checkLimits(books, limits)).toEqual([]);
  });

  it('answers a trial balance that agrees with the fold of all posting sets', async () => {
    const made = await tradedScene();
    await measureAll(made);
    await made.settle();
    const trial = await made.ledger.evaluate(callers.regulator, 'accounts:trialBalance', {});
    expect(trial).toMatchObject({ balanced: true, bookmark: null });
    const { books } = auditOf(made);
    const escrow = (trial.accounts as JsonObject[]).find(({ account }) => account === 'escrow');
    const credited = BigInt(String(escrow?.creditMicro)) - BigInt(String(escrow?.debitMicro));
    expect(credited).toBe(books.balances.get('escrow'));
    expect(trial.postingSets).toBe(books.postingSets);
  });
});

async function foldAll(made: MarketScene, signers: readonly Signer[]): Promise<void> {
  for (const { participantId } of signers) {
    const sources = [
      { kind: 'clearing', sessionId: scene.sessionId },
      { kind: 'statement', sessionId: scene.sessionId, run: 1 },
    ];
    const request = { commandId: command(`fold ${participantId}`), participantId, sources };
    await made.ledger.submit(callers.community, 'accounts:foldBalance', request);
  }
}
