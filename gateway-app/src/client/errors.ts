import type { GatewayFailure } from './gateway-failure';
import { GrpcCode, type EndpointDetail } from './gateway-failure';
import { readRuleRecord, type RuleRecord } from './rule-record';

/** What kind of failure it was; the retry table goes by this alone. */
export type LedgerErrorKind = 'rule' | 'conflict' | 'uncertain' | 'unavailable' | 'ledger';

interface LedgerErrorInput {
  readonly code: string;
  readonly message: string;
  readonly transactionId?: string | undefined;
  readonly details?: readonly EndpointDetail[];
  readonly cause?: unknown;
}

/** A call to the ledger failed. The four subclasses say what may be done about it; this one itself is never retried. */
export class LedgerError extends Error {
  readonly kind: LedgerErrorKind = 'ledger';
  /** Stable code: of a rule for RuleRejected, of the client (`LEDGER_…`) or a Fabric validation code otherwise. */
  readonly code: string;
  readonly transactionId: string | undefined;
  /** What each node behind the gateway said. */
  readonly endpoints: readonly EndpointDetail[];

  constructor(input: LedgerErrorInput) {
    super(input.message, { cause: input.cause });
    this.name = new.target.name;
    this.code = input.code;
    this.transactionId = input.transactionId;
    this.endpoints = input.details ?? [];
  }
}

/** A rule of the contract refused the command: nothing was written, and sending the same again gets the same answer. */
export class RuleRejected extends LedgerError {
  override readonly kind = 'rule';
  readonly sentence: string;
  /** The offending values, as the contract gave them. */
  readonly details: RuleRecord['details'];
  /** True when the same command may succeed later, for example once a gate has opened. */
  readonly transient: boolean;

  constructor(record: RuleRecord, failure: GatewayFailure) {
    super({
      code: record.code,
      message: `${record.code}: ${record.sentence}`,
      transactionId: failure.transactionId,
      details: failure.details,
      cause: failure,
    });
    this.sentence = record.sentence;
    this.details = record.details;
    this.transient = record.transient;
  }
}

/** Others wrote first, or the endorsers were not at the same block. The same command id may be sent again. */
export class Conflict extends LedgerError {
  override readonly kind = 'conflict';
}

/** The transaction was sent and nobody could say what became of it. It must be asked for before it is made again. */
export class Uncertain extends LedgerError {
  override readonly kind = 'uncertain';
}

/** Somebody who is needed does not answer; nothing was written. */
export class Unavailable extends LedgerError {
  override readonly kind = 'unavailable';
}

/** Code of the conflict in which endorsers answered differently: one of them is behind, or runs another build. */
export const ENDORSEMENT_MISMATCH = 'LEDGER_ENDORSEMENT_MISMATCH';

const MISMATCH = 'ProposalResponsePayloads do not match';
const COLLECTED = 'failed to collect enough transaction endorsements';
const BUSY = 'too many requests';
const CHAINCODE_RESPONSE = /chaincode response \d{3}, /;

/** What a failure before the submit means. Nothing has been written whatever it is. */
export function classifyBeforeSubmit(failure: GatewayFailure, endorsers: readonly string[] | undefined): LedgerError {
  const messages = failure.details.length > 0 ? failure.details.map(({ message }) => message) : [failure.summary];
  if (messages.some((message) => message.includes(MISMATCH))) {
    return conflict(ENDORSEMENT_MISMATCH, failure);
  }
  const records = messages.map(readRuleRecord).filter((record) => record !== undefined);
  const [first] = records;
  if (first === undefined) {
    return classifyWithoutRule(failure, messages);
  }
  // The gateway's first endorser had agreed when the collection fails, so that those who refuse are not at its block.
  const collecting = failure.summary.includes(COLLECTED);
  const allRefuse = endorsers !== undefined && records.length >= endorsers.length;
  const unanimous = records.every(({ code }) => code === first.code);
  if (collecting && !(allRefuse && unanimous)) {
    return conflict('LEDGER_ENDORSERS_DISAGREE', failure);
  }
  return first.broken ? ledgerError(first.code, failure) : new RuleRejected(first, failure);
}

function classifyWithoutRule(failure: GatewayFailure, messages: readonly string[]): LedgerError {
  if (messages.some((message) => CHAINCODE_RESPONSE.test(message))) {
    return ledgerError('LEDGER_CONTRACT_FAILED', failure);
  }
  if (isAccessDenied(messages)) {
    return ledgerError('LEDGER_ACCESS_DENIED', failure);
  }
  if (isUnavailable(failure)) {
    return new Unavailable({
      code: 'LEDGER_UNAVAILABLE',
      message: failure.message,
      transactionId: failure.transactionId,
      details: failure.details,
      cause: failure,
    });
  }
  return ledgerError('LEDGER_CALL_FAILED', failure);
}

/** A refusal by the peer's own checks (certificate, signature, channel policy) does not get better by waiting. */
function isAccessDenied(messages: readonly string[]): boolean {
  return messages.some((message) => /access denied|creator certificate|error validating proposal/i.test(message));
}

function isUnavailable({ grpcCode, summary }: GatewayFailure): boolean {
  switch (grpcCode) {
    case GrpcCode.UNAVAILABLE:
    case GrpcCode.DEADLINE_EXCEEDED:
    case GrpcCode.CANCELLED:
    case GrpcCode.INTERNAL:
    case GrpcCode.ABORTED:
    case GrpcCode.FAILED_PRECONDITION:
      return true;
    case GrpcCode.UNKNOWN:
      return summary.includes(BUSY);
    default:
      return false;
  }
}

/** After the submit a failure says nothing about the outcome. */
export function uncertainAfterSubmit(failure: GatewayFailure, transactionId: string): Uncertain {
  return new Uncertain({
    code: 'LEDGER_OUTCOME_UNKNOWN',
    message: `${failure.message}; what became of transaction ${transactionId} is unknown`,
    transactionId,
    details: failure.details,
    cause: failure,
  });
}

const CONFLICT_CODES: ReadonlyMap<number, string> = new Map([
  [11, 'MVCC_READ_CONFLICT'],
  [12, 'PHANTOM_READ_CONFLICT'],
  [17, 'EXPIRED_CHAINCODE'],
  [18, 'CHAINCODE_VERSION_CONFLICT'],
]);

/** What a commit code other than VALID means: nothing of the transaction was written. */
export function classifyCommit(
  code: number,
  codeName: string,
  transactionId: string,
  blockNumber: bigint,
): LedgerError {
  const message = `transaction ${transactionId} is invalid in block ${blockNumber}: ${codeName}`;
  const conflictName = CONFLICT_CODES.get(code);
  return conflictName === undefined
    ? new LedgerError({ code: codeName, message, transactionId })
    : new Conflict({ code: conflictName, message, transactionId });
}

function conflict(code: string, failure: GatewayFailure): Conflict {
  return new Conflict({
    code,
    message: failure.message,
    transactionId: failure.transactionId,
    details: failure.details,
    cause: failure,
  });
}

function ledgerError(code: string, failure: GatewayFailure): LedgerError {
  return new LedgerError({
    code,
    message: failure.message,
    transactionId: failure.transactionId,
    details: failure.details,
    cause: failure,
  });
}
