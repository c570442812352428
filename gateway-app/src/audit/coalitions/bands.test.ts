import {
  assetBandsCodec,
  bandsOf,
  deliverySamplesCodec,
  exampleAssetId,
  exampleCommandId,
  exampleFounding,
  exampleParticipantId,
  exampleRuleSet,
  exampleSignature,
  exampleTechnicalData,
  exampleVppRules,
  governanceCodec,
  parseJson,
  rowCodec,
  slot,
  technicalDataCodec,
  vppRulesCodec,
  wh,
  type AssetBands,
  type DeliverySamples,
} from '@flexledger/domain';
import { checkBands } from './bands';
import { Findings } from '../findings';
import { ROW_TYPES } from '../row-types';
import { MemoryRows } from '../testing/memory-rows';

const rules = vppRulesCodec.decode(exampleVppRules, '');
const signed = { commandId: exampleCommandId, expirySlot: 1_626_020, signature: exampleSignature };
const known = { participantId: exampleParticipantId, version: 1, kind: 'storage', gridId: 'rural-1', bus: 'bus-2' };
const data = technicalDataCodec.decode({ ...exampleTechnicalData, ...known, ...signed }, '');
const nothing: DeliverySamples = { samples: [] };

function samplesOf(deliveredWh: bigint): DeliverySamples {
  const sample = { direction: 'up' as const, askedWh: wh(1_000n), deliveredWh: wh(deliveredWh) };
  return { samples: Array.from({ length: 8 }, (_, index) => ({ slot: slot(index), ...sample })) };
}

/** A founded ledger with virtual power plants, on which an asset has filed its data. */
function ledger(): MemoryRows {
  const rows = new MemoryRows();
  const ruleSet = { ...exampleRuleSet, vpp: exampleVppRules };
  const governance = governanceCodec.decode(parseJson(JSON.stringify({ ...exampleFounding, ruleSet, version: 1 })), '');
  rows.put(rowCodec(governanceCodec), governance, ROW_TYPES.governance, 'current');
  rows.put(rowCodec(technicalDataCodec), data, ROW_TYPES.technicalVersion, exampleAssetId, '0001');
  return rows;
}

function file(rows: MemoryRows, bands: AssetBands): void {
  rows.put(rowCodec(assetBandsCodec), bands, ROW_TYPES.assetBands, exampleAssetId);
}

function sample(rows: MemoryRows, samples: DeliverySamples): void {
  rows.put(rowCodec(deliverySamplesCodec), samples, ROW_TYPES.deliverySamples, exampleAssetId);
}

function found(rows: MemoryRows): readonly [boolean, number] {
  const findings = new Findings('I10', 'bands');
  checkBands(rows, findings);
  const { checked, holds } = findings.result();
  return [holds, checked];
}

describe('the bands of assets', () => {
  it('hold where each version follows from what was known when it was filed', () => {
    const rows = ledger();
    file(rows, bandsOf(data, nothing, rules));
    sample(rows, samplesOf(700n));
    file(rows, bandsOf(data, samplesOf(700n), rules));
    sample(rows, samplesOf(600n));
    expect(found(rows)).toEqual([true, 2]);
  });

  it('do not where they are wider, firmer than deliveries allow, or made of data that nobody filed', () => {
    const honest = bandsOf(data, nothing, rules);
    const wrong: readonly AssetBands[] = [
      { ...honest, bands: honest.bands.map((band) => ({ ...band, maxW: data.exportMaxW, activationSeconds: 1 })) },
      { ...honest, dataVersion: 2 },
      bandsOf(data, samplesOf(999n), rules),
    ];
    for (const bands of wrong) {
      const rows = ledger();
      file(rows, bands);
      expect(found(rows)).toEqual([false, 1]);
    }
    const late = ledger();
    sample(late, samplesOf(700n));
    file(late, honest);
    expect(found(late)).toEqual([false, 1]);
  });
});
