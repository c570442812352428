import { RandomSource } from './random-source';

/*
 * Orders of flexibility and what they cost at least, found by trying everything. Nothing here comes from the project's own rules: what an asset
 * may do and what an order costs is written down again from docs/disaggregation.md.
 */

/** What an asset can do in one direction, in Wh per slot, and the price of a kWh. */
export interface Band {
  readonly minWh: number;
  readonly maxWh: number;
  readonly priceMicroPerKwh: number;
  readonly maxWhBySlot?: readonly number[];
}

export interface Asset {
  readonly assetId: string;
  readonly participantId: string;
  readonly optedOut?: boolean;
  readonly reduce?: Band;
  readonly increase?: Band;
  readonly noticeSlots: number;
  readonly runSlotsMax: number;
  readonly restSlots: number;
  readonly callsMax: number;
  readonly callCostMicro: number;
  readonly rebound: readonly { readonly afterSlots: number; readonly sharePpm: number }[];
  readonly earlierWh: number;
}

export interface OrderedSlot {
  readonly direction: 'reduce' | 'increase';
  readonly requestedWh: number;
  readonly deliveredWhMax?: number;
  readonly reboundWhMax?: number;
}

/** A case as `flexledger rules disaggregate` reads it. */
export interface Case {
  readonly firstSlot: number;
  readonly slots: readonly OrderedSlot[];
  readonly noticeSlot: number;
  readonly assets: readonly Asset[];
  readonly comfort: readonly { readonly participantId: string; readonly energyWhMax: number }[];
  readonly shortfallMicroPerKwh: number;
  readonly fairnessMicroPerKwh: number;
  readonly shiftTolerancePpm?: number;
}

const PPM = 1_000_000;

/** One way in which an asset can be called: what it costs, what it does to every slot in millionths of a Wh, and its energy. */
interface Way {
  readonly cost: number;
  readonly effect: readonly number[];
  readonly energyWh: number;
}

interface Partial {
  readonly cost: number;
  readonly delivered: readonly number[];
  readonly energyWh: number;
}

/** All ways of one asset, never to be called among them. */
function waysOf(order: Case, asset: Asset): readonly Way[] {
  const places = order.slots.length;
  const found: Way[] = [];
  const fair = order.fairnessMicroPerKwh * Math.floor(asset.earlierWh / 1_000);
  const energies = Array.from({ length: places }, () => 0);

  const finish = (calls: number): void => {
    const effect = Array.from({ length: places }, () => 0);
    let cost = calls * asset.callCostMicro * 1_000;
    const total = { reduce: 0, increase: 0 };
    for (let place = 0; place < places; place += 1) {
      const energy = energies[place] ?? 0;
      const direction = order.slots[place]!.direction;
      if (energy === 0) continue;
      cost += energy * (asset[direction]!.priceMicroPerKwh + fair);
      total[direction] += energy;
      effect[place]! += energy * PPM;
      for (const { afterSlots, sharePpm } of asset.rebound) {
        const later = order.slots[place + afterSlots];
        if (later !== undefined)
          effect[place + afterSlots]! += energy * sharePpm * (later.direction === direction ? -1 : 1);
      }
    }
    const tolerance = order.shiftTolerancePpm;
    if (tolerance !== undefined) {
      const larger = Math.max(total.reduce, total.increase);
      if ((larger - Math.min(total.reduce, total.increase)) * PPM > larger * tolerance) return;
    }
    found.push({ cost, effect, energyWh: total.reduce + total.increase });
  };

  /** `since`: slots in which it has been on without a break, or, below zero, slots for which it has still to rest. */
  const walk = (place: number, since: number, calls: number): void => {
    if (place === places) {
      finish(calls);
      return;
    }
    energies[place] = 0;
    // A call that ends here rests for this slot too.
    walk(place + 1, since > 0 ? Math.min(0, 1 - asset.restSlots) : Math.min(0, since + 1), calls);
    const band = asset[order.slots[place]!.direction];
    const begins = since <= 0;
    const mayBeOn =
      band !== undefined &&
      asset.optedOut !== true &&
      order.firstSlot + place >= order.noticeSlot + asset.noticeSlots &&
      (begins ? since === 0 && calls < asset.callsMax : since < asset.runSlotsMax);
    if (!mayBeOn) return;
    const most = Math.min(band.maxWh, band.maxWhBySlot?.[place] ?? Infinity);
    for (let energy = Math.max(band.minWh, 1); energy <= most; energy += 1) {
      energies[place] = energy;
      walk(place + 1, begins ? 1 : since + 1, begins ? calls + 1 : calls);
    }
    energies[place] = 0;
  };

  walk(0, 0, 0);
  return found;
}

