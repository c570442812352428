import {
  canonicalJson,
  clearingCodec,
  postingSetCodec,
  rentWeightsCodec,
  rowCodec,
  sessionCodec,
  shareRent,
  type PostingSet,
  type RentWeights,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from './decoded-rows';
import type { Findings } from './findings';
import type { AuditRows } from './fold';
import type { MoneyRows } from './money';
import { ROW_TYPES } from './row-types';

/**
 * The rent of grid limits that went back to members is what the rule makes of the recorded weights, in each bucket; and a session whose rule set keeps its rent has given none.
 */
export function auditRent(rows: AuditRows, money: MoneyRows, findings: Findings): void {
  const weights = decodeRows(rows, ROW_TYPES.rentWeights, rowCodec(rentWeightsCodec), findings);
  weights.forEach(({ row }) => {
    expectWrittenOnce(row, findings);
  });
  const sessions = decodeRows(rows, ROW_TYPES.session, rowCodec(sessionCodec), findings);
  const clearings = decodeRows(rows, ROW_TYPES.clearing, rowCodec(clearingCodec), findings);
  for (const set of money.sets) {
    const { cause } = set.value;
    if (cause.kind === 'rent') {
      const of = ({ value }: DecodedRow<{ readonly sessionId: string }>): boolean =>
        value.sessionId === cause.sessionId;
      const session = sessions.find(of)?.value;
      const clearing = clearings.find(of)?.value;
      const own = weights.filter(of).map(({ value }) => value);
      const isDue =
        session?.ruleSet.rentShare !== undefined &&
        clearing !== undefined &&
        isShareOf(set.value, clearing.rentMicro ?? 0n, own, clearing.bucketFirsts.length);
      findings.expect(isDue, () => `${nameOf(set.row)} is not the part of the rent that was due`);
    }
  }
}

function isShareOf(set: PostingSet, rentMicro: bigint, weights: readonly RentWeights[], buckets: number): boolean {
  if (set.cause.kind !== 'rent') {
    return false;
  }
  const all = Array.from({ length: buckets }, (_, bucket) => weights.find((row) => row.bucket === bucket));
  try {
    const due = shareRent(rentMicro, all, set.cause.bucket);
    return canonicalJson(postingSetCodec.encode(due)) === canonicalJson(postingSetCodec.encode(set));
  } catch {
    // The rule refuses to share by these weights: that is the finding.
    return false;
  }
}
