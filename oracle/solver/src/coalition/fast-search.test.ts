import {
  checkChoice,
  microPerKwh,
  nanoOf,
  ppm,
  prepareCoalition,
  relaxCoalition,
  type CoalitionBand,
  type CoalitionCase,
  type PreparedCoalition,
} from '@flexledger/domain';
import { randomCoalition } from '../testing/random-coalition';
import { FastBound, multipliersAt, type FastPrices } from './fast-bound';
import { cellsOf, type Cells } from './fast-cells';
import { FastSearch } from './fast-search';

const SEEDS = Array.from({ length: 16 }, (_, index) => index + 1);
/** Leaves a search always the same time, so that it ends by itself. */
const ALWAYS = (): number => 1;

/** The same with assets that are not sure, in both directions at once too, and a margin for that. */
function unsure(asked: CoalitionCase): CoalitionCase {
  const band = (of: CoalitionBand, index: number): CoalitionBand => ({
    ...of,
    firmPpm: ppm(BigInt(1_000_000 - (index % 7) * 61_234)),
  });
  return {
    ...asked,
    assets: asked.assets.map((asset, index) => ({
      ...asset,
      ...(asset.up === undefined ? {} : { up: band(asset.up, index), symmetric: band(asset.up, index + 1) }),
      ...(asset.down === undefined ? {} : { down: band(asset.down, index + 3) }),
    })),
    requests: asked.requests.map((request, index) => ({
      ...request,
      direction: index === 2 ? 'symmetric' : request.direction,
      marginPpm: ppm(50_001n),
    })),
  };
}

function priced(seed: number): {
  readonly prepared: PreparedCoalition;
  readonly cells: Cells;
  readonly found: FastPrices;
} {
  const size = { assets: 10 + seed * 2, steps: 4 + (seed % 9), requests: 3, unitW: seed % 2 === 0 ? 1_000 : 37 };
  const prepared = prepareCoalition(unsure(randomCoalition(seed, size)));
  const cells = cellsOf(prepared);
  return { prepared, cells, found: new FastBound(cells).search(ALWAYS) };
}

describe('prices in floating point', () => {
  it.each(SEEDS)('bound a case as the exact integers do (seed %i)', (seed) => {
    const { cells, found, prepared } = priced(seed);
    const exact = Number(relaxCoalition(prepared, multipliersAt(prepared, cells, found.prices)).boundNano ?? 0n);
    expect(Math.abs(exact - found.bound)).toBeLessThanOrEqual(1e-6 * Math.abs(exact) + 10);
  });

  it.each(SEEDS)('are found in a bounded number of rounds where nobody can earn anything (seed %i)', (seed) => {
    const asked = randomCoalition(seed, { assets: 10, steps: 4, requests: 3, unitW: 1_000 });
    const dear = (of: CoalitionBand): CoalitionBand => ({ ...of, keepMicroPerKwh: microPerKwh(2_000_000_000n) });
    const assets = asked.assets.map((asset) => ({
      ...asset,
      ...(asset.up === undefined ? {} : { up: dear(asset.up) }),
      ...(asset.down === undefined ? {} : { down: dear(asset.down) }),
    }));
    let rounds = 0;
    const leftMs = (): number => {
      rounds += 1;
      return 20_000 - rounds;
    };
    new FastBound(cellsOf(prepareCoalition({ ...asked, assets }))).search(leftMs);
    expect(rounds).toBeLessThan(10_000);
  });
});

describe('a search at prices in floating point', () => {
  it.each(SEEDS)(
    'answers what keeps every rule, earns more each time, and never more than the bound (seed %i)',
    (seed) => {
      const { cells, found, prepared } = priced(seed);
      const search = new FastSearch(prepared, cells, found);
      const bound = relaxCoalition(prepared, multipliersAt(prepared, cells, found.prices)).boundNano ?? 0n;
      const choices = [search.begin(), search.improve(ALWAYS)].filter((choice) => choice !== undefined);
      const earned = choices.map((choice) => nanoOf(checkChoice(prepared, choice)));
      expect(choices.length).toBeGreaterThan(0);
      expect(earned).toEqual([...earned].sort((one, other) => Number(one - other)));
      expect(earned.every((nano) => nano <= bound)).toBe(true);
    },
  );
});
