/** Our own mistake: the transaction is aborted and nothing is written. Never the caller's fault. */
export class InvariantError extends Error {
  public readonly code = 'INVARIANT_BROKEN';

  public constructor(sentence: string, options?: ErrorOptions) {
    super(`INVARIANT_BROKEN: ${sentence} {}`, options);
    this.name = 'InvariantError';
  }
}

/** States what must hold if the program is right; throws InvariantError where it does not. */
export function assert(condition: boolean, sentence: string): asserts condition {
  if (!condition) {
    throw new InvariantError(sentence);
  }
}

/** Returns the value where it must exist if the program is right; throws InvariantError where it does not. */
export function present<T>(value: T | undefined, sentence: string): T {
  assert(value !== undefined, sentence);
  return value;
}

/** The branch that exhaustive cases never reach. */
export function unreachable(value: never): never {
  throw new InvariantError(`A case was forgotten: ${String(value)}.`);
}
