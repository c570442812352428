import * as fc from 'fast-check';
import type { ParticipantId } from '../ids';
import { sum } from '../math';
import { contentOf, idOf, publishedOrder, testSession } from '../testing/session-fixture';
import { ppm } from '../units';
import { applyChunk } from './apply-chunk';
import { requiredCollateralMicro } from './accept-orders';
import { clearSession, type SessionClearing } from './clear-session';
import { fillPriceOf } from './fill-prices';
import { costMicro, revenueMicro } from './money';
import { positionsOf, tradesOf } from './positions';
import type { Order, OrderSet, Session } from './rows';
import { sessionReserveMicroPerSlot } from './money';
import { signalsOf } from './signals';

const session: Session = {
  ...testSession,
  ruleSet: { ...testSession.ruleSet, mechanism: 'pay-as-bid', kPpm: ppm(500_000n), feePpm: ppm(10_000n) },
};

type Short = readonly ['buy' | 'sell', number, bigint, bigint];

/** Orders of participants who each have one. */
function ordersOf(
  shorts: readonly Short[],
): readonly { readonly participantId: ParticipantId; readonly order: Order }[] {
  return shorts.map(([side, interval, energyWh, limit], index) => {
    const participantId = idOf<ParticipantId>(`participant ${index}`);
    const content = contentOf(`order ${index}`, side, interval, energyWh, limit);
    return { participantId, order: publishedOrder(session, participantId, content) };
  });
}

function cleared(shorts: readonly Short[], of: Session = session): SessionClearing {
  const rows = ordersOf(shorts);
  return clearSession(
    of,
    rows.map(({ order }) => order),
    rows.map(({ participantId }) => participantId),
    true,
  );
}

/** Trade prices by participant number. */
function pricesOf(shorts: readonly Short[]): readonly (bigint | undefined)[] {
  const { chunks, clearing } = cleared(shorts);
  const trades = chunks.flatMap(({ participants }) =>
    participants.flatMap((p) => tradesOf(session, clearing.intervals, p)),
  );
  return shorts.map(
    (_, index) => trades.find((trade) => trade.participantId === idOf(`participant ${index}`))?.priceMicroPerKwh,
  );
}

describe('pay-as-bid', () => {
  it('trades best with best, each pair in the middle of its own limits', () => {
    // 300 meets 100 at 200, 250 meets 150 at 200, 240 meets 160 at 200: then 300 with 150 would be 225.
    const shorts: readonly Short[] = [
      ['buy', 0, 1_000n, 300_000n],
      ['buy', 0, 1_000n, 200_000n],
      ['sell', 0, 1_000n, 100_000n],
      ['sell', 0, 1_000n, 150_000n],
    ];
    expect(pricesOf(shorts)).toEqual([200_000n, 175_000n, 200_000n, 175_000n]);
  });

  it('pays an order the mean of its pairs, and fills as the uniform price does', () => {
    const shorts: readonly Short[] = [
      ['buy', 0, 2_000n, 300_000n],
      ['sell', 0, 1_000n, 100_000n],
      ['sell', 0, 1_000n, 200_000n],
    ];
    expect(pricesOf(shorts)).toEqual([225_000n, 200_000n, 250_000n]);
    const energies = (of: Session): readonly string[] =>
      cleared(shorts, of).chunks.flatMap(({ participants }) =>
        participants.flatMap(({ fills }) => fills.map(({ energyWh, orderId }) => `${orderId} ${energyWh}`)),
      );
    expect(energies(session)).toEqual(energies(testSession));
  });

  it('conserves money to the last micro-unit, never breaks a limit, and is covered by the collateral', () => {
    const anyOrder = fc.tuple(
      fc.constantFrom('buy' as const, 'sell' as const),
      fc.integer({ min: 0, max: 1 }),
      fc.bigInt({ min: 1n, max: 3_333n }),
      fc.bigInt({ min: 1n, max: 1_000n }).map((price) => price * 100n + 7n),
    );
    fc.assert(
      fc.property(fc.array(anyOrder, { minLength: 2, maxLength: 12 }), (shorts) => {
        const rows = ordersOf(shorts);
        const { chunks, clearing } = cleared(shorts);
        const sets = new Map(
          rows.map(({ order, participantId }, index) => [participantId, setOf(order, shorts[index]!)]),
        );
        const applied = chunks.map((chunk) =>
          applyChunk(
            session,
            clearing,
            chunk,
            chunk.participants.map(({ participantId }) => sets.get(participantId)!),
          ),
        );
        const outOfEscrow = sum(
          applied.flatMap(({ postingSet }) =>
            postingSet.entries
              .filter(({ account, side }) => account === 'escrow' && side === 'debit')
              .map((e) => e.amountMicro),
          ),
        );
        const positions = applied.flatMap((chunk) => chunk.positions);
        const stillLocked = sum([...sets.values()].map((set) => 8n * set.reserveMicroPerSlot));
        const locked = sum([...sets.values()].map((set) => set.collateralMicro));
        expect(locked - outOfEscrow - stillLocked).toBe(sum(positions.map((position) => position.sellMicro)));
        for (const trade of applied.flatMap((chunk) => chunk.trades)) {
          const limit = shorts[rows.findIndex(({ order }) => order.orderId === trade.orderId)]![3];
          expect(trade.side === 'buy' ? trade.priceMicroPerKwh <= limit : trade.priceMicroPerKwh >= limit).toBe(true);
        }
      }),
      { seed: 20_261_127, numRuns: 200 },
    );
  });
});

