import type { NetworkHandle } from '@flexledger/network';
import { auditChannel } from '../audit/audit-channel';
import { connectGateway } from '../client/connect';
import type { LedgerReport } from './report-types';

/** What the blocks say, and which invariants hold. */
export interface AuditOutcome {
  readonly ledger: Omit<LedgerReport, 'commitLatencyMs'>;
  readonly invariants: Readonly<Record<string, boolean>>;
  readonly findings: readonly string[];
}

/** Reads all blocks up to `lastBlock` with the regulator's certificate and audits what they say. */
export async function auditDay(handle: NetworkHandle, lastBlock: number): Promise<AuditOutcome> {
  const port = connectGateway({
    endpoint: handle.peerEndpoint('Regulator'),
    identity: handle.identity('Regulator', 'regulator'),
    channel: handle.channelName,
    chaincode: handle.chaincodeName,
  });
  try {
    const { summary, invariants } = await auditChannel(port, BigInt(lastBlock));
    const { height, transactions, codes, problems } = summary;
    const ordered = [...invariants].sort((left, right) => numberOf(left.id) - numberOf(right.id));
    const broken = ordered.filter(({ holds }) => !holds);
    return {
      ledger: { height, transactions, validationCodes: codes },
      invariants: Object.fromEntries(ordered.map(({ id, holds }) => [id, holds])),
      findings: [...problems, ...broken.map(({ id, detail }) => `${id}: ${detail}`)],
    };
  } finally {
    port.close();
  }
}

/** The 4 of `I4`. */
function numberOf(invariant: string): number {
  return Number(invariant.slice(1));
}
