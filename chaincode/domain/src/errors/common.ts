import type { ErrorRow } from './error-row';

/** Refusals before any rule of a contract is asked, in the order in which they are checked. */
export const commonErrors = [
  {
    code: 'CALL_FUNCTION_UNKNOWN',
    meaning: 'No contract has a transaction of this name.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'CALL_ARGUMENTS_COUNT',
    meaning: 'A transaction takes exactly one argument, the request as JSON.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'INPUT_TOO_LARGE', meaning: 'The document is longer than 1 MiB.', whoFixes: 'caller', transient: false },
  { code: 'INPUT_NOT_UTF8', meaning: 'The document is not valid UTF-8.', whoFixes: 'caller', transient: false },
  {
    code: 'INPUT_NOT_JSON',
    meaning: 'The document is not JSON as this ledger reads it: integers only, no key twice, at most 32 levels.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'INPUT_FIELD_UNKNOWN',
    meaning: 'An object has a key that is not part of it.',
    whoFixes: 'caller',
    transient: false,
  },
  { code: 'INPUT_FIELD_MISSING', meaning: 'An object lacks a required key.', whoFixes: 'caller', transient: false },
  {
    code: 'INPUT_FIELD_INVALID',
    meaning: 'A value does not have the form of its field.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'INPUT_TRANSIENT_MISSING',
    meaning: 'The confidential part of the request is missing from the transient map.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'INPUT_TRANSIENT_UNKNOWN',
    meaning: 'The transient map has an entry that the transaction does not take.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCESS_NOT_BOOTSTRAPPED',
    meaning: 'The consortium has not yet approved its founding rules.',
    whoFixes: 'operator',
    transient: true,
  },
  {
    code: 'ACCESS_ROLE_MISSING',
    meaning: 'The certificate of the caller has no attribute that names a known role.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCESS_ROLE_REFUSED',
    meaning: 'The role of the caller may not send this transaction.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'ACCESS_ORGANISATION_REFUSED',
    meaning: 'The organisation of the caller does not hold the role that its certificate names.',
    whoFixes: 'operator',
    transient: false,
  },
  {
    code: 'COMMAND_REUSED',
    meaning: 'The command id was used before with another content.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'LEDGER_REFUSED',
    meaning: 'The peer refused a read or a write, for instance of a collection that it is no member of.',
    whoFixes: 'operator',
    transient: true,
  },
  {
    code: 'SIGNATURE_EXPIRED',
    meaning: 'The slot up to which the command was signed has begun.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'SIGNATURE_KEY_INVALID',
    meaning: 'The public key is not a P-256 key in SPKI form.',
    whoFixes: 'caller',
    transient: false,
  },
  {
    code: 'SIGNATURE_INVALID',
    meaning: 'The signature is not the low-S signature of this content by the named key.',
    whoFixes: 'caller',
    transient: false,
  },
] as const satisfies readonly ErrorRow[];
