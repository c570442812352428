import {
  microPerKwh,
  micro,
  ppm,
  slot,
  w,
  wh,
  type CoalitionAsset,
  type CoalitionBand,
  type CoalitionCase,
  type CoalitionDemand,
  type CoalitionGroup,
} from '@flexledger/domain';
import { RandomSource } from './random-source';

/*
 * Coalitions by trying everything, with code that shares nothing with the project's: every profile of every asset, one asset after the other,
 * keeping for each outcome (what covers each request in each step, how many are on for it, what of each group is used) the cheapest way to
 * it. And random cases that are small enough for that.
 */

const MILLION = 1_000_000;
/** Shares of firm power in the cases are multiples of this. */
const FIRM_UNIT = 250_000;
/** Units of the objective in a micro-unit: W × quarter hours × micro-units per kWh × millionths. */
const UNITS_PER_MICRO = 4_000_000_000;
const UNITS_PER_NANO = 4_000_000;

interface Serving {
  readonly request: number;
  readonly powerW: number;
}
type Profile = readonly (Serving | undefined)[];

/** One number of an outcome: it is added up to `most`; beyond that it either makes no difference or is not allowed. */
interface Dimension {
  readonly most: number;
  readonly isLimit: boolean;
  /** What a profile adds. */
  readonly of: (asset: CoalitionAsset, profile: Profile) => number;
}

/** The best that any choice earns, in thousandths of a micro-unit, rounded down. */
export function mostEarnedNano(asked: CoalitionCase): bigint {
  const dimensions = [...coverDimensions(asked), ...countDimensions(asked), ...groupDimensions(asked)];
  let outcomes = new Map<number, number>([[0, 0]]);
  for (const asset of asked.assets) {
    outcomes = withAsset(asked, asset, outcomes, dimensions);
  }
  let best = 0;
  for (const [code, cost] of outcomes) {
    best = Math.max(best, earned(asked, decoded(code, dimensions)) - cost);
  }
  if (!Number.isSafeInteger(best)) throw new Error('the amounts of the case are too large to add up');
  return BigInt(Math.floor(best / UNITS_PER_NANO));
}

function withAsset(
  asked: CoalitionCase,
  asset: CoalitionAsset,
  outcomes: ReadonlyMap<number, number>,
  dimensions: readonly Dimension[],
): Map<number, number> {
  const choices = profilesOf(asked, asset).map((profile) => ({
    cost: costOf(asked, asset, profile),
    adds: dimensions.map(({ of }) => of(asset, profile)),
  }));
  const next = new Map<number, number>();
  for (const [code, cost] of outcomes) {
    const numbers = decoded(code, dimensions);
    for (const choice of choices) {
      const found = encodedSum(numbers, choice.adds, dimensions);
      if (found === undefined) continue;
      const total = cost + choice.cost;
      const known = next.get(found);
      if (known === undefined || total < known) next.set(found, total);
    }
  }
  return next;
}

function decoded(code: number, dimensions: readonly Dimension[]): readonly number[] {
  let rest = code;
  return dimensions.map(({ most }) => {
    const value = rest % (most + 1);
    rest = (rest - value) / (most + 1);
    return value;
  });
}

function encodedSum(
  numbers: readonly number[],
  adds: readonly number[],
  dimensions: readonly Dimension[],
): number | undefined {
  let code = 0;
  for (let at = dimensions.length - 1; at >= 0; at -= 1) {
    const { isLimit, most } = dimensions[at]!;
    const value = numbers[at]! + adds[at]!;
    if (isLimit && value > most) return undefined;
    code = code * (most + 1) + Math.min(value, most);
  }
  return code;
}

/** All that an asset may do: off, or one request at a power, step by step. */
function profilesOf(asked: CoalitionCase, asset: CoalitionAsset): readonly Profile[] {
  let profiles: readonly Profile[] = [[]];
  for (let step = 0; step < asked.steps; step += 1) {
    const servings = [undefined, ...servingsIn(asked, asset, step)];
    profiles = profiles.flatMap((profile) => servings.map((serving) => [...profile, serving]));
  }
  return profiles.filter((profile) => keepsRuns(asset, profile) && keepsStorage(asked, asset, profile));
}

function servingsIn(asked: CoalitionCase, asset: CoalitionAsset, step: number): readonly Serving[] {
  return asked.requests.flatMap((request, index) => {
    const band: CoalitionBand | undefined = asset[request.direction];
    const isIn = step >= request.firstStep && step < request.firstStep + request.sliceSteps * request.slices;
    const isAllowed = asset.requestIds === undefined || asset.requestIds.includes(request.requestId);
    if (band === undefined || !isIn || !isAllowed || asset.activationSeconds > request.activationSecondsMax) return [];
    const most = Math.min(Number(band.maxW), Number(band.maxWByStep?.[step] ?? band.maxW));
    const least = Math.max(Number(band.minW), 1);
    const powers = Array.from({ length: Math.max(most - least + 1, 0) }, (_, more) => least + more);
    return powers.map((powerW) => ({ request: index, powerW }));
  });
}

