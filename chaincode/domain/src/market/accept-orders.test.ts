import * as fc from 'fast-check';
import { errorRegistry, RuleError } from '../errors';
import type { ParticipantId, SessionId } from '../ids';
import { contentOf, idOf, testRuleSet, testSession } from '../testing/session-fixture';
import { micro, microPerKwh, ppm, wh } from '../units';
import {
  acceptOrders,
  findOpeningFault,
  orderCommitment,
  requiredCollateralMicro,
  type Placing,
} from './accept-orders';
import { costMicro, feeMicro } from './money';
import type { OrderContent, Session } from './rows';

const ann = idOf<ParticipantId>('ann');
const connectionLimitW = 4_000n;

function placingOf(orders: readonly OrderContent[], change: Partial<Placing> = {}): Placing {
  const sealed = orders.map((order) => ({
    orderId: order.orderId,
    commitment: orderCommitment(testSession.sessionId, ann, order),
  }));
  const collateralMicro = requiredCollateralMicro(testSession, { orders, connectionLimitW });
  return { participantId: ann, connectionLimitW, sealed, orders, collateralMicro, ...change };
}

function codeOf(session: Session, placing: Placing): string | undefined {
  try {
    acceptOrders(session, placing);
    return undefined;
  } catch (error) {
    if (error instanceof RuleError) {
      return error.code;
    }
    throw error;
  }
}

const good = contentOf('good', 'buy', 0, 2_000n, 200_000n);
const other = contentOf('other', 'sell', 1, 500n, 90_000n);

describe('accepting orders', () => {
  it('takes orders that keep all rules', () => {
    expect(codeOf(testSession, placingOf([good, other]))).toBeUndefined();
  });

  const stranger = idOf<ParticipantId>('bob');
  const backed: Session = {
    ...testSession,
    ruleSet: { ...testRuleSet, backstop: true, balancingParticipantId: ann },
  };
  const bounded: Session = {
    ...testSession,
    ruleSet: { ...testRuleSet, memberLimits: { positionWhMax: wh(1_999n), exposureMicroMax: micro(1n) } },
  };
  const single = { ...testSession, ruleSet: { ...testRuleSet, ordersPerParticipantMax: 1 } };
  const refusals: readonly [string, Session, Placing][] = [
    ['MARKET_ORDERS_MISMATCH', testSession, placingOf([good], { orders: [] })],
    ['MARKET_ORDERS_MISMATCH', testSession, placingOf([good], { orders: [other] })],
    ['MARKET_ORDER_TWICE', testSession, placingOf([good, good])],
    ['MARKET_ORDERS_TOO_MANY', single, placingOf([good, other])],
    ['MARKET_COMMITMENT_MISMATCH', testSession, placingOf([good], { orders: [{ ...good, energyWh: wh(2_001n) }] })],
    ['MARKET_COMMITMENT_MISMATCH', testSession, placingOf([good], { orders: [{ ...good, salt: other.salt }] })],
    ['MARKET_COMMITMENT_MISMATCH', testSession, placingOf([good], { participantId: stranger })],
    ['MARKET_INTERVAL_UNKNOWN', testSession, placingOf([contentOf('far', 'buy', 2, 2_000n, 200_000n)])],
    ['MARKET_PRICE_RANGE', testSession, placingOf([contentOf('free', 'buy', 0, 2_000n, 0n)])],
    ['MARKET_PRICE_RANGE', testSession, placingOf([contentOf('dear', 'buy', 0, 2_000n, 1_000_100n)])],
    ['MARKET_PRICE_TICK', testSession, placingOf([contentOf('odd', 'buy', 0, 2_000n, 200_001n)])],
    ['MARKET_ENERGY_TOO_SMALL', testSession, placingOf([contentOf('nothing', 'buy', 0, 0n, 200_000n)])],
    ['MARKET_ENERGY_TOO_SMALL', testSession, placingOf([contentOf('tiny', 'buy', 0, 9n, 200_000n)])],
    ['MARKET_BACKSTOP_PRICE', backed, placingOf([contentOf('retail', 'sell', 0, 2_000n, 319_900n)])],
    ['MARKET_BACKSTOP_PRICE', backed, placingOf([contentOf('feed-in', 'buy', 0, 2_000n, 80_100n)])],
    ['MARKET_ENERGY_ABOVE_LIMIT', testSession, placingOf([contentOf('big', 'sell', 0, 4_001n, 200_000n)])],
    [
      'MARKET_ENERGY_ABOVE_LIMIT',
      testSession,
      placingOf([contentOf('one', 'sell', 0, 4_000n, 200_000n), contentOf('more', 'sell', 0, 10n, 300_000n)]),
    ],
    ['MARKET_POSITION_ABOVE_LIMIT', bounded, placingOf([good])],
    [
      'MARKET_SELF_TRADE',
      testSession,
      placingOf([contentOf('bid', 'buy', 0, 100n, 200_000n), contentOf('ask', 'sell', 0, 100n, 200_000n)]),
    ],
    [
      'MARKET_COLLATERAL_TOO_SMALL',
      testSession,
      placingOf([good], {
        collateralMicro: requiredCollateralMicro(testSession, { orders: [good], connectionLimitW }) - 1n,
      }),
    ],
    ['MARKET_EXPOSURE_ABOVE_LIMIT', bounded, placingOf([other])],
  ];

  it.each(refusals)('refuses with %s', (code, session, placing) => {
    expect(codeOf(session, placing)).toBe(code);
  });

  it('has its refusals in the order of the registry', () => {
    const rank = new Map<string, number>(errorRegistry.map((row, index) => [row.code, index]));
    const ranks = refusals.map(([code]) => rank.get(code) ?? -1);
    expect(ranks).toEqual([...ranks].sort((left, right) => left - right));
  });

  it('reports the first code in precedence order where two orders have different faults', () => {
    const tick = contentOf('odd', 'buy', 0, 2_000n, 200_001n);
    const far = contentOf('far', 'buy', 2, 2_000n, 200_000n);
    expect(codeOf(testSession, placingOf([tick, far]))).toBe('MARKET_INTERVAL_UNKNOWN');
    expect(codeOf(testSession, placingOf([far, tick]))).toBe('MARKET_INTERVAL_UNKNOWN');
  });

  it('lets a participant buy below the price at which it sells', () => {
    const orders = [contentOf('bid', 'buy', 0, 100n, 80_000n), contentOf('ask', 'sell', 0, 100n, 320_000n)];
    expect(codeOf(testSession, placingOf(orders))).toBeUndefined();
  });

  it('never repeats in a refusal what an order says', () => {
    const secret = contentOf('secret', 'buy', 0, 3_333n, 222_201n);
    expect(() => {
      acceptOrders(testSession, placingOf([secret]));
    }).toThrow(expect.objectContaining({ message: expect.not.stringMatching(/3333|222201/) }));
  });

  it('does not open a seal for another session', () => {
    const session = { ...testSession, sessionId: idOf<SessionId>('another') };
    const commitment = orderCommitment(testSession.sessionId, ann, good);
    expect(findOpeningFault(session, ann, commitment, good)).toBe('MARKET_COMMITMENT_MISMATCH');
    expect(findOpeningFault(testSession, ann, commitment, good)).toBeUndefined();
  });
});

