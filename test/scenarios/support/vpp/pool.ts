import type { JsonObject } from '@flexledger/domain';
import {
  deriveId,
  loadProfileYear,
  loadReactiveVarh,
  loadSimbenchGrid,
  unitEnergiesWh,
  type GridUnit,
  type SimbenchGrid,
} from '@flexledger/gateway-app';

/*
 * The pool: ten copies of the SimBench grid, each behind its own transformer and each with the weather of another day, so that they do not move as
 * one. Storages, the largest PV systems and heat pumps of each copy take part.
 */

/** Copies of the grid. */
export const COPIES = 10;
/** Quarter hours of an hour and of a day. */
export const HOUR = 4;
export const DAY = 96;
const UTC_PLUS_ONE = 4;
/** 20 May 2016, 00:00 local: the day of the first copy; each other one plays a day further back. */
export const DAY_SLOT = Date.UTC(2016, 4, 20) / 900_000 - UTC_PLUS_ONE;

const PV_PER_COPY = 3;
const HEAT_PUMPS_PER_COPY = 2;
/** Inverters are rated for a tenth more than they give, which leaves them √(S² − P²) of reactive power. */
const ACTIVE_PERCENT = 90n;

export type PoolKind = 'storage' | 'pv' | 'heat-pump' | 'generator';

/** An asset of the pool with the meter that counts it alone. Powers are in W. */
export interface PoolAsset {
  readonly label: string;
  readonly assetId: string;
  readonly meterId: string;
  readonly owner: string;
  readonly copy: number;
  readonly bus: number;
  readonly kind: PoolKind;
  readonly ratedW: bigint;
  readonly activeW: bigint;
  readonly energyWh?: bigint;
  /** What drives it; storages and generators rest unless they are called. */
  readonly unit?: GridUnit;
  /** How long a machine takes until it is synchronised. */
  readonly syncSeconds: number;
}

/** The grid of a copy on the ledger. */
export function gridIdOf(copy: number): string {
  return `copy-${copy}`;
}

/** The assets of all copies. */
export function poolOf(seed: string, grid: SimbenchGrid): readonly PoolAsset[] {
  return Array.from({ length: COPIES }, (_, copy) => copyAssets(seed, grid, copy)).flat();
}

/** The grid as the data have it. */
export function poolGrid(): SimbenchGrid {
  return loadSimbenchGrid();
}

function copyAssets(seed: string, grid: SimbenchGrid, copy: number): readonly PoolAsset[] {
  const largest = (units: readonly GridUnit[], count: number): readonly GridUnit[] =>
    [...units].sort((left, right) => Number(right.ratedW - left.ratedW) || left.id - right.id).slice(0, count);
  const heatPumps = grid.loads.filter(({ profile }) => /^(Air|Soil)_/.test(profile));
  return [
    ...grid.storages.map(({ bus, energyWh, id, ratedW }) =>
      assetOf(seed, { copy, bus, kind: 'storage', id, ratedW, energyWh }),
    ),
    ...largest(grid.pv, PV_PER_COPY).map((unit) =>
      assetOf(seed, { copy, bus: unit.bus, kind: 'pv', id: unit.id, ratedW: unit.ratedW, unit }),
    ),
    ...largest(heatPumps, HEAT_PUMPS_PER_COPY).map((unit) =>
      assetOf(seed, { copy, bus: unit.bus, kind: 'heat-pump', id: unit.id, ratedW: unit.ratedW, unit }),
    ),
  ];
}

function hasInverter(kind: PoolKind): boolean {
  return kind === 'storage' || kind === 'pv';
}

/** What makes an asset: its place and its plate. */
export interface AssetPlate {
  readonly copy: number;
  readonly bus: number;
  readonly kind: PoolKind;
  readonly id: number;
  readonly ratedW: bigint;
  readonly energyWh?: bigint;
  readonly unit?: GridUnit;
  readonly syncSeconds?: number;
}

/** An asset of the pool from its plate; whoever is at the bus owns it. */
export function assetOf(seed: string, { id, ratedW, syncSeconds = 10, ...plate }: AssetPlate): PoolAsset {
  const { bus, copy, kind } = plate;
  const label = `${kind}-${id}-of-${gridIdOf(copy)}`;
  return {
    ...plate,
    label,
    assetId: deriveId(seed, `vpp-asset/${label}`),
    meterId: deriveId(seed, `vpp-meter/${label}`),
    owner: `owner-${bus}-of-${gridIdOf(copy)}`,
    ratedW,
    activeW: hasInverter(kind) ? (ratedW * ACTIVE_PERCENT) / 100n : ratedW,
    syncSeconds,
  };
}

/** What the registry is told of an asset. */
export function registryEntry(asset: PoolAsset, participantId: string): JsonObject {
  const { assetId, bus, copy, energyWh, kind, meterId, ratedW } = asset;
  return {
    assetId,
    participantId,
    gridId: gridIdOf(copy),
    bus: `bus-${bus}`,
    kind,
    phases: 3,
    ratedPowerW: ratedW.toString(),
    ...(energyWh === undefined ? {} : { energyWh: energyWh.toString() }),
    meterId,
  };
}

const STORED_PERCENT = 80n;
const RESERVE_PERCENT = 10n;

