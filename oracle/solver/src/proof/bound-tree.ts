/** What a proof by branch and bound needs to know of a problem. Costs are to be small; where something is earned, it is a cost below zero. */
export interface ProvenProblem<Branch, Multipliers, Split, Mixture, Answer extends Costing> {
  readonly root: Branch;
  /** No answer in the branch costs less; undefined where it allows none. `take` keeps what was worth most, and answers how much of it is new. */
  relax: (multipliers: Multipliers, branch: Branch) => Relaxation;
  /** The best mixture of what has been kept, with the multipliers that its duals are; undefined where the time does not suffice. */
  mix: (branch: Branch, best: Answer, timeMsMax: number) => Promise<Mixed<Multipliers, Mixture> | undefined>;
  /** What a mixture that nothing betters says as an answer. */
  answerOf: (mixture: Mixture) => Answer | undefined;
  /** Where to split a branch whose mixture is no answer; undefined where nothing is in doubt. */
  splitOf: (branch: Branch, mixture: Mixture) => Split | undefined;
  /** The two halves, which together are all of the branch. */
  halves: (branch: Branch, split: Split) => readonly [Branch, Branch];
  /** Multipliers in the middle of two, which swing less than the new ones alone. */
  between: (one: Multipliers, other: Multipliers) => Multipliers;
  /** Whether a bound is close enough to an answer. */
  isClose: (bound: bigint, best: Answer) => boolean;
}

export interface Costing {
  readonly cost: bigint;
}

export interface Relaxation {
  readonly bound: bigint | undefined;
  readonly take: () => number;
}

export interface Mixed<Multipliers, Mixture> {
  readonly multipliers: Multipliers;
  readonly mixture: Mixture;
}

/** How far a proof may go. */
export interface ProofLimits {
  readonly leavesMax: number;
  /** The time that is left, in milliseconds. */
  readonly leftMs: () => number;
}

/** A node of the tree that is built; a leaf until it is split. */
interface TreeNode<Branch, Multipliers, Split> {
  readonly branch: Branch;
  multipliers: Multipliers;
  /** Undefined where the branch allows no answer. */
  bound: bigint | undefined;
  /** True once its multipliers cannot be made better. */
  isDone: boolean;
  /** True where nothing is in doubt, and yet its bound is not close: it stays a leaf, and others are dealt with. */
  isStuck: boolean;
  split?: {
    readonly node: Split;
    readonly first: TreeNode<Branch, Multipliers, Split>;
    readonly second: TreeNode<Branch, Multipliers, Split>;
  };
}

/** Rounds of columns in one node; they end by themselves long before where few assets are joined. */
const ROUNDS_MAX = 200;

/**
 * Proves what every answer costs at least, by branch and bound: the branch whose bound is lowest gets multipliers that are as good as they can be,
 * and is split where its mixture is no answer, until all bounds reach the best answer that is known or the limits are used up. An answer that turns
 * up on the way and is better takes the place of the one known.
 */
export class BoundTree<Branch, Multipliers, Split, Mixture, Answer extends Costing> {
  readonly #problem: ProvenProblem<Branch, Multipliers, Split, Mixture, Answer>;
  readonly #limits: ProofLimits;
  readonly #root: TreeNode<Branch, Multipliers, Split>;
  #open: TreeNode<Branch, Multipliers, Split>[];
  #leaves = 1;
  #best: Answer;

  constructor(
    problem: ProvenProblem<Branch, Multipliers, Split, Mixture, Answer>,
    limits: ProofLimits,
    known: { readonly best: Answer; readonly multipliers: Multipliers },
  ) {
    this.#problem = problem;
    this.#limits = limits;
    this.#best = known.best;
    this.#root = this.#node(problem.root, known.multipliers);
    this.#open = [this.#root];
  }

  get best(): Answer {
    return this.#best;
  }

  /** What is proven so far: the least bound of the leaves; undefined where none allows an answer. */
  get bound(): bigint | undefined {
    let lowest: bigint | undefined;
    for (const { bound, split } of this.#inOrder()) {
      if (split === undefined && bound !== undefined && (lowest === undefined || bound < lowest)) lowest = bound;
    }
    return lowest;
  }

