import {
  assetBandsCodec,
  bandsOf,
  demandBands,
  exampleTechnicalData,
  exampleVppRules,
  RuleError,
  slot,
  technicalDataCodec,
  vppRulesCodec,
  wh,
  withSamples,
  type AssetBands,
  type AssetId,
  type CommandId,
  type DeliverySamples,
  type JsonObject,
  type TechnicalData,
} from '@flexledger/domain';
import { GatewayFailure, RuleRejected, Unavailable } from '@flexledger/gateway-app';
import { fileBands } from './file-bands';
import type { BandLedger } from './ports';
import type { BandInput } from './service';
import { segmentation } from './services/segmentation';

const rules = vppRulesCodec.decode(exampleVppRules, '');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

function idOf(index: number): AssetId {
  return `01asset${String(index).padStart(19, '0')}` as AssetId;
}

function dataOf(index: number, changes: JsonObject = {}): TechnicalData {
  const signed = {
    participantId: idOf(index),
    commandId: idOf(index),
    expirySlot: 1_626_020,
    signature: 'A'.repeat(86),
  };
  const known = { version: 1, kind: 'storage', gridId: 'rural-1', bus: 'bus-2', ...signed };
  return technicalDataCodec.decode({ ...exampleTechnicalData, ...known, assetId: idOf(index), ...changes }, '');
}

/** A ledger in memory that judges bands by the domain's own rule, and dies on demand. */
class MemoryBandLedger implements BandLedger {
  readonly mspId = 'DsoMSP';
  readonly data = new Map<AssetId, TechnicalData>();
  readonly samples = new Map<AssetId, DeliverySamples>();
  readonly filed = new Map<AssetId, AssetBands>();
  readonly commands = new Set<CommandId>();
  number = 1;
  callsUntilDeath = Infinity;

  segmentRules(): ReturnType<BandLedger['segmentRules']> {
    return this.#call(() => ({ rules, number: this.number }));
  }

  segmented(assetId: AssetId): ReturnType<BandLedger['segmented']> {
    return this.#call(() => ({
      data: this.data.get(assetId),
      samples: this.samples.get(assetId) ?? { samples: [] },
      filed: this.filed.get(assetId),
    }));
  }

  segmentedAssets(): Promise<readonly AssetId[]> {
    return this.#call(() => [...this.data.keys()]);
  }

  fileBands({ commandId, filed }: Parameters<BandLedger['fileBands']>[0]): Promise<void> {
    return this.#call(() => {
      if (this.commands.has(commandId)) {
        return;
      }
      for (const bands of filed) {
        const data = this.data.get(bands.assetId);
        if (data === undefined) throw new RuleError('VPP_DATA_UNKNOWN');
        demandBands(bands, bandsOf(data, this.samples.get(bands.assetId) ?? { samples: [] }, rules));
        this.filed.set(bands.assetId, bands);
      }
      this.commands.add(commandId);
    });
  }

  async #call<T>(act: () => T): Promise<T> {
    await Promise.resolve();
    this.callsUntilDeath -= 1;
    if (this.callsUntilDeath < 0) {
      throw new Unavailable({ code: 'LEDGER_UNAVAILABLE', message: 'no connection established' });
    }
    try {
      return act();
    } catch (error) {
      if (!(error instanceof RuleError)) throw error;
      const { code, details, message } = error;
      const failure = new GatewayFailure({ stage: 'endorse', grpcCode: 10, summary: message });
      throw new RuleRejected({ code, sentence: message, details, transient: false, broken: false }, failure);
    }
  }
}

function ledgerOf(assets: number): MemoryBandLedger {
  const ledger = new MemoryBandLedger();
  for (let index = 1; index <= assets; index += 1) {
    ledger.data.set(idOf(index), dataOf(index));
  }
  return ledger;
}

describe('the segmentation of an oracle', () => {
  it('files what the contract takes, many assets in few commands, and nothing twice', async () => {
    const ledger = ledgerOf(120);
    const ids = [...ledger.data.keys()];
    expect(await fileBands({ ledger, service: segmentation }, log, ids)).toMatchObject({ kind: 'answered', chunks: 3 });
    expect([ledger.filed.size, ledger.commands.size]).toEqual([120, 3]);
    expect(await fileBands({ ledger, service: segmentation }, log, ids)).toEqual({ kind: 'closed', state: 'FILED' });
    expect(ledger.commands.size).toBe(3);
  });

  it('files again what other data or deliveries make of an asset, and that alone', async () => {
    const ledger = ledgerOf(3);
    const parts = { ledger, service: segmentation };
    const ids = [...ledger.data.keys()];
    await fileBands(parts, log, ids);
    ledger.data.set(idOf(2), dataOf(2, { version: 2, exportMaxW: '4000' }));
    const delivered = Array.from({ length: 8 }, (_, index) => {
      return { slot: slot(index), direction: 'up' as const, askedWh: wh(1_000n), deliveredWh: wh(700n) };
    });
    ledger.samples.set(idOf(3), withSamples(undefined, delivered));
    await fileBands(parts, log, ids);
    expect(ledger.commands.size).toBe(2);
    const up = (index: number) => ledger.filed.get(idOf(index))?.bands[0];
    expect([up(1)?.maxW, up(2)?.maxW, up(3)?.firmPpm]).toEqual([10_000n, 4_000n, 700_000n]);
  });

  it('loses and doubles nothing, at whichever call the process dies', async () => {
    for (let calls = 0; calls < 8; calls += 1) {
      const ledger = ledgerOf(2);
      const parts = { ledger, service: segmentation };
      ledger.callsUntilDeath = calls;
      const first = await fileBands(parts, log, [...ledger.data.keys()]).catch((error: unknown) => error);
      expect(first instanceof Unavailable).toBe(calls < 4);
      ledger.callsUntilDeath = Infinity;
      await fileBands(parts, log, [...ledger.data.keys()]);
      expect([ledger.filed.size, ledger.commands.size]).toEqual([2, 1]);
    }
  });

  it('leaves an asset alone of which nobody has filed data, and tells whose bands the ledger refuses', async () => {
    const ledger = ledgerOf(1);
    const parts = { ledger, service: segmentation };
    expect(await fileBands(parts, log, [idOf(9)])).toEqual({ kind: 'closed', state: 'FILED' });
    const wrong = {
      ...segmentation,
      run: ({ data, rules: known, samples }: BandInput) => ({ ...bandsOf(data, samples, known), bands: [] }),
    };
    const attempt = fileBands({ ledger, service: wrong }, log, [idOf(1)]);
    await expect(attempt).rejects.toMatchObject({ code: 'VPP_BAND_MISMATCH' });
    expect(assetBandsCodec.encode(bandsOf(dataOf(1), { samples: [] }, rules))).toMatchObject({ dataVersion: 1 });
  });
});
