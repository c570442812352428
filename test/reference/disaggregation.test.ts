import {
  meritOrder,
  nano,
  plansOutcome,
  prepareCase,
  proveAnswer,
  provenBound,
  RuleError,
  wh,
  type CertificateNode,
  type DisaggregationAnswer,
  type PreparedCase,
} from '@flexledger/domain';
import { readDisaggregationFile } from '@flexledger/gateway-app';
import { Solver, solveDisaggregation } from '@flexledger/solver';
import { fourHoursCase, leastCostNano, randomCase, type Case } from './disaggregation';
import { RandomSource } from './random-source';

/*
 * The split of orders against trying everything, with code that shares nothing with the project's: 500 random cases of at most 12 assets. And against
 * bad faith: no certificate, however it is made, proves more than the least cost, and nothing but what is proven is taken.
 */

const CASES = 500;
const FIRST_SEED = 1;
const CASES_OF_BAD_FAITH = 100;

const solver = new Solver({ timeMsMax: 60_000, memoryBytesMax: 256 * 1_048_576 });

afterAll(() => solver.close());

function preparedOf(order: Case): PreparedCase {
  return prepareCase(readDisaggregationFile(JSON.stringify(order)).asked);
}

async function solved(prepared: PreparedCase): Promise<DisaggregationAnswer> {
  const options = { gapPpm: 0n, timeMsMax: 60_000, now: () => performance.now() };
  return (await solveDisaggregation(prepared.asked, solver, options)).answer;
}

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
  return 'accepted';
}

/** Cases with an optimum that calls somebody, and their answers. */
async function calledCases(
  count: number,
): Promise<
  readonly { readonly order: Case; readonly prepared: PreparedCase; readonly answer: DisaggregationAnswer }[]
> {
  const found = [];
  for (let seed = 10_000; found.length < count; seed += 1) {
    const order = randomCase(seed);
    const prepared = preparedOf(order);
    const answer = await solved(prepared);
    if (answer.plans.length > 0) found.push({ order, prepared, answer });
  }
  return found;
}

describe('the split of an order', () => {
  test('costs what trying everything finds, and is proven to, in 500 random cases', async () => {
    let called = 0;
    for (let index = 0; index < CASES; index += 1) {
      const order = randomCase(FIRST_SEED + index);
      const prepared = preparedOf(order);
      const answer = await solved(prepared);
      called += answer.plans.length;
      const found = { index, objectiveNano: answer.objectiveNano, boundNano: answer.boundNano };
      const least = BigInt(leastCostNano(order));
      expect(found).toEqual({ index, objectiveNano: least, boundNano: least });
      expect(proveAnswer(prepared, answer, 0n).gapPpm).toBe(0n);
    }
    expect(called).toBeGreaterThan(CASES);
  }, 900_000);

  test('without an oracle keeps every rule, and states a bound that is none too high', () => {
    for (let index = 0; index < CASES; index += 1) {
      const order = randomCase(FIRST_SEED + index);
      const prepared = preparedOf(order);
      const answer = meritOrder(prepared);
      const least = BigInt(leastCostNano(order));
      proveAnswer(prepared, answer, 1_000_000n);
      expect({ index, isAtLeast: answer.objectiveNano >= least }).toEqual({ index, isAtLeast: true });
      expect({ index, isAtMost: answer.boundNano <= least }).toEqual({ index, isAtMost: true });
    }
  }, 300_000);
});

describe('the split of an order of four hours among 500 assets over a day', () => {
  test('is proven to be within 2 %, where merit order is not', async () => {
    const prepared = preparedOf(fourHoursCase(1, 500, 96));
    const options = { gapPpm: 20_000n, timeMsMax: 120_000, now: () => performance.now() };
    const { answer } = await solveDisaggregation(prepared.asked, solver, options);
    expect(proveAnswer(prepared, answer, 20_000n).gapPpm).toBeLessThanOrEqual(20_000n);
    expect(refusal(() => proveAnswer(prepared, meritOrder(prepared), 20_000n))).toBe('FLEX_GAP_EXCEEDED');
  }, 300_000);
});

