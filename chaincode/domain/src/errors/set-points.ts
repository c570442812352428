import type { ErrorRow } from './error-row';

/** Refusals of the part of the contract `market` that limits connections in real time, in precedence order. */
export const setPointErrors = [
  {
    code: 'MARKET_SET_POINTS_OFF',
    meaning: 'The rule set in force does not let the system operator limit connections.',
    whoFixes: 'operator',
    transient: false,
  },
  {
    code: 'MARKET_ELEMENT_UNKNOWN',
    meaning: 'The grid has no line, transformer or congestion point with this id.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'MARKET_LIMIT_SLOT_BEGUN',
    meaning: 'A limit of connections is given or lifted from a slot on that has not begun.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'MARKET_MEASUREMENT_STALE',
    meaning: 'The measured slot has not ended, or lies more than an hour before the first slot of the limit.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'MARKET_MEASUREMENT_DIFFERS',
    meaning: 'The measured flow is not what the feeder meter of this element shows on the ledger in that slot.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'MARKET_NOT_ORANGE',
    meaning: 'The regime that is named is not orange for this element, this direction and all of the slots.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'MARKET_LIMIT_NOT_NEEDED',
    meaning:
      'The measured flow is below the share of its limit from which connections are limited, or nobody can be limited.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'MARKET_CONNECTIONS_TOO_MANY',
    meaning: 'More connections are behind the element than one transaction can limit.',
    whoFixes: 'operator',
    transient: false,
  },
  {
    code: 'MARKET_LIMITS_DIFFER',
    meaning: 'The limits that the caller has computed are not those that follow from the ledger by the rule.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'MARKET_LIMITATION_UNKNOWN',
    meaning: 'Connections were not limited by this command.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'MARKET_LIMITATION_LIFTED',
    meaning: 'The limits are lifted already, or end before the slot from which they would be lifted.',
    whoFixes: 'nobody',
    transient: false,
  },
] as const satisfies readonly ErrorRow[];
