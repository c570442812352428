import {
  foldPostingSets,
  isJsonObject,
  participantAccount,
  postingSetCodec,
  rowCodec,
  type Account,
  type Books,
  type JsonObject,
  type PostingSet,
} from '@flexledger/domain';
import { callers, command, type Signer } from '../../testing/actors';
import { contentOf, MarketScene, scene } from '../../testing/market-scene';
import type { MemoryLedger } from '../../testing/memory-ledger';

/** The street lets one kilowatt out; a kWh there costs fees and losses. */
function setTerms(ledger: MemoryLedger) {
  return ledger.submit(callers.dso, 'market:setGridTerms', {
    commandId: command('terms'),
    gridId: 'rural-1',
    number: 1,
    charges: [{ busId: 'bus-2', buyFeeMicroPerKwh: '15000', sellFeeMicroPerKwh: '4000', lossPpm: '50000' }],
    limits: [{ elementId: 'line-1', fromSlot: scene.sessionSlot, toSlot: scene.endSlot, exportLimitW: '1000' }],
  });
}

/** Cyd sells 1.5 kWh, ann buys 0.2 beside it, the supplier buys outside. The contract finds what binds. */
async function appliedScene(ruleSet: JsonObject = {}): Promise<MarketScene> {
  const made = await MarketScene.create({ gridLimits: 'tree', ...ruleSet }, setTerms);
  const sells = contentOf('cyd', ['sell', 0, 1_500n, 100_000n]);
  const buys = contentOf('ann', ['buy', 0, 200n, 250_000n]);
  const takes = contentOf('supplier', ['buy', 0, 5_000n, 150_000n]);
  await made.place(made.ann, [buys]);
  await made.place(made.cyd, [sells]);
  await made.place(made.supplier, [takes], { collateralMicro: '8000000000' }, callers.market);
  await made.tickTo(scene.gateCloseSlot);
  await made.step('closeSession');
  await made.step('publishOrders', { orderIds: [sells, buys, takes].map(({ orderId }) => orderId) });
  await made.tickTo(scene.sessionSlot);
  await made.step('clear');
  await made.step('applyClearing', { chunk: 0 });
  return made;
}

async function settleAll(made: MarketScene): Promise<void> {
  await made.tickTo(scene.endSlot);
  for (const agent of [made.meters.ann, made.meters.cyd]) {
    await made.measure(
      agent,
      Array.from({ length: 40 }, () => 0n),
    );
  }
  const zeros = [0n, 0n, 0n, 0n];
  await made.measure(made.meters.ann, [50n, 50n, 50n, 50n, ...zeros]);
  await made.measure(made.meters.cyd, [...zeros, ...zeros], [300n, 300n, 300n, 300n, ...zeros]);
  await made.settle();
  await made.settle({ fromSlot: scene.sessionSlot + 4 });
}

function booksOf(made: MarketScene): Books {
  const rank: readonly PostingSet['cause']['kind'][] = [
    'fund',
    'transfer',
    'collateral',
    'clearing',
    'settlement',
    'rent',
  ];
  const sets = [...made.ledger.rows('posting').values()].map((row) => {
    if (!isJsonObject(row)) throw new TypeError('a row is an object');
    return rowCodec(postingSetCodec).decode(row);
  });
  sets.sort((left, right) => rank.indexOf(left.cause.kind) - rank.indexOf(right.cause.kind));
  return foldPostingSets(sets);
}

function balance(books: Books, account: Account): bigint {
  return books.balances.get(account) ?? 0n;
}

async function clearingOf(made: MarketScene): Promise<JsonObject> {
  const asked = { sessionId: scene.sessionId };
  return (await made.ledger.evaluate(callers.tso, 'market:getClearing', asked)).clearing as JsonObject;
}

function rent(made: MarketScene, transaction: 'weighRent' | 'shareRent') {
  const request = { commandId: command(transaction), sessionId: scene.sessionId, bucket: 0 };
  return made.ledger.submit(callers.market, `accounts:${transaction}`, request);
}

