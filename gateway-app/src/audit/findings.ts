/** Whether an invariant holds, over how many facts it was checked, and what is wrong where it does not. */
export interface InvariantResult {
  readonly id: string;
  readonly holds: boolean;
  readonly checked: number;
  /** What was found; says what was checked when nothing is wrong. */
  readonly detail: string;
}

const SHOWN_MAX = 5;

/** Collects what an audit of one invariant finds. */
export class Findings {
  readonly #id: string;
  readonly #subject: string;
  readonly #problems: string[] = [];
  readonly #onProblem: ((problem: string) => void) | undefined;
  #checked = 0;

  /**
   * @param subject what is counted, in plural, for example `posting sets`
   * @param onProblem told every problem too
   */
  constructor(id: string, subject: string, onProblem?: (problem: string) => void) {
    this.#id = id;
    this.#subject = subject;
    this.#onProblem = onProblem;
  }

  /** Counts one fact. */
  count(facts = 1): void {
    this.#checked += facts;
  }

  /** States what must hold of the fact at hand. */
  expect(condition: boolean, problem: () => string): void {
    if (!condition) {
      this.fail(problem());
    }
  }

  /** Notes what is wrong. */
  fail(problem: string): void {
    this.#problems.push(problem);
    this.#onProblem?.(problem);
  }

  /** Runs a check whose failure is a fault of the ledger, such as a row that does not decode. */
  attempt<T>(what: string, run: () => T): T | undefined {
    try {
      return run();
    } catch (error) {
      this.fail(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  result(): InvariantResult {
    const shown = this.#problems.slice(0, SHOWN_MAX).join('; ');
    const more = this.#problems.length > SHOWN_MAX ? `; and ${this.#problems.length - SHOWN_MAX} more` : '';
    const holds = this.#problems.length === 0;
    return {
      id: this.#id,
      holds,
      checked: this.#checked,
      detail: holds ? `${this.#checked} ${this.#subject}` : `${shown}${more}`,
    };
  }
}
