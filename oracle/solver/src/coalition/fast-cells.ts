import {
  storageUnits,
  takesOf,
  unitsPerNano,
  type PreparedCoalition,
  type PreparedCoalitionAsset,
  type PreparedDemand,
} from '@flexledger/domain';

const PPM = 1e6;
const QUARTERS = 4;

/** Where each kind of price stands in a row of prices; those of firm power come first, by request and step. */
export interface Offsets {
  /** Of assets that are on, by request and step. */
  readonly count: number;
  /** By group and step. */
  readonly groups: number;
  /** Of storages, by asset. */
  readonly up: number;
  readonly down: number;
  /** A price that is always zero. */
  readonly nothing: number;
  readonly size: number;
}

/** A slice in floating point. Powers in W, money in thousandths of a micro-unit. */
export interface FastSlice {
  readonly request: number;
  readonly slice: number;
  /** Where the prices of its first step stand; those of its other steps follow. */
  readonly first: number;
  readonly steps: number;
  /** What a W earns in all of its steps. */
  readonly priceNano: number;
  /** Firm power for a W that is served. */
  readonly factor: number;
  readonly lowW: number;
  readonly highW: number;
  readonly stepW: number;
  readonly assetsMin: number;
}

/** A case in flat rows of doubles, so that a bound takes little time. An option is what an asset can do for a request in a step. */
export interface Cells {
  readonly steps: number;
  readonly assets: number;
  readonly offsets: Offsets;
  /** By asset and step, where its options begin; one more at the end. */
  readonly starts: Int32Array;
  readonly request: Int32Array;
  readonly lowW: Float64Array;
  readonly highW: Float64Array;
  readonly costNano: Float64Array;
  readonly firm: Float64Array;
  /** Where the prices of its firm power and of being counted stand. */
  readonly cover: Int32Array;
  readonly count: Int32Array;
  /** Where its charges begin; one more at the end; which prices they are, and how often each W pays them. */
  readonly charges: Int32Array;
  readonly chargeAt: Int32Array;
  readonly charge: Float64Array;
  /** What groups and storages have, in the place of their prices: W and Wh. */
  readonly limits: Float64Array;
  /** By asset: its longest run, the steps between two, what a run costs to start, and whether it has a storage. */
  readonly longest: Int32Array;
  readonly pause: Int32Array;
  readonly startNano: Float64Array;
  readonly isStored: Uint8Array;
  readonly slices: readonly FastSlice[];
}

/** The options of all assets, by asset and step, and the slices. */
export function cellsOf(prepared: PreparedCoalition): Cells {
  const offsets = offsetsOf(prepared);
  const options = prepared.assets.flatMap((asset) =>
    asset.options.flatMap((list, step) => list.map((option) => ({ asset, option, step }))),
  );
  const paid = options.map(({ asset, option, step }) =>
    chargesOf(prepared, asset, { request: option.request, step, offsets }),
  );
  const { steps } = prepared.asked;
  const powers = (of: (at: (typeof options)[number]) => number): Float64Array => Float64Array.from(options, of);
  const places = (of: (at: (typeof options)[number]) => number): Int32Array => Int32Array.from(options, of);
  return {
    steps,
    assets: prepared.assets.length,
    offsets,
    starts: endsOf(prepared.assets.flatMap((asset) => asset.options.map(({ length }) => length))),
    request: places(({ option }) => option.request),
    lowW: powers(({ option }) => Number(option.lowW)),
    highW: powers(({ option }) => Number(option.highW)),
    costNano: powers(({ option }) => nanoOf(option.costUnits)),
    firm: powers(({ option }) => Number(option.firmPpm) / PPM),
    cover: places(({ option, step }) => option.request * steps + step),
    count: places(({ option, step }) =>
      isCounted(prepared, option.request) ? offsets.count + option.request * steps + step : offsets.nothing,
    ),
    charges: endsOf(paid.map(({ length }) => length)),
    chargeAt: Int32Array.from(paid.flat(), ([at]) => at),
    charge: Float64Array.from(paid.flat(), ([, amount]) => amount),
    limits: limitsOf(prepared, offsets),
    longest: Int32Array.from(prepared.assets, ({ runs }) => Math.min(runs.longest, steps)),
    pause: Int32Array.from(prepared.assets, ({ runs }) => runs.pause),
    startNano: Float64Array.from(prepared.assets, ({ startUnits }) => nanoOf(startUnits)),
    isStored: Uint8Array.from(prepared.assets, ({ asset }) => (asset.storage === undefined ? 0 : 1)),
    slices: prepared.requests.flatMap((request) => slicesOf(request, steps)),
  };
}

