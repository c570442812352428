import {
  halves,
  relax,
  slot,
  wh,
  type Branch,
  type CertificateLeaf,
  type CertificateNode,
  type Multipliers,
  type PreparedCase,
} from '@flexledger/domain';
import type { Solver } from '../solver';
import { candidateOf, planOf, type Candidate } from './candidate';
import { SolverError } from '../errors';
import type { ColumnPool, Mixed, WeightedColumn } from './columns';

/** How far a proof may go. */
export interface TreeLimits {
  readonly leavesMax: number;
  /** In millionths of the best answer's cost, how far below it a bound is good enough. */
  readonly gapPpm: bigint;
  /** The time that is left, in milliseconds. */
  readonly leftMs: () => number;
}

type Split = Exclude<CertificateNode, CertificateLeaf>;

/** A node of the tree that is built; a leaf until it is split. */
interface TreeNode {
  readonly branch: Branch;
  multipliers: Multipliers;
  /** Undefined where the branch allows no answer. */
  boundNano: bigint | undefined;
  /** True once its multipliers cannot be made better. */
  isDone: boolean;
  split?: { readonly node: Split; readonly first: TreeNode; readonly second: TreeNode };
}

/** Rounds of columns in one node; they end by themselves long before where few assets are joined. */
const ROUNDS_MAX = 200;
const WHOLE = 1e-6;
const PPM = 1_000_000n;

/**
 * Proves what every answer costs at least, by branch and bound: the branch whose bound is lowest gets multipliers that are as good as they can be,
 * and is split where its mixture of profiles is no answer, until all bounds reach the best answer that is known or the limits are used up. An
 * answer that turns up on the way and is better takes the place of the one known.
 */
export class BoundTree {
  readonly #prepared: PreparedCase;
  readonly #solver: Pick<Solver, 'solve'>;
  readonly #pool: ColumnPool;
  readonly #limits: TreeLimits;
  readonly #root: TreeNode;
  #open: TreeNode[];
  #leaves = 1;
  #best: Candidate;

  constructor(
    prepared: PreparedCase,
    solver: Pick<Solver, 'solve'>,
    pool: ColumnPool,
    limits: TreeLimits,
    known: { readonly best: Candidate; readonly multipliers: Multipliers },
  ) {
    this.#prepared = prepared;
    this.#solver = solver;
    this.#pool = pool;
    this.#limits = limits;
    this.#best = known.best;
    this.#root = this.#node(new Map(), known.multipliers);
    this.#open = [this.#root];
  }

  get best(): Candidate {
    return this.#best;
  }

  /** What is proven so far: the least bound of the leaves. */
  get boundNano(): bigint {
    let lowest: bigint | undefined;
    for (const { boundNano } of this.#leavesInOrder()) {
      if (boundNano !== undefined && (lowest === undefined || boundNano < lowest)) lowest = boundNano;
    }
    return lowest === undefined || lowest < 0n ? 0n : lowest;
  }

