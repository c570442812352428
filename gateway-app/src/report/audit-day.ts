import type { NetworkHandle } from '@flexledger/network';
import { auditClearings } from '../audit/market';
import { auditChains, auditReadings } from '../audit/meters';
import { auditLimits, auditPostingSets, auditTotal, readMoney } from '../audit/money';
import { auditBalance, auditRuns } from '../audit/settlement';
import { LedgerFold } from '../audit/fold';
import { readBlocks } from '../client/blocks';
import { connectGateway } from '../client/connect';
import type { LedgerReport } from './report-types';

/** What the blocks say, and which invariants hold. */
export interface AuditOutcome {
  readonly ledger: Omit<LedgerReport, 'commitLatencyMs'>;
  readonly invariants: Readonly<Record<string, boolean>>;
  readonly findings: readonly string[];
}

/** Reads all blocks up to `lastBlock` with the regulator's certificate, folds them and audits what they say. */
export async function auditDay(handle: NetworkHandle, lastBlock: number): Promise<AuditOutcome> {
  const port = connectGateway({
    endpoint: handle.peerEndpoint('Regulator'),
    identity: handle.identity('Regulator', 'regulator'),
    channel: handle.channelName,
    chaincode: handle.chaincodeName,
  });
  const fold = new LedgerFold(handle.chaincodeName);
  try {
    for await (const block of readBlocks({ port, startBlock: 0n, lastBlock: BigInt(lastBlock) })) fold.feed(block);
  } finally {
    port.close();
  }
  const money = readMoney(fold);
  const results = [
    auditTotal(money),
    auditPostingSets(money),
    auditLimits(money),
    auditBalance(fold, money),
    auditReadings(fold),
    auditChains(fold, handle.channelName),
    auditClearings(fold),
    auditRuns(money),
  ];
  const { height, transactions, codes, problems } = fold.summary;
  return {
    ledger: { height, transactions, validationCodes: codes },
    invariants: Object.fromEntries(results.map(({ id, holds }) => [id, holds])),
    findings: [...problems, ...results.filter(({ holds }) => !holds).map(({ id, detail }) => `${id}: ${detail}`)],
  };
}
