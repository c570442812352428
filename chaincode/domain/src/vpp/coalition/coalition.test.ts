import { RuleError } from '../../errors';
import { slot } from '../../time';
import { micro, microPerKwh, nano, ppm, w, wh } from '../../units';
import { coalitionGapPpm, isBetterCoalition, proveCoalition } from './answer';
import { relaxCoalition, noMultipliers } from './bound';
import { checkChoice, nanoOf } from './choice';
import { greedyCoalition } from './greedy';
import { prepareCoalition } from './prepare';
import { coalitionAnswerCodec, coalitionCaseCodec } from './rows';
import type {
  CoalitionAnswer,
  CoalitionAsset,
  CoalitionAssignment,
  CoalitionBand,
  CoalitionCase,
  CoalitionDemand,
} from './rows';

const band = (minW: bigint, maxW: bigint, keep: bigint, cost = 0n): CoalitionBand => ({
  minW: w(minW),
  maxW: w(maxW),
  costMicroPerKwh: microPerKwh(cost),
  keepMicroPerKwh: microPerKwh(keep),
  firmPpm: ppm(1_000_000n),
});

const asset = (assetId: string, more: Partial<CoalitionAsset>): CoalitionAsset => ({
  assetId,
  participantId: assetId,
  activationSeconds: 60,
  runStepsMax: 4,
  restSteps: 0,
  startCostMicro: micro(0n),
  ...more,
});

const demandOf = (requestId: string, more: Partial<CoalitionDemand> = {}): CoalitionDemand => ({
  requestId,
  direction: 'up',
  firstStep: 0,
  sliceSteps: 1,
  slices: 4,
  activationSecondsMax: 300,
  minW: w(1_000n),
  maxW: w(3_000n),
  stepW: w(1_000n),
  capacityPriceMicroPerKwh: microPerKwh(20_000n),
  energyPriceMicroPerKwh: microPerKwh(0n),
  activationPpm: ppm(0n),
  marginPpm: ppm(0n),
  holdPpm: ppm(0n),
  assetsMin: 1,
  ...more,
});

const battery = asset('battery', {
  up: band(0n, 2_000n, 5_000n),
  down: band(0n, 2_000n, 5_000n),
  storage: { upWh: wh(4_000n), downWh: wh(4_000n) },
});
const generator = asset('generator', {
  up: band(500n, 2_000n, 8_000n),
  runStepsMax: 2,
  restSteps: 1,
  startCostMicro: micro(1_000n),
});
const slow = asset('slow', { up: band(0n, 5_000n, 1n), activationSeconds: 900 });

const hours = (more: Partial<CoalitionCase> = {}): CoalitionCase => ({
  firstSlot: slot(100),
  stepSlots: 4,
  steps: 4,
  assets: [battery, generator, slow],
  requests: [demandOf('capacity')],
  groups: [],
  ...more,
});

/** Duties in short: asset, request, first step and powers. */
type Short = readonly (readonly [string, string, number, ...number[]])[];

function assigned(short: Short): readonly CoalitionAssignment[] {
  const assignments = new Map<string, CoalitionAssignment>();
  for (const [assetId, requestId, firstStep, ...powers] of short) {
    const duty = { requestId, firstStep, powersW: powers.map((power) => w(BigInt(power))) };
    const duties = [...(assignments.get(assetId)?.duties ?? []), duty];
    assignments.set(assetId, { assetId, duties });
  }
  return [...assignments.values()];
}

const servedW = (...slices: readonly number[]): CoalitionAnswer['served'] => [
  { requestId: 'capacity', slicesW: slices.map((powerW) => w(BigInt(powerW))) },
];

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof RuleError) return error.code;
    throw error;
  }
  return 'NONE';
}

test('an asset promises to a request at most what it was tested with for it, and to others what it can', () => {
  const tested = [{ requestId: 'reserve', maxW: w(1_500n) }];
  const requests = [demandOf('reserve'), demandOf('capacity')];
  const prepared = prepareCoalition(hours({ assets: [{ ...battery, tested }], requests }));
  expect(prepared.assets[0]?.options[0]?.map(({ highW }) => highW)).toEqual([1_500n, 2_000n]);
  const served = [{ requestId: 'reserve', slicesW: [w(1_000n), w(0n), w(0n), w(0n)] }];
  const codeOfPower = (powerW: number): string =>
    codeOf(() => checkChoice(prepared, { assignments: assigned([['battery', 'reserve', 0, powerW]]), served }));
  expect([codeOfPower(1_500), codeOfPower(1_501)]).toEqual(['NONE', 'VPP_PLAN_BAND']);
});