/** Runs of steps in which the asset is on, as first step and length. */
function runsOf(profile: Profile): readonly { readonly first: number; readonly length: number }[] {
  const runs: { first: number; length: number }[] = [];
  for (const [step, serving] of profile.entries()) {
    const last = runs.at(-1);
    if (serving === undefined) continue;
    if (last !== undefined && last.first + last.length === step) last.length += 1;
    else runs.push({ first: step, length: 1 });
  }
  return runs;
}

function keepsRuns({ restSteps, runStepsMax }: CoalitionAsset, profile: Profile): boolean {
  const runs = runsOf(profile);
  return runs.every(({ first, length }, index) => {
    const before = runs[index - 1];
    return length <= runStepsMax && (before === undefined || first - before.first - before.length >= restSteps);
  });
}

function keepsStorage(asked: CoalitionCase, { storage }: CoalitionAsset, profile: Profile): boolean {
  if (storage === undefined) return true;
  const taken = (directions: readonly string[]): number =>
    profile.reduce((total, serving) => {
      const request = serving === undefined ? undefined : asked.requests[serving.request];
      if (request === undefined || !directions.includes(request.direction)) return total;
      return total + serving!.powerW * asked.stepSlots * Number(request.holdPpm);
    }, 0);
  const limit = (energyWh: bigint): number => Number(energyWh) * 4 * MILLION;
  return taken(['up', 'symmetric']) <= limit(storage.upWh) && taken(['down', 'symmetric']) <= limit(storage.downWh);
}

function costOf(asked: CoalitionCase, asset: CoalitionAsset, profile: Profile): number {
  const energy = profile.reduce((total, serving) => {
    if (serving === undefined) return total;
    const { activationPpm, direction } = asked.requests[serving.request]!;
    const { costMicroPerKwh, keepMicroPerKwh } = asset[direction]!;
    const price = Number(keepMicroPerKwh) * MILLION + Number(activationPpm) * Number(costMicroPerKwh);
    return total + serving.powerW * asked.stepSlots * price;
  }, 0);
  return energy + runsOf(profile).length * Number(asset.startCostMicro) * UNITS_PER_MICRO;
}

function stepsOf({ firstStep, sliceSteps, slices }: CoalitionDemand): readonly number[] {
  return Array.from({ length: sliceSteps * slices }, (_, index) => firstStep + index);
}

/** What has to cover a watt that is served, in millionths of a watt. */
function needOf({ marginPpm }: CoalitionDemand): number {
  return MILLION + Number(marginPpm);
}

function coverDimensions({ requests }: CoalitionCase): readonly Dimension[] {
  return requests.flatMap((request, index) =>
    stepsOf(request).map((step) => ({
      most: Math.ceil((Number(request.maxW) * needOf(request)) / FIRM_UNIT),
      isLimit: false,
      of: (asset: CoalitionAsset, profile: Profile) => {
        const serving = profile[step];
        if (serving?.request !== index) return 0;
        return (serving.powerW * Number(asset[request.direction]!.firmPpm)) / FIRM_UNIT;
      },
    })),
  );
}

function countDimensions({ requests }: CoalitionCase): readonly Dimension[] {
  return requests.flatMap((request, index) =>
    stepsOf(request).map((step) => ({
      most: request.assetsMin,
      isLimit: false,
      of: (_asset: CoalitionAsset, profile: Profile) => Number(profile[step]?.request === index),
    })),
  );
}

function groupDimensions({ groups, requests }: CoalitionCase): readonly Dimension[] {
  return groups.flatMap(({ assetIds, direction, maxWByStep }) =>
    maxWByStep.map((maxW, step) => ({
      most: Number(maxW),
      isLimit: true,
      of: ({ assetId }: CoalitionAsset, profile: Profile) => {
        const serving = profile[step];
        if (serving === undefined || !assetIds.includes(assetId)) return 0;
        const served = requests[serving.request]!.direction;
        const isBoth = served === 'symmetric' && (direction === 'up' || direction === 'down');
        return served === direction || isBoth ? serving.powerW : 0;
      },
    })),
  );
}

/** What an outcome earns: in each slice as much as is covered and counted in all of its steps. */
function earned({ requests, stepSlots }: CoalitionCase, numbers: readonly number[]): number {
  const steps = requests.reduce((total, request) => total + stepsOf(request).length, 0);
  let at = 0;
  return requests.reduce((total, request) => {
    const { activationPpm, assetsMin, capacityPriceMicroPerKwh, energyPriceMicroPerKwh, sliceSteps, slices } = request;
    const price = Number(capacityPriceMicroPerKwh) * MILLION + Number(activationPpm) * Number(energyPriceMicroPerKwh);
    let sum = total;
    for (let slice = 0; slice < slices; slice += 1) {
      const covers = numbers.slice(at, at + sliceSteps);
      const counts = numbers.slice(steps + at, steps + at + sliceSteps);
      at += sliceSteps;
      if (counts.some((count) => count < assetsMin)) continue;
      sum += servedW(request, Math.min(...covers) * FIRM_UNIT) * sliceSteps * stepSlots * price;
    }
    return sum;
  }, 0);
}

