import { backoffMs, type Environment, type RetryPolicy } from './backoff';
import type { LedgerError, LedgerErrorKind } from './errors';

/**
 * The retry table of one command, on the kind of the error: a rule or an unknown fault never, a conflict and an
 * unavailable node a bounded number of times with growing pauses. An uncertain outcome has its own path (Delivery).
 */
export class Retries {
  readonly #policy: RetryPolicy;
  readonly #environment: Environment;
  #conflicts = 0;
  #unavailable = 0;
  /** When the present row of unavailable answers began. */
  #unavailableSinceMs: number | undefined;

  constructor(policy: RetryPolicy, environment: Environment) {
    this.#policy = policy;
    this.#environment = environment;
  }

  /** How many times something was tried again so far. */
  get count(): number {
    return this.#conflicts + this.#unavailable;
  }

  /** Waits and answers true when the command may be tried again after this error; false when it may not. */
  async again(error: LedgerError): Promise<boolean> {
    const failures = this.#allowed(error.kind);
    if (failures === undefined) {
      return false;
    }
    await this.#environment.sleep(backoffMs(failures, this.#policy, this.#environment.random));
    return true;
  }

  /** How many failures of this kind came before, or undefined when this was one too many. */
  #allowed(kind: LedgerErrorKind): number | undefined {
    switch (kind) {
      case 'conflict':
        this.#unavailableSinceMs = undefined;
        this.#conflicts += 1;
        return this.#conflicts < this.#policy.conflictAttempts ? this.#conflicts - 1 : undefined;
      case 'unavailable': {
        const nowMs = this.#environment.now();
        this.#unavailableSinceMs ??= nowMs;
        this.#unavailable += 1;
        return nowMs - this.#unavailableSinceMs < this.#policy.unavailableMs ? this.#unavailable - 1 : undefined;
      }
      default:
        return undefined;
    }
  }
}
