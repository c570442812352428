import type { Slot } from '@flexledger/domain';
import { RuleRejected } from '@flexledger/gateway-app';

/** What became of a request. */
export type AnswerOutcome =
  | {
      readonly kind: 'answered';
      readonly answerDigest: string;
      readonly chunks: number;
      /** When the request ends that this answers; absent where nothing ends. */
      readonly expirySlot?: Slot;
    }
  /** Somebody has answered it, or it has expired. */
  | { readonly kind: 'closed'; readonly state: string }
  /** Nobody has answered it in time, and this oracle has closed it. */
  | { readonly kind: 'expired' }
  /** This oracle cannot answer it; it is left to others, or to expire. */
  | RefusedOutcome;

/** A request that this oracle cannot answer. */
export interface RefusedOutcome {
  readonly kind: 'refused';
  readonly code: string;
  readonly reason: string;
  readonly expirySlot: Slot;
  /** True where no oracle was left that could answer, and this one has let the request expire. */
  readonly isExpired?: boolean;
}

/** Refusals that mean that there is nothing left to do, because somebody was faster or time has passed. */
const closedCodes: ReadonlySet<string> = new Set([
  'ORACLE_REQUEST_CLOSED',
  'ORACLE_REQUEST_EXPIRED',
  'ORACLE_PERIOD_BEGUN',
]);

/**
 * Sends the chunks of an answer in order.
 * @throws LedgerError when the ledger could not be asked, or may take the same chunk later
 */
export async function sendAnswer<Chunk extends { readonly answerDigest: string }>(
  chunks: readonly Chunk[],
  request: { readonly expirySlot: Slot },
  send: (chunk: Chunk) => Promise<void>,
): Promise<AnswerOutcome> {
  try {
    for (const chunk of chunks) {
      await send(chunk);
    }
  } catch (error) {
    if (error instanceof RuleRejected && closedCodes.has(error.code)) {
      return { kind: 'closed', state: error.code };
    }
    if (error instanceof RuleRejected && !error.transient) {
      return refused(request, error.code, error.sentence);
    }
    throw error;
  }
  const { expirySlot } = request;
  return { kind: 'answered', answerDigest: chunks[0]?.answerDigest ?? '', chunks: chunks.length, expirySlot };
}

/** A request that this oracle leaves to others, and why. */
export function refused({ expirySlot }: { readonly expirySlot: Slot }, code: string, reason: string): RefusedOutcome {
  return { kind: 'refused', code, reason, expirySlot };
}
