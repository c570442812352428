import type { ErrorRow } from './error-row';

/** Refusals of the contract `oracle`, in precedence order. */
export const oracleErrors = [
  { code: 'ORACLE_METER_TWICE', meaning: 'A request names a meter twice.', whoFixes: 'caller', transient: false },
  {
    code: 'ORACLE_PERIOD',
    meaning: 'History, expiry and forecast follow each other, and the history covers at most 10 days.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_HISTORY_NOT_ENDED',
    meaning: 'A slot of the history has not ended on the ledger clock.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ORACLE_NOT_APPROVED',
    meaning: 'The governance does not name this organisation as an oracle.',
    whoFixes: 'operator',
    transient: false,
  },
  { code: 'ORACLE_REQUEST_UNKNOWN', meaning: 'There is no request with this id.', whoFixes: 'caller', transient: true },
  {
    code: 'ORACLE_REQUEST_CLOSED',
    meaning: 'The request has been answered or has expired.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ORACLE_REQUEST_EXPIRED',
    meaning: 'The last slot for an answer has passed.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ORACLE_PERIOD_BEGUN',
    meaning: 'The first slot of the forecast has begun.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ORACLE_SERVICE_MISMATCH',
    meaning: 'The answer comes from another service or version than the request asks for.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_DATA_MISMATCH',
    meaning: 'The answer was made from other data than the request froze, or these have changed since.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_ANSWER_SECOND',
    meaning: 'The organisation has begun another answer to this request, and each has one.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ORACLE_DECIDED',
    meaning: 'The organisation has answered or refused this request already.',
    whoFixes: 'nobody',
    transient: false,
  },
  {
    code: 'ORACLE_ANSWER_TOO_LARGE',
    meaning: 'A chunk of an answer has at most 256 KiB.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_CHUNK_INVALID',
    meaning: 'The chunk does not fit the answer that its digest names.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'ORACLE_CHUNK_EXISTS', meaning: 'The chunk is already there.', whoFixes: 'nobody', transient: false },
  {
    code: 'ORACLE_ANSWER_SHAPE',
    meaning: 'The answer has exactly the meters and intervals of the request, in its order.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_ANSWER_LIMIT',
    meaning: 'A forecast is above what one connection can carry.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_ANSWER_QUANTILES',
    meaning: 'The quantiles of an interval are not in rising order.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_ANSWER_DIGEST',
    meaning: 'The joined chunks do not have the digest that they were announced with.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_ANSWER_MISSTATED',
    meaning: 'The answer states something else than what follows from the limits that it names.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ORACLE_NOT_EXPIRED',
    meaning: 'The request has not expired yet, and an oracle can still answer it.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ORACLE_NOT_ANSWERED',
    meaning: 'There is no complete answer that could be scored.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ORACLE_FORECAST_NOT_ENDED',
    meaning: 'A slot of the forecast has not ended on the ledger clock.',
    whoFixes: 'caller',
    transient: true,
  },
  {
    code: 'ORACLE_SCORE_UNKNOWN',
    meaning: 'The answer has no score of this version.',
    whoFixes: 'caller',
    transient: true,
  },
] as const satisfies readonly ErrorRow[];