/** Where the place of a step of a slice is found by its prices: the slice by place, -1 where none is. */
export function slicePlaces({ offsets, slices }: Cells): Int32Array {
  const places = new Int32Array(offsets.count).fill(-1);
  for (const [index, { first, steps }] of slices.entries()) places.fill(index, first, first + steps);
  return places;
}

function nanoOf(units: bigint): number {
  return Number(units) / Number(unitsPerNano);
}

function offsetsOf({ asked, assets, requests }: PreparedCoalition): Offsets {
  const count = requests.length * asked.steps;
  const up = 2 * count + asked.groups.length * asked.steps;
  const down = up + assets.length;
  const nothing = down + assets.length;
  return { count, groups: 2 * count, up, down, nothing, size: nothing + 1 };
}

function limitsOf({ asked, assets }: PreparedCoalition, { down, groups, size, up }: Offsets): Float64Array {
  const limits = new Float64Array(size);
  for (const [group, { maxWByStep }] of asked.groups.entries()) {
    for (const [step, maxW] of maxWByStep.entries()) limits[groups + group * asked.steps + step] = Number(maxW);
  }
  for (const { asset, index } of assets) {
    if (asset.storage === undefined) continue;
    limits[up + index] = Number(storageUnits(asset.storage.upWh)) / PPM / QUARTERS;
    limits[down + index] = Number(storageUnits(asset.storage.downWh)) / PPM / QUARTERS;
  }
  return limits;
}

function slicesOf({ demand, highW, index, lowW, priceUnits }: PreparedDemand, steps: number): readonly FastSlice[] {
  return Array.from({ length: demand.slices }, (_, slice) => ({
    request: index,
    slice,
    first: index * steps + demand.firstStep + slice * demand.sliceSteps,
    steps: demand.sliceSteps,
    priceNano: nanoOf(priceUnits) * demand.sliceSteps,
    factor: 1 + Number(demand.marginPpm) / PPM,
    lowW: Number(lowW),
    highW: Number(highW),
    stepW: Number(demand.stepW),
    assetsMin: demand.assetsMin,
  }));
}

/** Where lists of these lengths begin when they stand one after the other, and where the last one ends. */
function endsOf(lengths: readonly number[]): Int32Array {
  const ends = new Int32Array(lengths.length + 1);
  for (const [index, length] of lengths.entries()) ends[index + 1] = (ends[index] ?? 0) + length;
  return ends;
}

function isCounted({ requests }: PreparedCoalition, request: number): boolean {
  return (requests[request]?.demand.assetsMin ?? 1) > 1;
}

/** Which prices of groups and storages an option pays, and how often for each W. */
function chargesOf(
  { asked, counts, requests, stepSlots }: PreparedCoalition,
  { asset, groups, index }: PreparedCoalitionAsset,
  { offsets, request, step }: { readonly request: number; readonly step: number; readonly offsets: Offsets },
): readonly (readonly [number, number])[] {
  const ofGroups = groups
    .filter((group) => counts[group]?.[request] === true)
    .map((group) => [offsets.groups + group * asked.steps + step, 1] as const);
  const wanted = requests[request];
  if (asset.storage === undefined || wanted === undefined) return ofGroups;
  const held = (Number(stepSlots) * Number(wanted.demand.holdPpm)) / PPM / QUARTERS;
  if (held === 0) return ofGroups;
  const takes = takesOf(wanted);
  return [
    ...ofGroups,
    ...(takes.up ? [[offsets.up + index, held] as const] : []),
    ...(takes.down ? [[offsets.down + index, held] as const] : []),
  ];
}
