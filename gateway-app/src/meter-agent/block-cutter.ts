import {
  limits,
  slotOfSeconds,
  slotSeconds,
  wh,
  type Meter,
  type ProfileBlock,
  type Quality,
} from '@flexledger/domain';
import { spanText, type IntervalValue } from './interval-builder';
import type { Fault } from './measurement';

/** The values of one block, not yet chained or signed. */
export interface CutBlock extends Pick<ProfileBlock, 'startSlot' | 'resolutionMinutes' | 'importWh' | 'exportWh'> {
  /** How good the agent says that each quarter hour is, where one is not OK. */
  readonly stated?: readonly Quality[];
}

/** What a cutter remembers between two values; it is plain data, so that it can be written down. */
export interface CutterState {
  /** When the next value of the chain begins. */
  readonly nextSeconds: number;
  /** Values that are in no block yet; they follow each other and end at `nextSeconds`. */
  readonly pending: readonly IntervalValue[];
  /** Whether values before the chain have been reported. */
  readonly early: boolean;
}

/** What values have come to. */
export interface Cut {
  readonly blocks: readonly CutBlock[];
  readonly faults: readonly Fault[];
}

/**
 * Cuts the values of a meter into blocks that follow each other. A block ends at a whole multiple of its length (UTC), before
 * a gap, or when it is asked to; it has whole quarter hours. A value that cannot be part of a block is a fault.
 */
export class BlockCutter {
  readonly #resolution: Meter['resolutionMinutes'];
  readonly #blockSeconds: number;
  readonly #valuesMax: number;
  #state: CutterState;

  constructor(resolutionMinutes: Meter['resolutionMinutes'], blockMinutes: number, state: CutterState) {
    const perInterval = Math.max(resolutionMinutes * 60, slotSeconds);
    const intervals = Math.floor((limits.intervalsPerBlockMax * slotSeconds) / perInterval);
    this.#resolution = resolutionMinutes;
    this.#blockSeconds = blockMinutes * 60;
    this.#valuesMax = Math.min(limits.valuesPerBlockMax, (intervals * perInterval) / (resolutionMinutes * 60));
    this.#state = state;
  }

  get state(): CutterState {
    return this.#state;
  }

  add(value: IntervalValue): Cut {
    const { nextSeconds, early } = this.#state;
    const endSeconds = value.startSeconds + this.#resolution * 60;
    if (value.startSeconds < nextSeconds) {
      this.#state = { ...this.#state, early: true };
      const span = { fromSeconds: value.startSeconds, toSeconds: nextSeconds };
      const sentence = 'is before the next block of the meter; values from here on are left out';
      return { blocks: [], faults: early ? [] : [{ code: 'VALUE_BEFORE_CHAIN', where: spanText(span), sentence }] };
    }
    const hole = value.startSeconds > nextSeconds ? this.#leap(value.startSeconds) : { blocks: [], faults: [] };
    const pending = [...this.#state.pending, value];
    this.#state = { nextSeconds: endSeconds, pending, early: false };
    const isFull = endSeconds % this.#blockSeconds === 0 || pending.length >= this.#valuesMax;
    const cut = isFull ? this.cut() : { blocks: [], faults: [] };
    return { blocks: [...hole.blocks, ...cut.blocks], faults: [...hole.faults, ...cut.faults] };
  }

  /** Ends the block here, as at the end of a file; what does not fill a quarter hour stays for the next block. */
  cut(): Cut {
    const { pending } = this.#state;
    const start = pending.findIndex(({ startSeconds }) => startSeconds % slotSeconds === 0);
    const rest = start < 0 ? [] : pending.slice(start);
    const perSlot = Math.max(1, slotSeconds / (this.#resolution * 60));
    const whole = rest.slice(0, rest.length - (rest.length % perSlot));
    const [first] = whole;
    // Values in front of a quarter hour's beginning can be in no block any more.
    const faults = this.#lost(start < 0 ? pending : pending.slice(0, start));
    this.#state = { ...this.#state, pending: rest.slice(whole.length) };
    if (first === undefined) return { blocks: [], faults };
    const block = {
      startSlot: slotOfSeconds(first.startSeconds),
      resolutionMinutes: this.#resolution,
      importWh: whole.map(({ importWh }) => wh(importWh)),
      exportWh: whole.map(({ exportWh }) => wh(exportWh)),
    };
    return { blocks: [{ ...block, ...this.#stated(whole) }], faults };
  }

  #stated(values: readonly IntervalValue[]): Pick<CutBlock, 'stated'> {
    if (!values.some(({ isBad }) => isBad === true)) return {};
    const slots = (values.length * this.#resolution * 60) / slotSeconds;
    const perSlot = values.length / slots;
    const stated = Array.from({ length: slots }, (_, index): Quality => {
      const own = values.slice(
        Math.floor(index * perSlot),
        Math.max(Math.floor(index * perSlot) + 1, (index + 1) * perSlot),
      );
      return own.some(({ isBad }) => isBad === true) ? 'BAD' : 'OK';
    });
    return { stated };
  }

  /** Ends the chain's block before a hole, and says what is missing. */
  #leap(startSeconds: number): Cut {
    const { nextSeconds } = this.#state;
    const cut = this.cut();
    const span = spanText({ fromSeconds: nextSeconds, toSeconds: startSeconds });
    const sentence = 'has no values; the system operator has to record it as a gap before later blocks are accepted';
    const lost = this.#lost(this.#state.pending);
    this.#state = { ...this.#state, pending: [] };
    return { blocks: cut.blocks, faults: [...cut.faults, ...lost, { code: 'VALUE_GAP', where: span, sentence }] };
  }

  #lost(values: readonly IntervalValue[]): readonly Fault[] {
    const [first, last] = [values[0], values.at(-1)];
    if (first === undefined || last === undefined) return [];
    const where = spanText({ fromSeconds: first.startSeconds, toSeconds: last.startSeconds + this.#resolution * 60 });
    const sum = (name: 'importWh' | 'exportWh'): bigint => values.reduce((total, value) => total + value[name], 0n);
    const sentence = `does not fill a quarter hour; ${sum('importWh')} Wh imported, ${sum('exportWh')} Wh exported`;
    return [{ code: 'VALUE_PARTIAL_QUARTER', where, sentence }];
  }
}
