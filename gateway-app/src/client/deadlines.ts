/** How long each step of a call may take, in milliseconds. An error names the step whose deadline has passed. */
export interface Deadlines {
  readonly evaluateMs: number;
  readonly endorseMs: number;
  readonly submitMs: number;
  readonly commitStatusMs: number;
}

/** The client library sets no deadline of its own; these follow the pattern of Fabric's gateway samples. */
export const DEFAULT_DEADLINES: Deadlines = {
  evaluateMs: 5_000,
  endorseMs: 15_000,
  submitMs: 5_000,
  commitStatusMs: 60_000,
};
