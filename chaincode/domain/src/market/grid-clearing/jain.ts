import { ppmWhole } from '../../units';
import type { GridOrder } from './types';

/**
 * Jain's fairness index of the shares that are curtailed, (Σ x)² ÷ (n × Σ x²), in millionths, rounded down; x is the curtailed part
 * of an offer in millionths, rounded down, over all offers at one of the prices, in whatever zone they stand. 1,000,000 means that all bear
 * the same share; 1,000,000 ÷ n that one bears all. Source: R. Jain, D. Chiu, W. Hawe, DEC-TR-301 (1984).
 *
 * @param prices the prices at which a zone stops among its offers
 */
export function curtailmentJainPpm(
  orders: readonly GridOrder[],
  filledWh: ReadonlyMap<string, bigint>,
  prices: ReadonlySet<bigint>,
): bigint {
  let count = 0n;
  let total = 0n;
  let squares = 0n;
  for (const { orderId, side, energyWh, limitPriceMicroPerKwh } of orders) {
    if (side === 'sell' && prices.has(limitPriceMicroPerKwh)) {
      const share = ((energyWh - (filledWh.get(orderId) ?? 0n)) * ppmWhole) / energyWh;
      count += 1n;
      total += share;
      squares += share * share;
    }
  }
  return squares === 0n ? ppmWhole : (total * total * ppmWhole) / (count * squares);
}
