import { RuleError } from '../errors';
import type { ParticipantId } from '../ids';
import { limits } from '../limits';
import { contentOf, idOf, publishedOrder, testRuleSet, testSession } from '../testing/session-fixture';
import { ppm } from '../units';
import { clearSession } from './clear-session';
import { positionsOf, tradesOf } from './positions';
import type { Order } from './rows';

const ann = idOf<ParticipantId>('ann');
const bob = idOf<ParticipantId>('bob');
const cyd = idOf<ParticipantId>('cyd');
const participants = [ann, bob, cyd];

const orders: readonly Order[] = [
  publishedOrder(testSession, ann, contentOf('a0', 'buy', 0, 1_001n, 300_000n)),
  publishedOrder(testSession, bob, contentOf('b0', 'buy', 0, 1_001n, 250_000n)),
  publishedOrder(testSession, cyd, contentOf('c0', 'sell', 0, 1_501n, 100_100n)),
  publishedOrder(testSession, ann, contentOf('a1', 'buy', 1, 100n, 90_000n)),
  publishedOrder(testSession, cyd, contentOf('c1', 'sell', 1, 100n, 100_000n)),
];

describe('clearing a session', () => {
  it('clears every interval by itself and has no price where nothing trades', () => {
    const { clearing } = clearSession(testSession, orders, participants, false);
    expect(clearing.intervals.map((entry) => [entry.interval, entry.firstSlot, entry.tradedWh])).toEqual([
      [0, 1_000, 1_501n],
      [1, 1_004, 0n],
    ]);
    expect(clearing.intervals[0]?.price).toEqual({
      lowMicroPerKwh: 250_000n,
      highMicroPerKwh: 250_000n,
      clearingMicroPerKwh: 250_000n,
    });
    expect(clearing.intervals[1]?.price).toBeUndefined();
    expect(clearing).toMatchObject({ ruleSet: 7, publishedOrders: 5, participants: 3, chunks: 1, tradedWh: 1_501n });
  });

  it('rounds for the buyer up and for the seller down, once per participant and interval, and counts the dust', () => {
    const session = { ...testSession, ruleSet: { ...testRuleSet, feePpm: ppm(10_001n) } };
    const odd = [
      publishedOrder(session, ann, contentOf('a0', 'buy', 0, 1_001n, 250_100n)),
      publishedOrder(session, cyd, contentOf('c0', 'sell', 0, 1_001n, 250_100n)),
    ];
    const { clearing } = clearSession(session, odd, participants, false);
    // 1.001 kWh x 250,100 = 250,350.1
    expect(clearing).toMatchObject({ buyMicro: 250_351n, sellMicro: 250_350n, dustMicro: 1n, feeMicro: 2_504n });
  });

  it('does not depend on the order in which rows are read', () => {
    const forward = clearSession(testSession, orders, participants, false);
    expect(clearSession(testSession, [...orders].reverse(), [...participants].reverse(), false)).toEqual(forward);
  });

  it('keeps participants without fills, so that their collateral is released', () => {
    const { chunks, buckets } = clearSession(testSession, [], participants, false);
    expect(chunks[0]?.participants.map((entry) => entry.fills)).toEqual([[], [], []]);
    expect(buckets[0]?.participantIds).toEqual([...participants].sort());
  });

  it('cuts participants into chunks and buckets of their own sizes', () => {
    const many = Array.from({ length: limits.accountsPerBucketMax + 1 }, (_, index) =>
      idOf<ParticipantId>(`p${index}`),
    );
    const { buckets, chunks, clearing } = clearSession(testSession, [], many, false);
    expect(buckets.map((bucket) => bucket.participantIds.length)).toEqual([limits.accountsPerBucketMax, 1]);
    expect(chunks).toHaveLength(Math.ceil(many.length / limits.participantsPerApplyMax));
    expect(clearing.bucketFirsts).toEqual(buckets.map((bucket) => bucket.participantIds[0]));
  });

  it('leaves withdrawn and void orders out', () => {
    const left = orders.map((order, index): Order => {
      if (index === 0) {
        return { ...order, status: { kind: 'withdrawn' } };
      }
      return index === 1 ? { ...order, status: { kind: 'void', code: 'MARKET_PRICE_TICK' } } : order;
    });
    const { clearing } = clearSession(testSession, left, participants, false);
    expect(clearing).toMatchObject({ publishedOrders: 3, withdrawnOrders: 1, voidOrders: 1, tradedWh: 0n });
  });

  it('waits for sealed orders until the deadline, then leaves them out', () => {
    const sealed = orders.map((order, index): Order =>
      index === 0 ? { ...order, status: { kind: 'sealed' } } : order,
    );
    expect(() => clearSession(testSession, sealed, participants, false)).toThrow(RuleError);
    expect(() => clearSession(testSession, sealed, participants, false)).toThrow('MARKET_ORDERS_UNPUBLISHED');
    expect(clearSession(testSession, sealed, participants, true).clearing).toMatchObject({
      publishedOrders: 4,
      unpublishedOrders: 1,
      tradedWh: 1_001n,
    });
  });

  it('gives every participant its positions and trades', () => {
    const { chunks, clearing } = clearSession(testSession, orders, participants, false);
    const entries = chunks.flatMap((chunk) => chunk.participants);
    const bobs = entries.find((entry) => entry.participantId === bob)!;
    expect(positionsOf(testSession, clearing.intervals, bobs)).toEqual([
      {
        sessionId: testSession.sessionId,
        participantId: bob,
        interval: 0,
        firstSlot: 1_000,
        boughtWh: 500n,
        soldWh: 0n,
        priceMicroPerKwh: 250_000n,
        buyMicro: 125_000n,
        sellMicro: 0n,
        feeMicro: 0n,
      },
    ]);
    const trades = entries.flatMap((entry) => tradesOf(testSession, clearing.intervals, entry));
    expect(trades.map((trade) => [trade.side, trade.energyWh]).sort()).toEqual([
      ['buy', 1_001n],
      ['buy', 500n],
      ['sell', 1_501n],
    ]);
  });
});