/** The least that an order can cost, in thousandths of a micro-unit, by trying every way of every asset with every way of the others. */
export function leastCostNano(order: Case): number {
  const floors = order.slots.map(({ reboundWhMax, requestedWh }) => {
    if (requestedWh > 0) return requestedWh * PPM;
    return reboundWhMax === undefined ? -Infinity : -reboundWhMax * PPM;
  });
  const ceilings = order.slots.map(({ deliveredWhMax }) => (deliveredWhMax ?? Infinity) * PPM);
  const limits = new Map(order.comfort.map(({ energyWhMax, participantId }) => [participantId, energyWhMax]));
  const assets = [...order.assets].sort((left, right) => (left.participantId < right.participantId ? -1 : 1));
  const ways = assets.map((asset) => waysOf(order, asset));
  /** What the assets still to come can take away from a slot, and add to it, at most. */
  const rest = (from: number, sign: number): readonly number[] =>
    floors.map((_, place) =>
      ways.slice(from).reduce((sum, own) => sum + Math.max(0, ...own.map(({ effect }) => sign * effect[place]!)), 0),
    );
  let partials = new Map<string, Partial>([['', { cost: 0, delivered: floors.map(() => 0), energyWh: 0 }]]);
  for (const [index, own] of ways.entries()) {
    const { participantId } = assets[index]!;
    const limit = limits.get(participantId) ?? Infinity;
    const isNew = assets[index - 1]?.participantId !== participantId;
    const [takenLater, addedLater] = [rest(index + 1, -1), rest(index + 1, 1)];
    const next = new Map<string, Partial>();
    for (const partial of partials.values()) {
      for (const way of own) {
        const energyWh = limit === Infinity ? 0 : (isNew ? 0 : partial.energyWh) + way.energyWh;
        if (energyWh > limit) continue;
        const cost = partial.cost + way.cost;
        const delivered = partial.delivered.map((before, place) => {
          const amount = before + way.effect[place]!;
          const enough = floors[place]! + takenLater[place]!;
          // What is beyond every need is all the same, where more of it is not forbidden.
          const isFree = amount + addedLater[place]! <= ceilings[place]!;
          return isFree && amount > enough ? (enough === -Infinity ? 0 : enough) : amount;
        });
        const key = `${energyWh} ${delivered.join(' ')}`;
        const known = next.get(key);
        if (known === undefined || cost < known.cost) next.set(key, { cost, delivered, energyWh });
      }
    }
    partials = next;
  }
  let least = Infinity;
  for (const { cost, delivered } of partials.values()) {
    if (delivered.some((amount, place) => amount > ceilings[place]!)) continue;
    const missing = delivered.reduce((sum, amount, place) => sum + Math.max(0, floors[place]! - amount), 0);
    least = Math.min(least, cost + Math.ceil((missing * order.shortfallMicroPerKwh) / PPM));
  }
  return least;
}

