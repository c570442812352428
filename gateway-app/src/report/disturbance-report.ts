import type { DayPlan } from '../day/plan';
import type { StepValue } from '../roles/protocol';
import type { DisturbanceReport } from './report-types';

/** What the gateway told of the blocks of one hour that were not simply recorded. */
interface HourReadings {
  readonly recorded: number;
  readonly special: readonly { readonly meterId: string; readonly status: string; readonly code: string }[];
}

/** What became of the three disturbances, from the answers of the ledger; hour by hour in `readings`. */
export function disturbanceReports(plan: DayPlan, readings: readonly StepValue[]): DisturbanceReport[] {
  const { silent, twice, damaged } = plan.disturbances;
  return [
    { what: 'silent', ...silent, outcome: silentOutcome(plan, readings) },
    {
      what: 'twice',
      ...twice,
      outcome: answersFor(readings, twice).includes('already') ? 'recorded once' : 'NOT noticed',
    },
    { what: 'damaged', ...damaged, outcome: damagedOutcome(answersFor(readings, damaged)) },
  ];
}

function hourOf(readings: readonly StepValue[], hour: number): HourReadings | undefined {
  return readings[hour] as unknown as HourReadings | undefined;
}

function answersFor(readings: readonly StepValue[], { meterId, hour }: { meterId: string; hour: number }): string[] {
  const special = hourOf(readings, hour)?.special ?? [];
  return special.filter((answer) => answer.meterId === meterId).map(({ status, code }) => code || status);
}

/** Every other meter was recorded, this one was not: the operator has recorded the gap. */
function silentOutcome(plan: DayPlan, readings: readonly StepValue[]): string {
  const recorded = hourOf(readings, plan.disturbances.silent.hour)?.recorded;
  const others = [...plan.meters, plan.feeder].length - 1;
  return recorded === others ? 'gap recorded by the dso, its deviation is not settled' : 'NOT silent';
}

function damagedOutcome(answers: readonly string[]): string {
  const [code] = answers;
  return code === undefined ? 'NOT noticed' : `refused with ${code}, then sent again undamaged and recorded`;
}
