import { LedgerError, Unavailable } from '../client/errors';
import type { Ledger } from '../client/ledger';
import type { DayPlan } from '../day/plan';
import { MeterFleet } from '../agents/meter-fleet';
import type { FactFollower } from './fact-follower';
import type { PreparedStore } from './prepared-store';
import type { RoleMessage, StepRequest, StepValue } from './protocol';
import { RoleContext, type RoleSteps } from './role-context';

/** What a role process is made of. */
export interface RoleProcessParts {
  readonly role: string;
  readonly steps: RoleSteps;
  readonly plan: DayPlan;
  readonly ledger: Ledger;
  readonly prepared: PreparedStore;
  readonly follower: Pick<FactFollower, 'counters'>;
  readonly tell: (message: RoleMessage) => void;
  readonly log: (line: string) => void;
}

const AWAIT_TRIES_MAX = 240;
const AWAIT_PAUSE_MS = 250;

/** Answers the conductor: runs the steps of one role and tells what it has counted. */
export class RoleProcess {
  readonly #parts: RoleProcessParts;
  readonly #fleet: MeterFleet;

  constructor(parts: RoleProcessParts) {
    this.#parts = parts;
    this.#fleet = new MeterFleet(parts.plan, parts.ledger.channel);
  }

  /** Does one step and tells the outcome; a failure is told, never thrown. */
  async receive({ id, step, arguments: stepArguments }: StepRequest): Promise<void> {
    const { tell, log, role } = this.#parts;
    const startMs = performance.now();
    try {
      const result = await this.#run(step, stepArguments);
      if (step !== 'counters')
        log(`${step} ${JSON.stringify(stepArguments)}: ${Math.round(performance.now() - startMs)} ms`);
      tell({ kind: 'done', id, result });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(`${role} could not do ${step}: ${error instanceof Error ? (error.stack ?? message) : message}`);
      tell({ kind: 'failed', id, code: error instanceof LedgerError ? error.code : 'ROLE_STEP_FAILED', message });
    }
  }

  async #run(step: string, stepArguments: StepRequest['arguments']): Promise<StepValue> {
    if (step === 'counters') return this.#counters();
    const { plan, ledger, prepared } = this.#parts;
    const run = Object.hasOwn(this.#parts.steps, step) ? this.#parts.steps[step] : undefined;
    if (run === undefined) throw new TypeError(`${this.#parts.role} has no step ${step}`);
    const { after } = stepArguments;
    if (typeof after === 'string') await awaitOnOwnPeer(ledger, after);
    const context = new RoleContext({ plan, ledger, prepared, fleet: this.#fleet });
    const value = await run(context, stepArguments);
    return { value, last: context.lastTransaction };
  }

  #counters(): StepValue {
    const { submitted, refused, retried, latenciesMs } = this.#parts.ledger.counters;
    const { received, lastBlock } = this.#parts.follower.counters;
    return { submitted, refused, retried, latenciesMs, received, lastBlock };
  }
}

/** The own peer may be down for a while: what it does not know yet it will know when it is back. */
async function awaitOnOwnPeer(ledger: Pick<Ledger, 'awaitTransaction'>, transactionId: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await ledger.awaitTransaction(transactionId);
      return;
    } catch (error) {
      if (!(error instanceof Unavailable) || tries >= AWAIT_TRIES_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, AWAIT_PAUSE_MS));
    }
  }
}
