import { randomBytes } from 'node:crypto';
import {
  blockResults,
  crockford26,
  packBlock,
  type BlockResult,
  type CommandId,
  type ProfileBlock,
} from '@flexledger/domain';
import type { Ledger } from '../client/ledger';

/** Bytes of a new command id: 26 characters of 5 bits each. */
const COMMAND_ID_BYTES = 17;

/**
 * Writes blocks in one transaction, and answers for each in their order once it is VALID.
 * @throws RuleRejected | Conflict | Unavailable | Uncertain | LedgerError as `Ledger.submit` does
 */
export async function recordBlocks(
  ledger: Pick<Ledger, 'submit'>,
  blocks: readonly ProfileBlock[],
): Promise<readonly BlockResult[]> {
  const commandId = crockford26(randomBytes(COMMAND_ID_BYTES)) as CommandId;
  const transient = { blocks: blocks.map(packBlock) };
  const request = { commandId, count: blocks.length };
  const { response } = await ledger.submit('metering', 'recordProfiles', request, { transient });
  return blockResults(blocks.length, response);
}
