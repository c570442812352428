import type { ErrorRow } from './error-row';

/** Refusals of the settlement of orders of flexibility, in precedence order. */
export const flexibilitySettlementErrors = [
  {
    code: 'FLEX_SETTLEMENT_OPEN',
    meaning: 'An ISP of the order is not over, or an event under it has not been completed.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FLEX_SETTLEMENT_UNKNOWN',
    meaning: 'The order has not been settled in this version.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FLEX_FUND_TOO_SMALL',
    meaning: 'The fund for flexibility of the grid does not hold what a new version gives back.',
    whoFixes: 'operator',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
