import {
  bandsOf,
  contracts,
  demand,
  demandBands,
  knownTechnicalData,
  limits,
  vppRulesOf,
  type AssetBands,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { vppPrefixes } from '../../store/vpp/asset-keys';
import { assetBands, loadSamples, technicalData } from '../../store/vpp/asset-store';
import { VppAssetContract } from './assets';

const specs = contracts.vpp;

/** The part of the contract `vpp` that keeps the flexibility bands of assets. */
export abstract class VppBandContract extends VppAssetContract {
  /** Files the bands of assets. */
  @Transaction()
  @Returns('string')
  public async fileBands(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fileBands, request, async ({ filed }) => {
      const { caller, rules, session: store } = context;
      vppRulesOf(rules.ruleSet);
      const ids = filed.map(({ assetId }) => assetId);
      demand(new Set(ids).size === ids.length, 'VPP_NAMED_TWICE');
      const expected = await Promise.all(filed.map((entry) => expectedBands(context, entry)));
      expected.forEach((bands, index) => {
        demandBands(filed[index] ?? bands, bands);
      });
      demand(rules.oracles.includes(caller.mspId), 'ORACLE_NOT_APPROVED', { mspId: caller.mspId });
      for (const bands of expected) {
        assetBands.save(store, bands, bands.assetId);
      }
      context.record({ type: 'BandsFiled', assetIds: ids, mspId: caller.mspId });
      return { count: filed.length };
    });
  }

  /** The bands of an asset, or null. */
  @Transaction(false)
  @Returns('string')
  public async getBands(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getBands, request, async ({ assetId }) => {
      return { bands: (await assetBands.load(context.session, assetId)) ?? null };
    });
  }

  /** All filed bands. */
  @Transaction(false)
  @Returns('string')
  public async listBands(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listBands, request, ({ bookmark }) =>
      assetBands.page(context.session, vppPrefixes.bands(), limits.listRowsMax, bookmark),
    );
  }

  /** What an asset has delivered last. */
  @Transaction(false)
  @Returns('string')
  public async getDeliverySamples(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getDeliverySamples, request, ({ assetId }) =>
      loadSamples(context.session, assetId),
    );
  }
}

/** What the bands of an asset have to be, by the technical data in force and what it has delivered. */
async function expectedBands({ rules, session: store }: GridContext, { assetId }: AssetBands): Promise<AssetBands> {
  const data = knownTechnicalData(await technicalData.load(store, assetId), assetId);
  return bandsOf(data, await loadSamples(store, assetId), vppRulesOf(rules.ruleSet));
}
