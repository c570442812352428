import { assert, present } from '../assert';
import { least } from '../math';
import type { Grid } from '../registry/types';

/** A line or transformer with the most power that may flow through it, away from the slack bus and towards it. */
export interface FlowElement {
  readonly id: string;
  readonly fromBus: string;
  readonly toBus: string;
  /** Most power into what is behind it; no limit where absent. */
  readonly importLimitW?: bigint;
  /** Most power out of what is behind it; no limit where absent. */
  readonly exportLimitW?: bigint;
}

/** An element as seen from the slack bus: the buses behind it have the places from `firstPlace` to before `endPlace`. */
export interface TreeElement extends FlowElement {
  readonly firstPlace: number;
  readonly endPlace: number;
}

/** A tree of elements, walked once: what is behind an element is a run of places. */
export interface FlowTree {
  readonly placeOfBus: ReadonlyMap<string, number>;
  /** From the ends of the tree towards the slack bus, so that an element comes after all that are behind it. */
  readonly elements: readonly TreeElement[];
}

interface Open {
  readonly element: FlowElement | undefined;
  readonly bus: string;
  readonly firstPlace: number;
  readonly next: FlowElement[];
}

/** Walks elements from the slack bus. Throws InvariantError where they close a mesh; buses that cannot be reached have no place. */
export function flowTree(slackBus: string, elements: readonly FlowElement[]): FlowTree {
  const around = new Map<string, FlowElement[]>();
  for (const element of elements) {
    for (const bus of [element.fromBus, element.toBus]) {
      around.set(bus, [...(around.get(bus) ?? []), element]);
    }
  }
  const placeOfBus = new Map([[slackBus, 0]]);
  const walked: TreeElement[] = [];
  const open: Open[] = [{ element: undefined, bus: slackBus, firstPlace: 0, next: [...(around.get(slackBus) ?? [])] }];
  for (let here = open.at(-1); here !== undefined; here = open.at(-1)) {
    const element = here.next.pop();
    if (element === undefined) {
      open.pop();
      if (here.element !== undefined) {
        walked.push({ ...here.element, firstPlace: here.firstPlace, endPlace: placeOfBus.size });
      }
    } else {
      const bus = element.fromBus === here.bus ? element.toBus : element.fromBus;
      assert(!placeOfBus.has(bus), 'The elements of a tree close no mesh.');
      const next = (around.get(bus) ?? []).filter((other) => other !== element);
      open.push({ element, bus, firstPlace: placeOfBus.size, next });
      placeOfBus.set(bus, placeOfBus.size);
    }
  }
  return { placeOfBus, elements: walked };
}

/** The tree of a registered grid: the slack bus is the transformer's upper one, a congestion point lowers the limits of its element. */
export function flowTreeOf(grid: Grid): FlowTree {
  const elements = [...grid.lines, grid.transformer].map(({ fromBus, id, limitW, toBus }): FlowElement => {
    const points = grid.congestionPoints.filter(({ elementId }) => elementId === id);
    return {
      id,
      fromBus,
      toBus,
      importLimitW: points.reduce((bound, point) => least(bound, point.importLimitW), limitW),
      exportLimitW: points.reduce((bound, point) => least(bound, point.exportLimitW), limitW),
    };
  });
  return flowTree(grid.transformer.fromBus, elements);
}

/** Whether a bus is behind an element. */
export function isBehind(tree: FlowTree, element: TreeElement, busId: string): boolean {
  const place = tree.placeOfBus.get(busId);
  return place !== undefined && place >= element.firstPlace && place < element.endPlace;
}

/** The element of an id, which may be that of a congestion point on it; undefined where the grid has neither. */
export function elementOf(grid: Grid, tree: FlowTree, id: string): TreeElement | undefined {
  const point = grid.congestionPoints.find((candidate) => candidate.id === id);
  const wanted = [...grid.lines, grid.transformer].some((branch) => branch.id === id) ? id : point?.elementId;
  if (wanted === undefined) return undefined;
  return present(
    tree.elements.find((element) => element.id === wanted),
    'The tree of a grid has all its elements.',
  );
}
