import { compareText } from '../../canonical';
import { compareBigint, sum } from '../../math';
import type { ExactFill } from './rows-rounding';

/** What each bus exports less what it imports, in Wh. */
export function netExportsOf(
  fills: readonly ExactFill[],
  filledWh: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, bigint> {
  const net = new Map<string, bigint>();
  for (const { order } of fills) {
    const energyWh = filledWh.get(order.orderId) ?? 0n;
    net.set(order.busId, (net.get(order.busId) ?? 0n) + (order.side === 'sell' ? energyWh : -energyWh));
  }
  return net;
}

/** What buyers pay less what sellers get, in thousandths of a micro-unit. */
export function rentOf(netExports: ReadonlyMap<string, bigint>, priceOfBus: ReadonlyMap<string, bigint>): bigint {
  return -sum([...netExports].map(([busId, net]) => net * (priceOfBus.get(busId) ?? 0n)));
}

/**
 * Rounding to whole Wh can leave a trace of trade from a dearer to a cheaper bus, which nobody would pay for. Takes it back 1 Wh at a
 * time, between the dearest bus that exports and the cheapest that imports, at the worst limit there, until the rent is not below zero.
 * That ends, because with a rent below zero there are two such buses, and because without trade the rent is zero.
 *
 * @returns whole Wh by order id
 */
export function withoutLosingTrade(
  fills: readonly ExactFill[],
  rounded: ReadonlyMap<string, bigint>,
  priceOfBus: ReadonlyMap<string, bigint>,
): ReadonlyMap<string, bigint> {
  const filledWh = new Map(rounded);
  for (;;) {
    const netExports = netExportsOf(fills, filledWh);
    if (rentOf(netExports, priceOfBus) >= 0n) return filledWh;
    const taken = (['sell', 'buy'] as const).map((side) => {
      const sign = side === 'sell' ? 1n : -1n;
      const trading = fills.filter(
        ({ order }) =>
          order.side === side &&
          sign * (netExports.get(order.busId) ?? 0n) > 0n &&
          (filledWh.get(order.orderId) ?? 0n) > 0n,
      );
      const worth = ({ order }: ExactFill): bigint => sign * (priceOfBus.get(order.busId) ?? 0n);
      const limit = ({ order }: ExactFill): bigint => sign * order.limitPriceMicroPerKwh;
      return trading.sort(
        (left, right) =>
          compareBigint(worth(right), worth(left)) ||
          compareBigint(limit(right), limit(left)) ||
          compareText(left.order.orderId, right.order.orderId),
      )[0];
    });
    for (const fill of taken) {
      const orderId = fill?.order.orderId ?? '';
      filledWh.set(orderId, (filledWh.get(orderId) ?? 0n) - 1n);
    }
  }
}
