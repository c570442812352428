import { exampleMeter, type JsonObject } from '@flexledger/domain';
import { deriveBytes, derivePrivateKey, MeterAgent, SigningKey, type SimbenchGrid } from '@flexledger/gateway-app';
import { hourSlot } from './catalogue';
import {
  COPIES,
  gridIdOf,
  registryEntry,
  technicalDataOf,
  type PoolAsset,
  type PoolKind,
  type PoolPhysics,
} from './pool';
import type { PoolWorld } from './world';

/** The meters are in service from then on, each sending what it has counted at the end of these stretches. */
export const METERED_FROM = hourSlot(1);
const SPANS = [
  { startSlot: METERED_FROM, slots: 6 },
  { startSlot: METERED_FROM + 6, slots: 6 },
  // What is called in the morning is known an hour later.
  { startSlot: hourSlot(4), slots: 4 },
  { startSlot: hourSlot(5), slots: 12 },
  ...[8, 12, 16, 20].map((hour) => ({ startSlot: hourSlot(hour), slots: 16 })),
];

/** Who operates the virtual power plant, and who buys for the wholesale market. */
export const OPERATOR = 'vpp-operator';
export const WHOLESALE = 'wholesale-buyer';

/** What owners let their assets do: a heat pump runs as the weather has it, so it is not offered where every quarter hour counts. */
const MANDATED: Readonly<
  Record<string, { readonly kinds: ReadonlySet<PoolKind>; readonly services: readonly string[] }>
> = {
  standing: {
    kinds: new Set(['storage', 'pv', 'generator']),
    services: ['mfrr', 'reactive', 'wholesale-capacity'],
  },
  'standing, of heat pumps': { kinds: new Set(['heat-pump']), services: ['wholesale-capacity'] },
};

/** How many blocks go to the ledger in one command. */
const BLOCKS_AT_ONCE = 100;

/** The pool on the ledger: grids, owners, meters, assets, what they can do, and mandates. */
export class Gathering {
  readonly #meters = new Map<string, MeterAgent>();
  readonly #assets = new Map<string, PoolAsset>();
  #measuredTo = METERED_FROM;

  constructor(
    private readonly world: PoolWorld,
    private readonly physics: PoolPhysics,
  ) {}

