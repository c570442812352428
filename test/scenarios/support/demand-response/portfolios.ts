import type { JsonObject } from '@flexledger/domain';
import type { DayPlan } from '@flexledger/gateway-app';

/** A programme of an aggregator and which assets of the grid are enrolled in it. */
export interface ProgrammePlan {
  readonly name: string;
  readonly rewardMicroPerKwh: string;
  readonly kind: 'storage' | 'pv';
  /** Numbers of the storages or PV systems in the data. */
  readonly units: readonly number[];
  /** What of its rating an asset offers. */
  readonly bandPpm: bigint;
}

/** An aggregator with its programmes, the cheapest first. */
export interface AggregatorPlan {
  readonly label: string;
  readonly programmes: readonly ProgrammePlan[];
  /** What it counts on of its portfolio, and what it adds to the rewards that it expects to pay. */
  readonly policy: { readonly reliablePpm: string; readonly marginPpm: string };
}

/**
 * Two aggregators: storages that charge at noon, and PV systems that can be curtailed, which costs more. Neither can do what is wanted with
 * its storages alone.
 */
export const AGGREGATORS: readonly AggregatorPlan[] = [
  {
    label: 'north',
    policy: { reliablePpm: '900000', marginPpm: '100000' },
    programmes: [
      {
        name: 'Charge at noon',
        rewardMicroPerKwh: '120000',
        kind: 'storage',
        units: [0, 3],
        bandPpm: 400_000n,
      },
      { name: 'Less sun', rewardMicroPerKwh: '240000', kind: 'pv', units: [0, 2], bandPpm: 250_000n },
    ],
  },
  {
    label: 'south',
    policy: { reliablePpm: '900000', marginPpm: '150000' },
    programmes: [
      {
        name: 'Full batteries',
        rewardMicroPerKwh: '150000',
        kind: 'storage',
        units: [1, 2, 4],
        bandPpm: 300_000n,
      },
      { name: 'PV reserve', rewardMicroPerKwh: '260000', kind: 'pv', units: [1, 3, 4, 5, 7], bandPpm: 200_000n },
    ],
  },
];

/** An asset of a programme with its owner. */
export interface EnrolledUnit {
  readonly assetId: string;
  readonly owner: string;
  readonly bandW: bigint;
}

/** The assets of a programme. */
export function unitsOf({ grid, pvAssets, storages }: DayPlan, programme: ProgrammePlan): readonly EnrolledUnit[] {
  const all =
    programme.kind === 'pv'
      ? pvAssets.map(({ assetId, owner, unit }) => ({ assetId, owner, id: unit.id, ratedW: unit.ratedW }))
      : storages.map(({ assetId, owner, unit }) => ({
          assetId,
          owner,
          id: unit,
          ratedW: grid.storages[unit]?.ratedW ?? 0n,
        }));
  return all
    .filter(({ id }) => programme.units.includes(id))
    .map(({ assetId, owner, ratedW }) => ({ assetId, owner, bandW: (ratedW * programme.bandPpm) / 1_000_000n }));
}

/** Who is with an aggregator: who is enrolled with the south is with it, everybody else with the north. */
export function ownersWith(plan: DayPlan, { label }: Pick<AggregatorPlan, 'label'>): readonly string[] {
  const southern = new Set(
    AGGREGATORS[1]?.programmes.flatMap((programme) => unitsOf(plan, programme)).map(({ owner }) => owner),
  );
  const owners = plan.participants.filter(({ kind }) => kind === 'prosumer').map((one) => one.label);
  return owners.filter((owner) => southern.has(owner) === (label === 'south'));
}

/** The terms of a programme; who is called is told two hours before. */
export function termsOf({ deliverySlot, gridId }: DayPlan, name: string, rewardMicroPerKwh: string): JsonObject {
  return {
    name,
    direction: 'increase',
    gridIds: [gridId],
    baseline: { method: 'high-4-of-5', adjustment: 'none' },
    rewardMicroPerKwh,
    penaltyMicroPerKwh: '100000',
    aggregatorSharePpm: '200000',
    tolerancePpm: '100000',
    noticeSlots: 8,
    callsPerMonthMax: 10,
    reboundSlots: 4,
    reboundMicroPerKwh: '50000',
    firstSlot: deliverySlot,
    lastSlot: deliverySlot + 95,
  };
}

/** What a prosumer signs when it enrols an asset. */
export function enrolmentOf(assetId: string, bandW: bigint): JsonObject {
  const band = { noticeSlots: 1, runSlotsMax: 16, restSlots: 4, reboundPpm: '0' };
  return {
    assets: [{ assetId, reduceMaxW: '0', increaseMaxW: bandW.toString(), ...band }],
    comfort: { eventsPerDayMax: 2, slotsPerDayMax: 32 },
  };
}