  /** Takes another answer for the best one if it is. */
  offer(answer: Answer): void {
    if (answer.cost < this.#best.cost) this.#best = answer;
  }

  /** Makes the multipliers of the root as good as they can be in a share of the time; answers its mixture, undefined where there was no time. */
  async proveRoot(share: number): Promise<Mixture | undefined> {
    return this.#improve(this.#root, this.#limits.leftMs() * share);
  }

  /** Splits until the bound reaches the best answer, or the limits are used up. */
  async prove(): Promise<void> {
    while (this.#limits.leftMs() > 0) {
      this.#open = this.#open.filter((node) => !this.#isProven(node));
      const lowest = this.#lowest();
      if (lowest === undefined) return;
      const mixture = await this.#improve(lowest, this.#limits.leftMs());
      if (this.#isProven(lowest)) continue;
      const isFull = this.#leaves >= this.#limits.leavesMax;
      const split = isFull || mixture === undefined ? undefined : this.#problem.splitOf(lowest.branch, mixture);
      if (split !== undefined) {
        this.#split(lowest, split);
      } else if (!isFull || mixture === undefined) {
        lowest.isStuck = true;
      }
    }
  }

  /** The tree in preorder. */
  certificate<Leaf>(leafOf: (multipliers: Multipliers) => Leaf): readonly (Split | Leaf)[] {
    return this.#inOrder().map((node) => node.split?.node ?? leafOf(node.multipliers));
  }

  #lowest(): TreeNode<Branch, Multipliers, Split> | undefined {
    return this.#open.reduce<TreeNode<Branch, Multipliers, Split> | undefined>((low, node) => {
      if (node.isStuck) return low;
      if (node.isDone && this.#leaves >= this.#limits.leavesMax) return low;
      return low === undefined || (node.bound ?? 0n) < (low.bound ?? 0n) ? node : low;
    }, undefined);
  }

  #split(node: TreeNode<Branch, Multipliers, Split>, split: Split): void {
    const [first, second] = this.#problem.halves(node.branch, split);
    const children = [this.#node(first, node.multipliers), this.#node(second, node.multipliers)] as const;
    node.split = { node: split, first: children[0], second: children[1] };
    this.#open = [...this.#open.filter((other) => other !== node), ...children];
    this.#leaves += 1;
  }

  #inOrder(): readonly TreeNode<Branch, Multipliers, Split>[] {
    const nodes: TreeNode<Branch, Multipliers, Split>[] = [];
    const waiting = [this.#root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      nodes.push(node);
      if (node.split !== undefined) waiting.push(node.split.second, node.split.first);
    }
    return nodes;
  }

  #node(branch: Branch, multipliers: Multipliers): TreeNode<Branch, Multipliers, Split> {
    const { bound } = this.#problem.relax(multipliers, branch);
    return { branch, multipliers, bound, isDone: false, isStuck: false };
  }

  #isProven({ bound }: TreeNode<Branch, Multipliers, Split>): boolean {
    return bound === undefined || this.#problem.isClose(bound, this.#best);
  }

  /** Adds columns until they make the node's multipliers no better, or the time is up; answers the last mixture. */
  async #improve(node: TreeNode<Branch, Multipliers, Split>, timeMs: number): Promise<Mixture | undefined> {
    let mixture: Mixture | undefined;
    const endMs = this.#limits.leftMs() - timeMs;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const left = Math.floor(this.#limits.leftMs() - endMs);
      const next = left <= 0 ? undefined : await this.#problem.mix(node.branch, this.#best, left);
      if (next === undefined) return mixture;
      ({ mixture } = next);
      if (!this.#priceAt(node, next.multipliers)) break;
    }
    node.isDone = true;
    const answer = mixture === undefined ? undefined : this.#problem.answerOf(mixture);
    if (answer !== undefined) this.offer(answer);
    return mixture;
  }

  /**
   * Looks for columns between the node's best multipliers and new ones, and at the new ones where there are none. Answers whether another mixture
   * can be better.
   */
  #priceAt(node: TreeNode<Branch, Multipliers, Split>, multipliers: Multipliers): boolean {
    for (const at of [this.#problem.between(node.multipliers, multipliers), multipliers]) {
      const relaxed = this.#problem.relax(at, node.branch);
      if (relaxed.bound === undefined || (node.bound !== undefined && relaxed.bound > node.bound)) {
        node.multipliers = at;
        node.bound = relaxed.bound;
      }
      if (this.#isProven(node)) return false;
      if (relaxed.take() > 0) return true;
    }
    return false;
  }
}