  /** Takes another answer for the best one if it is. */
  offer(candidate: Candidate): void {
    if (candidate.objectiveNano < this.#best.objectiveNano) this.#best = candidate;
  }

  /** Makes the multipliers of the root as good as they can be in a share of the time; answers its mixture. */
  async proveRoot(share: number): Promise<readonly WeightedColumn[]> {
    return this.#improve(this.#root, this.#limits.leftMs() * share);
  }

  /** Splits until the bound reaches the best answer, or the limits are used up. */
  async prove(): Promise<void> {
    while (this.#limits.leftMs() > 0) {
      this.#open = this.#open.filter((node) => !this.#isProven(node));
      const lowest = this.#open.reduce<TreeNode | undefined>((low, node) => {
        if (node.isDone && this.#leaves >= this.#limits.leavesMax) return low;
        return low === undefined || (node.boundNano ?? 0n) < (low.boundNano ?? 0n) ? node : low;
      }, undefined);
      if (lowest === undefined) return;
      const mixed = await this.#improve(lowest, this.#limits.leftMs());
      if (this.#isProven(lowest)) continue;
      const split = this.#leaves < this.#limits.leavesMax ? splitOf(this.#prepared, lowest.branch, mixed) : undefined;
      if (split === undefined) {
        if (this.#leaves < this.#limits.leavesMax) return;
        continue;
      }
      const [first, second] = halves(this.#prepared, lowest.branch, split);
      const children = [this.#node(first, lowest.multipliers), this.#node(second, lowest.multipliers)] as const;
      lowest.split = { node: split, first: children[0], second: children[1] };
      this.#open = [...this.#open.filter((node) => node !== lowest), ...children];
      this.#leaves += 1;
    }
  }

  /** The tree in preorder. */
  certificate(): readonly CertificateNode[] {
    return this.#inOrder().map((node) => node.split?.node ?? this.#leaf(node.multipliers));
  }

  #leavesInOrder(): readonly TreeNode[] {
    return this.#inOrder().filter(({ split }) => split === undefined);
  }

  #inOrder(): readonly TreeNode[] {
    const nodes: TreeNode[] = [];
    const waiting = [this.#root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      nodes.push(node);
      if (node.split !== undefined) waiting.push(node.split.second, node.split.first);
    }
    return nodes;
  }

  #node(branch: Branch, multipliers: Multipliers): TreeNode {
    const { boundNano } = relax(this.#prepared, multipliers, branch);
    return { branch, multipliers, boundNano, isDone: false };
  }

  #isProven({ boundNano }: TreeNode): boolean {
    const { objectiveNano } = this.#best;
    return boundNano === undefined || (objectiveNano - boundNano) * PPM <= this.#limits.gapPpm * objectiveNano;
  }

  /** Adds columns until they make the node's multipliers no better, or the time is up; answers the last mixture. */
  async #improve(node: TreeNode, timeMs: number): Promise<readonly WeightedColumn[]> {
    let mixed: readonly WeightedColumn[] = [];
    const endMs = this.#limits.leftMs() - timeMs;
    const penaltyNano = 10 * Number(this.#best.objectiveNano) + 1e6;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const left = Math.floor(this.#limits.leftMs() - endMs);
      const next = left <= 0 ? undefined : await this.#mix(node, penaltyNano, left);
      if (next === undefined) return mixed;
      mixed = next.columns;
      if (!this.#priceAt(node, next.multipliers)) break;
    }
    node.isDone = true;
    this.#offerMixture(mixed);
    return mixed;
  }

  async #mix(node: TreeNode, penaltyNano: number, timeMsMax: number): Promise<Mixed | undefined> {
    try {
      return await this.#pool.mix(this.#solver, node.branch, penaltyNano, timeMsMax);
    } catch (error) {
      if (error instanceof SolverError && error.code === 'SOLVER_TIME_LIMIT') return undefined;
      throw error;
    }
  }