describe('money of a session with limits of the grid', () => {
  it('is nodal: rent, losses and grid fees have their accounts, and nothing stays in escrow', async () => {
    const made = await appliedScene();
    await settleAll(made);
    const books = booksOf(made);
    expect(books.violations).toEqual([]);
    const clearing = await clearingOf(made);
    expect(balance(books, 'rent')).toBe(BigInt(String(clearing.rentMicro)));
    expect(balance(books, 'rent')).toBeGreaterThan(0n);
    // 0.2 kWh at 0.015 and 1.2 kWh at 0.004 of grid fee.
    expect(balance(books, 'grid-fees')).toBe(3_000n + 4_800n);
    expect(balance(books, 'losses')).toBe(BigInt(String(clearing.lossMicro)));
    expect(balance(books, 'losses')).toBeGreaterThan(0n);
    expect(balance(books, 'escrow')).toBe(0n);
    expect(balance(books, 'dust')).toBe(BigInt(String(clearing.dustMicro)));
  });

  it('never takes a buyer or a seller beyond its limit, fees and losses included', async () => {
    const made = await appliedScene();
    const { rows } = await made.ledger.evaluate(callers.tso, 'market:listTrades', { sessionId: scene.sessionId });
    const due = (signer: Signer): bigint => {
      const trade = (rows as JsonObject[]).find(({ participantId }) => participantId === signer.participantId);
      return BigInt(String(trade?.dueMicroPerKwh ?? trade?.priceMicroPerKwh));
    };
    expect(due(made.cyd)).toBeGreaterThanOrEqual(100_000n);
    expect(due(made.ann)).toBeLessThanOrEqual(250_000n);
    expect(due(made.supplier)).toBeLessThanOrEqual(150_000n);
  });

  it('gives the rent back to the members by what they traded, once, and they fold it into their balance', async () => {
    const made = await appliedScene({ rentShare: 'traded' });
    await expect(rent(made, 'shareRent')).rejects.toThrow('ACCOUNTS_RENT_NOT_WEIGHED');
    const { response: weighed } = await rent(made, 'weighRent');
    expect(weighed.weights).toContainEqual({ participantId: made.cyd.participantId, weightWh: '1200' });
    expect(weighed.weights).toContainEqual({ participantId: made.supplier.participantId, weightWh: '0' });
    const first = made.ledger.submit(callers.market, 'accounts:shareRent', {
      commandId: command('share'),
      sessionId: scene.sessionId,
      bucket: 0,
    });
    const { response } = await first;
    const { rentMicro } = await clearingOf(made);
    expect(response.sharedMicro).toBe(rentMicro);
    const again = await rent(made, 'shareRent');
    expect(again.response).toEqual(response);
    const books = booksOf(made);
    expect(books.violations).toEqual([]);
    expect(balance(books, 'rent')).toBe(0n);
    const before = await made.available(made.cyd);
    const { participantId } = made.cyd;
    const sources = [{ kind: 'rent', sessionId: scene.sessionId }];
    await made.ledger.submit(callers.community, 'accounts:foldBalance', {
      commandId: command('fold rent'),
      participantId,
      sources,
    });
    // Six parts of seven: 1,200 of 1,400 Wh.
    const share = (await made.available(made.cyd)) - before;
    expect(share * 7n).toBeGreaterThan(BigInt(String(rentMicro)) * 6n - 8n);
    expect(balance(books, participantAccount(participantId))).toBeGreaterThan(0n);
  });

  it('of pay-as-bid keeps the limits and leaves nothing in escrow either', async () => {
    const made = await appliedScene({ mechanism: 'pay-as-bid' });
    await settleAll(made);
    const books = booksOf(made);
    expect(books.violations).toEqual([]);
    expect(balance(books, 'escrow')).toBe(0n);
  });

  it('by what they consumed waits for the statements that tell it', async () => {
    const made = await appliedScene({ rentShare: 'consumed' });
    await expect(rent(made, 'weighRent')).rejects.toThrow('ACCOUNTS_STATEMENT_UNKNOWN');
    await settleAll(made);
    const everybody = [made.ann, made.cyd, made.supplier].map(({ participantId }) => participantId);
    const period = { sessionId: scene.sessionId, run: 1, firstSlot: scene.sessionSlot, slots: scene.slots };
    const request = { commandId: command('statements'), ...period, participantIds: everybody };
    await made.ledger.submit(callers.market, 'accounts:statement', request);
    const { response } = await rent(made, 'weighRent');
    expect(response.weights).toContainEqual({ participantId: made.ann.participantId, weightWh: '200' });
    expect(response.weights).toContainEqual({ participantId: made.cyd.participantId, weightWh: '0' });
  });
});
