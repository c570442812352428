import type { ErrorRow } from './error-row';

/** Refusals of baselines, in precedence order. */
export const flexibilityBaselineErrors = [
  {
    code: 'FLEX_BASELINE_RULE_INVALID',
    meaning: 'The rule of the baseline contradicts itself.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'FLEX_BASELINE_LATER_HOURS',
    meaning: 'The baseline would need hours that begin after the notice, and its rule does not allow them.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'FLEX_BASELINE_DAYS_TOO_FEW',
    meaning: 'Too few earlier days of the same type, without events and with all readings, are there for the baseline.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FLEX_BASELINE_SERIES_MISSING',
    meaning: 'An interval of the baseline was neither forecast nor declared before.',
    whoFixes: 'caller',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
