import { randomUUID } from 'node:crypto';
import { errorRow, RuleError, type ErrorCode } from '@flexledger/domain';
import { LedgerError } from '../client/errors';
import type { AskingName, MessageOf, UftpMessage } from './messages';
import { UFTP_VERSION } from './outgoing';
import { REASON_OF_CODE, UftpRefusal } from './refusal';

/** How a message was received. */
export interface Received {
  readonly result: 'Accepted' | 'Rejected';
  readonly reason?: string;
}

/** What refused a message, as UFTP's reason and the ledger's sentence; what is no refusal is thrown on. */
export function rejectionOf(error: unknown): Received {
  if (error instanceof UftpRefusal) return { result: 'Rejected', reason: error.message };
  if (error instanceof RuleError || error instanceof LedgerError) {
    const { code } = error;
    const meaning = errorRow(code)?.meaning;
    // What is not refused by a rule has not been answered: a lost connection is no rejection.
    if (meaning !== undefined) return { result: 'Rejected', reason: `${reasonOf(code)} (${code})` };
  }
  throw error;
}

function reasonOf(code: string): string {
  const row = errorRow(code);
  const reason = REASON_OF_CODE[code as ErrorCode] ?? (code.startsWith('INPUT_') ? 'Invalid Message' : undefined);
  return reason === undefined ? (row?.meaning ?? code) : `${reason}: ${row?.meaning ?? ''}`;
}

/** The attributes of the response to a message. */
export function responseTo(
  { content }: Extract<UftpMessage, { readonly name: AskingName }>,
  { reason, result }: Received,
  timeStamp: string,
): MessageOf<'FlexRequestResponse'> {
  return {
    Version: UFTP_VERSION,
    SenderDomain: content.RecipientDomain,
    RecipientDomain: content.SenderDomain,
    TimeStamp: timeStamp,
    MessageID: randomUUID(),
    ConversationID: content.ConversationID,
    ReferenceMessageID: content.MessageID,
    Result: result,
    ...(reason === undefined ? {} : { RejectionReason: reason }),
  };
}
