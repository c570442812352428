import { InvariantError, RuleError } from '@flexledger/domain';
import type { MemoryLedger } from './memory-ledger';

/**
 * Carries out work that must be refused and answers the code, after checking that the state is untouched and that the message is a
 * whole record: `CODE: sentence {details}`.
 */
export async function codeOf(ledger: MemoryLedger, work: () => Promise<unknown>): Promise<string> {
  const before = ledger.snapshot();
  const error = await work().then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (ledger.snapshot() !== before) {
    throw new Error('a call that should be refused changed the state');
  }
  if (error === undefined) {
    return 'ACCEPTED';
  }
  if (!(error instanceof RuleError || error instanceof InvariantError)) {
    throw error;
  }
  if (!/^[A-Z][A-Z0-9_]+: [A-Z].*\. \{.*\}$/s.test(error.message) || !error.message.startsWith(`${error.code}: `)) {
    throw new Error(`a refusal is not a record: ${error.message}`);
  }
  return error.code;
}
