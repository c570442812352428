import { present } from '../../assert';
import type { GridTree } from './grid-tree';
import { compareLevels, higherLevel, lowerLevel, type Level } from './level';
import type { Cuts, ZoneSolution } from './zones';

/** The levels that a zone may have together with all others. */
export interface LevelRange {
  readonly low: Level;
  readonly high: Level;
}

/** A cut whose receiving zone must not have the lower level. */
interface Step {
  readonly inner: number;
  readonly outer: number;
  readonly flowsOut: boolean;
}

/**
 * The least and the greatest levels of the zones of which each keeps its own range and rises in the direction of every flow that stands
 * at its limit. The levels that do so form a lattice, so that bounds which travel over the tree once inwards and once outwards
 * are enough.
 *
 * @returns by zone; undefined where there are no such levels, which means that some limit is held though nothing pushes against it
 */
export function orderLevels(tree: GridTree, cuts: Cuts, solution: ZoneSolution): readonly LevelRange[] | undefined {
  const ranges = solution.zones.map(({ low, high }) => ({ low, high }));
  // Cuts are walked by place: a zone's own cut has a smaller place than the cuts behind it.
  const outwards = stepsOf(tree, cuts, solution.zoneOfPlace);
  for (const step of [...outwards].reverse()) {
    const [from, to] = ends(ranges, step);
    if (step.flowsOut) {
      to.low = higherLevel(to.low, from.low);
    } else {
      from.high = lowerLevel(from.high, to.high);
    }
  }
  for (const step of outwards) {
    const [from, to] = ends(ranges, step);
    if (step.flowsOut) {
      from.high = lowerLevel(from.high, to.high);
    } else {
      to.low = higherLevel(to.low, from.low);
    }
  }
  return ranges.every(({ low, high }) => compareLevels(low, high) <= 0) ? ranges : undefined;
}

/** A limit of zero both ways asks for no order: nothing can flow, whatever the levels are. */
function stepsOf(tree: GridTree, cuts: Cuts, zoneOfPlace: readonly number[]): readonly Step[] {
  const steps: Step[] = [];
  for (const place of [...cuts.keys()].sort((left, right) => left - right)) {
    const { parent, entrance } = present(tree.places[place], 'A cut is at a place.');
    const flowsOut = cuts.get(place) === entrance?.outLimitWh;
    const flowsIn = -(cuts.get(place) ?? 0n) === entrance?.inLimitWh;
    if (flowsOut !== flowsIn) {
      const inner = present(zoneOfPlace[parent], 'Every place is in a zone.');
      steps.push({ inner, outer: present(zoneOfPlace[place], 'Every place is in a zone.'), flowsOut });
    }
  }
  return steps;
}

type Range = { -readonly [Key in keyof LevelRange]: LevelRange[Key] };

function ends(ranges: readonly Range[], { inner, outer, flowsOut }: Step): readonly [from: Range, to: Range] {
  const near = present(ranges[inner], 'Every zone has a range.');
  const far = present(ranges[outer], 'Every zone has a range.');
  return flowsOut ? [far, near] : [near, far];
}
