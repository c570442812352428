import { micro, microPerKwh, ppm, slot, w, wh, type CoalitionBand, type CoalitionCase } from '@flexledger/domain';

/** Marsaglia's xorshift: the same numbers from the same seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed * 7_919 + 17;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** How large a random case is. */
export interface CoalitionSize {
  readonly assets: number;
  readonly steps: number;
  readonly requests: number;
  readonly unitW: number;
}

/** A case, the same for the same seed, of which a fifth of the assets has a least power and costs something to start. */
export function randomCoalition(
  seed: number,
  { assets: count, requests: asked, steps, unitW }: CoalitionSize,
): CoalitionCase {
  const random = randomFrom(seed);
  const amount = (value: number): bigint => BigInt(Math.floor(value));
  const assets = Array.from({ length: count }, (_, index) => {
    const most = 1 + random(8);
    const isStarting = random(5) === 0;
    const band = (): CoalitionBand => ({
      minW: w(isStarting ? amount(Math.max(1, most / 2)) * BigInt(unitW) : 0n),
      maxW: w(amount(most * unitW)),
      costMicroPerKwh: microPerKwh(amount(50_000 + random(200_000))),
      keepMicroPerKwh: microPerKwh(amount(random(15_000))),
      firmPpm: ppm(1_000_000n),
    });
    return {
      assetId: `a${index}`,
      participantId: `p${index % 50}`,
      ...(random(4) > 0 ? { up: band() } : {}),
      ...(random(4) > 1 ? { down: band() } : {}),
      activationSeconds: [30, 300, 900][random(3)] ?? 30,
      runStepsMax: random(2) === 0 ? steps : 1 + random(steps),
      restSteps: random(3),
      startCostMicro: micro(isStarting ? amount(random(20) * unitW * 5) : 0n),
      ...(random(4) === 0
        ? { storage: { upWh: wh(amount(most * unitW * 2)), downWh: wh(amount(most * unitW * 2)) } }
        : {}),
    };
  });
  const stepW = Math.max(unitW, Math.floor(count / 25) * unitW);
  const requests = Array.from({ length: asked }, (_, index) => ({
    requestId: `r${index}`,
    direction: index % 2 === 0 ? ('up' as const) : ('down' as const),
    firstStep: 0,
    sliceSteps: 1,
    slices: steps,
    activationSecondsMax: [30, 300, 900][random(3)] ?? 300,
    minW: w(amount(stepW * (1 + random(3)))),
    maxW: w(amount(stepW * (8 + random(20)))),
    stepW: w(amount(stepW)),
    capacityPriceMicroPerKwh: microPerKwh(amount(5_000 + random(25_000))),
    energyPriceMicroPerKwh: microPerKwh(amount(100_000 + random(200_000))),
    activationPpm: ppm(amount(random(200_000))),
    marginPpm: ppm(0n),
    holdPpm: ppm(amount(250_000 * random(4))),
    assetsMin: 1 + random(2),
  }));
  const groups = [
    {
      groupId: 'transformer',
      assetIds: assets.filter((_, index) => index % 2 === 0).map(({ assetId }) => assetId),
      direction: 'up' as const,
      maxWByStep: Array.from({ length: steps }, () => w(amount(count * unitW))),
    },
  ];
  return { firstSlot: slot(100), stepSlots: 4, steps, assets, requests, groups };
}
