import { assert, present } from '../../assert';
import type { Side } from '../types';
import { identity, solveExactly } from './rows-rational';

/**
 * Energy that buyers or sellers of one place offer at one limit. A place is what the rows cannot tell apart: buses with the same
 * coefficients. Energy in Wh, the limit in micro-units per kWh.
 */
export interface Block {
  readonly side: Side;
  readonly place: number;
  readonly limit: bigint;
  readonly energyWh: bigint;
}

/**
 * Maximise Σ limit × bought - Σ limit × sold, then (with weight 1) the volume, so that bought = sold and in every row
 * Σ coefficient of the place × (sold - bought there) <= bound.
 */
export interface BlockProgramme {
  readonly blocks: readonly Block[];
  /** For each place its coefficient in each row. */
  readonly places: readonly (readonly bigint[])[];
  readonly bounds: readonly bigint[];
  readonly volumeWeight: 0n | 1n;
}

/** Two numbers over the solution's denominator: of welfare, and of volume, which only decides where welfare ties. */
export type Lexicographic = readonly [bigint, bigint];

/** An optimal vertex; all numbers are over the one positive denominator. */
export interface BlockSolution {
  readonly denominator: bigint;
  /** Energy of each block. */
  readonly values: readonly bigint[];
  /** The price of each place: λ - Σ dual × coefficient. */
  readonly prices: readonly Lexicographic[];
  /** The dual of each row; not negative. */
  readonly duals: readonly Lexicographic[];
}

/** A block by its index, or a row's slack as -1 - row; row 0 is the balance, row r + 1 the programme's row r. */
type Member = number;

interface State {
  readonly programme: BlockProgramme;
  readonly basis: Member[];
  readonly isBasic: boolean[];
  readonly isFull: boolean[];
}

/** The basis solved: everything over its determinant. */
interface Solved {
  readonly denominator: bigint;
  readonly inverse: readonly (readonly bigint[])[];
  readonly duals: readonly Lexicographic[];
  readonly prices: readonly Lexicographic[];
  readonly basicValues: readonly bigint[];
}

/** Who leaves the basis, on which side of its bounds it is (+1 below, -1 above), and how far. */
interface Leaving {
  readonly row: number;
  readonly side: 1n | -1n;
  readonly distance: bigint;
}

/** Where a member that is not basic would become worth trading, at `gain` ÷ `slope` of the dual step. */
interface Breakpoint {
  readonly member: Member;
  readonly gain: Lexicographic;
  readonly slope: bigint;
}

/**
 * Solves the programme exactly by the dual simplex method for bounded variables, with long steps that flip bounds: with the balance alone
 * the first step is the merit order. The first basis is that of the slacks; blocks stand at the bound that their gain asks for.
 * Source: I. Maros, Computational Techniques of the Simplex Method (2003), chapter 10.
 *
 * @returns 'infeasible' where no trade keeps the rows; undefined where the bound of pivots is reached
 */
export function solveBlocks(programme: BlockProgramme, pivotsMax: number): BlockSolution | 'infeasible' | undefined {
  const size = programme.bounds.length + 1;
  const state: State = {
    programme,
    basis: Array.from({ length: size }, (_, row) => -1 - row),
    isBasic: programme.blocks.map(() => false),
    isFull: programme.blocks.map(({ side, limit }) =>
      isPositive(gainOf(side, limit, programme.volumeWeight, [0n, 0n], 1n)),
    ),
  };
  for (let pivot = 0; pivot < pivotsMax; pivot += 1) {
    const solved = solveBasis(state);
    const leaving = findLeaving(state, solved);
    if (leaving === undefined) return solutionOf(state, solved);
    if (!step(state, solved, leaving)) return 'infeasible';
  }
  return undefined;
}

/** What a block gains per kWh at a price, over the denominator. */
function gainOf(side: Side, limit: bigint, weight: bigint, price: Lexicographic, denominator: bigint): Lexicographic {
  const sign = side === 'buy' ? 1n : -1n;
  return [sign * (limit * denominator - price[0]), weight * denominator - sign * price[1]];
}

