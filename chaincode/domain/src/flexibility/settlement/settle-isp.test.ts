import fc from 'fast-check';
import { correctedPosition, ispMoney, settleIsp, transferMicro } from './settle-isp';

describe('the rule of UFTP', () => {
  const prices = { priceMicroPerKwh: 7n, penaltyMicroPerKwh: 11n };
  const settled = (direction: 'reduce' | 'increase', actualWh: bigint) => {
    const { paidMicro, penaltyMicro } = ispMoney(
      settleIsp({ direction, baselineWh: 10_000n, actualWh, orderedWh: 2_000n }),
      prices,
    );
    return paidMicro - penaltyMicro;
  };

  it('gives 14, 14, −4, −22, −33 in the example of its specification', () => {
    expect([7n, 8n, 9n, 10n, 11n].map((kwh) => settled('reduce', kwh * 1_000n))).toEqual([14n, 14n, -4n, -22n, -33n]);
  });

  it('is the same in a mirror for an increase', () => {
    expect([13n, 12n, 11n, 10n, 9n].map((kwh) => settled('increase', kwh * 1_000n))).toEqual([
      14n,
      14n,
      -4n,
      -22n,
      -33n,
    ]);
  });

  it('never pays for more than was ordered, and what is missing is delivered or deficient', () => {
    const energy = fc.bigInt({ min: -100_000n, max: 100_000n });
    const order = fc.bigInt({ min: 0n, max: 50_000n });
    fc.assert(
      fc.property(fc.constantFrom('reduce' as const, 'increase' as const), energy, energy, order, (...values) => {
        const [direction, baselineWh, actualWh, orderedWh] = values;
        const { adjustedWh, deliveredWh, deficiencyWh } = settleIsp({ direction, baselineWh, actualWh, orderedWh });
        expect(deliveredWh >= 0n && deliveredWh <= orderedWh && deficiencyWh >= 0n).toBe(true);
        expect(deliveredWh + deficiencyWh >= orderedWh).toBe(true);
        // Below what was delivered, exactly the rest is deficient.
        if (deliveredWh > 0n) expect(deliveredWh + deficiencyWh).toBe(orderedWh);
        const missedWh = direction === 'reduce' ? actualWh - adjustedWh : adjustedWh - actualWh;
        expect(deficiencyWh).toBe(missedWh > 0n ? missedWh : 0n);
      }),
      { seed: 7, numRuns: 1_000 },
    );
  });
});

describe('a position', () => {
  it('is corrected by what was delivered, so that nothing of it is an imbalance: the worked example', () => {
    const [positionWh, actualWh] = [2_000n, 1_600n];
    const { deliveredWh, deficiencyWh } = settleIsp({
      direction: 'reduce',
      baselineWh: 2_000n,
      actualWh,
      orderedWh: 500n,
    });
    expect([deliveredWh, deficiencyWh]).toEqual([400n, 100n]);
    const correctedWh = correctedPosition('reduce', positionWh, deliveredWh);
    expect([correctedWh, actualWh - correctedWh]).toEqual([1_600n, 0n]);
    expect(transferMicro(deliveredWh, 250_000n)).toBe(100_000n);
  });

  it('grows by an increase that was delivered', () => {
    expect(correctedPosition('increase', 2_000n, 300n)).toBe(2_300n);
    expect(correctedPosition('increase', -2_000n, 300n)).toBe(-1_700n);
  });
});
