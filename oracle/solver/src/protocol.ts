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
}

/** How the solver ended. */
export type SolveEnd =
  | { readonly kind: 'optimal'; readonly primal: Float64Array; readonly duals: Float64Array }
  | { readonly kind: 'infeasible' | 'unbounded' | 'time' | 'memory' }
  | { readonly kind: 'failed'; readonly reason: string };

/** What the thread says. */
export interface SolveAnswer {
  readonly id: number;
  readonly solver: string;
  readonly end: SolveEnd;
}
