import type { SimbenchGrid } from './simbench';

/** Energy through a line in one interval; exactly one of the two directions is above zero, or none. */
export interface LineFlow {
  readonly lineId: number;
  readonly name: string;
  /** From the transformer towards the ends of the grid. */
  readonly downstreamWh: bigint;
  /** From the ends towards the transformer. */
  readonly upstreamWh: bigint;
  readonly limitW: bigint;
}

/** What flows in one interval through the transformer and every line, losses left out. */
export interface GridFlow {
  /** Into the low-voltage grid. */
  readonly importWh: bigint;
  /** Out of the low-voltage grid. */
  readonly exportWh: bigint;
  readonly lines: readonly LineFlow[];
}

/** A line as seen from the transformer: the buses behind it. */
interface Branch {
  readonly lineId: number;
  readonly name: string;
  readonly limitW: bigint;
  readonly busesBehind: readonly number[];
}

/**
 * Flows of a radial grid: without meshes each line carries the sum of what the buses behind it take or give
 * (the DC power flow of a tree, losses left out).
 */
export class RadialGrid {
  private readonly branches: readonly Branch[];

  /** Throws if a line closes a mesh or a bus cannot be reached from the transformer. */
  constructor(private readonly grid: SimbenchGrid) {
    this.branches = traceBranches(grid);
  }

  /** The flows for the net import of each bus in Wh (negative: net export); buses that are not named take nothing. */
  flow(netImportWh: ReadonlyMap<number, bigint>): GridFlow {
    const sumOf = (buses: readonly number[]): bigint =>
      buses.reduce((sum, bus) => sum + (netImportWh.get(bus) ?? 0n), 0n);
    const total = sumOf(this.grid.buses.map((bus) => bus.id));
    return {
      importWh: total > 0n ? total : 0n,
      exportWh: total < 0n ? -total : 0n,
      lines: this.branches.map(({ lineId, name, limitW, busesBehind }) => {
        const behind = sumOf(busesBehind);
        return {
          lineId,
          name,
          limitW,
          downstreamWh: behind > 0n ? behind : 0n,
          upstreamWh: behind < 0n ? -behind : 0n,
        };
      }),
    };
  }
}

function traceBranches(grid: SimbenchGrid): Branch[] {
  const branches: Branch[] = [];
  const reached = new Set<number>([grid.transformer.fromBus]);
  const used = new Set<number>();
  const visit = (bus: number): number[] => {
    if (reached.has(bus)) throw new Error(`bus ${bus} is reached twice: the grid is not radial`);
    reached.add(bus);
    const behind = [bus];
    for (const line of grid.lines) {
      if (used.has(line.id) || (line.fromBus !== bus && line.toBus !== bus)) continue;
      used.add(line.id);
      const busesBehind = visit(line.fromBus === bus ? line.toBus : line.fromBus);
      branches.push({ lineId: line.id, name: line.name, limitW: line.limitW, busesBehind });
      behind.push(...busesBehind);
    }
    return behind;
  };
  visit(grid.transformer.toBus);
  const lost = grid.buses.find((bus) => !reached.has(bus.id));
  if (lost !== undefined) throw new Error(`bus ${lost.id} cannot be reached from the transformer`);
  return branches.sort((left, right) => left.lineId - right.lineId);
}
