import { dayPlace, loadProfileYear, unitEnergiesWh, type DayPlan, type MeterPlan } from '@flexledger/gateway-app';

/** Import less export of each quarter hour of a day without flexibility, in Wh, by the meter. */
export type Outlook = ReadonlyMap<string, readonly bigint[]>;

/**
 * What every meter would count from a slot on if nobody asked anything of anybody. The aggregators of this scenario
 * forecast it rightly, so that what is ordered can be compared with what was needed.
 */
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

/** What some owners' meters will count together on the market's day if nobody asks anything of them: import less export, in W. */
export function expectedW(plan: DayPlan, owners: readonly string[]): readonly bigint[] {
  const outlook = outlookOf(plan, dayPlace(plan).periodSlot, 96);
  const own = plan.meters.filter(({ owner }) => owners.includes(owner));
  return together(
    own.map(({ meterId }) => outlook.get(meterId) ?? []),
    96,
  ).map((energyWh) => energyWh * 4n);
}
