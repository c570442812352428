import { RuleError } from '../../errors';
import type { JsonObject, JsonValue } from '../../json';
import { nano } from '../../units';
import { isBetter, proveAnswer } from './answer';
import { freeAsset } from './best-plan';
import { bestAt, provenBound } from './certificate';
import { meritOrder } from './merit-order';
import { checkPlans } from './plans';
import { prepareCase } from './prepare';
import { assetPlanCodec, certificateNodeCodec, disaggregationCaseCodec } from './rows';

/** A heat pump that may be off for two slots, and a battery that costs more. */
const pump = {
  assetId: 'pump',
  participantId: 'home-1',
  reduce: { minWh: '300', maxWh: '1000', priceMicroPerKwh: '100000' },
  noticeSlots: 2,
  runSlotsMax: 2,
  restSlots: 2,
  callsMax: 1,
  callCostMicro: '10000',
  rebound: [{ afterSlots: 2, sharePpm: '250000' }],
  earlierWh: '2999',
};
const battery = {
  ...pump,
  assetId: 'battery',
  participantId: 'home-2',
  reduce: { minWh: '0', maxWh: '800', priceMicroPerKwh: '200000' },
  increase: { minWh: '0', maxWh: '800', priceMicroPerKwh: '0' },
  noticeSlots: 1,
  runSlotsMax: 4,
  restSlots: 0,
  callsMax: 2,
  callCostMicro: '0',
  rebound: [],
  earlierWh: '0',
};
const order = {
  firstSlot: 100,
  noticeSlot: 98,
  slots: [
    { direction: 'reduce', requestedWh: '1200' },
    { direction: 'reduce', requestedWh: '1200', deliveredWhMax: '1500' },
    { direction: 'reduce', requestedWh: '0', reboundWhMax: '100' },
    { direction: 'reduce', requestedWh: '0' },
    { direction: 'increase', requestedWh: '0' },
  ],
  assets: [pump, battery],
  comfort: [{ participantId: 'home-2', energyWhMax: '1500' }],
  shortfallMicroPerKwh: '900000',
  fairnessMicroPerKwh: '5000',
};

type Plan = readonly [assetId: string, ...calls: (readonly [firstSlot: number, ...energiesWh: number[]])[]];

const prepared = (changes: JsonObject = {}) =>
  prepareCase(disaggregationCaseCodec.decode({ ...order, ...changes }, ''));

function plansOf(plans: readonly Plan[]) {
  return plans.map(([assetId, ...calls]) => {
    const encoded = calls.map(([firstSlot, ...energies]) => ({ firstSlot, energiesWh: energies.map(String) }));
    return assetPlanCodec.decode({ assetId, calls: encoded }, '');
  });
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
  return 'accepted';
}

describe('what an order costs', () => {
  it('is energy with fairness, calls and what is missing, in thousandths of a micro-unit', () => {
    const plans = plansOf([['pump', [100, 1000, 900]], ['battery', [100, 200, 300]]]); // prettier-ignore
    const outcome = checkPlans(prepared(), plans);
    // 1,900 Wh at 100,000 + 2 × 5,000, one call, 500 Wh at 200,000; in slot 102, 250 Wh come back where 100 may.
    expect(outcome.costNano).toBe(1_900n * 110_000n + 10_000n * 1_000n + 500n * 200_000n);
    expect(outcome.objectiveNano).toBe(outcome.costNano + 150n * 900_000n);
    expect(outcome.deliveredMicroWh).toEqual([1_200_000_000n, 1_200_000_000n, -250_000_000n, -225_000_000n, 0n]);
    expect(outcome.shortfallMicroWh).toEqual([0n, 0n, 150_000_000n, 0n, 0n]);
  });

  it('counts what comes back in the direction of the slot in which it does', () => {
    const rebound = [{ afterSlots: 4, sharePpm: '500000' }];
    const outcome = checkPlans(prepared({ assets: [{ ...pump, rebound }, battery] }), plansOf([['pump', [100, 300]]]));
    expect(outcome.deliveredMicroWh[4]).toBe(150_000_000n);
  });
});

