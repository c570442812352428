import {
  assetCodec,
  commitmentDayCodec,
  connectionCapacity,
  dayStart,
  findMisfit,
  participantCodec,
  rowCodec,
  widestBandW,
  type Asset,
  type AssetCapacity,
  type Commitment,
} from '@flexledger/domain';
import { decodeRows, nameOf } from './decoded-rows';
import { Findings, type InvariantResult } from './findings';
import type { AuditRows } from './fold';
import { ROW_TYPES } from './row-types';

/**
 * I12: in every quarter hour, up and down for themselves, what an asset has promised fits what it can do. What stands under seal is
 * confidential and not part of it; each conclusion has counted it. The asset of a participant is its connection. Other assets promise
 * flexibility, which no band makes wider than what they can move.
 */
export function auditCommitments(rows: AuditRows): InvariantResult {
  const findings = new Findings('I12', 'promises of assets by day');
  const participants = decodeRows(rows, ROW_TYPES.participant, rowCodec(participantCodec), findings);
  const assets = decodeRows(rows, ROW_TYPES.asset, rowCodec(assetCodec), findings);
  const capacities = new Map<string, AssetCapacity>([
    ...participants.map(({ value }) => [value.participantId, connectionCapacity(value.connectionLimitW)] as const),
    ...assets.map(({ value }) => [value.assetId, assetCapacity(value)] as const),
  ]);
  for (const { row, value } of decodeRows(rows, ROW_TYPES.commitmentDay, rowCodec(commitmentDayCodec), findings)) {
    findings.count(value.commitments.length);
    const { assetId, commitments, day } = value;
    findings.expect(
      commitments.every(({ firstSlot }) => dayStart(firstSlot) === day) && hasEachOnce(commitments),
      () => `${nameOf(row)} lists a promise of another day, or one twice`,
    );
    const capacity = capacities.get(assetId);
    const misfit = capacity === undefined ? undefined : findMisfit(commitments, capacity);
    findings.expect(capacity !== undefined, () => `${nameOf(row)} is the book of an asset that nobody has registered`);
    findings.expect(
      misfit === undefined,
      () => `${nameOf(row)} promises more than the asset can do (${misfit?.direction} in slot ${misfit?.slot})`,
    );
  }
  return findings.result();
}

function assetCapacity(asset: Asset): AssetCapacity {
  const widestW = widestBandW(asset);
  return { importMaxW: widestW, exportMaxW: widestW };
}

function hasEachOnce(commitments: readonly Commitment[]): boolean {
  return new Set(commitments.map(({ promiseId }) => promiseId)).size === commitments.length;
}
