import {
  assetBandsCodec,
  bandsOf,
  canonicalJson,
  deliverySamplesCodec,
  governanceCodec,
  rowCodec,
  samplesDigestOf,
  technicalDataCodec,
  type AssetBands,
  type DeliverySamples,
} from '@flexledger/domain';
import { decodeValue, nameOf, stagesOf, type Stage } from '../decoded-rows';
import type { Findings } from '../findings';
import type { AuditRows } from '../fold';
import { isBefore, type Place } from '../place';
import { ROW_TYPES } from '../row-types';

/**
 * Flexibility bands are oracle results as well: every version that a row has ever had follows from the technical data that it names, from the
 * samples of the asset with the digest that it names, and from the rule set that was in force when it was filed.
 */
export function checkBands(rows: AuditRows, findings: Findings): void {
  const governance = rows.row(ROW_TYPES.governance, 'current');
  const rules = governance === undefined ? [] : stagesOf(governance, rowCodec(governanceCodec), findings);
  for (const row of rows.rows(ROW_TYPES.assetBands)) {
    for (const { place, value } of stagesOf(row, rowCodec(assetBandsCodec), findings)) {
      findings.count();
      const expected = expectedBands(rows, value, ruleSetAt(rules, place), place, findings);
      findings.expect(
        expected !== undefined && textOf(expected) === textOf(value),
        () => `${nameOf(row)} has bands that do not follow from technical data and deliveries`,
      );
    }
  }
}

type RuleSetStage = Stage<{ readonly ruleSet: { readonly vpp?: Parameters<typeof bandsOf>[2] } }>;

/** The rules of virtual power plants that were in force at a place. */
function ruleSetAt(stages: readonly RuleSetStage[], place: Place) {
  return stages.filter((stage) => isBefore(stage.place, place)).at(-1)?.value.ruleSet.vpp;
}

function expectedBands(
  rows: AuditRows,
  { assetId, dataVersion, samplesDigest }: AssetBands,
  rules: Parameters<typeof bandsOf>[2] | undefined,
  place: Place,
  findings: Findings,
): AssetBands | undefined {
  const version = rows.row(ROW_TYPES.technicalVersion, assetId, String(dataVersion).padStart(4, '0'));
  const sampled = rows.row(ROW_TYPES.deliverySamples, assetId);
  const known = sampled === undefined ? [] : stagesOf(sampled, rowCodec(deliverySamplesCodec), findings);
  const nothing: DeliverySamples = { samples: [] };
  const before = known.filter((stage) => isBefore(stage.place, place)).at(-1)?.value ?? nothing;
  if (version === undefined || rules === undefined || samplesDigestOf(before) !== samplesDigest) {
    return undefined;
  }
  return findings.attempt(nameOf(version), () =>
    bandsOf(decodeValue(version.value, rowCodec(technicalDataCodec)), before, rules),
  );
}

function textOf(bands: AssetBands): string {
  return canonicalJson(assetBandsCodec.encode(bands));
}
