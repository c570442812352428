import { readBlocks } from '../client/blocks';
import type { GatewayPort } from '../client/gateway-port';
import { auditRows } from './audit';
import type { InvariantResult } from './findings';
import { LedgerFold, type FoldSummary } from './fold';
import { Revalidation } from './revalidation';

/** What an audit of a channel has found. */
export interface ChannelAudit {
  readonly summary: FoldSummary;
  readonly invariants: readonly InvariantResult[];
}

/**
 * Reads all blocks up to `lastBlock` from a peer, checks their chain, validates their transactions again, folds the
 * write sets of the valid ones and checks the invariants. The peer is believed nothing but the bytes of its blocks.
 */
export async function auditChannel(
  port: Pick<GatewayPort, 'blocks' | 'channel' | 'chaincode'>,
  lastBlock: bigint,
): Promise<ChannelAudit> {
  const fold = new LedgerFold(port.chaincode);
  const revalidation = new Revalidation();
  for await (const block of readBlocks({ port, lastBlock })) {
    fold.feed(block);
    revalidation.feed(block);
  }
  return { summary: fold.summary, invariants: [...auditRows(fold, port.channel), revalidation.result()] };
}
