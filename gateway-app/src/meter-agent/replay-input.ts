import { slotStartSeconds, type Slot } from '@flexledger/domain';
import { loadProfileYear, loadSimbenchGrid, localDayFirstSlot, unitEnergiesWh } from '../grid/simbench';
import { AgentError } from './agent-error';
import type { InputItem, MeterInput } from './measurement';

/** Which meter of the data sets is played again. */
export interface ReplayOptions {
  readonly set: 'simbench-lv';
  readonly kind: 'load' | 'pv';
  /** Number of the load or PV system in the data set, from 0. */
  readonly unit: number;
  /** The first local day, in the year 2016 of the data set. */
  readonly month: number;
  readonly day: number;
  readonly days: number;
}

const SLOTS_PER_DAY = 96;
const SECONDS_PER_SLOT = 900;
const MICRO_PER_WH = 1_000_000n;

/** Plays a load or a PV system of the data that comes with the project. */
export class ReplayInput implements MeterInput {
  readonly replayable = true;
  readonly #options: ReplayOptions;

  constructor(options: ReplayOptions) {
    this.#options = options;
  }

  async *read(position: string | undefined, stop: AbortSignal): AsyncGenerator<InputItem> {
    const { kind, unit, month, day, days } = this.#options;
    const grid = loadSimbenchGrid();
    const played = (kind === 'load' ? grid.loads : grid.pv)[unit];
    if (played === undefined) throw new AgentError('AGENT_INPUT_COLUMN', `the data set has no ${kind} ${unit}`);
    const firstSlot = localDayFirstSlot(month, day);
    const energies = unitEnergiesWh(loadProfileYear(), played, firstSlot, days * SLOTS_PER_DAY);
    for (let index = Number(position ?? '0'); index < energies.length && !stop.aborted; index += 1) {
      const fromSeconds = slotStartSeconds((firstSlot + index) as Slot);
      const microWh = (energies[index] ?? 0n) * MICRO_PER_WH;
      yield {
        position: String(index + 1),
        faults: [],
        measurement: {
          kind: 'energy',
          fromSeconds,
          toSeconds: fromSeconds + SECONDS_PER_SLOT,
          importMicroWh: kind === 'load' ? microWh : 0n,
          exportMicroWh: kind === 'pv' ? microWh : 0n,
        },
      };
    }
  }
}
