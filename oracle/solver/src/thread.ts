import { parentPort, workerData } from 'node:worker_threads';
import highsLoader, { type Highs, type ModelData } from 'highs';
import type { ModelArrays } from './model';
import type { SolveAnswer, SolveEnd, SolveOrder, ThreadLimits } from './protocol';

/*
 * The thread in which HiGHS runs. A solve blocks it; whoever started it ends it where it takes too long.
 */

const BYTES_PER_PAGE = 65_536;

/** What this file needs of WebAssembly, which belongs to a browser's types. */
interface GrowingMemory {
  readonly buffer: ArrayBuffer;
  grow: (this: GrowingMemory, deltaPages: number) => number;
}

interface WebAssemblyNames {
  readonly Memory: { readonly prototype: GrowingMemory };
}

/** Set once the solver wanted more memory than it may have. */
let isMemoryUsedUp = false;

/**
 * Bounds the solver's own memory: a WebAssembly memory is outside the heap that a thread's limits bound, and grows through this one
 * function. Where it may not grow, HiGHS runs out of memory as it would on a small machine.
 */
function boundMemory(memoryBytesMax: number): void {
  const { prototype } = (globalThis as unknown as { readonly WebAssembly: WebAssemblyNames }).WebAssembly.Memory;
  const { grow } = prototype;
  prototype.grow = function bounded(this: GrowingMemory, delta: number): number {
    if (this.buffer.byteLength + delta * BYTES_PER_PAGE > memoryBytesMax) {
      isMemoryUsedUp = true;
      throw new RangeError('the solver may not have more memory');
    }
    return grow.call(this, delta);
  };
}

function modelData(highs: Highs, arrays: ModelArrays): ModelData {
  const { costs, indices, rowLower, rowUpper, sense, starts, values, variableLower, variableUpper } = arrays;
  const { maximize, minimize } = highs.constants.objectiveSense;
  return {
    numCols: costs.length,
    numRows: rowLower.length,
    sense: sense === 'minimise' ? minimize : maximize,
    colCost: costs,
    colLower: variableLower,
    colUpper: variableUpper,
    rowLower,
    rowUpper,
    matrix: { format: 'csr', numRows: rowLower.length, numCols: costs.length, starts, indices, values },
  };
}

function solve(highs: Highs, { model, timeMsMax }: SolveOrder): SolveEnd {
  return highs.withModel(modelData(highs, model), (native): SolveEnd => {
    // Simplex ends at a vertex, whose duals name the limits that bind; the tolerances are HiGHS's own, 1e-7.
    native.options.set({ output_flag: false, solver: 'simplex', time_limit: timeMsMax / 1_000 });
    const { modelStatus } = native.run();
    const { modelStatus: known } = highs.constants;
    switch (modelStatus) {
      case known.optimal:
      case known.empty: {
        const { colValue, rowDual } = native.getSolution();
        return { kind: 'optimal', primal: colValue, duals: rowDual };
      }
      case known.infeasible:
        return { kind: 'infeasible' };
      case known.unbounded:
      case known.unboundedOrInfeasible:
        return { kind: 'unbounded' };
      case known.timeLimit:
        return { kind: 'time' };
      default:
        return { kind: 'failed', reason: `HiGHS ended with model status ${modelStatus}` };
    }
  });
}

function endOf(run: () => SolveEnd): SolveEnd {
  try {
    return run();
  } catch (error) {
    return isMemoryUsedUp
      ? { kind: 'memory' }
      : { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

async function main(): Promise<void> {
  boundMemory((workerData as ThreadLimits).memoryBytesMax);
  const highs = await highsLoader();
  const solver = `highs ${highs.version.string}`;
  parentPort?.on('message', (order: SolveOrder) => {
    const answer: SolveAnswer = { id: order.id, solver, end: endOf(() => solve(highs, order)) };
    parentPort?.postMessage(answer);
  });
}

void main();
