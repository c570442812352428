import type { ClearingOrder } from '@flexledger/domain';

/** Between which limits random orders lie: energies in Wh, prices in micro-units per kWh. */
const ENERGY_WH = { least: 10, most: 5_000 };
const PRICE_MICRO = { least: 80_000, most: 320_000 };

/** A small generator of whole numbers (mulberry32): the same seed, the same market. */
export class Draw {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from `least` to `most`. */
  between(least: number, most: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return least + (((mixed ^ (mixed >>> 14)) >>> 0) % (most - least + 1));
  }
}

/** So many orders, half of them to buy on average, at prices that differ by whole ticks, in the order of their ids. */
export function randomOrders(count: number, tickMicroPerKwh: number, seed = count): readonly ClearingOrder[] {
  const draw = new Draw(seed);
  return Array.from({ length: count }, (_, index) => ({
    orderId: String(index).padStart(9, '0'),
    side: draw.between(0, 1) === 0 ? ('buy' as const) : ('sell' as const),
    energyWh: BigInt(draw.between(ENERGY_WH.least, ENERGY_WH.most)),
    limitPriceMicroPerKwh: BigInt(
      tickMicroPerKwh * draw.between(PRICE_MICRO.least / tickMicroPerKwh, PRICE_MICRO.most / tickMicroPerKwh),
    ),
  }));
}