describe('profiles are refused', () => {
  it.each<[string, string, readonly Plan[], JsonObject]>([
    ['of an asset that nobody knows', 'FLEX_PLAN_ASSET_UNKNOWN', [['stove', [100, 300]]], {}],
    ['out of order', 'FLEX_PLAN_ORDER', [['battery', [100, 300]], ['pump', [100, 300]]], {}], // prettier-ignore
    ['of one asset twice', 'FLEX_PLAN_ORDER', [['pump', [100, 300]], ['pump', [101, 300]]], {}], // prettier-ignore
    [
      'of one who has opted out',
      'FLEX_PLAN_OPTED_OUT',
      [['pump', [100, 300]]],
      { assets: [{ ...pump, optedOut: true }] },
    ],
    ['with a call too many', 'FLEX_PLAN_CALLS', [['pump', [100, 300], [104, 300]]], {}],
    ['without the rest', 'FLEX_PLAN_REST', [['pump', [100, 300], [102, 300]]], { assets: [{ ...pump, callsMax: 2 }] }],
    ['before the order', 'FLEX_PLAN_REST', [['battery', [99, 300]]], {}],
    ['that go on for too long', 'FLEX_PLAN_RUN', [['pump', [100, 300, 300, 300]]], {}],
    ['without notice', 'FLEX_PLAN_NOTICE', [['pump', [100, 300]]], { noticeSlot: 99 }],
    ['with a Wh too much', 'FLEX_PLAN_BAND', [['pump', [100, 1001]]], {}],
    ['with a Wh too little', 'FLEX_PLAN_BAND', [['pump', [100, 299]]], {}],
    ['with nothing while on', 'FLEX_PLAN_BAND', [['battery', [100, 0]]], {}],
    ['beyond the order', 'FLEX_PLAN_BAND', [['battery', [104, 1, 1]]], {}],
    ['in a direction that the asset has not', 'FLEX_PLAN_BAND', [['pump', [104, 300]]], {}],
    ['where comfort ends', 'FLEX_PLAN_COMFORT', [['battery', [100, 800, 701]]], {}],
    [
      'that are not balanced',
      'FLEX_PLAN_NOT_NEUTRAL',
      [['battery', [100, 100], [104, 89]]],
      { shiftTolerancePpm: '100000' },
    ],
    ['above what a slot allows', 'FLEX_PLAN_ABOVE_MAXIMUM', [['pump', [101, 1000]], ['battery', [101, 501]]], {}], // prettier-ignore
  ])('%s', (_what, code, plans, changes) => {
    expect(codeOf(() => checkPlans(prepared(changes), plansOf(plans)))).toBe(code);
  });

  it('but not one Wh before that', () => {
    const plans: readonly Plan[] = [['pump', [101, 1000]], ['battery', [101, 500]]]; // prettier-ignore
    expect(codeOf(() => checkPlans(prepared(), plansOf(plans)))).toBe('accepted');
    const shift = plansOf([['battery', [100, 100], [104, 90]]]);
    expect(codeOf(() => checkPlans(prepared({ shiftTolerancePpm: '100000' }), shift))).toBe('accepted');
  });
});

describe('a case is refused', () => {
  const band = { minWh: '3', maxWh: '2', priceMicroPerKwh: '1' };
  it.each<[string, string, JsonObject]>([
    ['with an asset twice', 'FLEX_CASE_ASSET_TWICE', { assets: [pump, pump] }],
    ['with a band upside down', 'FLEX_CASE_BAND', { assets: [{ ...pump, reduce: band }] }],
    [
      'with a maximum for too few slots',
      'FLEX_CASE_BAND',
      { assets: [{ ...pump, reduce: { ...pump.reduce, maxWhBySlot: ['1'] } }] },
    ],
    ['with the comfort of one prosumer twice', 'FLEX_CASE_COMFORT', { comfort: [...order.comfort, ...order.comfort] }],
    [
      'that allows less than it asks for',
      'FLEX_CASE_SLOT',
      { slots: [{ direction: 'reduce', requestedWh: '2', deliveredWhMax: '1' }] },
    ],
    [
      'that limits rebound where it asks for energy',
      'FLEX_CASE_SLOT',
      { slots: [{ direction: 'reduce', requestedWh: '2', reboundWhMax: '1' }] },
    ],
  ])('%s', (_what, code, changes) => {
    expect(codeOf(() => prepared(changes))).toBe(code);
  });
});

