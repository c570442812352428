import {
  canonicalJson,
  clearingChunkCodec,
  clearingCodec,
  limits,
  participantCodec,
  postingSetCodec,
  rentWeights,
  rentWeightsCodec,
  rowCodec,
  sessionCodec,
  shareRent,
  sum,
  wh,
  type PostingSet,
  type RentWeights,
  type Session,
  type Wh,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import type { MoneyRows } from '../money/money';
import { ROW_TYPES } from '../row-types';

/**
 * The rent of grid limits that went back to members is what the rule makes of the recorded weights, in each bucket, and these are what the
 * members traded, what their meters took, or one for each; and a session whose rule set keeps its rent has given none.
 */
export function auditRent(rows: AuditRows, money: MoneyRows, findings: Findings): void {
  const weights = decodeRows(rows, ROW_TYPES.rentWeights, rowCodec(rentWeightsCodec), findings);
  const sessions = decodeRows(rows, ROW_TYPES.session, rowCodec(sessionCodec), findings);
  const clearings = decodeRows(rows, ROW_TYPES.clearing, rowCodec(clearingCodec), findings);
  auditWeights({ rows, money, sessions, weights }, findings);
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

/** What weights are checked against. */
interface WeighedRows {
  readonly rows: AuditRows;
  readonly money: MoneyRows;
  readonly sessions: readonly DecodedRow<Session>[];
  readonly weights: readonly DecodedRow<RentWeights>[];
}

/** Every weight is that of the rule, from fills and settled lines, of exactly the participants of its bucket. */
function auditWeights({ money, rows, sessions, weights }: WeighedRows, findings: Findings): void {
  const chunks = decodeRows(rows, ROW_TYPES.clearingChunk, rowCodec(clearingChunkCodec), findings);
  const participants = decodeRows(rows, ROW_TYPES.participant, rowCodec(participantCodec), findings);
  const suppliers = new Set(
    participants.flatMap(({ value }) => (value.kind === 'supplier' ? [value.participantId] : [])),
  );
  for (const { row, value } of weights) {
    expectWrittenOnce(row, findings);
    const { bucket, sessionId } = value;
    const session = sessions.find((one) => one.value.sessionId === sessionId)?.value;
    const traded = chunks
      .filter((one) => one.value.sessionId === sessionId)
      .sort((left, right) => left.value.chunk - right.value.chunk)
      .flatMap((one) => one.value.participants);
    const start = bucket * limits.accountsPerBucketMax;
    const members = traded.slice(start, start + limits.accountsPerBucketMax).map(({ fills, participantId }) => {
      const importWh = importedWh(money, sessionId, participantId);
      return { participantId, fills, importWh, isSupplier: suppliers.has(participantId) };
    });
    const isDue =
      session?.ruleSet.rentShare !== undefined &&
      row.parts.join('/') === `${sessionId}/${String(bucket).padStart(4, '0')}` &&
      textOf(rentWeights(session, bucket, members)) === textOf(value);
    findings.expect(isDue, () => `${nameOf(row)} does not weigh as the rule does`);
  }
}

/** What a participant's meters took in a session as it was settled first, which is what its statement says. */
function importedWh({ sets }: MoneyRows, sessionId: string, participantId: string): Wh {
  const lines = sets.flatMap(({ value: { cause, lines: own = [] } }) =>
    cause.kind === 'settlement' && cause.sessionId === sessionId && cause.run === 1 ? own : [],
  );
  return wh(sum(lines.filter((line) => line.participantId === participantId).map((line) => line.importWh)));
}

function textOf(weights: RentWeights): string {
  return canonicalJson(rentWeightsCodec.encode(weights));
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