describe('an answer in bad faith', () => {
  let cases: Awaited<ReturnType<typeof calledCases>> = [];

  beforeAll(async () => {
    cases = await calledCases(CASES_OF_BAD_FAITH);
  }, 600_000);

  test('is refused where it is worse than the gap that is agreed, whatever else is right about it', () => {
    let worse = 0;
    for (const { answer, prepared } of cases) {
      const plans = answer.plans.slice(0, -1);
      const objectiveNano = nano(plansOutcome(prepared, plans).objectiveNano);
      if (objectiveNano === answer.objectiveNano) continue;
      worse += 1;
      const code = refusal(() => proveAnswer(prepared, { ...answer, plans, objectiveNano }, 0n));
      expect(['FLEX_GAP_EXCEEDED', 'FLEX_PLAN_ABOVE_MAXIMUM']).toContain(code);
      const gapPpm = ((objectiveNano - answer.boundNano) * 1_000_000n) / objectiveNano;
      expect(refusal(() => proveAnswer(prepared, { ...answer, plans, objectiveNano }, gapPpm - 1n))).not.toBe(
        'accepted',
      );
    }
    expect(worse).toBeGreaterThan(CASES_OF_BAD_FAITH / 2);
  });

  test('is refused where one Wh is another one', () => {
    for (const { answer, prepared } of cases) {
      for (const change of [1n, -1n]) {
        const [first, ...rest] = answer.plans;
        const [call, ...calls] = first!.calls;
        const energiesWh = call!.energiesWh.map((energyWh, index) => (index === 0 ? wh(energyWh + change) : energyWh));
        const plans = [{ ...first!, calls: [{ ...call!, energiesWh }, ...calls] }, ...rest];
        const code = refusal(() => proveAnswer(prepared, { ...answer, plans }, 0n));
        // Where a Wh costs what its shortfall costs, the other answer is as good.
        const isAsGood = plansOutcome(prepared, plans).objectiveNano === answer.objectiveNano;
        expect(code).toMatch(isAsGood ? /^(accepted|FLEX_PLAN_.*)$/ : /^FLEX_(PLAN_.*|OBJECTIVE_MISSTATED)$/);
      }
    }
  });

  test('is refused where objective or bound is one unit off', () => {
    for (const { answer, prepared } of cases) {
      const objective = { ...answer, objectiveNano: nano(answer.objectiveNano - 1n) };
      expect(refusal(() => proveAnswer(prepared, objective, 0n))).toBe('FLEX_OBJECTIVE_MISSTATED');
      const bound = { ...answer, boundNano: nano(answer.boundNano + 1n) };
      expect(refusal(() => proveAnswer(prepared, bound, 0n))).toBe('FLEX_BOUND_MISSTATED');
    }
  });

  test('is refused where a node of the proof is missing or one too many', () => {
    for (const { answer, prepared } of cases) {
      const { certificate } = answer;
      for (const at of certificate.keys()) {
        const without = certificate.filter((_, index) => index !== at);
        expect(refusal(() => provenBound(prepared, without))).toBe('FLEX_CERTIFICATE_INVALID');
      }
      const more = [...certificate, certificate.at(-1)!];
      expect(refusal(() => provenBound(prepared, more))).toBe('FLEX_CERTIFICATE_INVALID');
    }
  });

  test('never proves more than the least cost, with other assets, energies and prices in its proof', () => {
    const random = new RandomSource(20_261_127);
    let proven = 0;
    for (const { answer, order, prepared } of cases) {
      const least = BigInt(leastCostNano(order));
      for (let round = 0; round < 20; round += 1) {
        const mutated = answer.certificate.map((node) => (random.chance(30) ? mutatedNode(node, order, random) : node));
        try {
          expect(provenBound(prepared, mutated)).toBeLessThanOrEqual(least);
          proven += 1;
        } catch (error) {
          if (!(error instanceof RuleError)) throw error;
          expect(error.code).toBe('FLEX_CERTIFICATE_INVALID');
        }
      }
    }
    expect(proven).toBeGreaterThan(CASES_OF_BAD_FAITH);
  });
});

function mutatedNode(node: CertificateNode, order: Case, random: RandomSource): CertificateNode {
  const { assetId } = random.pick(order.assets);
  switch (node.kind) {
    case 'called':
      return { ...node, assetId };
    case 'energy':
      return random.chance(50) ? { ...node, assetId } : { ...node, atMostWh: wh(BigInt(random.below(6))) };
    case 'leaf': {
      const factor = BigInt(random.between(0, 300));
      return { ...node, slotPrices: node.slotPrices.map((price) => (price * factor) / 100n) };
    }
  }
}