test('a choice earns its capacity less what it costs, exact to a thousandth of a micro-unit', () => {
  const prepared = prepareCoalition(hours());
  const choice = {
    assignments: assigned([['battery', 'capacity', 0, 2_000, 2_000]]),
    served: servedW(2_000, 1_000, 0, 0),
  };
  // 3 kWh of capacity at 20,000, and 4 kWh kept ready at 5,000.
  expect(nanoOf(checkChoice(prepared, choice))).toBe(40_000_000n);
});

describe('a choice that breaks a rule is refused with the code of that rule', () => {
  const cases: readonly (readonly [string, string, Short, readonly number[], Partial<CoalitionCase>?])[] = [
    ['an asset of nobody', 'VPP_PLAN_ASSET_UNKNOWN', [['ghost', 'capacity', 0, 1_000]], [0, 0, 0, 0]],
    [
      'assets in another order',
      'VPP_PLAN_ORDER',
      [
        ['generator', 'capacity', 0, 1_000],
        ['battery', 'capacity', 0, 1_000],
      ],
      [0, 0, 0, 0],
    ],
    ['a request of nobody', 'VPP_PLAN_REQUEST_UNKNOWN', [['battery', 'ghost', 0, 1_000]], [0, 0, 0, 0]],
    [
      'two duties at once',
      'VPP_PLAN_DUTY_ORDER',
      [
        ['battery', 'capacity', 0, 1_000, 1_000],
        ['battery', 'capacity', 1, 1_000],
      ],
      [0, 0, 0, 0],
    ],
    ['a duty beyond the case', 'VPP_PLAN_DUTY_ORDER', [['battery', 'capacity', 3, 1_000, 1_000]], [0, 0, 0, 0]],
    [
      'no rest',
      'VPP_PLAN_REST',
      [
        ['generator', 'capacity', 0, 1_000],
        ['generator', 'capacity', 2, 1_000],
      ],
      [0, 0, 0, 0],
      { assets: [{ ...generator, restSteps: 2 }] },
    ],
    ['a long run', 'VPP_PLAN_RUN', [['generator', 'capacity', 0, 1_000, 1_000, 1_000]], [0, 0, 0, 0]],
    ['an asset that is too slow', 'VPP_PLAN_NOT_ABLE', [['slow', 'capacity', 0, 1_000]], [0, 0, 0, 0]],
    [
      'an asset that may serve others only',
      'VPP_PLAN_NOT_ABLE',
      [['battery', 'capacity', 0, 1_000]],
      [0, 0, 0, 0],
      { assets: [{ ...battery, requestIds: [] }] },
    ],
    ['less than the on-level', 'VPP_PLAN_BAND', [['generator', 'capacity', 0, 499]], [0, 0, 0, 0]],
    ['more than the band', 'VPP_PLAN_BAND', [['battery', 'capacity', 0, 2_001]], [0, 0, 0, 0]],
    [
      'more energy than is stored',
      'VPP_PLAN_STORAGE',
      [['battery', 'capacity', 0, 2_000, 2_000, 1_000]],
      [0, 0, 0, 0],
      { requests: [demandOf('capacity', { holdPpm: ppm(1_000_000n) })] },
    ],
    [
      'more than the transformer carries',
      'VPP_PLAN_GROUP',
      [
        ['battery', 'capacity', 0, 1_000],
        ['generator', 'capacity', 0, 600],
      ],
      [0, 0, 0, 0],
      {
        groups: [
          {
            groupId: 'copy',
            assetIds: ['battery', 'generator'],
            direction: 'up',
            maxWByStep: [1_500n, 1_500n, 1_500n, 1_500n].map(w),
          },
        ],
      },
    ],
    ['another number of slices', 'VPP_PLAN_SERVED', [], [0, 0, 0]],
    ['999 W of a bid of 1,000', 'VPP_PLAN_BID', [['battery', 'capacity', 0, 2_000]], [999, 0, 0, 0]],
    ['no multiple of a step', 'VPP_PLAN_BID', [['battery', 'capacity', 0, 2_000]], [1_500, 0, 0, 0]],
    ['more than is asked for', 'VPP_PLAN_BID', [['battery', 'capacity', 0, 2_000]], [4_000, 0, 0, 0]],
    ['less than is promised', 'VPP_PLAN_NOT_COVERED', [['battery', 'capacity', 0, 1_999]], [2_000, 0, 0, 0]],
    [
      'less than is promised with its margin',
      'VPP_PLAN_NOT_COVERED',
      [['battery', 'capacity', 0, 1_099]],
      [1_000, 0, 0, 0],
      { requests: [demandOf('capacity', { marginPpm: ppm(100_000n) })] },
    ],
    [
      'one asset where two are demanded',
      'VPP_PLAN_TOO_FEW_ASSETS',
      [['battery', 'capacity', 0, 1_000]],
      [1_000, 0, 0, 0],
      { requests: [demandOf('capacity', { assetsMin: 2 })] },
    ],
  ];
  const whole = cases.map(([name, code, short, slices, more = {}]) => [name, code, short, slices, more] as const);
  test.each(whole)('%s: %s', (_name, code, short, slices, more) => {
    const prepared = prepareCoalition(hours(more));
    expect(codeOf(() => checkChoice(prepared, { assignments: assigned(short), served: servedW(...slices) }))).toBe(
      code,
    );
  });
});

