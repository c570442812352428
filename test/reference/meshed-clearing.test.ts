import {
  deriveWithRows,
  findRowsClearingFault,
  ptdfRows,
  searchRows,
  type GridClearingRules,
  type GridOrder,
  type MeshedLine,
} from '@flexledger/domain';
import type { Highs } from 'highs';
import { loadHighs } from './highs-optimum';
import { RandomSource } from './random-source';

/*
 * The domain's clearing of meshed grids against HiGHS, which gets the same market in another form: with the voltage angles as variables and
 * a balance at every bus, instead of distribution factors. A market that fails is named by its seed.
 */

const MARKETS = 1_000;
const FIRST_SEED = 7_000_000;
const ROUNDS_MAX = 64;

const rules: GridClearingRules = {
  kPpm: 500_000n,
  curtailment: 'pro-rata',
  priceFloorMicroPerKwh: 0n,
  priceCapMicroPerKwh: 1_000_000n,
  rotation: 0n,
};

interface MeshedMarket {
  readonly buses: readonly string[];
  readonly lines: readonly MeshedLine[];
  readonly orders: readonly GridOrder[];
}

function meshedMarket(seed: number): MeshedMarket {
  const random = new RandomSource(seed);
  const buses = Array.from({ length: random.between(3, 9) }, (_, index) => `b${index}`);
  const tree = buses.slice(1).map((bus, index) => [buses[random.between(0, index)]!, bus] as const);
  const chords = Array.from({ length: random.between(1, 5) }, () => [random.pick(buses), random.pick(buses)] as const);
  const lines = [...tree, ...chords.filter(([from, to]) => from !== to)].map(([fromBus, toBus], index) => ({
    id: `l${index}`,
    fromBus,
    toBus,
    limitWh: BigInt(random.between(0, 3_000)),
    reactanceMilliOhm: BigInt(random.between(1, 50)),
  }));
  // Few prices make ties, many make none.
  const prices = random.pick([3, 20, 1_000]);
  const orders = Array.from({ length: random.between(0, 40) }, (_, index) => ({
    orderId: `o${index}`,
    side: random.pick(['buy', 'sell'] as const),
    busId: random.pick(buses),
    energyWh: BigInt(random.between(1, 2_000)),
    limitPriceMicroPerKwh: BigInt(random.below(prices) - 1),
  }));
  return { buses, lines, orders };
}

/** The largest welfare, in micro-units per kWh times Wh. */
function welfareByHighs(highs: Highs, { buses, lines, orders }: MeshedMarket): number {
  const rows = [
    ...buses.map((bus) => {
      const terms = new Map<number, number>();
      const add = (column: number, value: number): void => void terms.set(column, (terms.get(column) ?? 0) + value);
      orders.forEach(({ busId, side }, column) => busId === bus && add(column, side === 'sell' ? 1 : -1));
      for (const { fromBus, toBus, reactanceMilliOhm } of lines) {
        const sign = fromBus === bus ? 1 : toBus === bus ? -1 : 0;
        if (sign === 0) continue;
        add(orders.length + buses.indexOf(fromBus), -sign / Number(reactanceMilliOhm));
        add(orders.length + buses.indexOf(toBus), sign / Number(reactanceMilliOhm));
      }
      return { terms, lower: 0, upper: 0 };
    }),
    ...lines.map(({ fromBus, toBus, reactanceMilliOhm, limitWh }) => ({
      terms: new Map([
        [orders.length + buses.indexOf(fromBus), 1 / Number(reactanceMilliOhm)],
        [orders.length + buses.indexOf(toBus), -1 / Number(reactanceMilliOhm)],
      ]),
      lower: -Number(limitWh),
      upper: Number(limitWh),
    })),
  ];
  const starts = rows.reduce<number[]>((list, { terms }) => [...list, list.at(-1)! + terms.size], [0]);
  const [numRows, numCols] = [rows.length, orders.length + buses.length];
  const angles = buses.map((_, index) => (index === 0 ? 0 : Infinity));
  const costs = orders.map(({ side, limitPriceMicroPerKwh: limit }) => Number(side === 'buy' ? limit : -limit));
  const model = {
    numCols,
    numRows,
    sense: highs.constants.objectiveSense.maximize,
    colCost: [...costs, ...buses.map(() => 0)],
    colLower: [...orders.map(() => 0), ...angles.map((bound) => -bound)],
    colUpper: [...orders.map(({ energyWh }) => Number(energyWh)), ...angles],
    rowLower: rows.map(({ lower }) => lower),
    rowUpper: rows.map(({ upper }) => upper),
    matrix: {
      format: 'csr' as const,
      numRows,
      numCols,
      starts,
      indices: rows.flatMap(({ terms }) => [...terms.keys()]),
      values: rows.flatMap(({ terms }) => [...terms.values()]),
    },
  };
  return highs.withModel(model, (native) => {
    native.options.set({ output_flag: false, solver: 'simplex' });
    const { modelStatus } = native.run();
    if (modelStatus !== highs.constants.modelStatus.optimal) throw new Error(`HiGHS ended with ${modelStatus}`);
    const { colValue } = native.getSolution();
    return costs.reduce((welfare, cost, column) => welfare + cost * (colValue[column] ?? NaN), 0);
  });
}

describe('clearing a meshed grid', () => {
  it(`reaches the welfare of HiGHS on ${MARKETS} random markets, from seed ${FIRST_SEED}`, async () => {
    const highs = await loadHighs();
    let binding = 0;
    for (let seed = FIRST_SEED; seed < FIRST_SEED + MARKETS; seed += 1) {
      const market = meshedMarket(seed);
      const { buses, lines, orders } = market;
      const grid = { slackBus: buses[0]!, buses, branches: [], rows: ptdfRows(buses[0]!, buses, lines)! };
      const derived = deriveWithRows(orders, grid, searchRows(orders, grid, ROUNDS_MAX)!, rules);
      if (derived.kind === 'refused') throw new Error(`seed ${seed}: ${derived.code}`);
      const fault = findRowsClearingFault(orders, grid, derived.clearing, rules);
      if (fault !== undefined) throw new Error(`seed ${seed}: ${fault}`);
      binding += derived.clearing.bindingLimits.length;
      const { numerator, denominator } = derived.optimalWelfareNano;
      const [ours, theirs] = [Number(numerator) / Number(denominator), welfareByHighs(highs, market)];
      // HiGHS keeps rows within 1e-7; a price is below 1,000.
      if (!(Math.abs(ours - theirs) <= 1e-3 + 1e-9 * Math.abs(theirs))) {
        throw new Error(`seed ${seed}: welfare ${ours}, by HiGHS ${theirs}`);
      }
      // Rounding moves every order by less than 1 Wh; a trace of trade that nobody would pay for is small here.
      const room = orders.reduce((total, { limitPriceMicroPerKwh: limit }) => total + Math.abs(Number(limit)), 0);
      if (!(Math.abs(Number(derived.clearing.welfareNano) - ours) <= room)) throw new Error(`seed ${seed}: rounding`);
    }
    expect(binding).toBeGreaterThan(MARKETS / 2);
  }, 240_000);
});
