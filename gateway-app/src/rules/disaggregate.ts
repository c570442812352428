import {
  gapPpmOf,
  prepareCase,
  proveAnswer,
  type AssetPlan,
  type CertificateNode,
  type PreparedCase,
  type ProvenAnswer,
} from '@flexledger/domain';
import { Solver, solveDisaggregation } from '@flexledger/solver';
import type { DisaggregationFile } from './disaggregation-file';

/** The profile of an asset that was chosen, and what it costs. */
export interface ChosenProfile extends AssetPlan {
  readonly participantId: string;
  readonly deliveredWh: bigint;
  /** Energy, calls and fairness, in micro-units, rounded up. */
  readonly costMicro: bigint;
}

/** What `flexledger rules disaggregate` prints. */
export interface Disaggregated {
  /** The assets that are called. */
  readonly chosen: readonly string[];
  readonly profiles: readonly ChosenProfile[];
  readonly slots: readonly {
    readonly slot: number;
    readonly deliveredMicroWh: bigint;
    readonly shortfallMicroWh: bigint;
  }[];
  /** In micro-units, rounded up; `objectiveNano` and `boundNano` are exact. */
  readonly objectiveMicro: bigint;
  readonly boundMicro: bigint;
  readonly objectiveNano: bigint;
  readonly boundNano: bigint;
  readonly gapPpm: bigint;
  readonly isWithinGap: boolean;
  readonly solver: string;
  readonly certificate: readonly CertificateNode[];
}

const SOLVER_MEMORY_BYTES = 1_024 * 1_048_576;
const NANO_PER_MICRO = 1_000n;

/**
 * Splits an order among assets as the oracle does it, and checks the answer as the contract does it.
 *
 * @throws RuleError where the case contradicts itself; SolverError
 */
export async function disaggregate(
  { asked, gapPpmMax }: DisaggregationFile,
  timeMsMax: number,
): Promise<Disaggregated> {
  const solver = new Solver({ timeMsMax, memoryBytesMax: SOLVER_MEMORY_BYTES });
  try {
    const options = { gapPpm: gapPpmMax, timeMsMax, now: () => performance.now() };
    const { answer, solver: name } = await solveDisaggregation(asked, solver, options);
    const prepared = prepareCase(asked);
    const gapPpm = gapPpmOf(answer);
    const proven = proveAnswer(prepared, answer, gapPpm);
    const { boundNano, certificate, objectiveNano, plans } = answer;
    return {
      chosen: plans.map(({ assetId }) => assetId),
      profiles: plans.map((plan) => profileOf(prepared, plan)),
      slots: slotsOf(prepared, proven),
      objectiveMicro: micro(objectiveNano),
      boundMicro: micro(boundNano),
      objectiveNano,
      boundNano,
      gapPpm,
      isWithinGap: gapPpm <= gapPpmMax,
      solver: name,
      certificate,
    };
  } finally {
    await solver.close();
  }
}

function profileOf(prepared: PreparedCase, plan: AssetPlan): ChosenProfile {
  const asset = prepared.assets[prepared.assetIndex.get(plan.assetId) ?? -1];
  const energies = plan.calls.flatMap(({ energiesWh, firstSlot }) =>
    energiesWh.map((energyWh, index) => [firstSlot - prepared.asked.firstSlot + index, energyWh] as const),
  );
  const calls = BigInt(plan.calls.length) * (asset?.asset.callCostMicro ?? 0n) * NANO_PER_MICRO;
  const costNano = energies.reduce((total, [place, energyWh]) => {
    return total + energyWh * (asset?.cells[place]?.costMicroPerKwh ?? 0n);
  }, calls);
  return {
    participantId: asset?.asset.participantId ?? '',
    ...plan,
    deliveredWh: energies.reduce((total, [, energyWh]) => total + energyWh, 0n),
    costMicro: micro(costNano),
  };
}

function slotsOf(
  { asked }: PreparedCase,
  { deliveredMicroWh, shortfallMicroWh }: ProvenAnswer,
): Disaggregated['slots'] {
  return asked.slots.map((_, place) => ({
    slot: asked.firstSlot + place,
    deliveredMicroWh: deliveredMicroWh[place] ?? 0n,
    shortfallMicroWh: shortfallMicroWh[place] ?? 0n,
  }));
}

function micro(nano: bigint): bigint {
  return (nano + NANO_PER_MICRO - 1n) / NANO_PER_MICRO;
}

/** The answer in lines for people. */
export function disaggregatedLines(found: Disaggregated): readonly string[] {
  const { boundMicro, gapPpm, isWithinGap, objectiveMicro, profiles, slots } = found;
  const missing = slots.filter(({ shortfallMicroWh }) => shortfallMicroWh > 0n);
  return [
    ...profiles.map(({ assetId, calls, costMicro, deliveredWh }) => {
      const texts = calls.map(({ energiesWh, firstSlot }) => `from slot ${firstSlot}: ${energiesWh.join(', ')} Wh`);
      return `${assetId}: ${deliveredWh} Wh for ${costMicro} micro-units; ${texts.join('; ')}`;
    }),
    ...missing.map(({ shortfallMicroWh, slot }) => `slot ${slot}: ${shortfallMicroWh / 1_000_000n} Wh are missing`),
    `objective ${objectiveMicro}, bound ${boundMicro} micro-units, gap ${gapPpm} ppm${isWithinGap ? '' : ', which is more than agreed'}`,
  ];
}
