import {
  assetBandsCodec,
  canonicalJson,
  digestOf,
  limits,
  present,
  type AssetBands,
  type AssetId,
  type VppRules,
} from '@flexledger/domain';
import { oracleCommandId } from './command-ids';
import type { BandLedger, OracleLog } from './ports';
import type { AnswerOutcome } from './send-answer';
import type { SegmentationService } from './service';

/** What filing flexibility bands needs. */
export interface BandParts {
  readonly ledger: BandLedger;
  readonly service: SegmentationService;
}

/**
 * Files the bands of some assets wherever those on the ledger are not what follows from their technical data and deliveries now. It keeps
 * nothing: what to do is read from the ledger, and the same bands under the same rules are the same command, however often the process dies.
 *
 * @throws LedgerError when the ledger could not be asked, or has new data by now (VPP_BANDS_OUTDATED): then the same is tried again
 */
export async function fileBands(
  { ledger, service }: BandParts,
  log: OracleLog,
  assetIds: readonly AssetId[],
): Promise<AnswerOutcome> {
  const known = await ledger.segmentRules();
  if (known === undefined) {
    return { kind: 'closed', state: 'VPP_OFF' };
  }
  const made = await Promise.all(assetIds.map((assetId) => newBands({ ledger, service }, assetId, known.rules)));
  const wanted = made.filter((bands) => bands !== undefined);
  if (wanted.length === 0) {
    return { kind: 'closed', state: 'FILED' };
  }
  const answerDigest = digestOf(wanted.map((bands) => assetBandsCodec.encode(bands)));
  const groups = groupsOf(wanted);
  for (const filed of groups) {
    const digest = digestOf(filed.map((bands) => assetBandsCodec.encode(bands)));
    // Bands that come back with another rule set are to be filed again, so that its number is part of the id.
    const what = `bands/${known.number}/${digest}`;
    const { assetId } = present(filed[0], 'A group has an asset.');
    await ledger.fileBands({ commandId: oracleCommandId(ledger.mspId, assetId, what), filed });
  }
  log.info({ assets: wanted.length }, 'segmented');
  return { kind: 'answered', answerDigest, chunks: groups.length };
}

/** The bands of an asset, where there are none on the ledger or others. */
async function newBands(
  { ledger, service }: BandParts,
  assetId: AssetId,
  rules: VppRules,
): Promise<AssetBands | undefined> {
  const { data, filed, samples } = await ledger.segmented(assetId);
  if (data === undefined) {
    return undefined;
  }
  const bands = await service.run({ data, samples, rules });
  const isFiled = filed !== undefined && encoded(filed) === encoded(bands);
  return isFiled ? undefined : bands;
}

function encoded(bands: AssetBands): string {
  return canonicalJson(assetBandsCodec.encode(bands));
}

function groupsOf(all: readonly AssetBands[]): readonly (readonly AssetBands[])[] {
  const size = limits.bandsPerCallMax;
  return Array.from({ length: Math.ceil(all.length / size) }, (_, index) =>
    all.slice(index * size, (index + 1) * size),
  );
}
