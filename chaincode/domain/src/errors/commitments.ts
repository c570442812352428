import type { ErrorRow } from './error-row';

/** Refusals of the commitments book, in precedence order. */
export const commitmentsErrors = [
  {
    code: 'COMMITMENTS_CLASS_UNKNOWN',
    meaning: 'The rule set has no such priority class for this purpose.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'COMMITMENTS_PROMISE_EXISTS',
    meaning: 'The asset has already made this promise.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'COMMITMENTS_PROMISE_UNKNOWN',
    meaning: 'The asset has made no such promise.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'COMMITMENTS_TOO_MANY',
    meaning: 'The asset has made too many promises for one day.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'COMMITMENTS_CAPACITY',
    meaning: 'The asset has already promised so much in this direction that it could not keep this promise too.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'COMMITMENTS_STORAGE',
    meaning: 'The storage would run empty or over if it kept all its promises.',
    whoFixes: 'caller',
    transient: false,
  },
] as const satisfies readonly ErrorRow[];
