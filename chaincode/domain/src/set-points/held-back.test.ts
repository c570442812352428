import * as fc from 'fast-check';
import { sum } from '../math';
import { testRuleSet } from '../testing/session-fixture';
import { micro, microPerKwh, w, type Micro } from '../units';
import { coverSetPoints, fundCurtailment, fundOf } from './cover';
import { correctedWh, heldBackWh, limitQuarterWh, quarterWh } from './held-back';

describe('the energy that a limit held back', () => {
  it.each([
    ['a connection that uses its limit up', 2_000n, 1_500n, 1_500n, 500n],
    ['one that has less than its limit by itself: the rest is its own doing', 2_000n, 1_500n, 900n, 500n],
    ['one that flows beyond its limit', 2_000n, 1_500n, 1_800n, 200n],
    ['one that flows beyond what it could', 2_000n, 1_500n, 2_300n, 0n],
    ['one that could not reach its limit', 1_200n, 1_500n, 1_200n, 0n],
    ['one that is let through nothing', 2_000n, 0n, 0n, 2_000n],
  ])('of %s', (_case, possibleWh, limitWh, meteredWh, expected) => {
    expect(heldBackWh({ possibleWh, limitWh, meteredWh })).toBe(expected);
  });

  it('is never above what the limit is short of, whatever the meter says', () => {
    const power = fc.bigInt({ min: 0n, max: 100_000n });
    fc.assert(
      fc.property(power, power, power, (possibleW, limitW, meteredWh) => {
        const quarter = { possibleWh: quarterWh(possibleW), limitWh: limitQuarterWh(limitW), meteredWh };
        const held = heldBackWh(quarter);
        expect(held * 4n <= (possibleW > limitW ? possibleW - limitW : 0n)).toBe(true);
        expect(held + meteredWh <= quarter.possibleWh || held === 0n).toBe(true);
        expect(correctedWh(held, 10n) <= 10n && correctedWh(held, 10n) <= held).toBe(true);
      }),
      { seed: 14, numRuns: 500 },
    );
  });
});

describe('the money that is set aside for limits', () => {
  const setPoint = (presentW: bigint, limitW: bigint, slots = 4) => ({
    presentW: w(presentW),
    limitW: w(limitW),
    slots,
  });
  const fixed = (price: bigint) =>
    ({ curtailmentCompensation: { kind: 'fixed', priceMicroPerKwh: microPerKwh(price) } }) as const;
  const covers = (rules: object, available: bigint, ...setPoints: ReturnType<typeof setPoint>[]) => {
    const covered = coverSetPoints(setPoints, { ...testRuleSet, ...rules }, micro(available));
    return [covered.setPoints.map(({ coverMicro }) => coverMicro), covered.coveredMicro];
  };

  it('is the higher of both prices for what can be held back, and the cap where the session says the price', () => {
    // 250 Wh a slot; a shortfall costs 0.40.
    expect(covers(fixed(80_000n), 9_000_000n, setPoint(3_000n, 2_000n))).toEqual([[100_000n], 400_000n]);
    expect(covers(fixed(500_000n), 9_000_000n, setPoint(3_000n, 2_000n))).toEqual([[125_000n], 500_000n]);
    const session = { curtailmentCompensation: { kind: 'session' } };
    expect(covers(session, 9_000_000n, setPoint(3_000n, 2_000n))).toEqual([[250_000n], 1_000_000n]);
  });

  it('is nothing where nothing is compensated, and for limits that hold nothing back', () => {
    expect(covers({}, 9_000_000n, setPoint(3_000n, 2_000n))).toEqual([[undefined], 0n]);
    expect(covers(fixed(80_000n), 9_000_000n, setPoint(1_000n, 2_000n))).toEqual([[0n], 0n]);
  });

  it('is the same share for all where the fund has too little, and never more than it has', () => {
    const both = [setPoint(3_000n, 2_000n), setPoint(4_000n, 2_000n, 2)];
    expect(covers(fixed(80_000n), 400_000n, ...both)).toEqual([[50_000n, 100_000n], 400_000n]);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(90_000), fc.nat(90_000), fc.integer({ min: 1, max: 16 })), { maxLength: 8 }),
        fc.bigInt({ min: 0n, max: 1_000_000n }),
        (limited, available) => {
          const setPoints = limited.map(([present, limit, slots]) => setPoint(BigInt(present), BigInt(limit), slots));
          const covered = coverSetPoints(setPoints, { ...testRuleSet, ...fixed(80_000n) }, micro(available));
          const total = sum(covered.setPoints.map(({ coverMicro = 0n, slots }) => coverMicro * BigInt(slots)));
          expect(total === covered.coveredMicro && total <= available).toBe(true);
        },
      ),
      { seed: 14, numRuns: 300 },
    );
  });

  it('comes from a fund that is paid in and starts empty', () => {
    const fund = fundCurtailment(fundOf(undefined), micro(5n));
    expect(fundCurtailment(fund, micro(2n))).toEqual({ availableMicro: 7n });
    const refused = (available: Micro, amount: Micro) => () => fundCurtailment({ availableMicro: available }, amount);
    expect(refused(micro(5n), micro(0n))).toThrow('ACCOUNTS_AMOUNT_ZERO');
    expect(refused(micro(10n ** 18n - 1n), micro(1n))).toThrow('ACCOUNTS_BALANCE_TOO_HIGH');
  });
});
