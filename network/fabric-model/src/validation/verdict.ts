import type { ParsedTransaction } from '../transaction/types';
import type { ValidationCode } from './codes';

/** Why a transaction is invalid: thrown inside validation, never out of it. */
export class InvalidTransaction extends Error {
  constructor(
    readonly code: ValidationCode,
    reason: string,
  ) {
    super(reason);
  }
}

/** What validation says of one transaction of a block. */
export interface TransactionVerdict {
  readonly index: number;
  readonly code: ValidationCode;
  /** '' when the envelope could not be read. */
  readonly transactionId: string;
  /** Why it is invalid, for people; '' when valid. */
  readonly reason: string;
  /** The transaction, when it is an endorser transaction that could be parsed. */
  readonly transaction: ParsedTransaction | undefined;
}
