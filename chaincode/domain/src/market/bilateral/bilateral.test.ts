import fc from 'fast-check';
import type { ContractId } from '../../ids';
import { sum } from '../../math';
import type { Grid } from '../../registry/types';
import { idOf } from '../../testing/session-fixture';
import { slot } from '../../time';
import { micro, ppm, w, wh } from '../../units';
import { contractFlows, demandWithinRows, gridWays, hourStart, rowsBeside } from './flows';
import type { ContractFlow } from './rows';
import { deliverContract } from './terms';

const seed = 20_160_522;
const numRuns = Number(process.env.PROPERTY_RUNS ?? '500');

describe('partial delivery', () => {
  const price = micro(1_001n);

  it('pro rata shrinks the contract to what there is', () => {
    expect(deliverContract({ kind: 'prorata' }, wh(1_000n), 400n, price)).toEqual({
      deliveredWh: 400n,
      penaltyMicro: 0n,
    });
    expect(deliverContract({ kind: 'prorata' }, wh(1_000n), 0n, price).deliveredWh).toBe(0n);
  });

  it('all or nothing ends it for one missing Wh, and the seller owes its share, rounded down', () => {
    const terms = { kind: 'all-or-nothing', penaltyPpm: ppm(500_000n) } as const;
    expect(deliverContract(terms, wh(1_000n), 999n, price)).toEqual({ deliveredWh: 0n, penaltyMicro: 500n });
    expect(deliverContract(terms, wh(1_000n), 1_000n, price)).toEqual({ deliveredWh: 1_000n, penaltyMicro: 0n });
  });

  it('with a minimum shrinks it, and ends it below the minimum, rounded up', () => {
    const terms = { kind: 'minimum', minimumPpm: ppm(333_333n) } as const;
    expect(deliverContract(terms, wh(1_000n), 334n, price).deliveredWh).toBe(334n);
    expect(deliverContract(terms, wh(1_000n), 333n, price).deliveredWh).toBe(0n);
  });

  it('never counts more than was agreed or than there is', () => {
    const kinds = fc.constantFrom(
      { kind: 'prorata' } as const,
      { kind: 'all-or-nothing', penaltyPpm: ppm(100_000n) } as const,
      { kind: 'minimum', minimumPpm: ppm(700_000n) } as const,
    );
    const energy = fc.bigInt({ min: 0n, max: 10_000n });
    const holds = fc.property(kinds, energy, energy, (terms, agreed, available) => {
      const { deliveredWh, penaltyMicro } = deliverContract(terms, wh(agreed), available, price);
      return deliveredWh <= agreed && deliveredWh <= available && penaltyMicro <= price;
    });
    fc.assert(holds, { numRuns, seed });
  });
});

/** A random tree of buses with its slack, and branches in random directions. */
const gridArbitrary: fc.Arbitrary<Grid> = fc
  .array(fc.record({ parent: fc.nat(), turned: fc.boolean() }), { minLength: 1, maxLength: 12 })
  .map((steps) => {
    const branches = steps.map(({ parent, turned }, index) => {
      // The transformer hangs on the grid above; all others on a bus behind it.
      const up = index === 0 ? 'bus-0' : `bus-${1 + (parent % index)}`;
      const down = `bus-${index + 1}`;
      const isTurned = turned && index > 0;
      return { id: `branch-${index}`, fromBus: isTurned ? down : up, toBus: isTurned ? up : down, limitW: w(4_000n) };
    });
    const [transformer, ...lines] = branches;
    const buses = [0, ...steps.map((_, index) => index + 1)].map((bus) => ({
      id: `bus-${bus}`,
      name: 'Bus',
      voltageV: 400,
    }));
    return { gridId: 'grid-1', buses, lines, transformer: transformer!, congestionPoints: [] };
  });

