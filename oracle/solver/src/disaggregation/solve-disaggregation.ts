import {
  completedAnswer,
  gapPpmOf,
  meritOrder,
  nano,
  prepareCase,
  proveAnswer,
  relax,
  limits,
  type AssetPlan,
  type DisaggregationAnswer,
  type DisaggregationCase,
  type Multipliers,
  type PreparedCase,
} from '@flexledger/domain';
import { SolverError } from '../errors';
import type { Solution, Solver } from '../solver';
import { candidateOf, planOf, wholeAnswer } from './candidate';
import { ColumnPool, columnOf, type Column, type WeightedColumn } from './columns';
import { PatternModel, ScheduleModel } from './schedule-model';
import { BoundTree, type ProofLimits } from '../proof/bound-tree';
import { splitLeaf, SplitProblem, type SplitTree } from './tree';

/** How an answer is looked for. */
export interface DisaggregationOptions {
  /** The gap, in millionths of the objective, below which no time is spent on a better proof; 0 for the optimum. */
  readonly gapPpm: bigint;
  /** Most time in all. */
  readonly timeMsMax: number;
  /** The time, in milliseconds; only differences count. */
  readonly now: () => number;
}

/** An answer, and how it was found. */
export interface FoundDisaggregation {
  readonly answer: DisaggregationAnswer;
  readonly solver: string;
}

/** Cases of at most so many assets times slots are solved as one model; larger ones by patterns. */
const CELLS_OF_ONE_MODEL = 1_500;
/** Which share of the time the models with integers may take. */
const INTEGER_SHARE = 0.4;
/** Which share of the time the first bound of a large case may take. */
const ROOT_SHARE = 0.5;
/** Above this share of an asset, a column is its main one; from the other share on, the mixture has decided. */
const HALF = 0.5;
const DECIDED = 1 - 1e-6;
/** A model that was given up for its size. */
const GIVEN_UP: ReadonlySet<string> = new Set(['SOLVER_TIME_LIMIT', 'SOLVER_MEMORY_LIMIT']);

/**
 * The profiles that deliver an order at least cost, with the proof of what every answer costs at least. Columns and their mixtures give multipliers
 * (Dantzig and Wolfe), a model with integers gives profiles, and a tree closes the gap between them. All that counts is exact: the answer is
 * checked as the contract checks it before it is handed over.
 *
 * @throws RuleError where the case contradicts itself; SolverError
 */
export async function solveDisaggregation(
  asked: DisaggregationCase,
  solver: Pick<Solver, 'solve'>,
  options: DisaggregationOptions,
): Promise<FoundDisaggregation> {
  const prepared = prepareCase(asked);
  const search = new Search(prepared, solver, options);
  const answer = await search.run();
  proveAnswer(prepared, answer, gapPpmOf(answer));
  return { answer, solver: search.solverName };
}

class Search {
  solverName = 'highs';
  readonly #prepared: PreparedCase;
  readonly #solver: Pick<Solver, 'solve'>;
  readonly #options: DisaggregationOptions;
  readonly #endMs: number;

  constructor(prepared: PreparedCase, solver: Pick<Solver, 'solve'>, options: DisaggregationOptions) {
    this.#prepared = prepared;
    this.#solver = solver;
    this.#options = options;
    this.#endMs = options.now() + options.timeMsMax;
  }

