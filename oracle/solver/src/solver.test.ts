import { assert as claim, array, double, integer, property, record } from 'fast-check';
import { certify } from './certificate';
import { SolverError } from './errors';
import { Model } from './model';
import { Solver } from './solver';

const MIB = 1_048_576;
const solver = new Solver({ timeMsMax: 20_000, memoryBytesMax: 256 * MIB });

afterAll(() => solver.close());

/** A workshop makes chairs and tables from wood and hours: the textbook's optimum is 20 of one and 10 of the other. */
function workshop(): Model {
  const model = new Model('maximise');
  const chairs = model.addVariable({ name: 'chairs', lower: 0, cost: 30 });
  const tables = model.addVariable({ name: 'tables', lower: 0, cost: 50 });
  const terms = (chair: number, table: number) => [
    { variable: chairs, coefficient: chair },
    { variable: tables, coefficient: table },
  ];
  model.addRow({ name: 'wood', upper: 40, terms: terms(1, 2) });
  model.addRow({ name: 'hours', upper: 50, terms: terms(2, 1) });
  return model;
}

/** A transport problem whose dense rows keep the simplex method busy for a while. */
function large(size: number): Model {
  const model = new Model('minimise');
  for (let from = 0; from < size; from += 1) {
    for (let to = 0; to < size; to += 1) {
      model.addVariable({ name: `${from}.${to}`, lower: 0, cost: 1 + ((from * 7919 + to * 104_729) % 997) });
    }
  }
  const line = (name: string, amount: number, at: (index: number) => number): void => {
    const terms = Array.from({ length: size }, (_, index) => ({ variable: at(index), coefficient: 1 }));
    model.addRow({ name, lower: amount, upper: amount, terms });
  };
  for (let index = 0; index < size; index += 1) {
    line(`from ${index}`, 1 + (index % 13), (to) => index * size + to);
    line(`to ${index}`, 1 + (index % 13), (from) => from * size + index);
  }
  return model;
}

async function codeOf(solving: Promise<unknown>): Promise<string> {
  try {
    await solving;
    return 'solved';
  } catch (error) {
    return error instanceof SolverError ? error.code : String(error);
  }
}

