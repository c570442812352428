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
import type { BoundTree, Mixed, ProvenProblem, Relaxation } from '../proof/bound-tree';
import type { ColumnPool, WeightedColumn } from './columns';

type Split = Exclude<CertificateNode, CertificateLeaf>;

const WHOLE = 1e-6;
const PPM = 1_000_000n;

/** The proof of a split order. */
export type SplitTree = BoundTree<Branch, Multipliers, Split, readonly WeightedColumn[], Candidate>;

/** An order to be split, for the proof by branch and bound: costs are in thousandths of a micro-unit. */
export class SplitProblem implements ProvenProblem<Branch, Multipliers, Split, readonly WeightedColumn[], Candidate> {
  readonly root: Branch = new Map();
  readonly #prepared: PreparedCase;
  readonly #solver: Pick<Solver, 'solve'>;
  readonly #pool: ColumnPool;
  readonly #gapPpm: bigint;

  /** The gap is in millionths of the best answer's cost: how far below it a bound is good enough. */
  constructor(prepared: PreparedCase, solver: Pick<Solver, 'solve'>, pool: ColumnPool, gapPpm: bigint) {
    this.#prepared = prepared;
    this.#solver = solver;
    this.#pool = pool;
    this.#gapPpm = gapPpm;
  }

  relax(multipliers: Multipliers, branch: Branch): Relaxation {
    const relaxed = relax(this.#prepared, multipliers, branch);
    return { bound: relaxed.boundNano, take: () => this.#pool.take(relaxed) };
  }

  async mix(
    branch: Branch,
    { cost }: Candidate,
    timeMsMax: number,
  ): Promise<Mixed<Multipliers, readonly WeightedColumn[]> | undefined> {
    try {
      const mixed = await this.#pool.mix(this.#solver, branch, 10 * Number(cost) + 1e6, timeMsMax);
      return { multipliers: mixed.multipliers, mixture: mixed.columns };
    } catch (error) {
      if (error instanceof SolverError && error.code === 'SOLVER_TIME_LIMIT') return undefined;
      throw error;
    }
  }

  /** A mixture that takes one profile of each asset is an answer. */
  answerOf(mixture: readonly WeightedColumn[]): Candidate | undefined {
    if (mixture.some(({ weight }) => weight < 1 - WHOLE)) return undefined;
    const plans = [...mixture]
      .sort((left, right) => left.column.asset.index - right.column.asset.index)
      .map(({ column }) => planOf(this.#prepared, column.asset, column.calls));
    return candidateOf(this.#prepared, plans);
  }

  splitOf(branch: Branch, mixture: readonly WeightedColumn[]): Split | undefined {
    return splitOf(this.#prepared, branch, mixture);
  }

  halves(branch: Branch, split: Split): readonly [Branch, Branch] {
    return halves(this.#prepared, branch, split);
  }

  between(one: Multipliers, other: Multipliers): Multipliers {
    return between(one, other);
  }

  isClose(bound: bigint, { cost }: Candidate): boolean {
    return (cost - bound) * PPM <= this.#gapPpm * cost;
  }
}

/** Multipliers as the leaf of a certificate. */
export function splitLeaf({ asked, assets }: PreparedCase, { comfort, shift, slots }: Multipliers): CertificateLeaf {
  return {
    kind: 'leaf',
    slotPrices: slots,
    comfortPrices: [...comfort].map(([index, price]) => {
      return { participantId: asked.comfort[index]?.participantId ?? '', price };
    }),
    shiftPrices: [...shift].map(([index, price]) => ({ assetId: assets[index]?.asset.assetId ?? '', price })),
  };
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
