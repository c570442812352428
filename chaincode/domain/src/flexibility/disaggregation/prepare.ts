import { assert } from '../../assert';
import { demand } from '../../errors';
import { greatest, least } from '../../math';
import type { FlexDirection } from '../isps';
import type { DisaggregationCase, FlexBand, FlexibleAsset, OrderedSlot } from './rows';

/** What an asset can do in one slot: nothing, or from `lowWh` to `highWh`, at a cost in micro-units per kWh. */
export type Cell = { readonly lowWh: bigint; readonly highWh: bigint; readonly costMicroPerKwh: bigint } | undefined;

/** What one Wh of an asset in a slot does to another one: the share of a Wh, in millionths, in the direction of that slot. */
export interface Effect {
  readonly place: number;
  readonly sharePpm: bigint;
}

/** An asset with what follows from its case. Places count the slots of the order from 0. */
export interface PreparedAsset {
  readonly index: number;
  readonly asset: FlexibleAsset;
  readonly cells: readonly Cell[];
  /** By place, what a Wh delivered there does to the slots after it. */
  readonly rebounds: readonly (readonly Effect[])[];
  /** Slots between two calls: at least one, or they were one call. */
  readonly pauseSlots: number;
  readonly callsMax: number;
  /** Which limit of comfort its energy counts against. */
  readonly comfort: number | undefined;
}

/** A case that is checked, with what all of its rules need. */
export interface PreparedCase {
  readonly asked: DisaggregationCase;
  readonly directions: readonly FlexDirection[];
  /** By place, the least that is to be delivered, below zero where rebound is allowed; undefined where nothing is asked. */
  readonly floorsWh: readonly (bigint | undefined)[];
  /** By place, the most that may be delivered. */
  readonly ceilingsWh: readonly (bigint | undefined)[];
  readonly assets: readonly PreparedAsset[];
  readonly assetIndex: ReadonlyMap<string, number>;
  readonly comfortIndex: ReadonlyMap<string, number>;
}

/** Checks a case against itself: FLEX_CASE_ASSET_TWICE, FLEX_CASE_BAND, FLEX_CASE_COMFORT, FLEX_CASE_SLOT. */
export function prepareCase(asked: DisaggregationCase): PreparedCase {
  const { assets, comfort, slots } = asked;
  const assetIndex = new Map(assets.map(({ assetId }, index) => [assetId, index]));
  demand(assetIndex.size === assets.length, 'FLEX_CASE_ASSET_TWICE');
  for (const { assetId, increase, reduce } of assets) {
    const bands = [increase, reduce].filter((band) => band !== undefined);
    demand(
      bands.every((band) => isBand(band, slots.length)),
      'FLEX_CASE_BAND',
      { assetId },
    );
  }
  const comfortIndex = new Map(comfort.map(({ participantId }, index) => [participantId, index]));
  demand(comfortIndex.size === comfort.length, 'FLEX_CASE_COMFORT');
  for (const [place, { deliveredWhMax, reboundWhMax, requestedWh }] of slots.entries()) {
    const holds =
      (deliveredWhMax === undefined || deliveredWhMax >= requestedWh) &&
      (reboundWhMax === undefined || requestedWh === 0n);
    demand(holds, 'FLEX_CASE_SLOT', { slot: asked.firstSlot + place });
  }
  return {
    asked,
    directions: slots.map(({ direction }) => direction),
    floorsWh: slots.map(floorOf),
    ceilingsWh: slots.map(({ deliveredWhMax }) => deliveredWhMax),
    assets: assets.map((asset, index) => prepareAsset(asked, asset, index, comfortIndex.get(asset.participantId))),
    assetIndex,
    comfortIndex,
  };
}

function floorOf({ reboundWhMax, requestedWh }: OrderedSlot): bigint | undefined {
  if (requestedWh > 0n) return requestedWh;
  return reboundWhMax === undefined ? undefined : 0n - reboundWhMax;
}

function isBand({ maxWh, maxWhBySlot, minWh }: FlexBand, slots: number): boolean {
  return minWh <= maxWh && (maxWhBySlot === undefined || maxWhBySlot.length === slots);
}

function prepareAsset(
  asked: DisaggregationCase,
  asset: FlexibleAsset,
  index: number,
  comfort: number | undefined,
): PreparedAsset {
  const { slots } = asked;
  const firstPlace = asked.noticeSlot + asset.noticeSlots - asked.firstSlot;
  const isCalled = asset.optedOut !== true;
  const fairness = asked.fairnessMicroPerKwh * (asset.earlierWh / 1_000n);
  return {
    index,
    asset,
    cells: slots.map(({ direction }, place) =>
      isCalled && place >= firstPlace ? cellOf(asset[direction], place, fairness) : undefined,
    ),
    rebounds: slots.map(({ direction }, place) =>
      asset.rebound.flatMap(({ afterSlots, sharePpm }): Effect[] => {
        const later = slots[place + afterSlots];
        if (later === undefined || sharePpm === 0n) return [];
        return [{ place: place + afterSlots, sharePpm: later.direction === direction ? 0n - sharePpm : sharePpm }];
      }),
    ),
    pauseSlots: Math.max(asset.restSlots, 1),
    callsMax: asset.callsMax,
    comfort,
  };
}

/** An asset that is on delivers at least a Wh. */
function cellOf(band: FlexBand | undefined, place: number, fairness: bigint): Cell {
  if (band === undefined) return undefined;
  const highWh = least<bigint>(band.maxWh, band.maxWhBySlot?.[place] ?? band.maxWh);
  const lowWh = greatest<bigint>(band.minWh, 1n);
  return lowWh > highWh ? undefined : { lowWh, highWh, costMicroPerKwh: band.priceMicroPerKwh + fairness };
}

/** The amount at a place; zero where there is none. */
export function amountAt(amounts: readonly (bigint | undefined)[], place: number): bigint {
  return amounts[place] ?? 0n;
}

/** value ÷ divisor, rounded up; the divisor is positive, the value may be below zero. */
export function ceilingOf(value: bigint, divisor: bigint): bigint {
  assert(divisor > 0n, 'A divisor is positive.');
  return value > 0n ? (value + divisor - 1n) / divisor : value / divisor;
}