/** A random case that trying everything can be done for: at most 12 assets, few slots, small energies. */
export function randomCase(seed: number): Case {
  const random = new RandomSource(seed);
  const kind = random.pick(['reduce', 'increase', 'shift', 'reduce', 'reduce'] as const);
  const hasRebound = random.chance(30);
  const places = random.between(1, hasRebound || kind === 'shift' ? 3 : 4);
  const count = random.between(1, hasRebound || kind === 'shift' ? 6 : 12);
  const firstSlot = 1_600_000;
  const turn = random.between(1, places);
  const slots = Array.from({ length: places }, (_, place): OrderedSlot => {
    const direction = kind === 'shift' ? (place < turn ? 'reduce' : 'increase') : kind;
    const isAsked = random.chance(80);
    const requestedWh = isAsked ? random.between(1, 9) : 0;
    return {
      direction,
      requestedWh,
      ...(random.chance(15) ? { deliveredWhMax: requestedWh + random.between(0, 3) } : {}),
      ...(!isAsked && random.chance(60) ? { reboundWhMax: random.between(0, 2) } : {}),
    };
  });
  const participants = Math.max(1, count - random.between(0, 2));
  const band = (): Band => {
    const minWh = random.between(0, 3);
    const maxWh = minWh + random.between(0, 2);
    const priceMicroPerKwh = random.between(1, 40) * 5_000;
    return {
      minWh,
      maxWh,
      priceMicroPerKwh,
      ...(random.chance(15) ? { maxWhBySlot: slots.map(() => random.between(0, maxWh)) } : {}),
    };
  };
  const assets = Array.from({ length: count }, (_, index): Asset => {
    return {
      assetId: `asset-${index}`,
      participantId: `home-${random.below(participants)}`,
      ...(random.chance(8) ? { optedOut: true } : {}),
      ...(kind !== 'increase' && random.chance(95) ? { reduce: band() } : {}),
      ...(kind !== 'reduce' && random.chance(95) ? { increase: band() } : {}),
      noticeSlots: random.chance(20) ? random.between(1, 3) : 1,
      runSlotsMax: random.between(1, 4),
      restSlots: random.between(0, 2),
      callsMax: random.chance(5) ? 0 : random.between(1, 3),
      callCostMicro: random.chance(50) ? random.between(0, 500) : 0,
      rebound:
        hasRebound && random.chance(70)
          ? [
              { afterSlots: 1, sharePpm: random.pick([100_000, 250_000, 500_000]) },
              ...(random.chance(40) ? [{ afterSlots: 2, sharePpm: 333_333 }] : []),
            ]
          : [],
      earlierWh: random.pick([0, 0, 2_500, 9_000]),
    };
  });
  return {
    firstSlot,
    slots,
    noticeSlot: firstSlot - 1,
    assets,
    comfort: Array.from({ length: participants }, (_, index) => index)
      .filter(() => random.chance(25))
      .map((index) => ({ participantId: `home-${index}`, energyWhMax: random.between(1, 6) })),
    shortfallMicroPerKwh: random.pick([150_000, 400_000, 1_000_000]),
    fairnessMicroPerKwh: random.pick([0, 1_000, 7_000]),
    ...(kind === 'shift' ? { shiftTolerancePpm: random.pick([0, 100_000, 500_000]) } : {}),
  };
}

/**
 * A random case of many assets: an evening in which each slot asks for some 8 to 38 Wh of each asset, a fifth of the assets with a high least energy,
 * runs of up to three hours, and comfort that ends long before that.
 */
export function largeCase(seed: number, count: number, places: number): Case {
  const random = new RandomSource(seed);
  const firstSlot = 1_600_000;
  return {
    firstSlot,
    noticeSlot: firstSlot - 8,
    slots: Array.from({ length: places }, (_, place) => {
      const wave = Math.max(0, Math.sin((place / places) * Math.PI * 2));
      return { direction: 'reduce', requestedWh: Math.round(count * (8 + 30 * wave)) };
    }),
    assets: Array.from({ length: count }, (_, index): Asset => {
      const minWh = random.chance(20) ? random.between(200, 1_000) : 1;
      const maxWh = minWh + random.between(200, 1_500);
      return {
        assetId: `asset-${index}`,
        participantId: `home-${index}`,
        reduce: { minWh, maxWh, priceMicroPerKwh: random.between(50_000, 300_000) },
        noticeSlots: random.between(1, 8),
        runSlotsMax: random.between(2, 12),
        restSlots: random.between(2, 16),
        callsMax: random.between(1, 4),
        callCostMicro: random.chance(20) ? random.between(1_000, 50_000) : 0,
        rebound: random.chance(40)
          ? [
              { afterSlots: 4, sharePpm: 200_000 },
              { afterSlots: 5, sharePpm: 200_000 },
            ]
          : [],
        earlierWh: random.between(0, 50_000),
      };
    }),
    comfort: Array.from({ length: count }, (_, index) => {
      return { participantId: `home-${index}`, energyWhMax: random.between(2_000, 12_000) };
    }),
    shortfallMicroPerKwh: 1_500_000,
    fairnessMicroPerKwh: 500,
  };
}

/** The same assets with an order of 50 Wh of each of them in every slot of four hours around the middle of the case. */
export function fourHoursCase(seed: number, count: number, places: number): Case {
  const all = largeCase(seed, count, places);
  const last = Math.ceil(places / 2) + 4;
  const slots = all.slots.map((_, place): OrderedSlot => {
    const isAsked = place < last && place >= last - 16;
    return { direction: 'reduce', requestedWh: isAsked ? 50 * count : 0 };
  });
  return { ...all, slots };
}