/** What an owner signs of an asset: prices are micro-euro per kWh called, or per kW kept ready for an hour. */
export function technicalDataOf(asset: PoolAsset, atSlot: number): JsonObject {
  const { activeW, assetId, energyWh = 0n, kind, ratedW, syncSeconds } = asset;
  const gives = kind === 'heat-pump' ? 0n : activeW;
  const takes = kind === 'storage' || kind === 'heat-pump' ? activeW : 0n;
  const storage = {
    capacityWh: energyWh.toString(),
    reserveWh: ((energyWh * RESERVE_PERCENT) / 100n).toString(),
    chargePpm: '950000',
    dischargePpm: '950000',
    storedWh: ((energyWh * STORED_PERCENT) / 100n).toString(),
    atSlot,
  };
  return {
    assetId,
    exportMaxW: gives.toString(),
    importMaxW: takes.toString(),
    onLevelMinW: kind === 'heat-pump' || kind === 'generator' ? (activeW / 2n).toString() : '0',
    rampUpWPerMinute: activeW.toString(),
    rampDownWPerMinute: activeW.toString(),
    responseSeconds: 5,
    syncSeconds,
    dispatchSlotsMax: 16,
    restSlots: 0,
    ...(kind === 'storage' ? { storage } : {}),
    ...(hasInverter(kind) ? { apparentVa: ratedW.toString() } : {}),
    ...PRICES[kind],
  };
}

const PRICES: Readonly<Record<PoolKind, JsonObject>> = {
  storage: {
    energyCostMicroPerKwh: '60000',
    startCostMicro: '0',
    wearMicroPerKwh: '40000',
    reservePriceMicroPerKwh: '3000',
    carbonGramPerKwh: 0,
  },
  pv: {
    energyCostMicroPerKwh: '80000',
    startCostMicro: '0',
    wearMicroPerKwh: '0',
    reservePriceMicroPerKwh: '1000',
    carbonGramPerKwh: 0,
  },
  'heat-pump': {
    energyCostMicroPerKwh: '50000',
    startCostMicro: '10000',
    wearMicroPerKwh: '10000',
    reservePriceMicroPerKwh: '2000',
    carbonGramPerKwh: 0,
  },
  generator: {
    energyCostMicroPerKwh: '90000',
    startCostMicro: '500000',
    wearMicroPerKwh: '20000',
    reservePriceMicroPerKwh: '1000',
    carbonGramPerKwh: 250,
  },
};

/** What a meter counts in a quarter hour; one behind an inverter has registers of reactive energy as well. */
export interface Counted {
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly reactiveImportVarh?: bigint;
  readonly reactiveExportVarh?: bigint;
}

/** What the assets of the pool take and give: what their profiles say, and what they are called for. */
export class PoolPhysics {
  readonly #year = loadProfileYear();
  /** By asset and slot: how much more it gives, or less it takes. */
  readonly #calledUpWh: CalledEnergy = new Map();
  readonly #givenVarh: CalledEnergy = new Map();

  /** An asset does so much more upwards (gives more, takes less) in a quarter hour; below zero for downwards. */
  call(assetId: string, slot: number, upWh: bigint): void {
    add(this.#calledUpWh, assetId, slot, upWh);
  }

  /** An inverter gives so much more reactive energy in a quarter hour. */
  callReactive(assetId: string, slot: number, givenVarh: bigint): void {
    add(this.#givenVarh, assetId, slot, givenVarh);
  }

  /**
   * What the connection points of all copies take together in a quarter hour if nobody is called: active energy, below zero where they give, and
   * reactive energy.
   */
  connectionWh(grid: SimbenchGrid, slot: number): { readonly activeWh: bigint; readonly reactiveVarh: bigint } {
    let [activeWh, reactiveVarh] = [0n, 0n];
    for (let copy = 0; copy < COPIES; copy += 1) {
      const at = slot - copy * DAY;
      for (const load of grid.loads) {
        activeWh += unitEnergiesWh(this.#year, load, at, 1)[0] ?? 0n;
        reactiveVarh += loadReactiveVarh(this.#year, load, at, 1)[0] ?? 0n;
      }
      for (const pv of grid.pv) activeWh -= unitEnergiesWh(this.#year, pv, at, 1)[0] ?? 0n;
    }
    return { activeWh, reactiveVarh };
  }

  /** What an asset takes less what it gives if nobody calls it, in Wh. */
  baselineWh({ copy, kind, unit }: PoolAsset, slot: number): bigint {
    if (unit === undefined) return 0n;
    const [energyWh = 0n] = unitEnergiesWh(this.#year, unit, slot - copy * DAY, 1);
    return kind === 'pv' ? -energyWh : energyWh;
  }

  /** What its meter counts. */
  counted(asset: PoolAsset, slot: number): Counted {
    const netWh = this.baselineWh(asset, slot) - (this.#calledUpWh.get(asset.assetId)?.get(slot) ?? 0n);
    const reactive = hasInverter(asset.kind)
      ? { reactiveImportVarh: 0n, reactiveExportVarh: this.#givenVarh.get(asset.assetId)?.get(slot) ?? 0n }
      : {};
    return { importWh: netWh > 0n ? netWh : 0n, exportWh: netWh < 0n ? -netWh : 0n, ...reactive };
  }
}

/** Energies by asset and slot. */
type CalledEnergy = Map<string, Map<number, bigint>>;

function add(energies: CalledEnergy, assetId: string, slot: number, energyWh: bigint): void {
  const slots = energies.get(assetId) ?? new Map<number, bigint>();
  slots.set(slot, (slots.get(slot) ?? 0n) + energyWh);
  energies.set(assetId, slots);
}