describe('what contracts use of a grid', () => {
  const period = { firstSlot: slot(1_000), slots: 4 };
  const flowOf = (sellerBus: string, buyerBus: string, quartersWh: readonly bigint[]): ContractFlow => ({
    contractId: idOf<ContractId>('contract'),
    sellerBus,
    buyerBus,
    hour: hourStart(period.firstSlot),
    quartersWh: quartersWh.map(wh),
  });

  it('leaves every bus with what goes in and out of it (Kirchhoff), on any tree', () => {
    const holds = fc.property(
      gridArbitrary,
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.integer({ min: 0, max: 900 })), { maxLength: 6 }),
      (grid, trades) => {
        const flows = trades.map(([from, to, energy]) =>
          flowOf(busAt(grid, from), busAt(grid, to), [BigInt(energy), 0n, 1n, 2n]),
        );
        const used = contractFlows(gridWays(grid), flows, period);
        return grid.buses.every(({ id }) => {
          const through = [...grid.lines, grid.transformer].map((branch) => {
            const { backwardWh, forwardWh } = used.get(branch.id) ?? { forwardWh: 0n, backwardWh: 0n };
            const outWh = forwardWh - backwardWh;
            return branch.fromBus === id ? outWh : branch.toBus === id ? -outWh : 0n;
          });
          const traded = flows.map(({ buyerBus, quartersWh, sellerBus }) => {
            const energyWh = sum(quartersWh);
            return (sellerBus === id ? energyWh : 0n) - (buyerBus === id ? energyWh : 0n);
          });
          return sum(through) === sum(traded);
        });
      },
    );
    fc.assert(holds, { numRuns, seed });
  });

  it('counts both directions for themselves, and only the quarter hours that are asked for', () => {
    const grid = lineGrid;
    const there = flowOf('bus-0', 'bus-2', [1n, 10n, 100n, 1_000n]);
    const back = flowOf('bus-2', 'bus-1', [5n, 5n, 5n, 5n]);
    const used = contractFlows(gridWays(grid), [there, back], { firstSlot: slot(1_001), slots: 2 });
    expect(Object.fromEntries(used)).toEqual({
      transformer: { forwardWh: 110n, backwardWh: 0n },
      line: { forwardWh: 110n, backwardWh: 10n },
    });
  });

  it('keeps general rows, but for those that others pass and it brings nothing nearer to', () => {
    const rows = [
      { id: 'full', coefficients: new Map([['bus-2', 1n]]), bound: 9n },
      { id: 'free', coefficients: new Map([['bus-1', 1n]]), bound: 20n },
    ];
    const quarter = { firstSlot: slot(1_000), slots: 1 };
    const others = [flowOf('bus-2', 'bus-0', [10n, 0n, 0n, 0n])];
    const attempt = (own: readonly ContractFlow[]) => () => demandWithinRows(rows, [...others, ...own], own, quarter);
    expect(attempt([flowOf('bus-1', 'bus-0', [20n, 0n, 0n, 0n])])).not.toThrow();
    expect(attempt([flowOf('bus-1', 'bus-0', [21n, 0n, 0n, 0n])])).toThrow('CONTRACT_GRID_LIMIT');
    expect(attempt([flowOf('bus-2', 'bus-0', [1n, 0n, 0n, 0n])])).toThrow('CONTRACT_GRID_LIMIT');
    // Energy the other way frees nothing for others, and is not refused itself.
    expect(attempt([flowOf('bus-0', 'bus-2', [5n, 0n, 0n, 0n])])).not.toThrow();
  });

  it('is taken off general rows where it brings them nearer to their bounds, and nowhere else', () => {
    const rows = [
      { id: 'near', coefficients: new Map([['bus-2', 3n]]), bound: 500n },
      { id: 'away', coefficients: new Map([['bus-2', -3n]]), bound: 500n },
      { id: 'full', coefficients: new Map([['bus-2', 30n]]), bound: 500n },
    ];
    const flows = [flowOf('bus-2', 'bus-0', [1n, 10n, 100n, 1_000n])];
    const left = rowsBeside(rows, flows, { firstSlot: slot(1_001), slots: 2 });
    expect(left.map(({ bound }) => bound)).toEqual([170n, 500n, 0n]);
  });
});

function busAt(grid: Grid, index: number): string {
  return grid.buses[index % grid.buses.length]?.id ?? '';
}

const lineGrid: Grid = {
  gridId: 'grid-1',
  buses: ['bus-0', 'bus-1', 'bus-2'].map((id) => ({ id, name: id, voltageV: 400 })),
  lines: [{ id: 'line', fromBus: 'bus-1', toBus: 'bus-2', limitW: w(4_000n) }],
  transformer: { id: 'transformer', fromBus: 'bus-0', toBus: 'bus-1', limitW: w(9_000n) },
  congestionPoints: [
    { id: 'point', elementId: 'transformer', importLimitW: w(2_000n), exportLimitW: w(9_000n) },
    { id: 'other', elementId: 'transformer', importLimitW: w(3_000n), exportLimitW: w(999n) },
  ],
};
