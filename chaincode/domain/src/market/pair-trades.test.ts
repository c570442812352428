import * as fc from 'fast-check';
import { meanPriceByOrder, pairPriceMicroPerKwh, pairTrades, payAsBidPairs, type PairingFill } from './pair-trades';
import type { Side } from './types';

const half = 500_000n;

function fill(orderId: string, side: Side, energyWh: bigint, limit: bigint, more: Partial<PairingFill> = {}) {
  return { orderId, side, energyWh, limitPriceMicroPerKwh: limit, participantId: `p-${orderId}`, ...more };
}

/** Fills as a clearing at price 50 leaves them: no buyer below, no seller above. */
const zoneFills = fc
  .array(
    fc.record({
      side: fc.constantFrom<Side>('buy', 'sell'),
      energyWh: fc.bigInt({ min: 1n, max: 9n }),
      distance: fc.bigInt({ min: 0n, max: 20n }),
      placeId: fc.constantFrom('north', 'south', undefined),
      isGreen: fc.boolean(),
      wish: fc.constantFrom('local', 'green', 'partner', 'none'),
      partner: fc.nat({ max: 14 }),
    }),
    { maxLength: 15 },
  )
  .map((entries) =>
    entries.map(({ side, energyWh, distance, placeId, isGreen, wish, partner }, index): PairingFill => ({
      ...fill(`o${String(index).padStart(2, '0')}`, side, energyWh, side === 'buy' ? 50n + distance : 50n - distance),
      isGreen,
      ...(placeId === undefined ? {} : { placeId }),
      ...(wish === 'none'
        ? {}
        : wish === 'partner'
          ? { preference: { kind: wish, participantId: `p-o${String(partner).padStart(2, '0')}` } }
          : { preference: { kind: wish } }),
    })),
  );

describe('pairing the fills of a zone', () => {
  it('gives each buyer first the partner, place or green energy that it wishes for', () => {
    const fills = [
      fill('b1', 'buy', 4n, 90n, { preference: { kind: 'green' } }),
      fill('b2', 'buy', 4n, 80n, { placeId: 'north', preference: { kind: 'local' } }),
      fill('b3', 'buy', 4n, 70n, { preference: { kind: 'partner', participantId: 'p-s1' } }),
      fill('s1', 'sell', 4n, 10n),
      fill('s2', 'sell', 4n, 20n, { isGreen: true }),
      fill('s3', 'sell', 4n, 30n, { placeId: 'north' }),
    ];
    expect(pairTrades(fills, 'heeded')).toEqual([
      { buyOrderId: 'b1', sellOrderId: 's2', energyWh: 4n },
      { buyOrderId: 'b2', sellOrderId: 's3', energyWh: 4n },
      { buyOrderId: 'b3', sellOrderId: 's1', energyWh: 4n },
    ]);
    expect(pairTrades(fills, 'ignored').map((pair) => pair.sellOrderId)).toEqual(['s1', 's2', 's3']);
  });

  it("heeds a seller's wish after the buyers', and green only of what is sold", () => {
    const fills = [
      fill('b1', 'buy', 2n, 90n, { isGreen: true }),
      fill('b2', 'buy', 2n, 80n),
      fill('s1', 'sell', 2n, 10n, { preference: { kind: 'green' } }),
      fill('s2', 'sell', 2n, 20n, { preference: { kind: 'partner', participantId: 'p-b1' } }),
    ];
    expect(pairTrades(fills, 'heeded')).toEqual([
      { buyOrderId: 'b1', sellOrderId: 's2', energyWh: 2n },
      { buyOrderId: 'b2', sellOrderId: 's1', energyWh: 2n },
    ]);
  });

  it('pairs the worst of the longer side with the boundary at the price of the zone', () => {
    const fills = [fill('b1', 'buy', 3n, 90n), fill('b2', 'buy', 3n, 60n), fill('s1', 'sell', 4n, 20n)];
    expect(payAsBidPairs(fills, half, 40n)).toEqual([
      { buyOrderId: 'b1', sellOrderId: 's1', energyWh: 3n, priceMicroPerKwh: 55n },
      { buyOrderId: 'b2', sellOrderId: 's1', energyWh: 1n, priceMicroPerKwh: 40n },
      { buyOrderId: 'b2', sellOrderId: undefined, energyWh: 2n, priceMicroPerKwh: 40n },
    ]);
  });

  it('prices a pair at k between the limits, rounded down, below zero too', () => {
    expect(pairPriceMicroPerKwh(7n, 2n, half)).toBe(4n);
    expect(pairPriceMicroPerKwh(-2n, -7n, half)).toBe(-5n);
    expect(pairPriceMicroPerKwh(7n, 2n, 0n)).toBe(2n);
    expect(() => pairPriceMicroPerKwh(1n, 2n, half)).toThrow('INVARIANT_BROKEN');
  });

  it('refuses fills that no clearing makes', () => {
    expect(() => pairTrades([fill('a', 'buy', 0n, 1n)], 'heeded')).toThrow('INVARIANT_BROKEN');
    expect(() => pairTrades([fill('a', 'buy', 1n, 1n), fill('a', 'sell', 1n, 1n)], 'heeded')).toThrow(
      'INVARIANT_BROKEN',
    );
  });

  it('uses every watt-hour once, pairs two orders at most once, and lists fewer pairs than fills and boundary', () => {
    fc.assert(
      fc.property(zoneFills, fc.constantFrom('heeded', 'ignored'), (fills, preferences) => {
        const pairs = pairTrades(fills, preferences);
        for (const { orderId, energyWh } of fills) {
          const own = pairs.filter((pair) => pair.buyOrderId === orderId || pair.sellOrderId === orderId);
          expect(own.reduce((total, pair) => total + pair.energyWh, 0n)).toBe(energyWh);
        }
        const named = pairs.map((pair) => `${String(pair.buyOrderId)}/${String(pair.sellOrderId)}`);
        expect(new Set(named).size).toBe(pairs.length);
        expect(pairs.every((pair) => pair.energyWh > 0n)).toBe(true);
        expect(pairs.length).toBeLessThanOrEqual(fills.length);
        const bySide = (side: 'buyOrderId' | 'sellOrderId') => pairs.some((pair) => pair[side] === undefined);
        expect(bySide('buyOrderId') && bySide('sellOrderId')).toBe(false);
      }),
      { seed: 20261101, numRuns: 500 },
    );
  });

  it('does not depend on the order in which fills are given', () => {
    fc.assert(
      fc.property(zoneFills, (fills) => {
        expect(pairTrades([...fills].reverse(), 'heeded')).toEqual(pairTrades(fills, 'heeded'));
      }),
      { seed: 20261102, numRuns: 300 },
    );
  });

  it('never moves a price or a volume by a wish, and keeps every pair and every mean inside the limits', () => {
    fc.assert(
      fc.property(zoneFills, fc.bigInt({ min: 0n, max: 1_000_000n }), (fills, kPpm) => {
        const pairs = payAsBidPairs(fills, kPpm, 50n);
        const plain = fills.map(({ preference: _preference, ...rest }) => rest);
        expect(payAsBidPairs(plain, kPpm, 50n)).toEqual(pairs);
        const means = meanPriceByOrder(pairs);
        for (const { orderId, side, limitPriceMicroPerKwh } of fills) {
          const mean = means.get(orderId)!;
          expect(side === 'buy' ? mean <= limitPriceMicroPerKwh : mean >= limitPriceMicroPerKwh).toBe(true);
        }
      }),
      { seed: 20261103, numRuns: 300 },
    );
  });
});
