import {
  acceptTechnicalData,
  contracts,
  grantMandate,
  knownMandate,
  limits,
  revokeMandate,
  vppIdOf,
  vppRulesOf,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { GridContract } from '../../grid-contract';
import { activeParticipant, signingParticipant } from '../../participant-command';
import { hasCome } from '../../store/clock-store';
import { assets, meters } from '../../store/registry/registry-store';
import { vppPrefixes } from '../../store/vpp/asset-keys';
import {
  assetMandates,
  mandatedAssets,
  mandates,
  rowsByAsset,
  saveMandate,
  saveRevokedMandate,
  saveTechnicalData,
  technicalData,
  technicalVersions,
} from '../../store/vpp/asset-store';

const specs = contracts.vpp;

/** The part of the contract `vpp` that says what assets can do, and who may use them. */
export abstract class VppAssetContract extends GridContract {
  /** States what an asset can do. */
  @Transaction()
  @Returns('string')
  public async fileTechnicalData(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fileTechnicalData, request, async (asked) => {
      const { rules, session: store } = context;
      const { assetId, participantId, storage } = asked;
      await signingParticipant(context, 'vpp', 'fileTechnicalData', asked);
      vppRulesOf(rules.ruleSet);
      const [asset, before] = await Promise.all([assets.load(store, assetId), technicalData.load(store, assetId)]);
      const data = acceptTechnicalData(asked, {
        asset,
        meter: asset?.meterId === undefined ? undefined : await meters.load(store, asset.meterId),
        before,
        isStoredKnown: storage === undefined || (await hasCome(store, storage.atSlot)),
      });
      saveTechnicalData(store, data);
      const { gridId, kind, version } = data;
      context.record({ type: 'TechnicalDataFiled', assetId, participantId, version, kind, gridId });
      return data;
    });
  }

  /** Grants a mandate. */
  @Transaction()
  @Returns('string')
  public async grantMandate(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.grantMandate, request, async (asked) => {
      const { rules, session: store } = context;
      const { commandId, ...said } = asked;
      await signingParticipant(context, 'vpp', 'grantMandate', asked);
      vppRulesOf(rules.ruleSet);
      const mandate = grantMandate(
        { mandateId: vppIdOf(commandId), ...said },
        {
          aggregator: await activeParticipant(context, said.aggregatorId),
          firstHasBegun: await hasCome(store, said.firstSlot),
          data: await rowsByAsset(said.assetIds, (assetId) => technicalData.load(store, assetId)),
          mandates: await rowsByAsset(said.assetIds, (assetId) => assetMandates.load(store, assetId)),
        },
      );
      await saveMandate(store, mandate);
      const { aggregatorId, assetIds, firstSlot, lastSlot, mandateId, participantId, services, standing } = mandate;
      const given = { assetIds: [...assetIds], services: [...services], firstSlot, lastSlot, standing };
      context.record({ type: 'MandateGranted', mandateId, participantId, aggregatorId, ...given });
      return mandate;
    });
  }

  /** Revokes a mandate. */
  @Transaction()
  @Returns('string')
  public async revokeMandate(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.revokeMandate, request, async (asked) => {
      const { rules, session: store } = context;
      const { fromSlot, mandateId, participantId } = asked;
      await signingParticipant(context, 'vpp', 'revokeMandate', asked);
      vppRulesOf(rules.ruleSet);
      const mandate = knownMandate(await mandates.load(store, mandateId), mandateId);
      const revoked = revokeMandate(mandate, participantId, fromSlot, await hasCome(store, fromSlot));
      await saveRevokedMandate(store, revoked);
      const { aggregatorId } = revoked;
      context.record({ type: 'MandateRevoked', mandateId, participantId, aggregatorId, fromSlot });
      return revoked;
    });
  }

  /** The technical data of an asset, or null. */
  @Transaction(false)
  @Returns('string')
  public async getTechnicalData(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getTechnicalData, request, async ({ assetId, version }) => {
      const { session: store } = context;
      const row =
        version === undefined
          ? await technicalData.load(store, assetId)
          : await technicalVersions.load(store, assetId, version);
      return { data: row ?? null };
    });
  }

  /** All technical data in force. */
  @Transaction(false)
  @Returns('string')
  public async listTechnicalData(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listTechnicalData, request, ({ bookmark }) =>
      technicalData.page(context.session, vppPrefixes.technicalData(), limits.listRowsMax, bookmark),
    );
  }

  /** A mandate, or null. */
  @Transaction(false)
  @Returns('string')
  public async getMandate(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getMandate, request, async ({ mandateId }) => {
      return { mandate: (await mandates.load(context.session, mandateId)) ?? null };
    });
  }

  /** The assets that an aggregator has a mandate for. */
  @Transaction(false)
  @Returns('string')
  public async listMandatedAssets(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listMandatedAssets, request, ({ aggregatorId, bookmark }) =>
      mandatedAssets.page(context.session, vppPrefixes.mandatedAssets(aggregatorId), limits.listRowsMax, bookmark),
    );
  }
}
