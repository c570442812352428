import { isUtf8 } from 'node:buffer';
import { functionName, manifest, RuleError } from '@flexledger/domain';

/** Every transaction by the name that callers use. */
const transactions = new Map(manifest.map((spec) => [functionName(spec), spec]));

/** One call as it is allowed to reach a contract. */
export interface CheckedCall {
  readonly contract: string;
  readonly transaction: string;
  /** The request, known to be UTF-8 but not yet parsed. */
  readonly request: string;
}

/**
 * Checks the raw arguments of a call before the contract API sees them: it would replace bytes that are not UTF-8, accept a
 * function without its contract, and answer in words without a code. Refuses with CALL_FUNCTION_UNKNOWN, CALL_ARGUMENTS_COUNT
 * or INPUT_NOT_UTF8.
 */
export function checkCall(callArguments: readonly Uint8Array[]): CheckedCall {
  const [first, request] = callArguments;
  const called = first === undefined ? undefined : textOf(first);
  const spec = called === undefined ? undefined : transactions.get(called);
  if (spec === undefined) {
    throw new RuleError('CALL_FUNCTION_UNKNOWN');
  }
  if (request === undefined || callArguments.length !== 2) {
    throw new RuleError('CALL_ARGUMENTS_COUNT', { argumentsGiven: callArguments.length - 1 });
  }
  const text = textOf(request);
  if (text === undefined) {
    throw new RuleError('INPUT_NOT_UTF8');
  }
  return { contract: spec.contract, transaction: spec.name, request: text };
}

function textOf(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? Buffer.from(bytes).toString('utf8') : undefined;
}
