import type { Energy, Fault, Measurement } from './measurement';

/** The energy of one interval of the meter's resolution, in whole Wh. */
export interface IntervalValue {
  readonly startSeconds: number;
  readonly importWh: bigint;
  readonly exportWh: bigint;
  /** True where a part of it cannot be right. */
  readonly isBad?: boolean;
}

/** What measurements have come to: values that are complete, and what could not be used. */
export interface Built {
  readonly values: readonly IntervalValue[];
  readonly faults: readonly Fault[];
}

interface Stretch extends Energy {
  readonly fromSeconds: number;
  readonly toSeconds: number;
  readonly isBad?: boolean;
}

interface Register extends Energy {
  readonly atSeconds: number;
}

/** What a builder remembers between two measurements; it is plain data, so that it can be written down. */
export interface BuilderState {
  /** What was measured and is less than 1 Wh: it goes into the next value, so that sums stay exact. */
  readonly carry: Energy;
  /** The part of an interval that has been measured by energies of shorter periods. */
  readonly open?: Stretch | undefined;
  /** The last counters, and those at the beginning of the interval that is open. */
  readonly last?: Register | undefined;
  readonly boundary?: Register | undefined;
}

const MICRO_PER_WH = 1_000_000n;

/** The state before the first measurement. */
export const emptyBuilder: BuilderState = { carry: { importMicroWh: 0n, exportMicroWh: 0n } };

/**
 * Makes the values of a meter's resolution from what an input measures. Energies of shorter periods are added up when they fill an
 * interval without a hole; counters are subtracted, where each interval's counters are the first ones at or after its beginning,
 * at most `toleranceSeconds` late. Nothing is estimated: an interval that was not measured is a fault and has no value.
 */
export class IntervalBuilder {
  readonly #lengthSeconds: number;
  readonly #toleranceSeconds: number;
  #state: BuilderState;

  constructor(resolutionMinutes: number, toleranceSeconds: number, state: BuilderState = emptyBuilder) {
    this.#lengthSeconds = resolutionMinutes * 60;
    this.#toleranceSeconds = toleranceSeconds;
    this.#state = state;
  }

  get state(): BuilderState {
    return this.#state;
  }

  add(measurement: Measurement): Built {
    return measurement.kind === 'energy' ? this.#addEnergy(measurement) : this.#addRegister(measurement);
  }

  #addEnergy({ kind: _, ...stretch }: Stretch & { readonly kind: 'energy' }): Built {
    const start = this.#startOf(stretch.fromSeconds);
    if (stretch.toSeconds > start + this.#lengthSeconds) {
      return onlyFault(
        'VALUE_PERIOD',
        stretch,
        'is longer than an interval of the meter or lies across a border of two',
      );
    }
    const { open } = this.#state;
    if (open === undefined) return this.#openWith(start, stretch, []);
    if (stretch.fromSeconds < open.toSeconds) return onlyFault('VALUE_BACK', stretch, 'was measured before');
    const goesOn = open.toSeconds === stretch.fromSeconds && this.#startOf(open.fromSeconds) === start;
    if (!goesOn) return this.#openWith(start, stretch, this.#fills(open) ? [] : [partial(open)]);
    return this.#openWith(
      start,
      { ...added(open, stretch), fromSeconds: open.fromSeconds, toSeconds: stretch.toSeconds, ...badIf(open, stretch) },
      [],
    );
  }

  #openWith(start: number, stretch: Stretch, faults: readonly Fault[]): Built {
    this.#state = { ...this.#state, open: stretch };
    return { values: this.#fills(stretch) ? [{ ...this.#value(start, stretch), ...badIf(stretch) }] : [], faults };
  }

  #addRegister({ kind: _, ...register }: Register & { readonly kind: 'register' }): Built {
    const { last, boundary } = this.#state;
    const refused = last === undefined ? undefined : refusedRegister(last, register);
    if (refused !== undefined) {
      const goesBack = refused.faults.some(({ code }) => code === 'REGISTER_BACK');
      if (goesBack) this.#state = { ...this.#state, last: register, boundary: undefined };
      return refused;
    }
    const start = this.#startOf(register.atSeconds);
    if (last !== undefined && last.atSeconds >= start) {
      this.#state = { ...this.#state, last: register };
      return { values: [], faults: [] };
    }
    const inTime = register.atSeconds - start <= this.#toleranceSeconds;
    this.#state = { ...this.#state, last: register, boundary: inTime ? register : undefined };
    return this.#closeInterval(boundary, register, start, inTime, last !== undefined);
  }

  #closeInterval(
    boundary: Register | undefined,
    register: Register,
    start: number,
    inTime: boolean,
    hasBegun: boolean,
  ): Built {
    if (boundary === undefined) {
      // The first counters are rarely those of a border: the time up to the first border was not measured.
      const isLate = hasBegun && !inTime;
      return isLate ? onlyFault('REGISTER_LATE', momentOf(register), LATE) : { values: [], faults: [] };
    }
    const from = this.#startOf(boundary.atSeconds);
    const energy = subtracted(register, boundary);
    if (inTime && from + this.#lengthSeconds === start) return { values: [this.#value(from, energy)], faults: [] };
    const span = { fromSeconds: from, toSeconds: start };
    const counted = `the counters say ${wattHours(energy)} for all of it`;
    return inTime
      ? onlyFault('VALUE_INCOMPLETE', span, `was not measured by interval; ${counted}`)
      : onlyFault('REGISTER_LATE', { fromSeconds: from, toSeconds: register.atSeconds }, `${LATE}; ${counted}`);
  }

  #value(startSeconds: number, energy: Energy): IntervalValue {
    const whole = added(this.#state.carry, energy);
    this.#state = {
      ...this.#state,
      carry: {
        importMicroWh: whole.importMicroWh % MICRO_PER_WH,
        exportMicroWh: whole.exportMicroWh % MICRO_PER_WH,
      },
    };
    return {
      startSeconds,
      importWh: whole.importMicroWh / MICRO_PER_WH,
      exportWh: whole.exportMicroWh / MICRO_PER_WH,
    };
  }

  #startOf(seconds: number): number {
    return Math.floor(seconds / this.#lengthSeconds) * this.#lengthSeconds;
  }

  #fills({ fromSeconds, toSeconds }: Stretch): boolean {
    return toSeconds - fromSeconds === this.#lengthSeconds;
  }
}

