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
  const { costs, indices, integers, rowLower, rowUpper, sense, starts, values, variableLower, variableUpper } = arrays;
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
    ...(integers === undefined ? {} : { integrality: integers }),
    matrix: { format: 'csr', numRows: rowLower.length, numCols: costs.length, starts, indices, values },
  };
}

/** Integers: a point that was found before the time ended counts too. */
function solveIntegers(highs: Highs, { gapMax, model, timeMsMax }: SolveOrder): SolveEnd {
  return highs.withModel(modelData(highs, model), (native): SolveEnd => {
    native.options.set({ output_flag: false, time_limit: timeMsMax / 1_000, mip_rel_gap: gapMax, mip_abs_gap: 1e-6 });
    const { modelStatus } = native.run();
    const { modelStatus: known, solutionStatus } = highs.constants;
    const hasPoint = Number(native.info.get('primal_solution_status')) === solutionStatus.feasible;
    if (hasPoint && (modelStatus === known.optimal || modelStatus === known.timeLimit)) {
      return {
        kind: 'integer',
        primal: native.getSolution().colValue,
        bound: Number(native.info.get('mip_dual_bound')),
        isComplete: modelStatus === known.optimal,
      };
    }
    return endWithout(highs, modelStatus);
  });
}

function endWithout({ constants: { modelStatus: known } }: Highs, modelStatus: number): SolveEnd {
  switch (modelStatus) {
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
}

function solve(highs: Highs, { model, timeMsMax }: SolveOrder): SolveEnd {
  return highs.withModel(modelData(highs, model), (native): SolveEnd => {
    // Simplex ends at a vertex, whose duals name the limits that bind; the tolerances are HiGHS's own, 1e-7.
    native.options.set({ output_flag: false, solver: 'simplex', time_limit: timeMsMax / 1_000 });
    const { modelStatus } = native.run();
    const { modelStatus: known } = highs.constants;
    switch (modelStatus) {
      case known.empty:
        // There is nothing to choose and nothing to keep.
        return {
          kind: 'optimal',
          primal: new Float64Array(model.costs.length),
          duals: new Float64Array(model.rowLower.length),
        };
      case known.optimal: {
        const { colValue, rowDual } = native.getSolution();
        return { kind: 'optimal', primal: colValue, duals: rowDual };
      }
      default:
        return endWithout(highs, modelStatus);
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
    const answer: SolveAnswer = {
      id: order.id,
      solver,
      end: endOf(() => (order.model.integers === undefined ? solve : solveIntegers)(highs, order)),
    };
    parentPort?.postMessage(answer);
  });
}

void main();
