import { flowTree, setPointLimits, type ConnectionFlow, type FlowTree } from '@flexledger/domain';
import { exportThroughWh, type Element } from './element-flows';
import { busIdOf, quartersPerHour, type MarketYear, type YearUnit } from './year-data';

/** At this share of an element's limit set-point limits begin. */
const triggerPpm = 950_000n;

/** The grid as the rule of set-point limits knows it. */
export function setPointTree({ grid }: MarketYear): FlowTree {
  const elementOf = (id: string, { fromBus, limitW, toBus }: (typeof grid)['transformer']) => ({
    id,
    fromBus: busIdOf(fromBus),
    toBus: busIdOf(toBus),
    importLimitW: limitW,
    exportLimitW: limitW,
  });
  return flowTree(busIdOf(grid.transformer.fromBus), [
    elementOf('transformer', grid.transformer),
    ...grid.lines.map((line) => elementOf(`line-${line.id}`, line)),
  ]);
}

/** What units may give or take in a quarter hour, in Wh, by the set-point limits that these flows call for; a unit without a limit is absent. */
export function limitsFrom(
  { units }: MarketYear,
  elements: readonly Element[],
  tree: FlowTree,
  energyWh: (unit: YearUnit) => number,
): ReadonlyMap<string, number> {
  // Far from all limits the rule has nothing to say, and most quarter hours of a year are.
  const isFar = (element: Element): boolean => Math.abs(exportThroughWh(element, energyWh)) < 0.9 * element.limitWh;
  if (elements.every(isFar)) return new Map();
  const connections = units.map((unit): ConnectionFlow => {
    const powerW = BigInt(energyWh(unit) * quartersPerHour);
    const [importW, exportW] = unit.kind === 'pv' ? [0n, powerW] : [powerW, 0n];
    return { id: unit.id, busId: unit.busId, importW, exportW, sizeW: unit.ratedW };
  });
  const { limits } = setPointLimits(connections, tree, { triggerPpm, sharing: 'present-flow' });
  return new Map(
    limits.map(({ connectionId, limitW }) => [connectionId, Number(limitW / BigInt(quartersPerHour))] as const),
  );
}