describe('a certificate is refused', () => {
  const leaf = { kind: 'leaf', slotPrices: ['0', '0', '0', '0', '0'], comfortPrices: [], shiftPrices: [] };
  const priced = (slotPrices: readonly string[]): JsonObject => ({ ...leaf, slotPrices });
  it.each<[string, readonly JsonObject[]]>([
    ['where a slot has no price', [priced(['0', '0'])]],
    ['where a price is above that of a shortfall', [priced(['900000000001', '0', '0', '0', '0'])]],
    ['where a price is below zero in a slot without a maximum', [priced(['-1', '0', '0', '0', '0'])]],
    ['where a slot has a price that asks for nothing', [priced(['0', '0', '0', '1', '0'])]],
    ['where comfort has a price below zero', [{ ...leaf, comfortPrices: [{ participantId: 'home-2', price: '-1' }] }]],
    [
      'where comfort has a price that is no limit',
      [{ ...leaf, comfortPrices: [{ participantId: 'home-1', price: '1' }] }],
    ],
    [
      'where a balance has a price and nothing is shifted',
      [{ ...leaf, shiftPrices: [{ assetId: 'pump', price: '1' }] }],
    ],
    ['where a leaf is missing', [{ kind: 'called', assetId: 'pump' }, leaf]],
    ['where a leaf is one too many', [leaf, leaf]],
    [
      'where an asset is decided twice',
      [{ kind: 'called', assetId: 'pump' }, { kind: 'called', assetId: 'pump' }, leaf, leaf, leaf],
    ],
    ['where a slot is not in the order', [{ kind: 'energy', assetId: 'pump', slot: 105, atMostWh: '0' }, leaf, leaf]],
    ['where an asset is not in the case', [{ kind: 'called', assetId: 'stove' }, leaf, leaf]],
  ])('%s', (_what, nodes) => {
    const certificate = nodes.map((node: JsonValue) => certificateNodeCodec.decode(node, ''));
    expect(codeOf(() => provenBound(prepared(), certificate))).toBe('FLEX_CERTIFICATE_INVALID');
  });

  it('takes a maximum for a price below zero, and what is asked for for one above', () => {
    const nodes = [certificateNodeCodec.decode(priced(['100000000000', '-1000000', '0', '0', '0']), '')];
    // Nobody is worth calling at 100,000 per kWh: 1,200 Wh at that price, less 1,500 Wh at 1.
    expect(provenBound(prepared(), nodes)).toBe(1_200n * 100_000n - 1_500n);
  });

  it('where it costs more to check than is allowed', () => {
    const assets = Array.from({ length: 500 }, (_, index) => ({ ...pump, assetId: `pump-${index}` }));
    const split = { kind: 'energy', assetId: 'pump-0', slot: 100, atMostWh: '1' };
    const nodes = [...Array.from({ length: 400 }, () => split), ...Array.from({ length: 401 }, () => leaf)];
    const certificate = nodes.map((node: JsonValue) => certificateNodeCodec.decode(node, ''));
    expect(codeOf(() => provenBound(prepared({ assets }), certificate))).toBe('FLEX_CERTIFICATE_TOO_LARGE');
  });
});

describe('the best of one asset', () => {
  const multipliers = {
    slots: [300_000n, 200_000n, 0n, 0n, 0n].map((price) => price * 1_000_000n),
    comfort: new Map(),
    shift: new Map(),
  };

  it('is the run of slots that is worth most after its call', () => {
    const { assets, ...rest } = prepared();
    const best = bestAt({ ...rest, assets }, assets[0]!, multipliers, freeAsset);
    expect(best?.calls).toEqual([{ place: 0, energiesWh: [1000n, 1000n] }]);
    expect(best?.value).toBe((1_000n * 190_000n + 1_000n * 90_000n - 10_000_000n) * 10n ** 12n);
  });

  it('is nothing where it has no calls left or may not be called, and none where it must be', () => {
    const none = prepared({ assets: [{ ...pump, callsMax: 0 }] });
    expect(bestAt(none, none.assets[0]!, multipliers, freeAsset)).toEqual({ value: 0n, calls: [] });
    expect(bestAt(none, none.assets[0]!, multipliers, { ...freeAsset, called: true })).toBeUndefined();
    const must = { called: undefined, energies: new Map([[4, { lowWh: 1n, highWh: undefined }]]) };
    expect(bestAt(prepared(), prepared().assets[0]!, multipliers, must)).toBeUndefined();
  });

  it('is called at a loss where a branch says so', () => {
    const slots = order.slots.map(() => 0n);
    const best = bestAt(prepared(), prepared().assets[0]!, { ...multipliers, slots }, { ...freeAsset, called: true });
    expect(best?.calls.map(({ energiesWh }) => energiesWh)).toEqual([[300n]]);
  });
});

describe('merit order', () => {
  it('asks the cheapest first, states a bound, and is proven', () => {
    const answer = meritOrder(prepared());
    expect(answer.plans.map(({ assetId }) => assetId)).toEqual(['pump', 'battery']);
    expect(proveAnswer(prepared(), answer, 1_000_000n).gapPpm).toBeGreaterThan(0n);
  });

  it('leaves the order to its shortfall where nobody is enrolled', () => {
    const answer = meritOrder(prepared({ assets: [], comfort: [] }));
    expect(answer.plans).toEqual([]);
    expect(answer.objectiveNano).toBe(nano(2_400n * 900_000n));
    expect(answer.boundNano).toBe(answer.objectiveNano);
  });
});

describe('of two answers', () => {
  it('the cheaper one is better, and of equal ones that which is proven closer', () => {
    const of = (objective: bigint, bound: bigint) => ({ objectiveNano: nano(objective), boundNano: nano(bound) });
    expect(isBetter(of(9n, 0n), of(10n, 10n))).toBe(true);
    expect(isBetter(of(10n, 9n), of(10n, 8n))).toBe(true);
    expect(isBetter(of(10n, 8n), of(10n, 8n))).toBe(false);
  });
});
