import { assert, present } from '../../assert';
import { commonDivisor, solveExactly } from './rows-rational';
import { busIdsBelow, feederTreeOf } from './rows-tree';
import type { ClearingGrid, GridLimitRow } from './types';

/** A line of a grid that may be meshed. The limit is the energy of the interval in Wh, in both directions. */
export interface MeshedLine {
  readonly id: string;
  readonly fromBus: string;
  readonly toBus: string;
  readonly limitWh: bigint;
  /** The series reactance; above zero. Only its proportion to the other lines matters, so that any common unit will do. */
  readonly reactanceMilliOhm: bigint;
}

/** A row of a line's limit: the row's bound is `scale` × the limit in Wh. */
export interface FlowRow extends GridLimitRow {
  readonly lineId: string;
  readonly direction: 'forward' | 'backward';
  readonly scale: bigint;
}

/**
 * The limits of the lines of a meshed grid as rows, two for each line, by the linear (DC) power flow: angles θ solve B θ = net exports with
 * θ = 0 at the slack bus, and a line carries (θ_from - θ_to) ÷ x. The distribution factors are exact fractions; each line's are multiplied by
 * the smallest common denominator, which is the row's scale. Rows stand by line, forward first; their ids are made from the line's.
 *
 * @returns undefined where the lines do not join all buses
 * @throws InvariantError when a reactance is not above zero or a line ends at no bus
 */
export function ptdfRows(
  slackBus: string,
  buses: readonly string[],
  lines: readonly MeshedLine[],
): readonly FlowRow[] | undefined {
  const others = buses.filter((busId) => busId !== slackBus);
  const indexOf = new Map(others.map((busId, index) => [busId, index]));
  const common = lines.reduce((product, { reactanceMilliOhm: x }) => {
    assert(x > 0n, 'A reactance is above zero.');
    return (product / commonDivisor(product, x)) * x;
  }, 1n);
  const susceptance = others.map(() => others.map(() => 0n));
  const add = (row: number | undefined, column: number | undefined, value: bigint): void => {
    const cells = row === undefined ? undefined : susceptance[row];
    if (cells !== undefined && column !== undefined) cells[column] = (cells[column] ?? 0n) + value;
  };
  for (const { fromBus, toBus, reactanceMilliOhm } of lines) {
    assert(buses.includes(fromBus) && buses.includes(toBus), 'A line ends at buses of the grid.');
    const value = common / reactanceMilliOhm;
    const [from, to] = [indexOf.get(fromBus), indexOf.get(toBus)];
    add(from, from, value);
    add(to, to, value);
    add(from, to, -value);
    add(to, from, -value);
  }
  const angles = solveExactly(
    susceptance,
    others.map((_, row) => others.map((__, column) => (row === column ? 1n : 0n))),
  );
  if (angles === undefined) return undefined;
  const angleOf = (busId: string, injection: number): bigint => {
    const index = indexOf.get(busId);
    return index === undefined ? 0n : (angles.solution[index]?.[injection] ?? 0n);
  };
  return lines.flatMap((line) => {
    const value = common / line.reactanceMilliOhm;
    const factors = others.map((_, at) => value * (angleOf(line.fromBus, at) - angleOf(line.toBus, at)));
    return rowsOfLine(line, others, factors, angles.denominator);
  });
}

function rowsOfLine(
  { id, limitWh }: MeshedLine,
  busIds: readonly string[],
  factors: readonly bigint[],
  denominator: bigint,
): readonly FlowRow[] {
  const divisor = factors.reduce(commonDivisor, denominator);
  const scale = denominator / divisor;
  return (['forward', 'backward'] as const).map((direction) => {
    const sign = direction === 'forward' ? 1n : -1n;
    const coefficients = new Map(busIds.map((busId, at) => [busId, (sign * (factors[at] ?? 0n)) / divisor]));
    return { id: `${id} ${direction}`, lineId: id, direction, scale, coefficients, bound: scale * limitWh };
  });
}

/** What a branch adds to the voltage: its series resistance and reactance in micro-ohm, on the side of the voltages that are given. */
export interface BranchImpedance {
  readonly resistanceMicroOhm: bigint;
  readonly reactanceMicroOhm: bigint;
}

/** A bus with its voltage band, line to line, and the reactive power that is taken there whatever is traded. */
export interface BusVoltage {
  readonly busId: string;
  readonly minimumMillivolt: bigint;
  readonly maximumMillivolt: bigint;
  /** Reactive power taken (positive) or given (negative), in var. */
  readonly reactiveTakenVar: bigint;
}

/** The voltages of a grid in one interval. */
export interface VoltageBands {
  readonly slackMillivolt: bigint;
  /** By branch id; a branch that is absent adds nothing. */
  readonly impedances: ReadonlyMap<string, BranchImpedance>;
  readonly buses: readonly BusVoltage[];
  /** The length of the interval, over which energy is even. */
  readonly intervalMinutes: bigint;
}