describe('collateral', () => {
  it('is the purchases at their limits and the reserve of every slot', () => {
    // 2 kWh at 0.2 EUR/kWh, and 8 slots of 2 x 1 kWh at 0.4 EUR/kWh.
    expect(requiredCollateralMicro(testSession, { orders: [good, other], connectionLimitW })).toBe(
      400_000n + 8n * 800_000n,
    );
  });

  it('covers whatever any price at or below the limits makes of the purchases, with fee', () => {
    const purchase = fc.record({
      energyWh: fc.bigInt({ min: 10n, max: 9_999n }),
      limit: fc.bigInt({ min: 10n, max: 5_000n }),
    });
    fc.assert(
      fc.property(
        fc.array(purchase, { minLength: 1, maxLength: 6 }),
        fc.bigInt({ min: 0n, max: 50_000n }),
        (bids, fee) => {
          const session = { ...testSession, ruleSet: { ...testRuleSet, feePpm: ppm(fee) } };
          const orders = bids.map(({ energyWh, limit }, index) =>
            contentOf(`order ${index}`, 'buy', 0, energyWh, limit * 100n),
          );
          const lockedMicro = requiredCollateralMicro(session, { orders, connectionLimitW: 0n });
          const price = microPerKwh(bids.reduce((low, bid) => (bid.limit < low ? bid.limit : low), 5_000n) * 100n);
          const paidMicro = costMicro(
            orders.reduce((total, order) => total + order.energyWh, 0n),
            price,
          );
          expect(paidMicro + feeMicro(paidMicro, fee)).toBeLessThanOrEqual(lockedMicro);
        },
      ),
    );
  });
});
