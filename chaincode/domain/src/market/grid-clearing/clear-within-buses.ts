import { compareText } from '../../canonical';
import { sum } from '../../math';
import { ppmWhole } from '../../units';
import { clearInterval } from '../clear';
import type { ClearingGrid, GridClearingRules, GridIntervalClearing, GridOrder } from './types';

/**
 * The last resort where no binding limits are known: every bus trades only within itself, as `clearInterval` does it. Nothing flows
 * over any branch, so that whatever the limits are, they are kept; the welfare may be less than the grid allows. Margins are shared
 * pro rata, whatever curtailment the rules name.
 */
export function clearWithinBuses(
  orders: readonly GridOrder[],
  grid: ClearingGrid,
  rules: GridClearingRules,
): GridIntervalClearing {
  const ordersAt = new Map<string, GridOrder[]>(grid.buses.map((busId) => [busId, []]));
  for (const order of orders) {
    ordersAt.get(order.busId)?.push(order);
  }
  const cleared = [...ordersAt]
    .sort(([left], [right]) => compareText(left, right))
    .map(([busId, inside]) => ({ busId, clearing: clearInterval(inside, rules.kPpm) }));
  const fills = cleared
    .flatMap(({ clearing }) => clearing.fills)
    .sort((left, right) => compareText(left.orderId, right.orderId));
  const filledWh = new Map(fills.map(({ orderId, energyWh }) => [orderId, energyWh]));
  const worthNano = orders.map(({ orderId, side, limitPriceMicroPerKwh }) => {
    const nano = (filledWh.get(orderId) ?? 0n) * limitPriceMicroPerKwh;
    return side === 'buy' ? nano : -nano;
  });
  return {
    tradedWh: sum(cleared.map(({ clearing }) => clearing.tradedWh)),
    fills,
    zones: cleared.map(({ busId, clearing }) => ({ busIds: [busId], price: clearing.price })),
    bindingLimits: [],
    flows: [...grid.branches]
      .sort((left, right) => compareText(left.id, right.id))
      .map(({ id }) => ({ id, forwardWh: 0n, backwardWh: 0n })),
    welfareNano: sum(worthNano),
    rentNano: 0n,
    jainPpm: ppmWhole,
  };
}
