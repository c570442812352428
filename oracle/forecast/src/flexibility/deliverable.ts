import { slotsPerHour } from '@flexledger/domain';
import type { Series } from '../series';

/** What an asset could be asked for: to give more or take less (`up`), or to give less or take more (`down`). */
export type FlexDirection = 'up' | 'down';

/** What is known of an asset: the part of its technical data and bands that bounds what a call could move. */
export interface FlexAsset {
  readonly assetId: string;
  readonly kind: 'load' | 'pv' | 'storage';
  /** What it took (a load), gave (PV), or held when each quarter hour began (a storage); in Wh. */
  readonly measured: Series;
  /** Most that its band lets a call move in either direction, in W; of a load also the most that it takes. */
  readonly maxW: number;
  /** What a load cannot do without, in W. */
  readonly leastW?: number;
  /** Of a storage: what it can hold, what is never discharged, and the shares that charging and discharging leave. */
  readonly storage?: {
    readonly capacityWh: number;
    readonly reserveWh: number;
    readonly chargeShare: number;
    readonly dischargeShare: number;
  };
}

/**
 * What a call that began in each quarter hour and lasted for so many could have delivered all the time, as energy of one quarter hour in Wh: a load
 * what it took above what it cannot do without, or what it left of its greatest power; PV what it gave; a storage what it held above its reserve, or had
 * room for, spread over the call. The least of the quarter hours of the call counts. NaN without a reading, and for storages at the end of the series.
 *
 * This is the measure for calls that never were: whatever was metered says what they could have moved.
 */
export function deliverable(asset: FlexAsset, direction: FlexDirection, slots: number): Series {
  const { measured } = asset;
  const mostWh = asset.maxW / slotsPerHour;
  const each = measured.values.map((value) => Math.min(Math.max(movable(asset, direction, value, slots), 0), mostWh));
  const values = asset.kind === 'storage' ? each : leastOfNext(each, slots);
  return { meterId: asset.assetId, firstSlot: measured.firstSlot, values };
}

function movable(asset: FlexAsset, direction: FlexDirection, value: number, slots: number): number {
  switch (asset.kind) {
    case 'load':
      return direction === 'up' ? value - (asset.leastW ?? 0) / slotsPerHour : asset.maxW / slotsPerHour - value;
    case 'pv':
      return direction === 'down' ? value : value * 0;
    case 'storage':
      return storageWh(asset, direction, value) / slots;
  }
}

/** What a storage that holds so much gives, or takes, at its connection. */
function storageWh({ storage }: FlexAsset, direction: FlexDirection, heldWh: number): number {
  if (storage === undefined) return 0;
  const { capacityWh, chargeShare, dischargeShare, reserveWh } = storage;
  return direction === 'up' ? (heldWh - reserveWh) * dischargeShare : (capacityWh - heldWh) / chargeShare;
}

function leastOfNext(values: Float64Array, slots: number): Float64Array {
  return values.map((_, index) => {
    let least = Infinity;
    for (let next = index; next < index + slots; next += 1) least = Math.min(least, values[next] ?? Number.NaN);
    return least;
  });
}
