import {
  clearGridSession,
  deriveGridClearing,
  gridInputs,
  intervalMarkets,
  testTerms,
  type GridOrderInShort,
} from '@flexledger/domain';
import { Solver } from '@flexledger/solver';
import { array, asyncProperty, assert as claim, constantFrom, integer, tuple } from 'fast-check';
import { ClearingModel } from '../clearing-model';
import { clearingGrid } from './clearing-grid';

const solver = new Solver({ timeMsMax: 20_000, memoryBytesMax: 256 * 1_048_576 });
const service = clearingGrid(solver);

afterAll(() => solver.close());

/** House 2 offers more than the transformer lets out. */
const sunny: readonly GridOrderInShort[] = [
  ['supplier', 'buy', 0, 50_000n, 80_000n],
  ['house-1', 'buy', 0, 1_000n, 300_000n],
  ['house-2', 'sell', 0, 9_000n, 50_000n],
];

/** Orders of few prices, so that ties are common. */
const randomOrders = array(
  tuple(
    constantFrom('supplier', 'house-1', 'house-2', 'busbar'),
    constantFrom('buy' as const, 'sell' as const),
    integer({ min: 0, max: 1 }),
    integer({ min: 1, max: 12_000 }),
    integer({ min: 1, max: 6 }),
  ).map(([name, side, interval, energyWh, price]): GridOrderInShort => {
    return [name, side, interval, BigInt(energyWh), BigInt(price) * 50_000n];
  }),
  { minLength: 1, maxLength: 25 },
);

describe('the service clearing-grid', () => {
  it('names what binds by the worth that the solver finds, and states what the contract derives', async () => {
    const inputs = gridInputs(sunny);
    const { intervals, solver: name } = await service.run(inputs);
    expect(name).toMatch(/^highs \d/);
    expect(intervals).toEqual([
      {
        interval: 0,
        bindingLimits: [{ id: 'transformer', direction: 'backward', shadowPriceMicroPerKwh: 30_000n }],
        marginalOrderIds: [],
        tradedWh: 5_000n,
        welfareMicro: 370_000n,
      },
      { interval: 1, bindingLimits: [], marginalOrderIds: [], tradedWh: 0n, welfareMicro: 0n },
    ]);
  });

  it('needs no search where no prices are equal: the hint of the solver is proven as it is', async () => {
    const [market] = intervalMarkets(gridInputs(sunny));
    if (market === undefined) throw new Error('the session has an interval');
    const model = new ClearingModel(market);
    const hint = model.hint(await solver.solve(model.model));
    expect(hint).toEqual({ bindingLimits: [{ id: 'transformer', direction: 'backward' }] });
    expect(deriveGridClearing(market.orders, market.grid, hint, market.rules).kind).toBe('cleared');
  });

  it('gives the outcome that the contract finds alone, whatever the orders are', async () => {
    await claim(
      asyncProperty(randomOrders, constantFrom(undefined, testTerms), async (orders, terms) => {
        const inputs = gridInputs(orders, terms);
        const { intervals } = await service.run(inputs);
        const source = { kind: 'oracle', mspId: 'DsoMSP', answerDigest: 'A'.repeat(43), solver: 'highs' } as const;
        const answered = clearGridSession(inputs, false, { source, intervals });
        const alone = clearGridSession(inputs, false, undefined);
        expect(answered.chunks).toEqual(alone.chunks);
        expect(answered.clearing.intervals).toEqual(alone.clearing.intervals);
        expect(new Set(answered.gridOutcomes.map((outcome) => outcome.source.kind))).toEqual(new Set(['oracle']));
      }),
      { numRuns: 60, seed: 20_261_127 },
    );
  });

  it('sends nothing where the solver proves another welfare than the derivation', async () => {
    const cheat = {
      solve: async (model: Parameters<Solver['solve']>[0]) => {
        const solution = await solver.solve(model);
        return { ...solution, certificate: { ...solution.certificate, bound: solution.certificate.bound * 2 + 1e12 } };
      },
    };
    await expect(clearingGrid(cheat).run(gridInputs(sunny))).rejects.toThrow('not the optimum');
  });
});
