import { SigningKey } from '../client/keys';
import { HOURS_PER_DAY, meterKeyLabel, SLOTS_PER_DAY, SLOTS_PER_HOUR, type DayPlan, type MeterPlan } from '../day/plan';
import { loadProfileYear, unitEnergiesWh, type ProfileYear } from '../grid/simbench';
import type { BatteryStep } from './battery-schedule';
import { followTarget, type SlotTarget } from './demand-response-agent';
import { MeterAgent, type BlockSpan, type MeterAgentOptions } from './meter-agent';
import { derivePrivateKey } from './seed';

const PPM_WHOLE = 1_000_000n;

/** What a meter measures from the first slot of the history on. */
interface Measured {
  readonly meter: MeterPlan;
  readonly energiesWh: readonly bigint[];
}

/** The agents of all meters of the day, made when the first one is needed: only one role has meters behind it. */
export class MeterFleet {
  #agents: readonly MeterAgent[] | undefined;
  #measured: readonly Measured[] = [];
  #exportLimitsWh: ReadonlyMap<string, bigint> = new Map();
  #targets: ReadonlyMap<string, SlotTarget> = new Map();
  #batterySteps: ReadonlyMap<string, readonly BatteryStep[]> | undefined;

  constructor(
    private readonly plan: DayPlan,
    private readonly channel: string,
  ) {}

  /** One agent per meter, in the order of the plan, and last that of the feeder. */
  get agents(): readonly MeterAgent[] {
    this.#agents ??= this.make();
    return this.#agents;
  }

  /** Whether the schedules of the storages have been told. */
  get knowsBatteries(): boolean {
    return this.#batterySteps !== undefined;
  }

  /** Has the storages behind meters follow their schedules on the delivery day, hour by hour. */
  useBatteries(stepsByMeter: ReadonlyMap<string, readonly BatteryStep[]>): void {
    this.#batterySteps = stepsByMeter;
  }

  /** Has the PV behind limited connections give no more than that, in Wh of a quarter hour by `owner/slot`; replaces what was told before. */
  obey(exportLimitsWh: ReadonlyMap<string, bigint>): void {
    this.#exportLimitsWh = exportLimitsWh;
  }

  /** Has what is behind meters steer toward targets of events, by `meter/slot`; replaces what was told before. */
  follow(targets: ReadonlyMap<string, SlotTarget>): void {
    this.#targets = targets;
  }

