import type { ErrorRow } from './error-row';

/** Refusals of the settlement of orders of flexibility, in precedence order. */
export const flexibilitySettlementErrors = [
  {
    code: 'FLEX_COVER_SHORT',
    meaning: 'The aggregator can dispose of less than it has to set aside for the penalty of the order.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FLEX_FUND_SHORT',
    meaning: 'The fund for flexibility of the grid holds less than the order costs, beside what is set aside.',
    whoFixes: 'operator',
    transient: true,
  },
  {
    code: 'FLEX_SETTLEMENT_OPEN',
    meaning: 'An ISP of the order is not over, or an event under it has not been completed.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FLEX_SETTLEMENT_UNKNOWN',
    meaning: 'The order, or the voltage support, has not been settled in this version.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'FLEX_FUND_TOO_SMALL',
    meaning: 'The fund for flexibility of the grid does not hold what a new version gives back.',
    whoFixes: 'operator',
    transient: true,
  },
  {
    code: 'FLEX_COVER_UNKNOWN',
    meaning: 'Nothing was set aside for the order.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'FLEX_COVER_RELEASED',
    meaning: 'What was left of the cover of the order has been given back.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'FLEX_COVER_HELD',
    meaning: 'The order is not settled, or late readings can still change its settlement.',
    whoFixes: 'nobody',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
