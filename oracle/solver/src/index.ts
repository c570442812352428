export { solveCoalition, type CoalitionOptions, type FoundCoalition } from './coalition/solve-coalition';
export {
  solveDisaggregation,
  type DisaggregationOptions,
  type FoundDisaggregation,
} from './disaggregation/solve-disaggregation';
export { certify, type Certificate, type Point } from './certificate';
export { SolverError, type SolverErrorCode } from './errors';
export { Model, type Amount, type ModelArrays, type Row, type Term, type Variable } from './model';
export { Solver, type Solution, type SolveOptions, type SolverLimits } from './solver';
