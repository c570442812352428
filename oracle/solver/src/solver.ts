import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { certify, type Certificate } from './certificate';
import { SolverError } from './errors';
import type { Model, ModelArrays } from './model';
import type { SolveAnswer, SolveEnd, SolveOrder, ThreadLimits } from './protocol';

/** What a solver may use. */
export interface SolverLimits {
  /** Most time for one model, from the call to the answer. */
  readonly timeMsMax: number;
  /** Most memory of the solver itself; the thread around it has 64 MiB more for what it is given and answers. */
  readonly memoryBytesMax: number;
}

/** How one model is to be solved. */
export interface SolveOptions {
  /** Less time than the solver's own limit. */
  readonly timeMsMax?: number;
  /** Only for integers: the share of the objective by which the best point found may miss the best possible one; nothing where absent. */
  readonly gapMax?: number;
}

/** A point, and what is known of how good it is. */
export interface Solution {
  /** Name and version of the solver. */
  readonly solver: string;
  /** By variable. */
  readonly primal: Float64Array;
  /** By row: what one unit more of its bound changes the objective by; zeros for a model with integers. */
  readonly duals: Float64Array;
  /** Of a model with integers, its bound is that of the duals, which are zero: `integerBound` has the solver's own word. */
  readonly certificate: Certificate;
  /** Only for integers: what no point betters, as the solver says. */
  readonly integerBound?: number;
  /** Whether the search ended by itself: false for the best point with integers that was found in time. */
  readonly isComplete: boolean;
}

/** The compiled thread, from the sources as well as from what was built. */
const THREAD = join(__dirname, '..', 'dist', 'thread.js');

const MIB = 1_048_576;
const THREAD_HEAP_MIB = 64;
/** What the solver is given to notice by itself that its time is up; longer where it has a point to hand over. */
const GRACE_MS = 250;
const INTEGER_GRACE_MS = 3_000;

interface Waiting {
  readonly id: number;
  readonly settle: (end: SolveEnd, solver: string) => void;
}

/**
 * HiGHS in a thread of its own, one model after the other. A model that takes more time or memory than it may is given up with a code, and
 * its thread is ended; the next model gets a new one.
 */
export class Solver {
  readonly #limits: SolverLimits;
  #thread: Worker | undefined;
  #waiting: Waiting | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #nextId = 1;
  #isClosed = false;

  constructor(limits: SolverLimits) {
    this.#limits = limits;
  }

  /**
   * Solves a model after those that were asked for before.
   * @throws SolverError
   */
  async solve(model: Model, options: SolveOptions = {}): Promise<Solution> {
    const arrays = model.toArrays();
    const before = this.#last;
    const mine = before.then(() => this.#solveNow(arrays, options));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  /** Ends the thread; a model that is being solved is given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end({ kind: 'failed', reason: 'the solver was closed' });
  }

  async #solveNow(model: ModelArrays, options: SolveOptions): Promise<Solution> {
    if (this.#isClosed) {
      throw new SolverError('SOLVER_CLOSED', 'the solver has been closed');
    }
    const { end, solver } = await this.#run(model, options);
    if (end.kind === 'integer') {
      const { bound, isComplete, primal } = end;
      const duals = new Float64Array(model.rowLower.length);
      return { solver, primal, duals, certificate: certify(model, { primal, duals }), integerBound: bound, isComplete };
    }
    if (end.kind !== 'optimal') {
      throw errorOf(end, this.#limits);
    }
    const { duals, primal } = end;
    return { solver, primal, duals, certificate: certify(model, { primal, duals }), isComplete: true };
  }

  #run(
    model: ModelArrays,
    { gapMax = 0, timeMsMax: timeAsked = this.#limits.timeMsMax }: SolveOptions,
  ): Promise<{ readonly end: SolveEnd; readonly solver: string }> {
    const id = this.#nextId;
    this.#nextId += 1;
    const timeMsMax = Math.min(timeAsked, this.#limits.timeMsMax);
    const graceMs = model.integers === undefined ? GRACE_MS : INTEGER_GRACE_MS;
    return new Promise((resolve) => {
      const timer = setTimeout(() => void this.#end({ kind: 'time' }), timeMsMax + graceMs);
      const settle = (end: SolveEnd, solver: string): void => {
        clearTimeout(timer);
        this.#waiting = undefined;
        resolve({ end, solver });
      };
      this.#waiting = { id, settle };
      this.#thread ??= this.#start();
      this.#thread.ref();
      this.#thread.postMessage({ id, model, timeMsMax, gapMax } satisfies SolveOrder);
    });
  }

  #start(): Worker {
    const { memoryBytesMax } = this.#limits;
    const thread = new Worker(THREAD, {
      workerData: { memoryBytesMax } satisfies ThreadLimits,
      resourceLimits: { maxOldGenerationSizeMb: THREAD_HEAP_MIB + Math.ceil(memoryBytesMax / MIB) },
    });
    thread.on('message', ({ end, id, solver }: SolveAnswer) => {
      if (this.#waiting?.id !== id) {
        return;
      }
      // Between two models the thread keeps no process alive.
      thread.unref();
      this.#waiting.settle(end, solver);
      if (end.kind === 'memory' || end.kind === 'failed') {
        void this.#end(end);
      }
    });
    thread.on('error', (error) => {
      const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      void this.#end(isMemory ? { kind: 'memory' } : { kind: 'failed', reason: error.message });
    });
    return thread;
  }

  /** Ends the thread, and with it what it is doing. */
  async #end(end: SolveEnd): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    this.#waiting?.settle(end, '');
    thread?.removeAllListeners();
    // What a thread that is being ended still throws concerns nobody.
    thread?.on('error', () => undefined);
    await thread?.terminate();
  }
}

function errorOf(end: Exclude<SolveEnd, { kind: 'optimal' | 'integer' }>, limits: SolverLimits): SolverError {
  switch (end.kind) {
    case 'infeasible':
      return new SolverError('SOLVER_INFEASIBLE', 'no point keeps all rows and bounds');
    case 'unbounded':
      return new SolverError('SOLVER_UNBOUNDED', 'the objective has no bound');
    case 'time':
      return new SolverError('SOLVER_TIME_LIMIT', `no answer within ${limits.timeMsMax} ms`);
    case 'memory':
      return new SolverError('SOLVER_MEMORY_LIMIT', `${limits.memoryBytesMax} bytes do not suffice`);
    case 'failed':
      return new SolverError('SOLVER_FAILED', end.reason);
  }
}