describe('a case that contradicts itself is refused', () => {
  const cases: readonly (readonly [string, string, Partial<CoalitionCase>])[] = [
    ['an asset twice', 'VPP_CASE_TWICE', { assets: [battery, battery] }],
    ['a band upside down', 'VPP_CASE_BAND', { assets: [asset('odd', { up: band(2n, 1n, 0n) })] }],
    ['a request beyond the case', 'VPP_CASE_REQUEST', { requests: [demandOf('late', { firstStep: 1 })] }],
    ['a request in steps of nothing', 'VPP_CASE_REQUEST', { requests: [demandOf('flat', { stepW: w(0n) })] }],
    [
      'a group of somebody else',
      'VPP_CASE_GROUP',
      { groups: [{ groupId: 'copy', assetIds: ['ghost'], direction: 'up', maxWByStep: [1n, 1n, 1n, 1n].map(w) }] },
    ],
  ];
  test.each(cases)('%s: %s', (_name, code, more) => {
    expect(codeOf(() => prepareCoalition(hours(more)))).toBe(code);
  });
});

describe('the fallback', () => {
  const prepared = prepareCoalition(hours());
  const answer = greedyCoalition(prepared);

  test('keeps every rule, earns what it states, and proves its bound', () => {
    expect(proveCoalition(prepared, answer, 1_000_000n)).toBe(coalitionGapPpm(answer));
    expect(answer.objectiveNano).toBeGreaterThan(0n);
  });

  test('serves nothing where nothing pays', () => {
    const poor = prepareCoalition(
      hours({ requests: [demandOf('capacity', { capacityPriceMicroPerKwh: microPerKwh(1n) })] }),
    );
    expect(greedyCoalition(poor)).toMatchObject({ assignments: [], served: [], objectiveNano: 0n });
  });

  test('survives its codec', () => {
    expect(coalitionAnswerCodec.decode(coalitionAnswerCodec.encode(answer), '')).toEqual(answer);
    expect(coalitionCaseCodec.decode(coalitionCaseCodec.encode(prepared.asked), '')).toEqual(prepared.asked);
  });

  test('is refused when it is worsened beyond the gap, or states or proves something else', () => {
    const refused = (more: Partial<CoalitionAnswer>, gapPpmMax = 1_000_000n): string =>
      codeOf(() => proveCoalition(prepared, { ...answer, ...more }, gapPpmMax));
    const lazy = { assignments: [], served: [], objectiveNano: nano(0n) };
    expect(refused(lazy)).toBe('VPP_GAP_EXCEEDED');
    expect(refused({ objectiveNano: nano(answer.objectiveNano + 1n) })).toBe('VPP_OBJECTIVE_MISSTATED');
    expect(refused({ boundNano: nano(answer.boundNano - 1n) })).toBe('VPP_BOUND_MISSTATED');
    expect(refused({ certificate: [...answer.certificate, ...answer.certificate] })).toBe('VPP_CERTIFICATE_INVALID');
    expect(refused({ certificate: [{ kind: 'used', assetId: 'battery' }, ...answer.certificate] })).toBe(
      'VPP_CERTIFICATE_INVALID',
    );
    expect(
      refused({ certificate: [{ kind: 'used', assetId: 'ghost' }, ...answer.certificate, ...answer.certificate] }),
    ).toBe('VPP_CERTIFICATE_INVALID');
  });

  test('is replaced by what earns more, or as much with a closer proof', () => {
    const closer = { ...answer, boundNano: nano(answer.boundNano - 1n) };
    expect(isBetterCoalition(closer, answer)).toBe(true);
    expect(isBetterCoalition(answer, closer)).toBe(false);
    expect(isBetterCoalition({ ...answer, objectiveNano: nano(answer.objectiveNano + 1n) }, closer)).toBe(true);
  });
});

test('no multipliers prove less than what is earned', () => {
  const prepared = prepareCoalition(hours());
  const { objectiveNano } = greedyCoalition(prepared);
  const none = noMultipliers(prepared);
  for (const price of [0n, 3_000n, 5_000n, 8_000n, 12_000n, 20_000n, 40_000n]) {
    const cover = none.cover.map((row) => row.map(() => price * 1_000_000n));
    expect(relaxCoalition(prepared, { ...none, cover }).boundNano).toBeGreaterThanOrEqual(objectiveNano);
  }
});
