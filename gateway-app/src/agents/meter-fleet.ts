import { SigningKey } from '../client/keys';
import { HOURS_PER_DAY, meterKeyLabel, SLOTS_PER_DAY, SLOTS_PER_HOUR, type DayPlan, type MeterPlan } from '../day/plan';
import { loadProfileYear, unitEnergiesWh, type ProfileYear } from '../grid/simbench';
import { MeterAgent, type BlockSpan } from './meter-agent';
import { derivePrivateKey } from './seed';

/** The agents of all meters of the day, made when the first one is needed: only one role has meters behind it. */
export class MeterFleet {
  #agents: readonly MeterAgent[] | undefined;

  constructor(
    private readonly plan: DayPlan,
    private readonly channel: string,
  ) {}

  /** One agent per meter, in the order of the plan. */
  get agents(): readonly MeterAgent[] {
    this.#agents ??= this.make();
    return this.#agents;
  }

  private make(): readonly MeterAgent[] {
    const year = loadProfileYear();
    return this.plan.meters.map((meter) => this.makeAgent(meter, year));
  }

  private makeAgent(meter: MeterPlan, year: ProfileYear): MeterAgent {
    const { seed, historySlot, deliverySlot } = this.plan;
    const energies = unitEnergiesWh(year, meter.unit, historySlot, deliverySlot + SLOTS_PER_DAY - historySlot);
    return new MeterAgent({
      seed,
      channel: this.channel,
      meterId: meter.meterId,
      key: new SigningKey(derivePrivateKey(seed, meterKeyLabel(meter.label))),
      spans: spansOf(this.plan, meter.meterId),
      measure: (slot) => {
        const energyWh = energies[slot - historySlot];
        if (energyWh === undefined) throw new RangeError(`meter ${meter.label} has not measured slot ${slot}`);
        return meter.kind === 'load' ? { importWh: energyWh, exportWh: 0n } : { importWh: 0n, exportWh: energyWh };
      },
    });
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
