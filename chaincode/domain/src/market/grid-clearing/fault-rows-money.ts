import { sum } from '../../math';
import type { GridClearingFault } from './fault';
import type { JudgedOrder } from './fault-grid';
import { magnitude, type JudgedLimit, type JudgedRows } from './fault-rows-grid';
import type { ClearingGrid, GridIntervalClearing } from './types';

/** Shadow prices, rent, welfare and optimality of an outcome under general rows, in whole numbers and with their exact roundings. */
export function faultOfRowMoney(
  judged: JudgedRows,
  grid: ClearingGrid,
  clearing: GridIntervalClearing,
): GridClearingFault | undefined {
  const { exports, limits, orders, priceAt } = judged;
  const { rentNano, welfareNano } = clearing;
  if (limits.some(({ shadowPriceMicroPerKwh }) => shadowPriceMicroPerKwh < 0n) || !areExplained(judged, grid)) {
    return 'SHADOW_PRICE_WRONG';
  }
  const paidNano = -sum([...exports].map(([busId, net]) => net * priceAt(busId).clearingMicroPerKwh));
  const parts = limits.map((limit) => limit.rentNano);
  const hasParts = limits.length === 0 || sum(parts) === rentNano;
  if (rentNano !== paidNano || rentNano < 0n || !hasParts || parts.some((part) => part < 0n)) {
    return 'RENT_WRONG';
  }
  const worthNano = sum(orders.map(({ filledWh, order }) => signOf(order) * filledWh * order.limitPriceMicroPerKwh));
  if (welfareNano !== worthNano) {
    return 'WELFARE_WRONG';
  }
  return isOptimal(judged, welfareNano) ? undefined : 'NOT_OPTIMAL';
}

function signOf({ side }: JudgedOrder['order']): bigint {
  return side === 'buy' ? 1n : -1n;
}

/**
 * The price of a bus is that of the slack bus less what a Wh more there takes of each limit. Two prices are rounded by less than 1, a shadow
 * price by less than 1 for its largest coefficient, and each term here once more.
 */
function areExplained({ limits, priceAt }: JudgedRows, { buses, slackBus }: ClearingGrid): boolean {
  const slackPrice = priceAt(slackBus).clearingMicroPerKwh;
  const roundings = 2n + 3n * BigInt(limits.length);
  return buses.every((busId) => {
    const taken = limits.map(({ largest, row, shadowPriceMicroPerKwh }) => {
      const more = (row.coefficients.get(busId) ?? 0n) - (row.coefficients.get(slackBus) ?? 0n);
      return (more * shadowPriceMicroPerKwh) / largest;
    });
    return magnitude(priceAt(busId).clearingMicroPerKwh - slackPrice + sum(taken)) <= roundings;
  });
}

/**
 * Strong duality: what every order could claim at the prices, and what the limits are worth, is an upper bound of the welfare of any fills, and
 * these reach it but for roundings: of the prices (1 for each Wh of an order), of the shadow prices (1 for the bound), and of the fills, which
 * move each bus by less than 1 Wh and so a limit by less than its coefficients together.
 */
function isOptimal({ isTrace, limits, orders, priceAt }: JudgedRows, welfareNano: bigint): boolean {
  const claimsNano = sum(
    orders.map(({ order }) => {
      const gain = signOf(order) * (order.limitPriceMicroPerKwh - priceAt(order.busId).clearingMicroPerKwh);
      return gain > 0n ? gain * order.energyWh : 0n;
    }),
  );
  const worthNano = sum(
    limits.map(({ largest, row, shadowPriceMicroPerKwh }) => (shadowPriceMicroPerKwh * row.bound) / largest),
  );
  const roundings = sum(orders.map(({ order }) => order.energyWh)) + sum(limits.map(roundingsOf));
  const missingNano = claimsNano + worthNano - welfareNano;
  return -missingNano <= roundings && (isTrace || missingNano <= roundings);
}

function roundingsOf({ largest, row, shadowPriceMicroPerKwh, total }: JudgedLimit): bigint {
  return (magnitude(row.bound) + (shadowPriceMicroPerKwh + 1n) * total) / largest + 3n;
}
