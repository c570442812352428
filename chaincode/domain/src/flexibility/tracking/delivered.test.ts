import fc from 'fast-check';
import { deliveryOf, reboundOf } from './delivered';

const seed = 20_260_521;
const numRuns = Number(process.env.PROPERTY_RUNS ?? '1000');

const energy = fc.bigInt({ min: -20_000n, max: 20_000n });
const ordered = fc.bigInt({ min: 0n, max: 10_000n });
const directions = fc.constantFrom('reduce' as const, 'increase' as const);

describe('what counts as delivered in an interval', () => {
  it('is UFTP’s example of five allocations: 2 ordered of 10, penalised by what the baseline was missed by', () => {
    const cases = [7n, 8n, 9n, 10n, 11n].map((actualWh) =>
      deliveryOf({ direction: 'reduce', orderedWh: 2n, baselineWh: 10n, actualWh }),
    );
    expect(cases.map(({ deliveredWh }) => deliveredWh)).toEqual([2n, 2n, 1n, 0n, 0n]);
    expect(cases.map(({ deficiencyWh }) => deficiencyWh)).toEqual([0n, 0n, 1n, 2n, 3n]);
    // Price 7 and penalty 11 give the settlement of the specification.
    expect(cases.map(({ deficiencyWh, deliveredWh }) => 7n * deliveredWh - 11n * deficiencyWh)).toEqual([
      14n,
      14n,
      -4n,
      -22n,
      -33n,
    ]);
  });

  it('is the worked example of the design: baseline 2,000, ordered 500 less, metered 1,600', () => {
    const delivery = deliveryOf({ direction: 'reduce', orderedWh: 500n, baselineWh: 2_000n, actualWh: 1_600n });
    expect(delivery).toEqual({ deliveredWh: 400n, deficiencyWh: 100n, beyondWh: 0n });
  });

  it('is never more than ordered, and with the deficiency always at least the order', () => {
    const holds = fc.property(directions, ordered, energy, energy, (direction, orderedWh, baselineWh, actualWh) => {
      const { beyondWh, deficiencyWh, deliveredWh } = deliveryOf({ direction, orderedWh, baselineWh, actualWh });
      const movedWh = direction === 'reduce' ? baselineWh - actualWh : actualWh - baselineWh;
      return (
        deliveredWh <= orderedWh &&
        (beyondWh === 0n || deficiencyWh === 0n) &&
        // Whatever moved is delivered, beyond, or missing below the order: nothing is counted twice.
        orderedWh + beyondWh - deficiencyWh === movedWh &&
        (movedWh < 0n || deliveredWh + deficiencyWh === orderedWh)
      );
    });
    fc.assert(holds, { numRuns, seed });
  });

  it('is the same for a reduction and for an increase with all signs turned', () => {
    const holds = fc.property(ordered, energy, energy, (orderedWh, baselineWh, actualWh) => {
      const reduced = deliveryOf({ direction: 'reduce', orderedWh, baselineWh, actualWh });
      const turned = { orderedWh, baselineWh: -baselineWh, actualWh: -actualWh };
      expect(deliveryOf({ direction: 'increase', ...turned })).toEqual(reduced);
      expect(reboundOf({ direction: 'increase', ...turned })).toBe(
        reboundOf({ direction: 'reduce', baselineWh, actualWh }),
      );
    });
    fc.assert(holds, { numRuns, seed });
  });
});