  async run(): Promise<DisaggregationAnswer> {
    const known = meritOrder(this.#prepared);
    const multipliers = multipliersOf(known);
    const cells = Math.max(this.#prepared.assets.length * this.#prepared.directions.length, 1);
    const pool = new ColumnPool(this.#prepared);
    pool.take(relax(this.#prepared, multipliers, new Map()));
    const problem = new SplitProblem(this.#prepared, this.#solver, pool, this.#options.gapPpm);
    const best = { plans: known.plans, cost: known.objectiveNano };
    const tree: SplitTree = new BoundTree(problem, this.#limits(cells), { best, multipliers });
    if (cells <= CELLS_OF_ONE_MODEL) {
      const model = new ScheduleModel(this.#prepared);
      await this.#offer(tree, model);
      await tree.proveRoot(1);
    } else {
      await this.#round(tree, (await tree.proveRoot(ROOT_SHARE)) ?? []);
    }
    await tree.prove();
    const { cost, plans } = tree.best;
    const bound = tree.bound ?? 0n;
    const certificate = tree.certificate((at) => splitLeaf(this.#prepared, at));
    return { plans, objectiveNano: nano(cost), boundNano: nano(bound < 0n ? 0n : bound), certificate };
  }

  #limits(cells: number): ProofLimits {
    const { now } = this.#options;
    const leavesMax = Math.min((limits.certificateNodesMax + 1) / 2, Math.floor(limits.certificateCellsMax / cells));
    return { leavesMax: Math.max(leavesMax, 1), leftMs: () => this.#endMs - now() };
  }

  /** Makes an answer of a mixture: its main profiles, completed one asset after the other, then with the best energies for their slots. */
  async #round(tree: SplitTree, mixed: readonly WeightedColumn[]): Promise<void> {
    const prepared = this.#prepared;
    const main = mixed
      .filter(({ weight }) => weight > HALF)
      .map(({ column }) => planOf(prepared, column.asset, column.calls));
    const begun = wholeOrder(prepared, main);
    const { objectiveNano, plans } =
      candidateOf(prepared, begun) === undefined ? meritOrder(prepared) : completedAnswer(prepared, begun);
    tree.offer({ plans, cost: objectiveNano });
    const decided = mixed.filter(({ weight }) => weight >= DECIDED).map(({ column }) => column);
    const keeps = new Set(decided.map(({ asset }) => asset));
    const known = columnsOf(prepared, tree.best.plans);
    const free = [...known, ...mixed.map(({ column }) => column)].filter(({ asset }) => !keeps.has(asset));
    await this.#offer(tree, new PatternModel(prepared, decided, free));
    await this.#offer(tree, new PatternModel(prepared, columnsOf(prepared, tree.best.plans), []));
  }

  /** Offers what a model with integers finds; one that finds nothing in time is no loss, there is an answer already. */
  async #offer(tree: SplitTree, chooser: ScheduleModel | PatternModel): Promise<void> {
    const left = this.#endMs - this.#options.now();
    const timeMsMax = Math.max(Math.floor(left * INTEGER_SHARE), 1);
    let solution: Solution;
    try {
      solution = await this.#solver.solve(chooser.model, { timeMsMax, gapMax: Number(this.#options.gapPpm) / 2e6 });
    } catch (error) {
      if (error instanceof SolverError && GIVEN_UP.has(error.code)) return;
      throw error;
    }
    this.solverName = solution.solver;
    const candidate = wholeAnswer(this.#prepared, chooser.energies(solution));
    if (candidate !== undefined) tree.offer(candidate);
  }
}

/** The multipliers of a certificate of one leaf. */
function multipliersOf({ certificate }: DisaggregationAnswer): Multipliers {
  const [leaf] = certificate;
  const slots = leaf?.kind === 'leaf' ? leaf.slotPrices : [];
  return { slots, comfort: new Map(), shift: new Map() };
}

function wholeOrder({ assetIndex }: PreparedCase, plans: readonly AssetPlan[]): readonly AssetPlan[] {
  const placeOf = ({ assetId }: AssetPlan): number => assetIndex.get(assetId) ?? -1;
  return [...plans].sort((left, right) => placeOf(left) - placeOf(right));
}

/** The profiles of an answer as columns. */
function columnsOf(prepared: PreparedCase, plans: readonly AssetPlan[]): readonly Column[] {
  return plans.flatMap(({ assetId, calls }) => {
    const asset = prepared.assets[prepared.assetIndex.get(assetId) ?? -1];
    const placed = calls.map(({ energiesWh, firstSlot }) => ({
      place: firstSlot - prepared.asked.firstSlot,
      energiesWh,
    }));
    return asset === undefined ? [] : [columnOf(asset, placed)];
  });
}
