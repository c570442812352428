import { greatest, least, sum } from '../math';
import { ppmWhole } from '../units';
import { isBehind, type FlowTree, type TreeElement } from './flow-tree';
import { waterFill } from './water-fill';

/** Which way power flows at a connection or through an element: `import` away from the slack bus, `export` towards it. */
export type FlowDirection = 'import' | 'export';

/** A connection as it is measured now. Ids are unique; at least one of the two powers is 0. */
export interface ConnectionFlow {
  readonly id: string;
  readonly busId: string;
  readonly importW: bigint;
  readonly exportW: bigint;
  /** Most power that its limit may come to; the present flow where absent, so that the limit only ever cuts. */
  readonly sizeW?: bigint;
  /** True where nobody knows what flows now: it counts as 0, and while an element is near its limit only the floor is let through. */
  readonly isSilent?: boolean;
  /** Import that no limit may go below. */
  readonly importFloorW?: bigint;
  /** Export that no limit may go below. */
  readonly exportFloorW?: bigint;
}

/** By which rule connections are limited. */
export interface SetPointRule {
  /** An element at or above this share of its limit has the connections behind it limited. */
  readonly triggerPpm: bigint;
  /** Behind an element at the trigger limits add up to this share of its limit, what varies otherwise left room for; absent: the whole. */
  readonly targetPpm?: bigint;
  /** In proportion to what flows now, or to the size of the connection. */
  readonly sharing: 'present-flow' | 'connection-size';
  /** Only this element has connections limited; all others bound what they get. Absent: every element. */
  readonly onlyElementId?: string;
  /** Flow through an element that the connections' own flows do not explain (losses, what no meter counts), by its id. */
  readonly unmetered?: ReadonlyMap<string, { readonly importW: bigint; readonly exportW: bigint }>;
}

/** The limit of one connection in one direction. */
export interface ConnectionLimit {
  readonly connectionId: string;
  readonly direction: FlowDirection;
  readonly limitW: bigint;
  /** The element whose limit decides this one; where none binds below the connection's size, the one that was near its limit. */
  readonly elementId: string;
}

/** An element that stays above its limit, because connections may not be limited below their floors or flow is not metered. */
export interface Unresolved {
  readonly elementId: string;
  readonly direction: FlowDirection;
  readonly excessW: bigint;
}

/** What `setPointLimits` answers; exports before imports, each in the order of the connections. */
export interface SetPoints {
  readonly limits: readonly ConnectionLimit[];
  readonly unresolved: readonly Unresolved[];
}

/** How often imports and exports are limited against each other before neither is counted in favour of the other. */
const roundsMax = 8;

type Flows = ReadonlyMap<string, bigint>;

/**
 * Limits connections behind elements whose flow has come near their limit, so that no element of the tree is above its limit, however
 * much more the limited connections would like to take or give. The rule, in each direction:
 *
 * An element at `triggerPpm` of its limit has all connections behind it limited that flow in its direction. From the ends of the
 * tree towards the slack bus each element's limit, and what flows against it, is shared out among the limited connections
 * behind it by water-filling in proportion to present flow or size, never below a floor, never above what an element further out has
 * left them. On a tree this gives the weighted max-min fair limits: each limited connection has an element on its way that is full, behind
 * which nobody has more per weight, so that no limit could be higher without another being lower. Powers in W, whole by largest remainder.
 *
 * Where both directions are limited at once, each is limited against what the other one's limits leave of the counter-flow; should
 * that not settle within a few rounds, neither direction counts the other one, which is safe and may limit more than needed.
 */
