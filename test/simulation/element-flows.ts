import { busIdOf, quartersPerHour, type MarketYear, type YearUnit } from './year-data';

/** The transformer or a line as seen from it: what it may carry in a quarter hour, and the units behind it. */
export interface Element {
  readonly id: string;
  readonly limitWh: number;
  readonly behind: readonly YearUnit[];
}

/** The elements of a grid, the transformer first. A test of the clearing's own flows, so it does not use the domain's tree. */
export function elementsOf({ grid, units }: MarketYear): readonly Element[] {
  const elements: Element[] = [];
  const limitWhOf = (limitW: bigint): number => Number(limitW / BigInt(quartersPerHour));
  const visit = (bus: number, comesFrom: number | undefined): readonly number[] =>
    grid.lines
      .filter(({ fromBus, toBus }) => fromBus === bus || toBus === bus)
      .map((line) => ({ line, next: line.fromBus === bus ? line.toBus : line.fromBus }))
      .filter(({ next }) => next !== comesFrom)
      .reduce<readonly number[]>(
        (reached, { line, next }) => {
          const behind = visit(next, bus);
          elements.push({ id: `line-${line.id}`, limitWh: limitWhOf(line.limitW), behind: unitsAt(units, behind) });
          return [...reached, ...behind];
        },
        [bus],
      );
  const all = visit(grid.transformer.toBus, undefined);
  return [{ id: 'transformer', limitWh: limitWhOf(grid.transformer.limitW), behind: unitsAt(units, all) }, ...elements];
}

function unitsAt(units: readonly YearUnit[], buses: readonly number[]): readonly YearUnit[] {
  const ids = new Set(buses.map(busIdOf));
  return units.filter(({ busId }) => ids.has(busId));
}

/** What flows out of what is behind an element in an interval, in Wh; below zero where it flows in. */
export function exportThroughWh({ behind }: Element, energyWh: (unit: YearUnit) => number): number {
  return behind.reduce((total, unit) => total + (unit.kind === 'pv' ? 1 : -1) * energyWh(unit), 0);
}

/** By how much an element is over its limit in a quarter hour, in Wh; 0 where it keeps it. */
export function excessWh(element: Element, energyWh: (unit: YearUnit) => number): number {
  return Math.max(0, Math.abs(exportThroughWh(element, energyWh)) - element.limitWh);
}
