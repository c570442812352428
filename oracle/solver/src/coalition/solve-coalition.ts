import {
  coalitionGapPpm,
  greedyCoalition,
  coalitionLeaf,
  limits,
  nano,
  placedPowers,
  prepareCoalition,
  proveCoalition,
  relaxCoalition,
  type CoalitionAnswer,
  type CoalitionCase,
  type CoalitionChoice,
  type CoalitionLeaf,
  type CoalitionMultipliers,
  type CoalitionNode,
  type PreparedCoalition,
} from '@flexledger/domain';
import { SolverError } from '../errors';
import { BoundTree, type ProofLimits } from '../proof/bound-tree';
import type { Solution, Solver } from '../solver';
import { candidateOf, wholeCoalition, type CoalitionCandidate } from './candidate';
import { ChoiceModel } from './choice-model';
import { columnOf, DutyPool, type DutyColumn, type DutyMixture } from './columns';
import { FastBound, multipliersAt, type FastPrices } from './fast-bound';
import { cellsOf, type Cells } from './fast-cells';
import { FastSearch } from './fast-search';
import { CoalitionProblem } from './problem';

/** How an answer is looked for. */
export interface CoalitionOptions {
  /** The gap, in millionths of the objective, below which no time is spent on a better proof; 0 for the optimum. */
  readonly gapPpm: bigint;
  /** Most time in all. */
  readonly timeMsMax: number;
  /** The time, in milliseconds; only differences count. */
  readonly now: () => number;
}

/** An answer, and how it was found. */
export interface FoundCoalition {
  readonly answer: CoalitionAnswer;
  readonly solver: string;
}

/** Cases of at most so many choices (asset, step, request) are solved as one model too. */
const CHOICES_OF_ONE_MODEL = 1_500;
/** Choices that the proof of a large case may cost to check; a check of it stays below half a second. */
const CHOICES_OF_PROOF = 100_000;
/** Which share of the time the models with integers may take. */
const INTEGER_SHARE = 0.5;
/** Which share of the time the search for prices in floating point may take. */
const FAST_SHARE = 0.5;
/** Which share of what is left the search for answers may take. */
const SEARCH_SHARE = 0.9;
/** The same of a case that is solved as one model afterwards. */
const SMALL_SEARCH_SHARE = 0.15;
/** Which share of what is earned a change may cost in every second round of such a case. */
const SMALL_HEAT = 0.003;
/** Rounds of it without a better answer after which it ends: one for so many choices, and never more than so many. */
const CHOICES_PER_ROUND = 20;
const VAIN_MAX = 40;
/** A model that was given up for its size. */
const GIVEN_UP: ReadonlySet<string> = new Set(['SOLVER_TIME_LIMIT', 'SOLVER_MEMORY_LIMIT', 'SOLVER_INFEASIBLE']);

type Tree = BoundTree<
  CoalitionProblem['root'],
  CoalitionMultipliers,
  Exclude<CoalitionNode, CoalitionLeaf>,
  DutyMixture,
  CoalitionCandidate
>;

/**
 * Which assets serve which request in which step so that most is earned, with the proof of what no answer betters. A search in floating point gives
 * prices and answers; in small cases a model with integers, and columns with their mixtures (Dantzig and Wolfe), give better ones; and a tree closes
 * the gap between them. All that counts is exact: the answer is checked as the contract checks it before it is handed over.
 *
 * @throws RuleError where the case contradicts itself; SolverError
 */
export async function solveCoalition(
  asked: CoalitionCase,
  solver: Pick<Solver, 'solve'>,
  options: CoalitionOptions,
): Promise<FoundCoalition> {
  const prepared = prepareCoalition(asked);
  const search = new Search(prepared, solver, options);
  const answer = await search.run();
  proveCoalition(prepared, answer, coalitionGapPpm(answer));
  return { answer, solver: search.solverName };
}

class Search {
  solverName = 'highs';
  readonly #prepared: PreparedCoalition;
  readonly #solver: Pick<Solver, 'solve'>;
  readonly #options: CoalitionOptions;
  readonly #endMs: number;

  constructor(prepared: PreparedCoalition, solver: Pick<Solver, 'solve'>, options: CoalitionOptions) {
    this.#prepared = prepared;
    this.#solver = solver;
    this.#options = options;
    this.#endMs = options.now() + options.timeMsMax;
  }

