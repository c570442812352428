import { present } from '../../assert';
import { least } from '../../math';
import type { Entrance, GridTree } from './grid-tree';
import type { BindingLimit, GridClearingRefusal } from './types';
import type { Cuts, ZoneSolution } from './zones';

/** Where the named limits cut the tree, or why they cannot. */
export type NamedCuts =
  { readonly kind: 'cuts'; readonly cuts: Cuts } | { readonly kind: 'refused'; readonly code: GridClearingRefusal };

/** Cuts the tree at the named limits: over each cut flows what the limit allows. */
export function cutAtNamed(tree: GridTree, named: readonly BindingLimit[]): NamedCuts {
  if (new Set(named.map(({ id, direction }) => `${direction} ${id}`)).size !== named.length) {
    return { kind: 'refused', code: 'MARKET_CLEARING_LIMIT_TWICE' };
  }
  const placeOfBranch = new Map(tree.places.map(({ entrance }, place) => [entrance?.branch.id, place]));
  const cuts = new Map<number, bigint>();
  let isContradictory = false;
  for (const { id, direction } of named) {
    const place = placeOfBranch.get(id);
    const outWh = place === undefined ? undefined : flowAtLimit(tree.places[place]?.entrance, direction);
    if (place === undefined || outWh === undefined) {
      return { kind: 'refused', code: 'MARKET_CLEARING_LIMIT_UNKNOWN' };
    }
    isContradictory ||= (cuts.get(place) ?? outWh) !== outWh;
    cuts.set(place, outWh);
  }
  return isContradictory ? { kind: 'refused', code: 'MARKET_CLEARING_LIMIT_NOT_REACHED' } : { kind: 'cuts', cuts };
}

function flowAtLimit(entrance: Entrance | undefined, direction: BindingLimit['direction']): bigint | undefined {
  if (entrance === undefined || direction === 'row') {
    return undefined;
  }
  if ((direction === 'forward') === entrance.outIsForward) {
    return entrance.outLimitWh;
  }
  return entrance.inLimitWh === undefined ? undefined : -entrance.inLimitWh;
}

/**
 * All branches whose exact flow stands at a limit, with that flow, those that are cut already included.
 *
 * @returns undefined where an exact flow is beyond its limit
 */
export function cutAtReached(tree: GridTree, cuts: Cuts, solution: ZoneSolution): Cuts | undefined {
  const reached = new Map(cuts);
  for (const [place, { entrance }] of tree.places.entries()) {
    if (entrance !== undefined && !cuts.has(place)) {
      const { flow, whole } = flowOf(place, solution);
      const spare = spareOf(entrance, flow, whole);
      if (spare < 0n) {
        return undefined;
      }
      if (spare === 0n) {
        reached.set(place, flow / whole);
      }
    }
  }
  return reached;
}

/** The exact flow out of a place: flow ÷ whole, in Wh. */
function flowOf(place: number, { flows, zones, zoneOfPlace }: ZoneSolution): { flow: bigint; whole: bigint } {
  const { fixedWh, part } = present(flows[place], 'Every place has a flow.');
  const whole = zones[zoneOfPlace[place] ?? -1]?.margin?.whole ?? 1n;
  return { flow: fixedWh * whole + part, whole };
}

/** What more could flow until the nearer limit, times the whole; a limit that is absent is always further than that. */
function spareOf({ outLimitWh, inLimitWh }: Entrance, flow: bigint, whole: bigint): bigint {
  const out = outLimitWh === undefined ? 1n : outLimitWh * whole - flow;
  const into = inLimitWh === undefined ? 1n : inLimitWh * whole + flow;
  return least(out, into);
}