describe('a solver', () => {
  test('finds the optimum, the worth of what is scarce, and a bound that proves it', async () => {
    const { certificate, duals, primal, solver: name } = await solver.solve(workshop());
    expect(name).toBe('highs 1.15.1');
    expect([...primal].map(Math.round)).toEqual([20, 10]);
    expect([...duals].map((dual) => Math.round(dual * 3))).toEqual([70, 10]);
    expect(certificate.objective).toBeCloseTo(1_100, 6);
    expect(certificate.bound).toBeCloseTo(1_100, 6);
    expect(certificate.gap).toBeLessThan(1e-9);
    expect(certificate.primalViolation).toBeLessThan(1e-9);
  });

  test('solves what is asked for at once one after the other', async () => {
    const solutions = await Promise.all([solver.solve(workshop()), solver.solve(workshop()), solver.solve(workshop())]);
    expect(solutions.map(({ primal }) => Math.round(primal[1] ?? 0))).toEqual([10, 10, 10]);
  });

  test('chooses whole things where only whole ones count, and says what no choice betters', async () => {
    const model = new Model('maximise');
    const values = [60, 100, 120, 75];
    const things = values.map((cost, index) =>
      model.addVariable({ name: `thing ${index}`, lower: 0, upper: 1, cost, integer: true }),
    );
    const weights = [10, 20, 30, 16];
    const terms = things.map((variable, index) => ({ variable, coefficient: weights[index] ?? 0 }));
    model.addRow({ name: 'weight', upper: 50, terms });
    const { certificate, integerBound, isComplete, primal } = await solver.solve(model);
    // In fractions it would be 240 and more.
    expect([...primal].map((value) => value > 0.5)).toEqual([true, true, false, true]);
    expect([certificate.objective, integerBound, isComplete]).toEqual([235, 235, true]);
  });

  test('has nothing to choose in an empty model', async () => {
    const { certificate, primal } = await solver.solve(new Model('minimise'));
    expect([primal.length, certificate.objective]).toEqual([0, 0]);
  });

  test('keeps every digit of an integer up to 2^53', async () => {
    const model = new Model('minimise');
    const x = model.addVariable({ name: 'x', lower: 0, upper: 2, cost: 9_007_199_254_740_991n });
    model.addRow({ name: 'at least', lower: 1n, terms: [{ variable: x, coefficient: 1n }] });
    const { certificate } = await solver.solve(model);
    expect(certificate.objective).toBe(9_007_199_254_740_991);
  });

  test.each([
    ['an integer that no double holds', 9_007_199_254_740_993n],
    ['no number', NaN],
    ['an infinite number', Infinity],
  ])('refuses %s', async (_, cost) => {
    const model = new Model('minimise');
    model.addVariable({ name: 'x', lower: 0, cost });
    expect(await codeOf(solver.solve(model))).toBe('SOLVER_MODEL_INVALID');
  });

  test('refuses a row that names an unknown variable, or one twice, and crossed bounds', async () => {
    for (const variables of [[1], [0, 0]]) {
      const model = new Model('minimise');
      model.addVariable({ name: 'x', lower: 0, cost: 1 });
      model.addRow({ name: 'row', lower: 0, terms: variables.map((variable) => ({ variable, coefficient: 1 })) });
      expect(await codeOf(solver.solve(model))).toBe('SOLVER_MODEL_INVALID');
    }
    const crossed = new Model('minimise');
    crossed.addVariable({ name: 'x', lower: 2, upper: 1, cost: 1 });
    expect(await codeOf(solver.solve(crossed))).toBe('SOLVER_MODEL_INVALID');
  });

  test('says that there is no point, and that there is no bound', async () => {
    const model = workshop();
    model.addRow({ name: 'too many', lower: 41, terms: [{ variable: 0, coefficient: 1 }] });
    expect(await codeOf(solver.solve(model))).toBe('SOLVER_INFEASIBLE');
    const open = new Model('maximise');
    open.addVariable({ name: 'x', lower: 0, cost: 1 });
    expect(await codeOf(solver.solve(open))).toBe('SOLVER_UNBOUNDED');
  });

  test('gives up a model that takes too long, and solves the next', async () => {
    const hasty = new Solver({ timeMsMax: 1, memoryBytesMax: 256 * MIB });
    expect(await codeOf(hasty.solve(large(120)))).toBe('SOLVER_TIME_LIMIT');
    await hasty.close();
    expect((await solver.solve(workshop())).certificate.gap).toBeLessThan(1e-9);
  });

  test('gives up a model that takes too much memory, and solves the next', async () => {
    const small = new Solver({ timeMsMax: 20_000, memoryBytesMax: 20 * MIB });
    expect(await codeOf(small.solve(large(200)))).toBe('SOLVER_MEMORY_LIMIT');
    expect(Math.round((await small.solve(workshop())).primal[0] ?? 0)).toBe(20);
    await small.close();
  });

  test('takes nothing more once it is closed', async () => {
    const closed = new Solver({ timeMsMax: 1_000, memoryBytesMax: 256 * MIB });
    await closed.close();
    expect(await codeOf(closed.solve(workshop()))).toBe('SOLVER_CLOSED');
  });
});

test('whatever the duals are, the bound of a certificate is never better than the optimum', async () => {
  const arrays = workshop().toArrays();
  const { primal } = await solver.solve(workshop());
  claim(
    property(array(double({ min: -100, max: 100, noNaN: true }), { minLength: 2, maxLength: 2 }), (duals) => {
      expect(certify(arrays, { primal, duals: Float64Array.from(duals) }).bound).toBeGreaterThanOrEqual(1_100 - 1e-6);
    }),
    { seed: 20_260_706 },
  );
});

test('a point beside the optimum shows in its certificate', async () => {
  const arrays = workshop().toArrays();
  const { duals, primal } = await solver.solve(workshop());
  claim(
    property(record({ variable: integer({ min: 0, max: 1 }), by: integer({ min: 1, max: 9 }) }), ({ by, variable }) => {
      const moved = Float64Array.from(primal, (value, index) => value + (index === variable ? by : 0));
      const { gap, primalViolation } = certify(arrays, { primal: moved, duals });
      expect(Math.max(gap, primalViolation)).toBeGreaterThan(1e-3);
    }),
    { seed: 20_260_706 },
  );
});