  async run(): Promise<CoalitionAnswer> {
    const prepared = this.#prepared;
    const known = greedyCoalition(prepared);
    const isSmall = prepared.choices <= CHOICES_OF_ONE_MODEL;
    const pool = new DutyPool(prepared);
    const cells = cellsOf(prepared);
    const fast = this.#fastPrices(cells);
    const multipliers = multipliersAt(prepared, cells, fast.prices);
    pool.take(relaxCoalition(prepared, multipliers).duties);
    for (const { asset, powers } of columnsOf(prepared, known)) pool.add(asset, powers);
    const problem = new CoalitionProblem(prepared, this.#solver, pool, this.#options.gapPpm);
    const best = { choice: known, cost: 0n - known.objectiveNano };
    const tree = new BoundTree(problem, this.#limits(), { best, multipliers });
    this.#search(tree, new FastSearch(prepared, cells, fast), isSmall);
    for (const { asset, powers } of columnsOf(prepared, tree.best.choice)) pool.add(asset, powers);
    if (isSmall && !this.#isWithin(tree)) {
      await this.#offer(tree, new ChoiceModel(prepared));
      await tree.proveRoot(1);
    }
    await tree.prove();
    const { choice, cost } = tree.best;
    const bound = tree.bound ?? 0n;
    return {
      assignments: choice.assignments,
      served: choice.served,
      objectiveNano: nano(-cost),
      boundNano: nano(bound < 0n ? -bound : 0n),
      certificate: tree.certificate((at) => coalitionLeaf(prepared, at)),
    };
  }

  /** Prices, in a share of the time. */
  #fastPrices(cells: Cells): FastPrices {
    const endMs = this.#options.now() + (this.#endMs - this.#options.now()) * FAST_SHARE;
    return new FastBound(cells).search(() => endMs - this.#options.now());
  }

  /** Whether what is known is good enough, or there is no time left. */
  #isWithin(tree: Tree): boolean {
    const bound = tree.bound ?? 0n;
    const answer = { objectiveNano: nano(-tree.best.cost), boundNano: nano(bound < 0n ? -bound : 0n) };
    return this.#endMs <= this.#options.now() || coalitionGapPpm(answer) <= this.#options.gapPpm;
  }

  #limits(): ProofLimits {
    const { now } = this.#options;
    const isSmall = this.#prepared.choices <= CHOICES_OF_ONE_MODEL;
    const most = isSmall ? limits.coalitionChoicesMax : CHOICES_OF_PROOF;
    const leavesMax = Math.min(
      (limits.certificateNodesMax + 1) / 2,
      Math.floor(most / Math.max(this.#prepared.choices, 1)),
    );
    return { leavesMax: Math.max(leavesMax, 1), leftMs: () => this.#endMs - now() };
  }

  /** Looks for answers at good prices, in a share of the time and as long as better ones turn up. */
  #search(tree: Tree, search: FastSearch, isSmall: boolean): void {
    const { now } = this.#options;
    const endMs = now() + (this.#endMs - now()) * (isSmall ? SMALL_SEARCH_SHARE : SEARCH_SHARE);
    const vainMax = Math.min(VAIN_MAX, Math.ceil(this.#prepared.choices / CHOICES_PER_ROUND));
    this.#offerChoice(tree, search.begin());
    for (let vain = 0; vain < vainMax && now() < endMs && !this.#isWithin(tree); vain += 1) {
      const heat = isSmall && vain % 2 === 1 ? SMALL_HEAT : 0;
      if (
        this.#offerChoice(
          tree,
          search.improve(() => endMs - now(), heat),
        )
      )
        vain = 0;
    }
  }

  /** Answers whether a choice is the best so far. */
  #offerChoice(tree: Tree, choice: CoalitionChoice | undefined): boolean {
    const candidate = choice === undefined ? undefined : candidateOf(this.#prepared, choice);
    if (candidate === undefined || candidate.cost >= tree.best.cost) return false;
    tree.offer(candidate);
    return true;
  }

  /** Offers what a model with integers finds; one that finds nothing in time is no loss, there is an answer already. */
  async #offer(tree: Tree, chooser: ChoiceModel): Promise<void> {
    const left = this.#endMs - this.#options.now();
    const timeMsMax = Math.max(Math.floor(left * INTEGER_SHARE), 1);
    let solution: Solution;
    try {
      solution = await this.#solver.solve(chooser.model, { timeMsMax, gapMax: Number(this.#options.gapPpm) / 4e6 });
    } catch (error) {
      if (error instanceof SolverError && GIVEN_UP.has(error.code)) return;
      throw error;
    }
    this.solverName = solution.solver;
    const candidate = wholeCoalition(this.#prepared, chooser.chosen(solution));
    if (candidate !== undefined) tree.offer(candidate);
  }
}

/** What the assets of a choice do as columns. */
function columnsOf(
  prepared: PreparedCoalition,
  { assignments }: Pick<CoalitionAnswer, 'assignments'>,
): readonly DutyColumn[] {
  return assignments.flatMap((assignment) => {
    const asset = prepared.assets[prepared.assetIndex.get(assignment.assetId) ?? -1];
    return asset === undefined ? [] : [columnOf(asset, placedPowers(prepared, assignment))];
  });
}
