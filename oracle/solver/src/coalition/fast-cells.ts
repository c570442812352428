import { takesOf, unitsPerNano, type PreparedCoalition, type PreparedCoalitionAsset } from '@flexledger/domain';

const PPM = 1e6;
const QUARTERS = 4;

/** What assets can do in flat rows, so that a bound takes little time. An option is what an asset can do for a request in a step. */
export interface Cells {
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
}

/** Where each kind of price stands in a row of prices. */
export interface Offsets {
  readonly count: number;
  readonly groups: number;
  readonly up: number;
  readonly down: number;
  /** A price that is always zero. */
  readonly nothing: number;
  readonly size: number;
}

/** The options of all assets, by asset and step. */
export function cellsOf(prepared: PreparedCoalition, offsets: Offsets): Cells {
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
    starts: endsOf(prepared.assets.flatMap((asset) => asset.options.map(({ length }) => length))),
    request: places(({ option }) => option.request),
    lowW: powers(({ option }) => Number(option.lowW)),
    highW: powers(({ option }) => Number(option.highW)),
    costNano: powers(({ option }) => Number(option.costUnits) / Number(unitsPerNano)),
    firm: powers(({ option }) => Number(option.firmPpm) / PPM),
    cover: places(({ option, step }) => option.request * steps + step),
    count: places(({ option, step }) =>
      isCounted(prepared, option.request) ? offsets.count + option.request * steps + step : offsets.nothing,
    ),
    charges: endsOf(paid.map(({ length }) => length)),
    chargeAt: Int32Array.from(paid.flat(), ([at]) => at),
    charge: Float64Array.from(paid.flat(), ([, amount]) => amount),
  };
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
  const takes = takesOf(wanted);
  return [
    ...ofGroups,
    ...(takes.up ? [[offsets.up + index, held] as const] : []),
    ...(takes.down ? [[offsets.down + index, held] as const] : []),
  ];
}
