import type { FaultCode } from './fault-codes';

/** Energy in both directions in millionths of a watt-hour: inputs count finer than the ledger, and nothing may be rounded away. */
export interface Energy {
  readonly importMicroWh: bigint;
  readonly exportMicroWh: bigint;
}

/** What an input has measured: the energy of a period (`isBad` where it cannot be right), or the counters of a meter at a moment. Times are seconds since 1970 UTC. */
export type Measurement =
  | (Energy & {
      readonly kind: 'energy';
      readonly fromSeconds: number;
      readonly toSeconds: number;
      readonly isBad?: boolean;
    })
  | (Energy & { readonly kind: 'register'; readonly atSeconds: number });

/** Something of an input that could not be used: it is reported with its code and place, never dropped in silence. */
export interface Fault {
  readonly code: FaultCode;
  /** Where it was, for example `line 17`. */
  readonly where: string;
  readonly sentence: string;
}

/** One step of an input. */
export interface InputItem {
  /** From where the input goes on after this item; only the input understands it. */
  readonly position: string;
  readonly measurement?: Measurement;
  readonly faults: readonly Fault[];
}

/** A source of timed values of one meter. */
export interface MeterInput {
  /**
   * True where `read` can begin at any earlier position again. The reader of another input has written an item down before it
   * asks for the next one, and the input may take that request as a receipt.
   */
  readonly replayable: boolean;
  /** The items after `position`, or all of them; ends when the source does or when it is told to stop. */
  read(position: string | undefined, stop: AbortSignal): AsyncIterable<InputItem>;
}
