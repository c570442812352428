import {
  micro,
  microPerKwh,
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
import { RandomSource } from '../../reference/random-source';

/** Steps of an hour. */
const STEP_SLOTS = 4;
/** Assets behind one transformer. */
const ASSETS_PER_GROUP = 50;
/** One asset of so many has an on-level and costs something to start, as generators and heat pumps do. */
const STARTING_ONE_OF = 5;

/**
 * A large case, the same for the same seed: batteries, flexible loads and generation of households and businesses, a fifth of them with an
 * on-level and a start cost, behind transformers, for a day of requests for frequency restoration up and down, capacity, and flexibility of
 * the grid. There is more asked for than the assets have, at prices that change over the day, so that what serves what is the question.
 */
export function largeCoalitionCase(seed: number, count: number, steps: number): CoalitionCase {
  const random = new RandomSource(seed);
  const assets = Array.from({ length: count }, (_, index) => largeAsset(random, index, steps));
  return {
    firstSlot: slot(1_975_680),
    stepSlots: STEP_SLOTS,
    steps,
    assets,
    requests: requestsOf(random, count, steps),
    groups: groupsOf(random, assets, steps),
  };
}

function requestsOf(random: RandomSource, count: number, steps: number): readonly CoalitionDemand[] {
  // An asset has about 12 kW: each request asks for a good part of them all.
  const wholeW = count * 4_000;
  const bidW = Math.max(Math.floor(wholeW / 8), 1_000);
  const slices = Math.floor(steps / 4);
  const restoration = (['up', 'down'] as const).flatMap((direction) =>
    Array.from({ length: slices }, (_, index) => ({
      ...demand(`mfrr-${direction}-${String(index).padStart(2, '0')}`, direction, index * 4, 4, 1),
      activationSecondsMax: 750,
      minW: w(BigInt(bidW)),
      maxW: w(BigInt(bidW * 4)),
      stepW: w(BigInt(Math.max(Math.floor(bidW / 10), 1))),
      capacityPriceMicroPerKwh: microPerKwh(BigInt(random.between(8_000, 25_000))),
      energyPriceMicroPerKwh: microPerKwh(BigInt(random.between(80_000, 220_000))),
      activationPpm: ppm(BigInt(random.between(50, 150)) * 1_000n),
    })),
  );
  const hours = Math.min(6, steps);
  const first = Math.min(17, steps - hours);
  return [
    ...restoration,
    {
      ...demand('wholesale-capacity', 'up', 0, 4, slices),
      activationSecondsMax: 3_600,
      minW: w(BigInt(Math.floor(bidW / 2))),
      maxW: w(BigInt(bidW * 3)),
      stepW: w(BigInt(Math.max(Math.floor(bidW / 10), 1))),
      capacityPriceMicroPerKwh: microPerKwh(12_000n),
      energyPriceMicroPerKwh: microPerKwh(110_000n),
      activationPpm: ppm(60_000n),
    },
    {
      ...demand('dso-evening', 'up', first, 1, hours),
      activationSecondsMax: 900,
      minW: w(20_000n),
      maxW: w(BigInt(bidW)),
      stepW: w(1_000n),
      capacityPriceMicroPerKwh: microPerKwh(18_000n),
      energyPriceMicroPerKwh: microPerKwh(260_000n),
      activationPpm: ppm(300_000n),
    },
  ];
}

function demand(
  requestId: string,
  direction: 'up' | 'down',
  firstStep: number,
  sliceSteps: number,
  slices: number,
): Pick<
  CoalitionDemand,
  'requestId' | 'direction' | 'firstStep' | 'sliceSteps' | 'slices' | 'marginPpm' | 'holdPpm' | 'assetsMin'
> {
  return {
    requestId,
    direction,
    firstStep,
    sliceSteps,
    slices,
    marginPpm: ppm(50_000n),
    holdPpm: ppm(250_000n),
    assetsMin: 1,
  };
}

function largeAsset(random: RandomSource, index: number, steps: number): CoalitionAsset {
  const isStarting = index % STARTING_ONE_OF === 0;
  const ratedW = random.between(4, isStarting ? 40 : 20) * 1_000;
  const hasStorage = !isStarting && random.chance(40);
  const hasUp = isStarting || hasStorage || random.chance(70);
  const hasDown = !isStarting && (hasStorage || !hasUp || random.chance(40));
  const energyWh = BigInt(ratedW * random.between(1, 4));
  const runStepsMax = isStarting ? random.between(4, 12) : hasStorage ? steps : random.between(2, 8);
  return {
    assetId: `asset-${String(index).padStart(4, '0')}`,
    participantId: `owner-${String(random.below(200)).padStart(3, '0')}`,
    ...(hasUp ? { up: band(random, ratedW, isStarting, steps) } : {}),
    ...(hasDown ? { down: band(random, ratedW, false, steps) } : {}),
    activationSeconds: random.pick([60, 240, 600, 700, 1_200]),
    runStepsMax: Math.min(runStepsMax, steps),
    restSteps: hasStorage ? 0 : random.between(0, 3),
    startCostMicro: micro(BigInt(isStarting ? random.between(100_000, 1_500_000) : 0)),
    ...(hasStorage ? { storage: { upWh: wh(energyWh), downWh: wh(energyWh / 2n) } } : {}),
  };
}

function band(random: RandomSource, ratedW: number, isStarting: boolean, steps: number): CoalitionBand {
  const maxWByStep = Array.from({ length: steps }, () =>
    w(BigInt(Math.floor((ratedW * random.between(40, 100)) / 100))),
  );
  return {
    minW: w(BigInt(isStarting ? Math.floor((ratedW * random.between(30, 40)) / 100) : 0)),
    maxW: w(BigInt(ratedW)),
    ...(random.chance(50) ? { maxWByStep } : {}),
    costMicroPerKwh: microPerKwh(BigInt(random.between(30_000, isStarting ? 240_000 : 180_000))),
    keepMicroPerKwh: microPerKwh(BigInt(random.between(500, 9_000))),
    firmPpm: ppm(BigInt(random.between(80, 100)) * 10_000n),
  };
}

function groupsOf(random: RandomSource, assets: readonly CoalitionAsset[], steps: number): readonly CoalitionGroup[] {
  const count = Math.ceil(assets.length / ASSETS_PER_GROUP);
  return Array.from({ length: count }, (_, index) => ({
    groupId: `transformer-${String(index).padStart(2, '0')}`,
    assetIds: assets.slice(index * ASSETS_PER_GROUP, (index + 1) * ASSETS_PER_GROUP).map(({ assetId }) => assetId),
    direction: 'up' as const,
    maxWByStep: Array.from({ length: steps }, () => w(BigInt(random.between(250, 500) * 1_000))),
  }));
}