function servedW(request: CoalitionDemand, cover: number): number {
  const [least, most, step] = [Number(request.minW), Number(request.maxW), Number(request.stepW)];
  let best = 0;
  for (let powerW = step; powerW <= most; powerW += step) {
    if (powerW >= least && powerW * needOf(request) <= cover) best = powerW;
  }
  return best;
}

const DIRECTIONS = ['up', 'up', 'up', 'down', 'down', 'symmetric', 'inductive', 'capacitive'] as const;

/** A random case of at most twelve assets, the same for the same seed. */
export function randomCoalitionCase(seed: number): CoalitionCase {
  const random = new RandomSource(seed);
  const count = random.between(2, 12);
  const isSmall = count <= 4;
  const steps = random.between(1, isSmall ? 3 : 2);
  const requests = Array.from({ length: random.between(1, isSmall ? 3 : count <= 8 ? 2 : 3 - steps) }, (_, index) =>
    randomDemand(random, index, steps),
  );
  const assets = Array.from({ length: count }, (_, index) => randomAsset(random, index, steps, requests));
  return {
    firstSlot: slot(1_000_000),
    stepSlots: random.pick([1, 2, 4] as const),
    steps,
    assets,
    requests,
    groups: random.chance(30) ? [randomGroup(random, assets, steps)] : [],
  };
}

function randomDemand(random: RandomSource, index: number, steps: number): CoalitionDemand {
  const sliceSteps = random.between(1, steps);
  const slices = random.between(1, Math.floor(steps / sliceSteps));
  const minW = random.between(0, 3);
  return {
    requestId: `request-${index}`,
    direction: random.pick(DIRECTIONS),
    firstStep: random.between(0, steps - sliceSteps * slices),
    sliceSteps,
    slices,
    activationSecondsMax: random.pick([30, 300, 300, 750]),
    minW: w(BigInt(minW)),
    maxW: w(BigInt(minW + random.between(1, 4))),
    stepW: w(BigInt(random.pick([1, 1, 2, 3]))),
    capacityPriceMicroPerKwh: microPerKwh(BigInt(random.between(10_000, 90_000))),
    energyPriceMicroPerKwh: microPerKwh(BigInt(random.between(0, 200_000))),
    activationPpm: ppm(BigInt(random.pick([0, 100_000, 333_333, 1_000_000]))),
    marginPpm: ppm(BigInt(random.pick([0, 0, 100_000, 250_000]))),
    holdPpm: ppm(BigInt(random.pick([0, 250_000, 1_000_000]))),
    assetsMin: random.pick([1, 1, 1, 2]),
  };
}

function randomBand(random: RandomSource, steps: number): CoalitionBand {
  const minW = random.pick([0, 0, 1, 2, 3]);
  const maxW = Math.max(minW, 1) + random.between(0, 1);
  return {
    minW: w(BigInt(minW)),
    maxW: w(BigInt(maxW)),
    ...(random.chance(25)
      ? { maxWByStep: Array.from({ length: steps }, () => w(BigInt(random.between(0, maxW)))) }
      : {}),
    costMicroPerKwh: microPerKwh(BigInt(random.between(0, 150_000))),
    keepMicroPerKwh: microPerKwh(BigInt(random.between(0, 30_000))),
    firmPpm: ppm(BigInt(random.pick([250_000, 500_000, 750_000, 1_000_000, 1_000_000]))),
  };
}

function randomAsset(
  random: RandomSource,
  index: number,
  steps: number,
  requests: readonly CoalitionDemand[],
): CoalitionAsset {
  const bands = [...new Set(requests.map(({ direction }) => direction))].filter(() => random.chance(85));
  return {
    assetId: `asset-${index}`,
    participantId: `owner-${index % 5}`,
    ...Object.fromEntries(bands.map((direction) => [direction, randomBand(random, steps)])),
    activationSeconds: random.pick([10, 10, 200, 200, 600]),
    runStepsMax: random.between(1, steps),
    restSteps: random.between(0, 2),
    startCostMicro: micro(BigInt(random.chance(20) ? random.between(1, 100) : 0)),
    ...(random.chance(30)
      ? { storage: { upWh: wh(BigInt(random.between(0, 6))), downWh: wh(BigInt(random.between(0, 6))) } }
      : {}),
    ...(random.chance(15) ? { requestIds: [random.pick(requests).requestId] } : {}),
  };
}

function randomGroup(random: RandomSource, assets: readonly CoalitionAsset[], steps: number): CoalitionGroup {
  const members = assets.filter(() => random.chance(60));
  return {
    groupId: 'group-0',
    assetIds: (members.length === 0 ? assets : members).map(({ assetId }) => assetId),
    direction: random.pick(DIRECTIONS),
    maxWByStep: Array.from({ length: steps }, () => w(BigInt(random.between(0, 10)))),
  };
}
