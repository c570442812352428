import {
  coalitionHalves,
  dutiesOf,
  freeCoalition,
  relaxCoalition,
  sliceRange,
  w,
  type CoalitionBranch,
  type CoalitionLeaf,
  type CoalitionMultipliers,
  type CoalitionNode,
  type PreparedCoalition,
  type PreparedDemand,
  type StoragePrice,
} from '@flexledger/domain';
import { SolverError } from '../errors';
import type { Mixed, ProvenProblem, Relaxation } from '../proof/bound-tree';
import type { Solver } from '../solver';
import { candidateOf, completed, type CoalitionCandidate } from './candidate';
import type { DutyMixture, DutyPool, WeightedDuty } from './columns';

type Split = Exclude<CoalitionNode, CoalitionLeaf>;

const WHOLE = 1e-6;
const PPM = 1_000_000n;
const HALF = 0.5;
/** A share of a slice's power that counts as nothing in doubt. */
const SLICE_DOUBT = 1e-6;

/** A case of coalitions for the proof by branch and bound: costs are what is earned, below zero, in thousandths of a micro-unit. */
export class CoalitionProblem implements ProvenProblem<
  CoalitionBranch,
  CoalitionMultipliers,
  Split,
  DutyMixture,
  CoalitionCandidate
> {
  readonly root = freeCoalition;
  readonly #prepared: PreparedCoalition;
  readonly #solver: Pick<Solver, 'solve'>;
  readonly #pool: DutyPool;
  readonly #gapPpm: bigint;

  constructor(prepared: PreparedCoalition, solver: Pick<Solver, 'solve'>, pool: DutyPool, gapPpm: bigint) {
    this.#prepared = prepared;
    this.#solver = solver;
    this.#pool = pool;
    this.#gapPpm = gapPpm;
  }

  relax(multipliers: CoalitionMultipliers, branch: CoalitionBranch): Relaxation {
    const { boundNano, duties } = relaxCoalition(this.#prepared, multipliers, branch);
    return { bound: boundNano === undefined ? undefined : -boundNano, take: () => this.#pool.take(duties) };
  }

  async mix(
    branch: CoalitionBranch,
    best: CoalitionCandidate,
    timeMsMax: number,
  ): Promise<Mixed<CoalitionMultipliers, DutyMixture> | undefined> {
    const penaltyNano = 10 * Math.abs(Number(best.cost)) + 1e9;
    try {
      return await this.#pool.mix(this.#solver, branch, penaltyNano, timeMsMax);
    } catch (error) {
      if (error instanceof SolverError && error.code === 'SOLVER_TIME_LIMIT') return undefined;
      throw error;
    }
  }

  answerOf(mixture: DutyMixture): CoalitionCandidate | undefined {
    const main = mixture.columns.filter(({ weight }) => weight > HALF);
    const assignments = [...main]
      .sort((left, right) => left.column.asset.index - right.column.asset.index)
      .map(({ column: { asset, powers } }) => ({
        assetId: asset.asset.assetId,
        duties: dutiesOf(this.#prepared, powers),
      }));
    const candidate = completed(this.#prepared, { assignments });
    const isWhole = mixture.columns.every(({ weight }) => weight > 1 - WHOLE);
    if (!isWhole) return candidate;
    const served = this.#prepared.requests.flatMap(({ demand: { requestId, stepW }, index }) => {
      const slices = (mixture.slicesW[index] ?? []).map((powerW) =>
        w(BigInt(Math.round(powerW / Number(stepW))) * stepW),
      );
      return slices.some((powerW) => powerW > 0n) ? [{ requestId, slicesW: slices }] : [];
    });
    const exact = candidateOf(this.#prepared, { assignments, served });
    return exact !== undefined && (candidate === undefined || exact.cost < candidate.cost) ? exact : candidate;
  }

  halves(branch: CoalitionBranch, split: Split): readonly [CoalitionBranch, CoalitionBranch] {
    return coalitionHalves(this.#prepared, branch, split);
  }

  between(one: CoalitionMultipliers, other: CoalitionMultipliers): CoalitionMultipliers {
    const storages = new Map<number, StoragePrice>();
    for (const index of new Set([...one.storages.keys(), ...other.storages.keys()])) {
      const [left, right] = [one.storages.get(index), other.storages.get(index)];
      const up = middle(left?.up, right?.up);
      storages.set(index, { up, down: middle(left?.down, right?.down) });
    }
    return {
      cover: middles(one.cover, other.cover),
      count: middles(one.count, other.count),
      groups: middles(one.groups, other.groups),
      storages,
    };
  }

  isClose(bound: bigint, { cost }: CoalitionCandidate): boolean {
    const earned = cost < 0n ? -cost : 1n;
    return (cost - bound) * PPM <= this.#gapPpm * earned;
  }

  splitOf(branch: CoalitionBranch, { columns, slicesW }: DutyMixture): Split | undefined {
    const slice = this.#sliceInDoubt(branch, slicesW);
    if (slice !== undefined) return slice;
    const byAsset = new Map<number, WeightedDuty[]>();
    for (const entry of columns) {
      const { index } = entry.column.asset;
      const entries = byAsset.get(index) ?? [];
      entries.push(entry);
      byAsset.set(index, entries);
    }
    const doubts = [...byAsset.values()].flatMap((entries) => doubtsOf(this.#prepared, branch, entries));
    doubts.sort((left, right) => left.rank - right.rank || right.fraction - left.fraction);
    return doubts[0]?.node;
  }

  /** The slice that is farthest from a bid; one that counts its assets is in doubt until it must be served. */
  #sliceInDoubt(branch: CoalitionBranch, slicesW: DutyMixture['slicesW']): Split | undefined {
    const doubts = this.#prepared.requests.flatMap((request) =>
      (slicesW[request.index] ?? []).map((powerW, slice) => {
        const { assetsMin, requestId } = request.demand;
        const isCounted = assetsMin > 1 && powerW > 0 && sliceRange(request, slice, branch).mayRest;
        const { below, fraction } = isCounted ? { below: 0n, fraction: HALF } : bidDoubt(request, powerW);
        const node: Split = { kind: 'slice', requestId, slice, atMostW: w(below) };
        return { node, fraction };
      }),
    );
    const most = doubts.reduce((far, doubt) => Math.max(far, doubt.fraction), SLICE_DOUBT);
    return doubts.find(({ fraction }) => fraction === most && fraction > SLICE_DOUBT)?.node;
  }
}

/** The largest bid that is not above a power (0 where none is), and how far the power is from a bid. */
function bidDoubt(
  { demand: { stepW }, highW, lowW }: PreparedDemand,
  powerW: number,
): { readonly below: bigint; readonly fraction: number } {
  const isBelowLeast = powerW < Number(lowW) * (1 - SLICE_DOUBT);
  const steps = BigInt(Math.floor(powerW / Number(stepW) + SLICE_DOUBT)) * stepW;
  const below = isBelowLeast ? 0n : steps > highW ? highW : steps;
  const share = (powerW - Number(below)) / Number(isBelowLeast ? lowW : stepW);
  return { below, fraction: Math.min(share, 1 - share) };
}

function middle(one = 0n, other = 0n): bigint {
  return (one + other) / 2n;
}

function middles(
  one: readonly (readonly bigint[])[],
  other: readonly (readonly bigint[])[],
): readonly (readonly bigint[])[] {
  return other.map((row, index) => row.map((price, step) => middle(one[index]?.[step], price)));
}

/** What the mixture of one asset says about where to split it. */
interface Doubt {
  readonly node: Split;
  /** Lower comes first: whether it is used, whether it is on, for whom, with how much. */
  readonly rank: number;
  /** How far from being decided it is: 0.5 is farthest. */
  readonly fraction: number;
}

function doubtsOf(
  prepared: PreparedCoalition,
  branch: CoalitionBranch,
  entries: readonly WeightedDuty[],
): readonly Doubt[] {
  const [first] = entries;
  if (first === undefined) return [];
  const { asset, index } = first.column.asset;
  const { assetId } = asset;
  const used = entries.reduce((total, { weight }) => total + weight, 0);
  if (used < 1 - WHOLE && branch.assets.get(index)?.isUsed === undefined) {
    return [{ node: { kind: 'used', assetId }, rank: 0, fraction: Math.min(used, 1 - used) }];
  }
  return Array.from({ length: prepared.asked.steps }, (_, step) => step).flatMap((step): readonly Doubt[] => {
    const doubt = stepDoubt(prepared, assetId, step, entries, used);
    return doubt === undefined ? [] : [doubt];
  });
}

function stepDoubt(
  { asked }: PreparedCoalition,
  assetId: string,
  step: number,
  entries: readonly WeightedDuty[],
  used: number,
): Doubt | undefined {
  const amounts = entries.map(({ column, weight }) => {
    const power = column.powers.find((placed) => placed.step === step);
    return { request: power?.request, powerW: power?.powerW ?? 0n, weight };
  });
  const on = amounts.reduce((total, { request, weight }) => total + (request === undefined ? 0 : weight), 0);
  const fraction = Math.min(on, 1 - on);
  if (fraction > WHOLE) return { node: { kind: 'power', assetId, step, atMostW: w(0n) }, rank: 1, fraction };
  const request = amounts.find((amount) => amount.request !== undefined)?.request;
  const same = amounts.reduce((total, amount) => total + (amount.request === request ? amount.weight : 0), 0);
  if (request !== undefined && same < on - WHOLE) {
    const requestId = asked.requests[request]?.requestId ?? '';
    return { node: { kind: 'serves', assetId, step, requestId }, rank: 2, fraction: Math.min(same, on - same) };
  }
  return powerDoubt(assetId, step, amounts, used);
}

/** Where the powers of a mixture differ, the whole power below their mean divides them. */
function powerDoubt(
  assetId: string,
  step: number,
  amounts: readonly { readonly powerW: bigint; readonly weight: number }[],
  used: number,
): Doubt | undefined {
  const powers = amounts.map(({ powerW }) => powerW);
  const low = powers.reduce((least, powerW) => (powerW < least ? powerW : least), powers[0] ?? 0n);
  const high = powers.reduce((most, powerW) => (powerW > most ? powerW : most), low);
  if (low === high) return undefined;
  const mean = amounts.reduce((total, { powerW, weight }) => total + Number(powerW) * weight, 0) / used;
  const floor = BigInt(Math.floor(mean));
  const atMost = floor < low ? low : floor >= high ? high - 1n : floor;
  return { node: { kind: 'power', assetId, step, atMostW: w(atMost) }, rank: 3, fraction: HALF };
}