/**
 * The voltage bands of the buses as rows, an upper and a lower one for each bus, by the linear branch flow without losses: along a branch
 * V_j² = V_i² - 2 (r P + x Q), P and Q three-phase and towards j, V line to line. With R_jn the resistance that the paths from the slack to
 * j and to n share, V_j² = V_slack² + 2 Σ R_jn p_n - 2 Σ (x Q of the path). In mV² and micro-ohm (1 µΩ × 1 W = 1 mV²), with p = energy ×
 * 60 ÷ minutes, and multiplied by the minutes:
 *
 *   upper: Σ 120 R_jn × net export Wh <= minutes × (V_max² - V_slack² + 2 Σ x Q)
 *   lower: Σ -120 R_jn × net export Wh <= minutes × (V_slack² - 2 Σ x Q - V_min²)
 *
 * A bus that is outside its band without any trade gets the bound 0: trade cannot be asked to mend it and must not make it worse.
 * Rows without coefficients are left out. Row ids are `voltage-high BUS` and `voltage-low BUS`.
 * Source: M. Baran, F. Wu, IEEE Transactions on Power Delivery 4 (1989), the simplified DistFlow equations.
 */
export function linDistFlowRows(grid: ClearingGrid, bands: VoltageBands): readonly GridLimitRow[] {
  const paths = pathsFromSlack(grid, bands);
  const slackSquared = bands.slackMillivolt ** 2n;
  return bands.buses.flatMap((bus) => {
    const path = present(paths.get(bus.busId), 'A voltage band belongs to a bus of the grid.');
    return rowsOfBus(bus, path.sharedMicroOhm, slackSquared - path.dropSquared, bands.intervalMinutes);
  });
}

/** The way from the slack to a bus. */
interface Path {
  /** For every bus the resistance of the part of its way that is this way too; absent where it is 0. */
  readonly sharedMicroOhm: ReadonlyMap<string, bigint>;
  /** What the fixed reactive power takes from the square of the voltage, in mV². */
  readonly dropSquared: bigint;
}

function pathsFromSlack(grid: ClearingGrid, { buses, impedances }: VoltageBands): ReadonlyMap<string, Path> {
  const tree = feederTreeOf(grid);
  const below = busIdsBelow(tree);
  const takenVar = new Map(buses.map(({ busId, reactiveTakenVar }) => [busId, reactiveTakenVar]));
  const paths = new Map<string, Path>([[tree.slackBus, { sharedMicroOhm: new Map(), dropSquared: 0n }]]);
  for (const busId of tree.busIdsFromSlack) {
    const path = present(paths.get(busId), 'A bus stands behind the one that feeds it.');
    for (const child of tree.childrenOf.get(busId) ?? []) {
      const branch = present(tree.feedingBranchOf.get(child), 'A bus is fed by a branch.');
      const impedance = impedances.get(branch.id);
      paths.set(child, longer(path, impedance, below.get(child) ?? [], takenVar));
    }
  }
  return paths;
}

function longer(
  path: Path,
  { resistanceMicroOhm, reactanceMicroOhm }: BranchImpedance = { resistanceMicroOhm: 0n, reactanceMicroOhm: 0n },
  behind: readonly string[],
  takenVar: ReadonlyMap<string, bigint>,
): Path {
  const sharedMicroOhm = new Map(path.sharedMicroOhm);
  if (resistanceMicroOhm !== 0n) {
    for (const id of behind) sharedMicroOhm.set(id, (sharedMicroOhm.get(id) ?? 0n) + resistanceMicroOhm);
  }
  const flowVar = behind.reduce((total, id) => total + (takenVar.get(id) ?? 0n), 0n);
  return { sharedMicroOhm, dropSquared: path.dropSquared + 2n * reactanceMicroOhm * flowVar };
}

function rowsOfBus(
  { busId, minimumMillivolt, maximumMillivolt }: BusVoltage,
  shared: ReadonlyMap<string, bigint>,
  untradedSquared: bigint,
  minutes: bigint,
): readonly GridLimitRow[] {
  if (shared.size === 0) return [];
  const rowOf = (id: string, sign: bigint, room: bigint): GridLimitRow => ({
    id: `${id} ${busId}`,
    coefficients: new Map([...shared].map(([other, resistance]) => [other, sign * 120n * resistance])),
    bound: room > 0n ? minutes * room : 0n,
  });
  return [
    rowOf('voltage-high', 1n, maximumMillivolt ** 2n - untradedSquared),
    rowOf('voltage-low', -1n, untradedSquared - minimumMillivolt ** 2n),
  ];
}
