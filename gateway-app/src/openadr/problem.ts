import { STATUS_CODES } from 'node:http';
import { LedgerError, RuleRejected } from '../client/errors';

/** A refusal that is answered as a problem of the standard (RFC 9457): its status and one sentence. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

/** The body of a refusal. */
export interface ProblemBody {
  readonly type: 'about:blank';
  readonly title: string;
  readonly status: number;
  readonly detail: string;
}

export function problemBody(status: number, detail: string): ProblemBody {
  return { type: 'about:blank', title: STATUS_CODES[status] ?? 'Refused', status, detail };
}

/**
 * What went wrong, in the words of the standard. A rule of the ledger that refuses is a conflict with what is written there; a ledger that
 * does not answer may do so later. What nobody has foreseen is told without its message, which may hold more than a stranger should read.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof RuleRejected) return new Problem(409, `${error.code}: ${error.sentence}`);
  if (error instanceof LedgerError)
    return new Problem(503, `${error.code}: the ledger does not answer; send the same again`);
  const { statusCode, message } = error as { readonly statusCode?: unknown; readonly message?: unknown };
  if (typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500) {
    return new Problem(statusCode, String(message));
  }
  return new Problem(500, 'something failed that nobody has foreseen');
}