  /** What a meter has counted in the quarter hours from a slot on, read at the meter itself. */
  readOut(meterId: string, fromSlot: number, slots: number): readonly { importWh: bigint; exportWh: bigint }[] {
    const measured = (this.agents.length > 0 ? this.#measured : []).find(({ meter }) => meter.meterId === meterId);
    if (measured === undefined) throw new RangeError(`there is no meter ${meterId}`);
    return Array.from({ length: slots }, (_, index) => directed(this.netAt(measured, fromSlot + index)));
  }

  private make(): readonly MeterAgent[] {
    const year = loadProfileYear();
    const measured = this.plan.meters.map((meter) => ({ meter, energiesWh: this.energiesOf(meter, year) }));
    this.#measured = measured;
    const agents = measured.map(({ meter, energiesWh }) =>
      this.makeAgent(meter, (slot) => directed(this.netAt({ meter, energiesWh }, slot))),
    );
    return [...agents, this.makeAgent(this.plan.feeder, (slot) => this.feederEnergies(measured, slot))];
  }

  private energiesOf(meter: MeterPlan, year: ProfileYear): readonly bigint[] {
    const { historySlot, deliverySlot } = this.plan;
    return unitEnergiesWh(year, meter.unit, historySlot, deliverySlot + SLOTS_PER_DAY - historySlot);
  }

  private energyAt(energiesWh: readonly bigint[], slot: number): bigint {
    const energyWh = energiesWh[slot - this.plan.historySlot];
    if (energyWh === undefined) throw new RangeError(`slot ${slot} was not measured`);
    return energyWh;
  }

  /** What a meter counts in a quarter hour, with the storage behind it: import above 0, export below. */
  private netAt(measured: Measured, slot: number): bigint {
    const netWh = this.undirectedAt(measured, slot);
    const target = this.#targets.get(`${measured.meter.meterId}/${slot}`);
    return target === undefined ? netWh : followTarget(netWh, target);
  }

  private undirectedAt({ energiesWh, meter }: Measured, slot: number): bigint {
    if (meter.kind === 'pv') return -this.madeAt(meter, energiesWh, slot);
    return this.energyAt(energiesWh, slot) + this.batteryAt(meter.meterId, slot);
  }

  /** What a PV system gives: under a limit of its connection its share of what is used there and may go out, rounded down. */
  private madeAt({ owner }: MeterPlan, energiesWh: readonly bigint[], slot: number): bigint {
    const possibleWh = this.energyAt(energiesWh, slot);
    const limitWh = this.#exportLimitsWh.get(`${owner}/${slot}`);
    if (limitWh === undefined) return possibleWh;
    let [mostWh, allWh] = [limitWh, 0n];
    for (const one of this.#measured.filter(({ meter }) => meter.owner === owner)) {
      if (one.meter.kind === 'load') mostWh += this.netAt(one, slot);
      else allWh += this.energyAt(one.energiesWh, slot);
    }
    if (mostWh <= 0n) return 0n;
    return allWh <= mostWh ? possibleWh : (possibleWh * mostWh) / allWh;
  }

  /** What a storage takes in a quarter hour (below 0: gives). */
  private batteryAt(meterId: string, slot: number): bigint {
    const quarter = slot - this.plan.deliverySlot;
    const step = quarter < 0 ? undefined : this.#batterySteps?.get(meterId)?.[Math.floor(quarter / SLOTS_PER_HOUR)];
    return step === undefined ? 0n : quarterOfStep(step, quarter);
  }

  /** What the meter at the transformer shows: the grid balances at every moment, so the difference flows through it. */
  private feederEnergies(measured: readonly Measured[], slot: number): { importWh: bigint; exportWh: bigint } {
    let [usedWh, madeWh] = [0n, 0n];
    for (const one of measured) {
      const netWh = this.netAt(one, slot);
      if (netWh > 0n) usedWh += netWh;
      else madeWh -= netWh;
    }
    const intoWh = usedWh > madeWh ? usedWh : madeWh;
    const netWh = usedWh + (intoWh * this.plan.feeder.lossPpm) / PPM_WHOLE - madeWh;
    return directed(netWh);
  }

  private makeAgent(
    { meterId, label }: Pick<MeterPlan, 'meterId' | 'label'>,
    measure: MeterAgentOptions['measure'],
  ): MeterAgent {
    const { seed } = this.plan;
    const key = new SigningKey(derivePrivateKey(seed, meterKeyLabel(label)));
    return new MeterAgent({ seed, channel: this.channel, meterId, key, spans: spansOf(this.plan, meterId), measure });
  }
}

function directed(netWh: bigint): { importWh: bigint; exportWh: bigint } {
  return netWh > 0n ? { importWh: netWh, exportWh: 0n } : { importWh: 0n, exportWh: -netWh };
}

/** What a storage takes in a quarter hour (below 0: gives): a quarter of its hour, what cannot be divided in the first one. */
export function quarterOfStep({ chargeWh, dischargeWh }: BatteryStep, quarter: number): bigint {
  const netWh = chargeWh - dischargeWh;
  const restWh = quarter % SLOTS_PER_HOUR === 0 ? netWh % BigInt(SLOTS_PER_HOUR) : 0n;
  return netWh / BigInt(SLOTS_PER_HOUR) + restWh;
}

/** A block per day of history, two for the eve, one per hour of the delivery day; none for an hour of silence. */
function spansOf(plan: DayPlan, meterId: string): BlockSpan[] {
  const { historySlot, eveSlot, forecastSlot, deliverySlot, disturbances } = plan;
  const spans: BlockSpan[] = [];
  for (let startSlot = historySlot; startSlot < eveSlot; startSlot += SLOTS_PER_DAY) {
    spans.push({ startSlot, slots: SLOTS_PER_DAY });
  }
  spans.push({ startSlot: eveSlot, slots: forecastSlot - eveSlot });
  spans.push({ startSlot: forecastSlot, slots: deliverySlot - forecastSlot });
  for (let hour = 0; hour < HOURS_PER_DAY; hour += 1) {
    const isSilent = [disturbances.silent, disturbances.late].some(
      (one) => one?.meterId === meterId && one.hour === hour,
    );
    if (!isSilent) spans.push({ startSlot: deliverySlot + hour * SLOTS_PER_HOUR, slots: SLOTS_PER_HOUR });
  }
  return spans;
}