  /**
   * Looks for columns between the node's best multipliers and new ones, which swing less than new ones alone, and at the new ones where there are
   * none. Answers whether another mixture can be better.
   */
  #priceAt(node: TreeNode, multipliers: Multipliers): boolean {
    for (const at of [between(node.multipliers, multipliers), multipliers]) {
      const relaxed = relax(this.#prepared, at, node.branch);
      const { boundNano } = relaxed;
      if (boundNano === undefined || (node.boundNano !== undefined && boundNano > node.boundNano)) {
        node.multipliers = at;
        node.boundNano = boundNano;
      }
      if (this.#isProven(node)) return false;
      if (this.#pool.take(relaxed) > 0) return true;
    }
    return false;
  }

  /** A mixture that takes one profile of each asset is an answer. */
  #offerMixture(mixed: readonly WeightedColumn[]): void {
    if (mixed.some(({ weight }) => weight < 1 - WHOLE)) return;
    const plans = [...mixed]
      .sort((left, right) => left.column.asset.index - right.column.asset.index)
      .map(({ column }) => planOf(this.#prepared, column.asset, column.calls));
    const candidate = candidateOf(this.#prepared, plans);
    if (candidate !== undefined) this.offer(candidate);
  }

  #leaf({ comfort, shift, slots }: Multipliers): CertificateLeaf {
    const { asked, assets } = this.#prepared;
    return {
      kind: 'leaf',
      slotPrices: slots,
      comfortPrices: [...comfort].map(([index, price]) => {
        return { participantId: asked.comfort[index]?.participantId ?? '', price };
      }),
      shiftPrices: [...shift].map(([index, price]) => ({ assetId: assets[index]?.asset.assetId ?? '', price })),
    };
  }
}

/** Multipliers in the middle of two. */
function between(left: Multipliers, right: Multipliers): Multipliers {
  const middle = (one: bigint, other: bigint): bigint => (one + other) / 2n;
  const middles = (
    one: ReadonlyMap<number, bigint>,
    other: ReadonlyMap<number, bigint>,
  ): ReadonlyMap<number, bigint> => {
    const keys = new Set([...one.keys(), ...other.keys()]);
    return new Map([...keys].map((key) => [key, middle(one.get(key) ?? 0n, other.get(key) ?? 0n)]));
  };
  return {
    slots: left.slots.map((price, place) => middle(price, right.slots[place] ?? 0n)),
    comfort: middles(left.comfort, right.comfort),
    shift: middles(left.shift, right.shift),
  };
}

/** What the mixture of one asset says about where to split it. */
interface Doubt {
  readonly node: Split;
  /** Lower comes first: whether it is called, in which slots, with how much. */
  readonly rank: number;
  /** How far from being decided it is: 0.5 is farthest. */
  readonly fraction: number;
}

function splitOf(prepared: PreparedCase, branch: Branch, mixed: readonly WeightedColumn[]): Split | undefined {
  const byAsset = new Map<number, WeightedColumn[]>();
  for (const entry of mixed) {
    const { index } = entry.column.asset;
    byAsset.set(index, [...(byAsset.get(index) ?? []), entry]);
  }
  const doubts = [...byAsset.values()].flatMap((columns) => doubtsOf(prepared, branch, columns));
  doubts.sort((left, right) => left.rank - right.rank || right.fraction - left.fraction);
  return doubts[0]?.node;
}

function doubtsOf(prepared: PreparedCase, branch: Branch, columns: readonly WeightedColumn[]): readonly Doubt[] {
  const [first] = columns;
  if (first === undefined) return [];
  const { asset, index } = first.column.asset;
  const { assetId } = asset;
  const used = columns.reduce((total, { weight }) => total + weight, 0);
  if (used < 1 - WHOLE && branch.get(index)?.called === undefined) {
    return [{ node: { kind: 'called', assetId }, rank: 0, fraction: Math.min(used, 1 - used) }];
  }
  return prepared.directions.flatMap((_, place): Doubt[] => {
    const energies = columns.map(({ column, weight }) => ({ energyWh: column.energiesWh.get(place) ?? 0n, weight }));
    const on = energies.reduce((total, { energyWh, weight }) => total + (energyWh > 0n ? weight : 0), 0);
    const at = slot(prepared.asked.firstSlot + place);
    const fraction = Math.min(on, 1 - on);
    if (fraction > WHOLE) {
      return [{ node: { kind: 'energy', assetId, slot: at, atMostWh: wh(0n) }, rank: 1, fraction }];
    }
    const amounts = energies.map(({ energyWh }) => energyWh);
    const low = amounts.reduce((least, amount) => (amount < least ? amount : least));
    const high = amounts.reduce((most, amount) => (amount > most ? amount : most));
    if (low === high) return [];
    const mean = energies.reduce((total, { energyWh, weight }) => total + Number(energyWh) * weight, 0) / used;
    const middle = BigInt(Math.floor(mean));
    const atMost = middle < low ? low : middle >= high ? high - 1n : middle;
    return [{ node: { kind: 'energy', assetId, slot: at, atMostWh: wh(atMost) }, rank: 2, fraction: 0.5 }];
  });
}
