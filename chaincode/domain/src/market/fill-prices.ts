import { assert, present } from '../assert';
import { buyerPrice, sellerPrice, type BusCharges } from './grid-clearing/effective-prices';
import { meanPriceByOrder, payAsBidPairs, type PairingFill } from './pair-trades';
import type { FillPrice, Session } from './rows';
import type { Side } from './types';
import { microPerKwh } from '../units';

/** A filled order of a zone. Its limit price is the effective one, at the reference bus, in micro-units per kWh. */
export interface ZoneFill extends PairingFill {
  readonly charges?: BusCharges;
}

const noCharges: BusCharges = { buyFeeMicroPerKwh: 0n, sellFeeMicroPerKwh: 0n, lossPpm: 0n };

/**
 * What one side pays or gets at a price at the reference: losses and the grid fee of its bus come on top for a buyer and off for a
 * seller, so that neither goes beyond its limit where the price is inside its effective limit.
 */
export function fillPriceOf(side: Side, priceMicroPerKwh: bigint, charges: BusCharges = noCharges): FillPrice {
  const due = side === 'buy' ? buyerPrice(priceMicroPerKwh, charges) : sellerPrice(priceMicroPerKwh, charges);
  return {
    priceMicroPerKwh: microPerKwh(priceMicroPerKwh),
    dueMicroPerKwh: microPerKwh(due),
    gridFeeMicroPerKwh: microPerKwh(side === 'buy' ? charges.buyFeeMicroPerKwh : charges.sellFeeMicroPerKwh),
  };
}

/**
 * The price of every fill of one zone. Uniform: the zone's clearing price for all. Pay-as-bid: each order the mean of its own pairs,
 * which are made in merit order, without wishes; what crosses the zone's boundary trades at the clearing price.
 *
 * @param clearingMicroPerKwh the zone's clearing price
 */
export function zoneFillPrices(
  { kPpm, mechanism }: Pick<Session['ruleSet'], 'kPpm' | 'mechanism'>,
  fills: readonly ZoneFill[],
  clearingMicroPerKwh: bigint,
): ReadonlyMap<string, FillPrice> {
  const means =
    mechanism === 'pay-as-bid' ? meanPriceByOrder(payAsBidPairs(fills, kPpm, clearingMicroPerKwh)) : undefined;
  return new Map(
    fills.map(({ charges, limitPriceMicroPerKwh, orderId, side }) => {
      const price =
        means === undefined ? clearingMicroPerKwh : present(means.get(orderId), 'Every fill stands in a pair.');
      const isInside = side === 'buy' ? price <= limitPriceMicroPerKwh : price >= limitPriceMicroPerKwh;
      assert(isInside, 'A fill trades at a price inside its limit.');
      return [orderId, fillPriceOf(side, price, charges)];
    }),
  );
}
