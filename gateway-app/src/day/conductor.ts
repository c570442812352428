import type { RoleName } from '../roles/role-names';
import type { StepArguments, StepValue } from '../roles/protocol';

/** The last transaction of a step; whoever goes on waits until its own peer has committed it. */
export type StepTransaction = {
  readonly transactionId: string;
  readonly blockNumber: number;
};

/** What a role answers to a step. */
export interface StepOutcome {
  readonly value: StepValue;
  readonly last: StepTransaction | null;
}

/** How the conductor reaches a role process. */
export type CallRole = (role: RoleName, step: string, stepArguments: StepArguments) => Promise<StepValue>;

/** One part of what happens at the same time. */
export type Part = readonly [role: RoleName, step: string, stepArguments?: StepArguments];

/**
 * Has roles do their steps. Steps of one call run at the same time, calls run one after the other, and every step first
 * waits until the peer of its own organisation has what was committed before: an endorsement on older state would fail.
 */
export class Conductor {
  private last: StepTransaction | null = null;

  constructor(private readonly callRole: CallRole) {}

  /** The highest block in which a step has written so far; 0 before the first. */
  get lastBlock(): number {
    return this.last?.blockNumber ?? 0;
  }

  /** Runs the parts at the same time; answers their values in the same order. */
  async together(...parts: readonly Part[]): Promise<StepValue[]> {
    const after = this.last === null ? {} : { after: this.last.transactionId };
    const outcomes = await Promise.all(
      parts.map(async ([role, step, stepArguments]) =>
        toOutcome(await this.callRole(role, step, { ...stepArguments, ...after })),
      ),
    );
    for (const { last } of outcomes) {
      if (last !== null && (this.last === null || last.blockNumber >= this.last.blockNumber)) this.last = last;
    }
    return outcomes.map((outcome) => outcome.value);
  }

  /** Runs one step alone. */
  async alone(role: RoleName, step: string, stepArguments: StepArguments = {}): Promise<StepValue> {
    const [value = null] = await this.together([role, step, stepArguments]);
    return value;
  }
}

function toOutcome(answer: StepValue): StepOutcome {
  if (typeof answer !== 'object' || answer === null || !('value' in answer) || !('last' in answer)) {
    throw new TypeError('a role process answered something else than the outcome of a step');
  }
  return answer as unknown as StepOutcome;
}