/** What the participant of an order has locked: no more than it must. */
function setOf(order: Order, [side, interval, energyWh, limit]: Short): OrderSet {
  const { orderId, participantId, sessionId } = order;
  const orders = [{ ...contentOf('any', side, interval, energyWh, limit), orderId }];
  return {
    sessionId,
    participantId,
    orderIds: [orderId],
    connectionLimitW: 10_000n as OrderSet['connectionLimitW'],
    collateralMicro: requiredCollateralMicro(session, { connectionLimitW: 10_000n, orders }),
    reserveMicroPerSlot: sessionReserveMicroPerSlot(10_000n, session),
  };
}

describe('a fill with a price of its own', () => {
  const charges = { buyFeeMicroPerKwh: 15_000n, sellFeeMicroPerKwh: 4_000n, lossPpm: 50_000n };
  const fill = (side: 'buy' | 'sell') => ({
    orderId: contentOf(side, side, 0, 1n, 1n).orderId,
    interval: 0,
    side,
    energyWh: 1_001n as never,
    price: fillPriceOf(side, 200_000n, charges),
  });

  it('splits what a buyer pays and a seller gets into energy, grid fee and losses', () => {
    const { clearing } = cleared([]);
    const participantId = idOf<ParticipantId>('ann');
    const [bought] = positionsOf(session, clearing.intervals, { participantId, fills: [fill('buy')] });
    // 0.200 x 1.05 + 0.015 = 0.225 a kWh; 1.001 kWh.
    expect(bought).toMatchObject({ priceMicroPerKwh: 200_000n, buyMicro: costMicro(1_001n, 225_000n) });
    expect(bought).toMatchObject({ gridFeeMicro: 15_015n, lossMicro: 10_010n });
    const [sold] = positionsOf(session, clearing.intervals, { participantId, fills: [fill('sell')] });
    // 0.200 x 0.95 - 0.004 = 0.186.
    expect(sold).toMatchObject({ sellMicro: revenueMicro(1_001n, 186_000n), gridFeeMicro: 4_004n, lossMicro: 10_010n });
  });
});

describe('signals', () => {
  it('tell the power of what was sold less what was bought, whatever the length of the interval', () => {
    const position = { ...cleared([]), participantId: idOf<ParticipantId>('ann'), firstSlot: 1_000 };
    const signal = (soldWh: bigint, boughtWh: bigint, intervalSlots?: 1 | 2) =>
      signalsOf([
        { ...position, soldWh, boughtWh, ...(intervalSlots === undefined ? {} : { intervalSlots }) } as never,
      ]);
    expect(signal(1_000n, 400n)).toMatchObject([{ direction: 'inject', powerW: '600', slots: 4, firstSlot: 1_000 }]);
    expect(signal(0n, 400n, 2)).toMatchObject([{ direction: 'consume', powerW: '800', slots: 2 }]);
    expect(signal(0n, 100n, 1)).toMatchObject([{ direction: 'consume', powerW: '400' }]);
    expect(signal(400n, 400n)).toEqual([]);
  });
});
