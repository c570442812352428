/** Why a model could not be solved. */
export type SolverErrorCode =
  /** A number of the model is not finite, or not exact as a double, or a reference is wrong. */
  | 'SOLVER_MODEL_INVALID'
  /** No point keeps all rows and bounds. */
  | 'SOLVER_INFEASIBLE'
  /** The objective has no bound (or there is no point either: the solver does not always tell these apart). */
  | 'SOLVER_UNBOUNDED'
  /** The time that the caller gave has passed. */
  | 'SOLVER_TIME_LIMIT'
  /** The memory that the caller gave is used up. */
  | 'SOLVER_MEMORY_LIMIT'
  /** The solver has ended in another way: its own words are in the message. */
  | 'SOLVER_FAILED'
  /** The solver has been closed. */
  | 'SOLVER_CLOSED';

/** A model that was not solved, with a code. */
export class SolverError extends Error {
  readonly code: SolverErrorCode;

  constructor(code: SolverErrorCode, message: string, options?: ErrorOptions) {
    super(`${code}: ${message}`, options);
    this.name = 'SolverError';
    this.code = code;
  }
}