function badIf(...stretches: readonly Stretch[]): { readonly isBad?: boolean } {
  return stretches.some(({ isBad }) => isBad === true) ? { isBad: true } : {};
}

/** Why counters cannot follow the last ones; undefined when they can. */
function refusedRegister(last: Register, register: Register): Built | undefined {
  if (register.atSeconds === last.atSeconds && !differs(last, register)) {
    // A message that is delivered twice says the same; two different counters at one moment cannot both be right.
    return { values: [], faults: [] };
  }
  if (register.atSeconds <= last.atSeconds)
    return onlyFault('VALUE_BACK', momentOf(register), 'came after a later one');
  if (register.importMicroWh >= last.importMicroWh && register.exportMicroWh >= last.exportMicroWh) return undefined;
  const span = { fromSeconds: last.atSeconds, toSeconds: register.atSeconds };
  return onlyFault('REGISTER_BACK', span, 'a counter went back; the interval has no value');
}

const LATE = 'no counters were read soon enough after the beginning of the interval';

function added(left: Energy, right: Energy): Energy {
  return {
    importMicroWh: left.importMicroWh + right.importMicroWh,
    exportMicroWh: left.exportMicroWh + right.exportMicroWh,
  };
}

function subtracted(left: Energy, right: Energy): Energy {
  return {
    importMicroWh: left.importMicroWh - right.importMicroWh,
    exportMicroWh: left.exportMicroWh - right.exportMicroWh,
  };
}

function differs(left: Energy, right: Energy): boolean {
  return left.importMicroWh !== right.importMicroWh || left.exportMicroWh !== right.exportMicroWh;
}

function partial(stretch: Stretch): Fault {
  const sentence = `is only a part of an interval; ${wattHours(stretch)} were measured in it`;
  return { code: 'VALUE_INCOMPLETE', where: spanText(stretch), sentence };
}

function onlyFault(code: Fault['code'], span: Pick<Stretch, 'fromSeconds' | 'toSeconds'>, sentence: string): Built {
  return { values: [], faults: [{ code, where: spanText(span), sentence }] };
}

function momentOf({ atSeconds }: Register): Pick<Stretch, 'fromSeconds' | 'toSeconds'> {
  return { fromSeconds: atSeconds, toSeconds: atSeconds };
}

/** A span of time in UTC, as faults name it. */
export function spanText({ fromSeconds, toSeconds }: Pick<Stretch, 'fromSeconds' | 'toSeconds'>): string {
  const [from, to] = [fromSeconds, toSeconds].map(
    (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`,
  );
  return from === to ? `${from}` : `${from} to ${to}`;
}

function wattHours({ importMicroWh, exportMicroWh }: Energy): string {
  const text = (micro: bigint): string => `${micro / MICRO_PER_WH}.${String(micro % MICRO_PER_WH).padStart(6, '0')}`;
  return `${text(importMicroWh)} Wh imported, ${text(exportMicroWh)} Wh exported`;
}
