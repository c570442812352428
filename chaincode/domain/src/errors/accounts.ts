import type { ErrorRow } from './error-row';

/** Refusals of the contract `accounts`, in precedence order. */
export const accountsErrors = [
  { code: 'ACCOUNTS_AMOUNT_ZERO', meaning: 'An amount of money is above zero.', whoFixes: 'caller', transient: false },
  {
    code: 'ACCOUNTS_TRANSFER_TO_SELF',
    meaning: 'Both sides of a transfer are the same.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_BALANCE_TOO_LOW',
    meaning: 'The available balance does not cover the amount; credits may have to be folded first.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_CLEARING_NOT_APPLIED',
    meaning: 'The clearing of the session has not been applied wholly.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_SESSION_NOT_ANCHOR',
    meaning: 'Intraday trades are settled, and stand in statements, with the day-ahead session of their quarter hours.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_INTERVAL_OUTSIDE',
    meaning: 'An interval is not part of the session.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_BUCKET_UNKNOWN',
    meaning: 'The clearing has no such bucket.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_RUN_REFUSED',
    meaning: 'A settlement run follows the run before it; corrections after run 1 are not open.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_INTERVAL_NOT_ENDED',
    meaning: 'An interval has not ended on the ledger clock.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_POSITIONS_OPEN',
    meaning: 'Another session that trades the interval has not been applied wholly.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_IMBALANCE_PRICE_MISSING',
    meaning: 'The imbalance price of the interval has not been filed, and the time for filing it has not passed.',
    whoFixes: 'operator',
    transient: true,
  },
  {
    code: 'ACCOUNTS_IMBALANCE_PRICE_LATE',
    meaning:
      'The time for filing the imbalance price has passed; the fixed prices of the rule set settle the interval.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ACCOUNTS_IMBALANCE_PRICE_FILED',
    meaning: 'An imbalance price is filed once and never changed.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_INTERVAL_NOT_SETTLED',
    meaning: 'An interval has not been settled yet.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_STATEMENT_PERIOD',
    meaning: 'A statement covers the whole period of its session.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_NOT_IN_SESSION',
    meaning: 'The participant has no orders in the session.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'ACCOUNTS_STATEMENT_UNKNOWN', meaning: 'There is no such statement.', whoFixes: 'caller', transient: true },
  {
    code: 'ACCOUNTS_RENT_NONE',
    meaning: 'The session has no rent of grid limits, or its rule set keeps it.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ACCOUNTS_RENT_NOT_WEIGHED',
    meaning: 'The weights of a bucket, by which rent is shared, have not been recorded.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_RENT_NOBODY',
    meaning: 'No member has a weight by which rent could be shared.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ACCOUNTS_SOURCE_TWICE',
    meaning: 'A request names a source of credit twice.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCOUNTS_SOURCE_UNKNOWN',
    meaning: 'The source of credit does not exist or credits nothing to the participant.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_SOURCE_FOLDED',
    meaning: 'The source of credit is already part of the available balance.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ACCOUNTS_LIMITATION_OPEN',
    meaning: 'A quarter hour of the limits has not ended or is not settled.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_FLEXIBILITY_OPEN',
    meaning: 'A participant is called for flexibility in the quarter hour, and what it delivered has not been tracked.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_COALITION_OPEN',
    meaning:
      'A coalition that an asset of a participant serves was called in the quarter hour, and what it delivered has not been verified.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ACCOUNTS_BALANCE_TOO_HIGH',
    meaning: 'The balance would have more than 18 digits.',
    whoFixes: 'caller',
    transient: false,
  },
] as const satisfies readonly ErrorRow[];