/** The gain of each block at the prices of a solution; both parts zero where the block is at the margin. */
export function gainsOf({ blocks, volumeWeight }: BlockProgramme, solution: BlockSolution): readonly Lexicographic[] {
  return blocks.map(({ side, limit, place }) =>
    gainOf(side, limit, volumeWeight, priceAt(solution.prices, place), solution.denominator),
  );
}

function isPositive([first, second]: Lexicographic): boolean {
  return first > 0n || (first === 0n && second > 0n);
}

/** The column of a block is its sign × (1, -coefficients): a buyer takes from the balance and lowers the net export. */
function signOf({ side }: Block): bigint {
  return side === 'buy' ? 1n : -1n;
}

/** row · (1, -coefficients) of every place. */
function alongPlaces(places: BlockProgramme['places'], row: readonly bigint[]): readonly bigint[] {
  return places.map((coefficients) =>
    coefficients.reduce((total, value, index) => total - value * (row[index + 1] ?? 0n), row[0] ?? 0n),
  );
}

function solveBasis(state: State): Solved {
  const { programme, basis } = state;
  const columns = basis.map((member) => columnOf(programme, member));
  const matrix = basis.map((_, row) => columns.map((column) => column[row] ?? 0n));
  const exact = present(solveExactly(matrix, identity(basis.length)), 'A basis is not singular.');
  const { denominator, solution: inverse } = exact;
  const dualsOf = (level: 0 | 1): readonly bigint[] =>
    basis.map((_, column) =>
      basis.reduce(
        (total, member, row) => total + costOf(programme, member)[level] * (inverse[row]?.[column] ?? 0n),
        0n,
      ),
    );
  const [first, second] = [dualsOf(0), dualsOf(1)];
  const [firstPrices, secondPrices] = [alongPlaces(programme.places, first), alongPlaces(programme.places, second)];
  const rest = restOf(state);
  return {
    denominator,
    inverse,
    duals: first.map((value, row) => [value, second[row] ?? 0n]),
    prices: firstPrices.map((value, place) => [value, secondPrices[place] ?? 0n]),
    basicValues: inverse.map((row) => row.reduce((total, value, column) => total + value * (rest[column] ?? 0n), 0n)),
  };
}

function columnOf({ blocks, places, bounds }: BlockProgramme, member: Member): readonly bigint[] {
  if (member < 0) return Array.from({ length: bounds.length + 1 }, (_, row) => (row === -1 - member ? 1n : 0n));
  const block = present(blocks[member], 'A member of the basis is a block.');
  const sign = signOf(block);
  return [sign, ...present(places[block.place], 'A block has a place.').map((value) => -sign * value)];
}

function costOf({ blocks, volumeWeight }: BlockProgramme, member: Member): Lexicographic {
  if (member < 0) return [0n, 0n];
  const block = present(blocks[member], 'A member of the basis is a block.');
  return [signOf(block) * block.limit, volumeWeight];
}

/** What the basis has to make up: the bounds less the full blocks. */
function restOf({ programme, isFull }: State): readonly bigint[] {
  const rest = [0n, ...programme.bounds];
  const imports = programme.places.map(() => 0n);
  for (const [index, block] of programme.blocks.entries()) {
    if (isFull[index] === true) {
      imports[block.place] = (imports[block.place] ?? 0n) + signOf(block) * block.energyWh;
    }
  }
  for (const [place, importWh] of imports.entries()) {
    if (importWh === 0n) continue;
    const column = [1n, ...present(programme.places[place], 'A block has a place.').map((value) => -value)];
    for (const [row, value] of column.entries()) rest[row] = (rest[row] ?? 0n) - value * importWh;
  }
  return rest;
}

/** The member of the basis that is farthest outside its bounds. */
function findLeaving({ programme, basis }: State, { basicValues, denominator }: Solved): Leaving | undefined {
  let worst: Leaving | undefined;
  for (const [row, member] of basis.entries()) {
    const value = basicValues[row] ?? 0n;
    const upper = upperOf(programme, member);
    const above = upper === undefined ? 0n : value - upper * denominator;
    const distance = value < 0n ? -value : above;
    if (distance > (worst?.distance ?? 0n)) worst = { row, side: value < 0n ? 1n : -1n, distance };
  }
  return worst;
}

