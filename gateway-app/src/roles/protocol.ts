/**
 * The messages between the conductor of the day and a role process (Node's IPC channel of a child process). They carry
 * only what the conductor must know; what roles tell each other goes through the ledger.
 */

/** A value that survives the IPC channel unchanged: no bigint, no undefined. */
export type StepValue = null | boolean | number | string | readonly StepValue[] | { readonly [key: string]: StepValue };

/** Arguments of a step, by name. */
export type StepArguments = Readonly<Record<string, StepValue>>;

/** The conductor asks a role to do its part. Sending the same step again has no second effect on the ledger. */
export interface StepRequest {
  readonly kind: 'step';
  readonly id: number;
  readonly step: string;
  readonly arguments: StepArguments;
}

/** What a role process answers. */
export type RoleMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'done'; readonly id: number; readonly result: StepValue }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string; readonly message: string };

/** A step failed in a role process; the code is the ledger's or the client's. */
export class StepError extends Error {
  constructor(
    readonly role: string,
    readonly step: string,
    readonly code: string,
    message: string,
  ) {
    super(`${role} could not do ${step}: ${message}`);
    this.name = 'StepError';
  }
}
