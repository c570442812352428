import {
  admitAssets,
  admitMeters,
  contracts,
  limits,
  type AssetEntry,
  type KnownForAssets,
  type KnownForMeters,
  type LifeCycleStep,
  type MeterEntry,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { purgeIdentities, stepAssets, stepMeters } from './device-steps';
import { GridContext } from '../../grid-context';
import { GridContract } from '../../grid-contract';
import { approveKey, askForKey } from './meter-key-changes';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { knownForAssets, knownForMeters, saveMeters } from '../../store/registry/known';
import { assets, meterIdentities, meterKeyChanges, meters } from '../../store/registry/registry-store';

const specs = contracts.registry;

type MeterStepSpec = (typeof specs)['commissionMeters'];
type AssetStepSpec = (typeof specs)['commissionAssets'];

/** The part of the contract `registry` that is about meters and flexible assets: who they are, and their lives. */
export abstract class DeviceContract extends GridContract {
  /** Registers meters under pseudonyms. */
  @Transaction()
  @Returns('string')
  public async registerMeters(context: GridContext, request: string): Promise<string> {
    const { session } = context;
    let known: Promise<KnownForMeters> | undefined;
    const knownOf = (entries: readonly MeterEntry[]) => (known ??= knownForMeters(session, entries));
    return this.submit(
      context,
      specs.registerMeters,
      request,
      async ({ meters: entries }, identities) => {
        const registered = admitMeters(entries, identities, await knownOf(entries));
        saveMeters(session, registered, identities);
        context.record({ type: 'MetersRegistered', meterIds: registered.map(({ meterId }) => meterId) });
        return { count: registered.length };
      },
      ({ meters: entries }) => knownOf(entries),
    );
  }

  /** Puts registered meters into service. */
  @Transaction()
  @Returns('string')
  public async commissionMeters(context: GridContext, request: string): Promise<string> {
    return this.stepMeters(context, specs.commissionMeters, request, 'commission');
  }

  /** Refuses the blocks of meters for a while. */
  @Transaction()
  @Returns('string')
  public async freezeMeters(context: GridContext, request: string): Promise<string> {
    return this.stepMeters(context, specs.freezeMeters, request, 'freeze');
  }

  /** Puts frozen meters back into service. */
  @Transaction()
  @Returns('string')
  public async unfreezeMeters(context: GridContext, request: string): Promise<string> {
    return this.stepMeters(context, specs.unfreezeMeters, request, 'unfreeze');
  }

  /** Takes meters out of service for good. */
  @Transaction()
  @Returns('string')
  public async retireMeters(context: GridContext, request: string): Promise<string> {
    return this.stepMeters(context, specs.retireMeters, request, 'retire');
  }

  /** Asks for a new key of a meter in the name of the old one. */
  @Transaction()
  @Returns('string')
  public async rotateMeterKey(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.rotateMeterKey, request, ({ expirySlot, signature, ...change }) =>
      askForKey(context, { ...change, cause: { kind: 'rotation', expirySlot, signature } }),
    );
  }

  /** Asks for a new key of a meter whose old one is lost. */
  @Transaction()
  @Returns('string')
  public async replaceMeterKey(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.replaceMeterKey, request, ({ reason, ...change }) =>
      askForKey(context, { ...change, cause: { kind: 'loss', reason } }),
    );
  }

  /** Puts a new key of a meter into force. */
  @Transaction()
  @Returns('string')
  public async approveMeterKey(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.approveMeterKey, request, ({ meterId, changeDigest }) =>
      approveKey(context, meterId, changeDigest),
    );
  }

  /** A change of the key of a meter. */
  @Transaction(false)
  @Returns('string')
  public async getMeterKeyChange(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getMeterKeyChange, request, async ({ meterId, changeDigest }) => {
      const change = await meterKeyChanges.load(context.session, meterId, changeDigest);
      return found(change, 'METER_KEY_CHANGE_UNKNOWN', { meterId });
    });
  }

  /** Takes who was behind retired meters out of the collection. */
  @Transaction()
  @Returns('string')
  public async purgeIdentities(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.purgeIdentities, request, async ({ meterIds, reason }) => ({
      count: await purgeIdentities(context, meterIds, reason),
    }));
  }

  /** Who is behind the pseudonym of a meter. */
  @Transaction(false)
  @Returns('string')
  public async getMeterIdentity(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getMeterIdentity, request, async ({ meterId }) => {
      return found(await meterIdentities.load(context.session, meterId), 'METER_IDENTITY_UNKNOWN', { meterId });
    });
  }

  /** Registers flexible assets. */
  @Transaction()
  @Returns('string')
  public async registerAssets(context: GridContext, request: string): Promise<string> {
    const { session } = context;
    let known: Promise<KnownForAssets> | undefined;
    const knownOf = (entries: readonly AssetEntry[]) => (known ??= knownForAssets(session, entries));
    return this.submit(
      context,
      specs.registerAssets,
      request,
      async ({ assets: entries }) => {
        for (const asset of admitAssets(entries, await knownOf(entries))) {
          assets.save(session, asset, asset.assetId);
        }
        context.record({ type: 'AssetsRegistered', assetIds: entries.map(({ assetId }) => assetId) });
        return { count: entries.length };
      },
      ({ assets: entries }) => knownOf(entries),
    );
  }

  /** Puts registered assets into service. */
  @Transaction()
  @Returns('string')
  public async commissionAssets(context: GridContext, request: string): Promise<string> {
    return this.stepAssets(context, specs.commissionAssets, request, 'commission');
  }

  /** Keeps assets out of service for a while. */
  @Transaction()
  @Returns('string')
  public async freezeAssets(context: GridContext, request: string): Promise<string> {
    return this.stepAssets(context, specs.freezeAssets, request, 'freeze');
  }

  /** Puts frozen assets back into service. */
  @Transaction()
  @Returns('string')
  public async unfreezeAssets(context: GridContext, request: string): Promise<string> {
    return this.stepAssets(context, specs.unfreezeAssets, request, 'unfreeze');
  }

  /** Takes assets out of service for good. */
  @Transaction()
  @Returns('string')
  public async retireAssets(context: GridContext, request: string): Promise<string> {
    return this.stepAssets(context, specs.retireAssets, request, 'retire');
  }

  /** The meters by id. */
  @Transaction(false)
  @Returns('string')
  public async listMeters(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listMeters, request, ({ bookmark }) =>
      meters.page(context.session, prefixes.meters(), limits.listRowsMax, bookmark),
    );
  }

  /** The flexible assets by id. */
  @Transaction(false)
  @Returns('string')
  public async listAssets(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listAssets, request, ({ bookmark }) =>
      assets.page(context.session, prefixes.assets(), limits.listRowsMax, bookmark),
    );
  }

  private stepMeters(context: GridContext, spec: MeterStepSpec, request: string, step: LifeCycleStep): Promise<string> {
    return this.submit(context, spec, request, async ({ meterIds, reason }) => ({
      count: await stepMeters(context, meterIds, step, reason),
    }));
  }

  private stepAssets(context: GridContext, spec: AssetStepSpec, request: string, step: LifeCycleStep): Promise<string> {
    return this.submit(context, spec, request, async ({ assetIds, reason }) => ({
      count: await stepAssets(context, assetIds, step, reason),
    }));
  }
}
