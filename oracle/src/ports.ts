import type { CommandId, Computation, MeterHistory, RequestAt, RequestId } from '@flexledger/domain';

/** One chunk of an answer as the contract takes it. */
export type AnswerRequest = RequestAt<'oracle', 'answer'>;

/** What an oracle needs of the ledger; rejects with LedgerError and its subclasses. */
export interface OracleLedger {
  /** The organisation that answers. */
  readonly mspId: string;
  getRequest(requestId: RequestId): Promise<Computation>;
  /** All requests that nobody has answered yet. */
  openRequests(): Promise<readonly Computation[]>;
  /** The usable interval totals that the request has frozen, in the order of its meters. */
  history(request: Computation): Promise<readonly MeterHistory[]>;
  answer(request: AnswerRequest): Promise<void>;
  /** @returns false when the request was closed already */
  expire(commandId: CommandId, requestId: RequestId): Promise<boolean>;
}

/** Structured log lines. */
export interface OracleLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