export function setPointLimits(connections: readonly ConnectionFlow[], tree: FlowTree, rule: SetPointRule): SetPoints {
  const present = { import: flowsOf(connections, 'import'), export: flowsOf(connections, 'export') };
  const limited = (direction: FlowDirection, counter: Flows): SetPoints =>
    limitDirection(connections, tree, rule, direction, counter);
  let importLeft: Flows = present.import;
  for (let round = 0; round < roundsMax; round += 1) {
    const exports = limited('export', importLeft);
    const imports = limited('import', afterLimits(present.export, exports));
    const next = afterLimits(present.import, imports);
    if (sameFlows(importLeft, next)) return joined(exports, imports);
    importLeft = next;
  }
  const nothing: Flows = new Map();
  return joined(limited('export', nothing), limited('import', nothing));
}

/** A connection that is being limited. */
interface Candidate {
  readonly connection: ConnectionFlow;
  readonly weight: bigint;
  readonly low: bigint;
  high: bigint;
  elementId: string;
}

function limitDirection(
  connections: readonly ConnectionFlow[],
  tree: FlowTree,
  rule: SetPointRule,
  direction: FlowDirection,
  counter: Flows,
): SetPoints {
  const behind = new Map(
    tree.elements.map((element) => [element, connections.filter(({ busId }) => isBehind(tree, element, busId))]),
  );
  const { candidates, near } = candidatesOf(behind, rule, direction, counter);
  const unresolved: Unresolved[] = [];
  for (const [element, own] of candidates.size === 0 ? [] : behind) {
    const capacity = capacityW(element, own, rule, direction, counter, candidates);
    const reserve = near.has(element) ? reserveW(element, rule, direction) : 0n;
    const excessW = shareOut(element, own, candidates, capacity, reserve);
    if (excessW > 0n) unresolved.push({ elementId: element.id, direction, excessW });
  }
  const limits = connections.flatMap(({ id }) => {
    const candidate = candidates.get(id);
    if (candidate === undefined) return [];
    return [{ connectionId: id, direction, limitW: candidate.high, elementId: candidate.elementId }];
  });
  return { limits, unresolved };
}

/** The elements near their limit, and the connections behind them that flow in the direction. */
function candidatesOf(
  behind: ReadonlyMap<TreeElement, readonly ConnectionFlow[]>,
  rule: SetPointRule,
  direction: FlowDirection,
  counter: Flows,
): { readonly candidates: Map<string, Candidate>; readonly near: ReadonlySet<TreeElement> } {
  const candidates = new Map<string, Candidate>();
  const near = new Set<TreeElement>();
  for (const [element, own] of behind) {
    if (isNearLimit(element, own, rule, direction, counter)) {
      near.add(element);
      for (const connection of own) {
        const flows = connection.isSilent === true || flowOf(connection, direction) > 0n;
        if (flows && !candidates.has(connection.id)) {
          candidates.set(connection.id, candidateOf(connection, rule, direction, element.id));
        }
      }
    }
  }
  return { candidates, near };
}

/** What the limited connections behind an element may flow together; undefined where it has no limit. May be below 0. */
function capacityW(
  element: TreeElement,
  own: readonly ConnectionFlow[],
  rule: SetPointRule,
  direction: FlowDirection,
  counter: Flows,
  candidates: ReadonlyMap<string, Candidate>,
): bigint | undefined {
  const limitW = limitOf(element, direction);
  if (limitW === undefined) return undefined;
  const others = own.filter(({ id }) => !candidates.has(id));
  return limitW - unmeteredW(element, rule, direction) - netW(others, direction, new Map()) + counterW(own, counter);
}

/** What of an element's limit is not shared out, rounded up. */
function reserveW(element: TreeElement, { targetPpm = ppmWhole }: SetPointRule, direction: FlowDirection): bigint {
  const limitW = limitOf(element, direction) ?? 0n;
  return limitW - (limitW * targetPpm) / ppmWhole;
}

