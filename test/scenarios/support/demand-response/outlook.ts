import {
  allPages,
  loadProfileYear,
  positionsBySlot,
  unitEnergiesWh,
  type DayPlan,
  type MeterPlan,
} from '@flexledger/gateway-app';
import type { Actors } from './actors';
import { AGGREGATORS, unitsOf, type AggregatorPlan } from './portfolios';

/** Import less export of each quarter hour of a day without flexibility, in Wh, by the meter. */
export type Outlook = ReadonlyMap<string, readonly bigint[]>;

/** What every meter will count from a slot on if nobody asks anything of anybody: the forecast of this scenario is right. */
export function outlookOf({ meters }: DayPlan, firstSlot: number, slots: number): Outlook {
  const year = loadProfileYear();
  const signed = ({ kind }: MeterPlan, energyWh: bigint): bigint => (kind === 'pv' ? -energyWh : energyWh);
  return new Map(
    meters.map((meter) => [
      meter.meterId,
      unitEnergiesWh(year, meter.unit, firstSlot, slots).map((energyWh) => signed(meter, energyWh)),
    ]),
  );
}

/** What some meters count together, quarter hour by quarter hour. */
export function together(series: readonly (readonly bigint[])[], slots: number): readonly bigint[] {
  return Array.from({ length: slots }, (_, index) => series.reduce((total, one) => total + (one[index] ?? 0n), 0n));
}

/** What an aggregator expects of its part of the day: what will come, in W. */
export function prognosisOf(plan: DayPlan, aggregator: AggregatorPlan): readonly bigint[] {
  const outlook = outlookOf(plan, plan.deliverySlot - 4, 96);
  const owners = ownersWith(plan, aggregator);
  return together(
    plan.meters.filter(({ owner }) => owners.has(owner)).map(({ meterId }) => outlook.get(meterId) ?? []),
    96,
  ).map((energyWh) => energyWh * 4n);
}

/** What the participants of an aggregator have bought less what they have sold: the mean power of each hour, in W. */
export async function positionsOf(
  actors: Actors,
  plan: DayPlan,
  aggregator: AggregatorPlan,
): Promise<readonly bigint[]> {
  const series: bigint[][] = [];
  for (const owner of ownersWith(plan, aggregator)) {
    const positions = await allPages((page) =>
      actors.read('market', 'getPositions', { participantId: actors.idOf(owner), ...page }),
    );
    const bySlot = positionsBySlot(positions);
    series.push(Array.from({ length: 96 }, (_, index) => bySlot.get(plan.deliverySlot - 4 + index) ?? 0n));
  }
  const quartersWh = together(series, 96);
  return quartersWh.map((_, index) => {
    const hour = index - (index % 4);
    return quartersWh.slice(hour, hour + 4).reduce((total, energyWh) => total + energyWh, 0n);
  });
}

/** Who is enrolled with the south is with it, everybody else with the north. */
function ownersWith(plan: DayPlan, { label }: AggregatorPlan): ReadonlySet<string> {
  const southern = new Set(
    AGGREGATORS[1]?.programmes.flatMap((programme) => unitsOf(plan, programme)).map(({ owner }) => owner),
  );
  const owners = plan.participants.filter(({ kind }) => kind === 'prosumer').map((one) => one.label);
  return new Set(owners.filter((owner) => southern.has(owner) === (label === 'south')));
}