/** The balance has no slack, a row's slack no upper bound. */
function upperOf({ blocks }: BlockProgramme, member: Member): bigint | undefined {
  if (member < 0) return member === -1 ? 0n : undefined;
  return blocks[member]?.energyWh;
}

/** One dual step: blocks whose breakpoints are passed change their bound, the one where the slope ends enters. */
function step(state: State, solved: Solved, leaving: Leaving): boolean {
  let slope = leaving.distance;
  for (const { member, slope: own } of breakpointsOf(state, solved, leaving)) {
    const upper = upperOf(state.programme, member);
    if (upper === undefined || slope <= own * upper) {
      exchange(state, leaving, member);
      return true;
    }
    slope -= own * upper;
    state.isFull[member] = state.isFull[member] !== true;
  }
  return false;
}

function exchange({ basis, isBasic, isFull }: State, { row, side }: Leaving, entering: Member): void {
  const member = present(basis[row], 'A row of the basis has a member.');
  if (member >= 0) {
    isBasic[member] = false;
    isFull[member] = side < 0n;
  }
  basis[row] = entering;
  if (entering >= 0) {
    isBasic[entering] = true;
    isFull[entering] = false;
  }
}

function breakpointsOf(state: State, solved: Solved, { row, side }: Leaving): readonly Breakpoint[] {
  const ray = present(solved.inverse[row], 'The leaving row exists.').map((value) => side * value);
  return [...breakpointsOfRows(state, solved, ray), ...breakpointsOfBlocks(state, solved, ray)].sort(
    compareBreakpoints,
  );
}

/** The balance has no slack, so only the other rows can come in. */
function breakpointsOfRows({ basis }: State, { duals }: Solved, ray: readonly bigint[]): readonly Breakpoint[] {
  const basic = new Set(basis);
  return ray.flatMap((slope, row): readonly Breakpoint[] => {
    const member = -1 - row;
    if (row === 0 || slope >= 0n || basic.has(member)) return [];
    return [{ member, gain: present(duals[row], 'Every row has a dual.'), slope: -slope }];
  });
}

function breakpointsOfBlocks(
  { programme, isBasic, isFull }: State,
  { denominator, prices }: Solved,
  ray: readonly bigint[],
): readonly Breakpoint[] {
  const slopes = alongPlaces(programme.places, ray);
  const points: Breakpoint[] = [];
  for (const [member, block] of programme.blocks.entries()) {
    const slope = signOf(block) * present(slopes[block.place], 'Every place has a slope.');
    const inward = isFull[member] === true ? slope : -slope;
    if (inward <= 0n || isBasic[member] === true) continue;
    const gain = gainOf(block.side, block.limit, programme.volumeWeight, priceAt(prices, block.place), denominator);
    points.push({ member, gain: isFull[member] === true ? gain : [-gain[0], -gain[1]], slope: inward });
  }
  return points;
}

function priceAt(prices: readonly Lexicographic[], place: number): Lexicographic {
  return present(prices[place], 'Every place has a price.');
}

/** By gain ÷ slope, welfare before volume; ties by member, rows first. */
function compareBreakpoints(left: Breakpoint, right: Breakpoint): number {
  for (const level of [0, 1] as const) {
    const difference = left.gain[level] * right.slope - right.gain[level] * left.slope;
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return left.member - right.member;
}

function solutionOf({ programme, basis, isFull }: State, solved: Solved): BlockSolution {
  const { denominator, basicValues, prices, duals } = solved;
  const values = programme.blocks.map(({ energyWh }, index) => (isFull[index] === true ? energyWh * denominator : 0n));
  for (const [row, member] of basis.entries()) {
    if (member >= 0) values[member] = basicValues[row] ?? 0n;
  }
  const own = duals.slice(1);
  assert(
    own.every((dual) => isPositive(dual) || (dual[0] === 0n && dual[1] === 0n)),
    'The duals of a solution are not negative.',
  );
  return { denominator, values, prices, duals: own };
}