  get assets(): readonly PoolAsset[] {
    return [...this.#assets.values()];
  }

  asset(assetId: string): PoolAsset {
    const asset = this.#assets.get(assetId);
    if (asset === undefined) throw new RangeError(`${assetId} is not in the pool`);
    return asset;
  }

  /** Each copy of the grid with its own transformer; the operator and the buyer of the wholesale market. */
  async prepare(grid: SimbenchGrid): Promise<void> {
    const { world } = this;
    const copies = Array.from({ length: COPIES }, (_, copy) => copy);
    await Promise.all(
      copies.map((copy) => world.submit('dso', 'registry', 'registerGrid', `copy ${copy}`, gridEntry(grid, copy))),
    );
    await world.registerParticipants('aggregator', 'aggregator', new Map([[OPERATOR, 1_000_000n]]));
    await world.registerParticipants('market', 'supplier', new Map([[WHOLESALE, 1_000_000n]]));
  }

  /**
   * Owners, meters and assets are registered and put into service; owners sign what their assets can do, and a standing mandate, which is all
   * that anybody does for an asset to be called.
   */
  async join(label: string, assets: readonly PoolAsset[], mandateFromSlot: number): Promise<void> {
    const { world } = this;
    const owners = byOwner(assets);
    const limits = new Map([...owners].map(([owner, own]) => [owner, own.reduce((sum, one) => sum + one.ratedW, 0n)]));
    await world.registerParticipants('community', 'prosumer', limits);
    await this.registerMeters(label, assets);
    await world.submit('aggregator', 'registry', 'registerAssets', label, {
      assets: assets.map((asset) => registryEntry(asset, world.idOf(asset.owner))),
    });
    const assetIds = assets.map(({ assetId }) => assetId);
    const reason = 'seen at its connection';
    await world.submit('dso', 'registry', 'commissionAssets', label, { assetIds, reason });
    for (const asset of assets) this.#assets.set(asset.assetId, asset);
    const { clockSlot } = world;
    await world.signAll(
      assets.map((asset) => ({
        role: 'community',
        who: asset.owner,
        transaction: 'fileTechnicalData',
        label: asset.label,
        fields: technicalDataOf(asset, clockSlot),
      })),
    );
    await world.signAll(
      [...owners].flatMap(([owner, own]) =>
        Object.entries(MANDATED)
          .map(([label, { kinds, services }]) => ({
            label,
            services,
            assets: own.filter(({ kind }) => kinds.has(kind)),
          }))
          .filter((mandate) => mandate.assets.length > 0)
          .map((mandate) => ({
            role: 'community' as const,
            who: owner,
            transaction: 'grantMandate' as const,
            label: mandate.label,
            fields: this.mandate(mandate.assets, mandate.services, mandateFromSlot),
          })),
      ),
    );
  }

  /** The oracle segments the assets by itself; waits until the bands of the data of all of them stand on the ledger. */
  async awaitBands(): Promise<void> {
    const wanted = [...this.#assets.keys()].sort();
    for (const assetId of wanted) {
      await this.world.until(`bands of ${this.asset(assetId).label}`, async () => {
        const { bands } = await this.world.read('vpp', 'getBands', { assetId });
        const { data } = await this.world.read('vpp', 'getTechnicalData', { assetId });
        return bands !== null && bands.dataVersion === data?.version ? bands : undefined;
      });
    }
  }

  /** Owners file what their storages hold, which have been charged again since they were called. */
  async fileCharge(label: string): Promise<void> {
    const { clockSlot } = this.world;
    const storages = this.assets.filter(({ kind }) => kind === 'storage');
    await this.world.signAll(
      storages.map((asset) => ({
        role: 'community',
        who: asset.owner,
        transaction: 'fileTechnicalData',
        label: `${asset.label}, ${label}`,
        fields: technicalDataOf(asset, clockSlot),
      })),
    );
    await this.awaitBands();
  }

  /** All meters send what they have counted in the stretches that have begun since they sent last, and end by a slot. */
  async measureTo(toSlot: number): Promise<void> {
    const fromSlot = this.#measuredTo;
    this.#measuredTo = toSlot;
    const blocks = [...this.#meters.values()].flatMap((agent) => agent.blocksBetween(fromSlot, toSlot));
    for (let first = 0; first < blocks.length; first += BLOCKS_AT_ONCE) {
      const own = blocks.slice(first, first + BLOCKS_AT_ONCE);
      const label = `from ${fromSlot} to ${toSlot}, ${first}`;
      const contents = own.map(({ content }) => content);
      await this.world.submit(
        'community',
        'metering',
        'recordProfiles',
        label,
        { count: own.length },
        { blocks: contents },
      );
    }
  }

  private mandate(assets: readonly PoolAsset[], services: readonly string[], firstSlot: number): JsonObject {
    return {
      aggregatorId: this.world.idOf(OPERATOR),
      assetIds: assets.map(({ assetId }) => assetId),
      services: [...services],
      capacityPriceMinMicroPerKwh: '1000',
      energyPriceMinMicroPerKwh: '0',
      firstSlot,
      lastSlot: hourSlot(24) - 1,
      standing: true,
      constraints: { localDemandFirst: false },
    };
  }

  private async registerMeters(label: string, assets: readonly PoolAsset[]): Promise<void> {
    const { seed } = this.world;
    const entries = assets.map((asset) => {
      const key = new SigningKey(derivePrivateKey(seed, `meter-key/${asset.label}`));
      const spans = SPANS.filter(({ startSlot }) => startSlot > this.world.clockSlot);
      const agent = new MeterAgent({
        seed,
        channel: this.world.handle.channelName,
        meterId: asset.meterId,
        key,
        spans,
        measure: (slot) => this.physics.counted(asset, slot),
      });
      this.#meters.set(asset.meterId, agent);
      return meterEntry(asset, this.world.idOf(asset.owner), key.publicKey, spans[0]?.startSlot ?? 0);
    });
    const identities = assets.map(({ label: name, meterId }) => ({
      meterId,
      meteringPoint: `VPP-${name}`,
      salt: deriveBytes(seed, `identity-salt/${name}`, 16).toString('base64url'),
    }));
    await this.world.submit('dso', 'registry', 'registerMeters', label, { meters: entries }, identities);
    const meterIds = assets.map(({ meterId }) => meterId);
    const reason = 'installed and sealed';
    await this.world.submit('dso', 'registry', 'commissionMeters', label, { meterIds, reason });
  }
}

function byOwner(assets: readonly PoolAsset[]): ReadonlyMap<string, readonly PoolAsset[]> {
  const owners = new Map<string, PoolAsset[]>();
  for (const asset of assets) owners.set(asset.owner, [...(owners.get(asset.owner) ?? []), asset]);
  return owners;
}

const DEVICE_TYPES = { storage: 'storage', pv: 'pv', 'heat-pump': 'heat-pump', generator: 'generator' } as const;

function meterEntry(asset: PoolAsset, participantId: string, publicKey: string, firstSlot: number): JsonObject {
  return {
    ...(exampleMeter as unknown as JsonObject),
    meterId: asset.meterId,
    participantId,
    gridId: gridIdOf(asset.copy),
    bus: `bus-${asset.bus}`,
    deviceType: DEVICE_TYPES[asset.kind],
    fuseLimitW: ((asset.ratedW * 5n) / 4n).toString(),
    firstSlot,
    publicKey,
  };
}

function gridEntry({ buses, lines, transformer }: SimbenchGrid, copy: number): JsonObject {
  const limitW = transformer.limitW.toString();
  const busId = (bus: number): string => `bus-${bus}`;
  return {
    gridId: gridIdOf(copy),
    buses: buses.map(({ id, name, voltageV }) => ({ id: busId(id), name, voltageV: Number(voltageV) })),
    lines: lines.map(({ fromBus, id, limitW: lineW, toBus }) => ({
      id: `line-${id}`,
      fromBus: busId(fromBus),
      toBus: busId(toBus),
      limitW: lineW.toString(),
    })),
    transformer: { id: 'transformer', fromBus: busId(transformer.fromBus), toBus: busId(transformer.toBus), limitW },
    congestionPoints: [{ id: 'transformer', elementId: 'transformer', importLimitW: limitW, exportLimitW: limitW }],
  };
}
