import type { ModelArrays } from './model';

/** What the solver's thread is started with. */
export interface ThreadLimits {
  /** Most memory of the solver itself, in bytes. */
  readonly memoryBytesMax: number;
}

/** A model to solve. */
export interface SolveOrder {
  readonly id: number;
  readonly model: ModelArrays;
  readonly timeMsMax: number;
  /** Only for integers: the share by which the best point found may miss the best possible one. */
  readonly gapMax: number;
}

/** How the solver ended. */
export type SolveEnd =
  | { readonly kind: 'optimal'; readonly primal: Float64Array; readonly duals: Float64Array }
  /** A model with integers: the best point found, what no point betters, and whether the search ended by itself. */
  | { readonly kind: 'integer'; readonly primal: Float64Array; readonly bound: number; readonly isComplete: boolean }
  | { readonly kind: 'infeasible' | 'unbounded' | 'time' | 'memory' }
  | { readonly kind: 'failed'; readonly reason: string };

/** What the thread says. */
export interface SolveAnswer {
  readonly id: number;
  readonly solver: string;
  readonly end: SolveEnd;
}