/** Lowers what the candidates behind an element may flow so that it holds its limit; answers by how much it still does not. */
function shareOut(
  element: TreeElement,
  own: readonly ConnectionFlow[],
  candidates: ReadonlyMap<string, Candidate>,
  capacity: bigint | undefined,
  reserve: bigint,
): bigint {
  const inside = own.map(({ id }) => candidates.get(id)).filter((candidate) => candidate !== undefined);
  if (capacity === undefined || inside.length === 0) return 0n;
  const lowest = sum(inside.map(({ low }) => low));
  const total = greatest(capacity - reserve, 0n);
  if (sum(inside.map(({ high }) => high)) > total) {
    const vessels = inside.map(({ connection: { id }, high, low, weight }) => ({ id, high, low, weight }));
    const parts = waterFill(total, vessels);
    inside.forEach((candidate, index) => {
      const part = parts[index] ?? candidate.low;
      if (part < candidate.high) {
        candidate.high = part;
        candidate.elementId = element.id;
      }
    });
  }
  return greatest(lowest - capacity, 0n);
}

function candidateOf(
  connection: ConnectionFlow,
  rule: SetPointRule,
  direction: FlowDirection,
  elementId: string,
): Candidate {
  const floorW = (direction === 'import' ? connection.importFloorW : connection.exportFloorW) ?? 0n;
  if (connection.isSilent === true) {
    return { connection, weight: 0n, low: floorW, high: floorW, elementId };
  }
  const flowW = flowOf(connection, direction);
  const sizeW = greatest(connection.sizeW ?? flowW, flowW);
  const weight = rule.sharing === 'present-flow' ? flowW : sizeW;
  return { connection, weight, low: least(floorW, sizeW), high: sizeW, elementId };
}

function isNearLimit(
  element: TreeElement,
  own: readonly ConnectionFlow[],
  rule: SetPointRule,
  direction: FlowDirection,
  counter: Flows,
): boolean {
  const limitW = limitOf(element, direction);
  if (limitW === undefined || (rule.onlyElementId ?? element.id) !== element.id) return false;
  const flowW = netW(own, direction, counter) + unmeteredW(element, rule, direction);
  return flowW > 0n && flowW * ppmWhole >= limitW * rule.triggerPpm;
}

function limitOf(element: TreeElement, direction: FlowDirection): bigint | undefined {
  return direction === 'import' ? element.importLimitW : element.exportLimitW;
}

function flowOf(connection: ConnectionFlow, direction: FlowDirection): bigint {
  return direction === 'import' ? connection.importW : connection.exportW;
}

/** What flows through an element in a direction beside the connections' flows, less what flows against it. May be below 0. */
function unmeteredW(element: TreeElement, rule: SetPointRule, direction: FlowDirection): bigint {
  const flows = rule.unmetered?.get(element.id);
  if (flows === undefined) return 0n;
  return direction === 'import' ? flows.importW - flows.exportW : flows.exportW - flows.importW;
}

function counterW(connections: readonly ConnectionFlow[], counter: Flows): bigint {
  return sum(connections.map(({ id }) => counter.get(id) ?? 0n));
}

/** What some connections flow in a direction, less what the counter-flow takes back. May be below 0. */
function netW(connections: readonly ConnectionFlow[], direction: FlowDirection, counter: Flows): bigint {
  return sum(connections.map((connection) => flowOf(connection, direction))) - counterW(connections, counter);
}

function flowsOf(connections: readonly ConnectionFlow[], direction: FlowDirection): Flows {
  return new Map(connections.map((connection) => [connection.id, flowOf(connection, direction)]));
}

/** What is left of flows under limits. */
function afterLimits(flows: Flows, { limits }: SetPoints): Flows {
  const left = new Map(flows);
  for (const { connectionId, limitW } of limits) {
    left.set(connectionId, least(limitW, flows.get(connectionId) ?? 0n));
  }
  return left;
}

function sameFlows(left: Flows, right: Flows): boolean {
  return [...left].every(([id, flow]) => right.get(id) === flow);
}

function joined(exports: SetPoints, imports: SetPoints): SetPoints {
  return {
    limits: [...exports.limits, ...imports.limits],
    unresolved: [...exports.unresolved, ...imports.unresolved],
  };
}
