import * as fc from 'fast-check';
import { buyerPrice, effectiveLimit, sellerPrice } from './effective-prices';

const charges = { buyFeeMicroPerKwh: 15_000n, sellFeeMicroPerKwh: 4_000n, lossPpm: 50_000n };

describe('prices at a bus', () => {
  it('takes fee and losses from what a buyer can pay, and adds them to what a seller must get', () => {
    // (225,000 - 15,000) ÷ 1.05 = 200,000; (91,000 + 4,000) ÷ 0.95 = 100,000.
    expect(effectiveLimit('buy', 225_000n, charges)).toBe(200_000n);
    expect(effectiveLimit('sell', 91_000n, charges)).toBe(100_000n);
    expect(buyerPrice(200_000n, charges)).toBe(225_000n);
    expect(sellerPrice(100_000n, charges)).toBe(91_000n);
  });

  it('changes nothing where there is neither fee nor loss', () => {
    const none = { buyFeeMicroPerKwh: 0n, sellFeeMicroPerKwh: 0n, lossPpm: 0n };
    expect([effectiveLimit('buy', 7n, none), effectiveLimit('sell', 7n, none)]).toEqual([7n, 7n]);
    expect([buyerPrice(7n, none), sellerPrice(7n, none)]).toEqual([7n, 7n]);
  });

  it('never takes a buyer or a seller beyond its limit, at any price that its effective limit allows', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 9n });
    const anyCharges = fc.record({
      buyFeeMicroPerKwh: amount,
      sellFeeMicroPerKwh: amount,
      lossPpm: fc.bigInt({ min: 0n, max: 999_999n }),
    });
    fc.assert(
      fc.property(amount, anyCharges, amount, (limit, at, distance) => {
        expect(buyerPrice(effectiveLimit('buy', limit, at) - distance, at) <= limit).toBe(true);
        expect(sellerPrice(effectiveLimit('sell', limit, at) + distance, at) >= limit).toBe(true);
        // And the effective limit gives nothing away: one micro-unit further the limit would be broken.
        expect(buyerPrice(effectiveLimit('buy', limit, at) + 1n, at) > limit).toBe(true);
        expect(sellerPrice(effectiveLimit('sell', limit, at) - 1n, at) < limit).toBe(true);
      }),
    );
  });

  it('has no factor that loses everything', () => {
    expect(() => effectiveLimit('sell', 1n, { ...charges, lossPpm: 1_000_000n })).toThrow('INVARIANT_BROKEN');
  });
});
