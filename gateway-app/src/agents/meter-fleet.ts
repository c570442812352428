import { SigningKey } from '../client/keys';
import { HOURS_PER_DAY, meterKeyLabel, SLOTS_PER_DAY, SLOTS_PER_HOUR, type DayPlan, type MeterPlan } from '../day/plan';
import { loadProfileYear, unitEnergiesWh, type ProfileYear } from '../grid/simbench';
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

  constructor(
    private readonly plan: DayPlan,
    private readonly channel: string,
  ) {}

  /** One agent per meter, in the order of the plan, and last that of the feeder. */
  get agents(): readonly MeterAgent[] {
    this.#agents ??= this.make();
    return this.#agents;
  }

  private make(): readonly MeterAgent[] {
    const year = loadProfileYear();
    const measured = this.plan.meters.map((meter) => ({ meter, energiesWh: this.energiesOf(meter, year) }));
    const agents = measured.map(({ meter, energiesWh }) =>
      this.makeAgent(meter, (slot) => {
        const energyWh = this.energyAt(energiesWh, slot);
        return meter.kind === 'load' ? { importWh: energyWh, exportWh: 0n } : { importWh: 0n, exportWh: energyWh };
      }),
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

  /** What the meter at the transformer shows: the grid balances at every moment, so the difference flows through it. */
  private feederEnergies(measured: readonly Measured[], slot: number): { importWh: bigint; exportWh: bigint } {
    const sumOf = (kind: MeterPlan['kind']): bigint =>
      measured
        .filter(({ meter }) => meter.kind === kind)
        .reduce((sum, { energiesWh }) => sum + this.energyAt(energiesWh, slot), 0n);
    const [usedWh, madeWh] = [sumOf('load'), sumOf('pv')];
    const intoWh = usedWh > madeWh ? usedWh : madeWh;
    const netWh = usedWh + (intoWh * this.plan.feeder.lossPpm) / PPM_WHOLE - madeWh;
    return netWh > 0n ? { importWh: netWh, exportWh: 0n } : { importWh: 0n, exportWh: -netWh };
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

/** A block per day of history, two for the eve, one per hour of the delivery day; none for the hour of silence. */
function spansOf(plan: DayPlan, meterId: string): BlockSpan[] {
  const { historySlot, eveSlot, forecastSlot, deliverySlot, disturbances } = plan;
  const spans: BlockSpan[] = [];
  for (let startSlot = historySlot; startSlot < eveSlot; startSlot += SLOTS_PER_DAY) {
    spans.push({ startSlot, slots: SLOTS_PER_DAY });
  }
  spans.push({ startSlot: eveSlot, slots: forecastSlot - eveSlot });
  spans.push({ startSlot: forecastSlot, slots: deliverySlot - forecastSlot });
  for (let hour = 0; hour < HOURS_PER_DAY; hour += 1) {
    const isSilent = disturbances.silent.meterId === meterId && disturbances.silent.hour === hour;
    if (!isSilent) spans.push({ startSlot: deliverySlot + hour * SLOTS_PER_HOUR, slots: SLOTS_PER_HOUR });
  }
  return spans;
}
