import type { Pairing, Slot } from '@flexledger/domain';
import { deriveInteger } from './seed';

/** The prices of the rule set between which agents bid, in micro-units per kWh, and the sizes they keep to. */
export interface BiddingFrame {
  /** What the supplier takes for a kWh. */
  readonly retailPriceMicroPerKwh: bigint;
  /** What the supplier gives for a kWh. */
  readonly feedInPriceMicroPerKwh: bigint;
  /** What a seller gets for a kWh that finds no buyer; absent where the supplier takes all at the feed-in price. */
  readonly unsoldMicroPerKwh?: bigint;
  readonly tickMicroPerKwh: bigint;
  readonly quantityMinWh: bigint;
}

/** The middle forecast of one participant for one interval, all its meters together. */
export interface IntervalForecast {
  readonly importWh: bigint;
  readonly exportWh: bigint;
}

/** An order as an agent wants it; ids and salts are added when it is sealed. */
export interface WantedOrder {
  readonly side: 'buy' | 'sell';
  readonly interval: number;
  readonly energyWh: bigint;
  readonly limitPriceMicroPerKwh: bigint;
  /** With whom it would rather be paired; absent for no matter whom. */
  readonly pairing?: Pairing;
  /** The first slot in which it stands no more; absent for no end. */
  readonly expirySlot?: Slot;
}

/** Of ten orders, so many take any price that is not worse than the supplier's. */
const KEEN_ORDERS_OF_TEN = 6;

/** A participant that bids: its name in the derivations and what its connection carries in one interval. */
export interface Bidder {
  readonly label: string;
  readonly connectionWh: bigint;
}

/**
 * A prosumer buys or sells its net forecast of every interval. Six of ten orders accept the supplier's own price, so that
 * their energy is traded in any case; the others hold out for a part of the local advantage: buyers bid between the
 * middle and the retail price, sellers ask between the feed-in price and the middle. The draw depends on the seed alone.
 * Where limits of the grid can keep energy from the supplier, every seller asks between what it gets without a trade and the feed-in
 * price instead.
 *
 * A prosumer that expects to need nothing asks for the smallest quantity at the feed-in price in the first interval: with
 * an order, filled or not, it is part of the session, which settles what it takes or gives unexpectedly.
 */
export function prosumerOrders(
  seed: string,
  bidder: Bidder,
  forecast: readonly IntervalForecast[],
  frame: BiddingFrame,
): WantedOrder[] {
  const orders: WantedOrder[] = [];
  forecast.forEach(({ importWh, exportWh }, interval) => {
    const netImportWh = importWh - exportWh;
    const wantedWh = netImportWh < 0n ? -netImportWh : netImportWh;
    const energyWh = wantedWh < bidder.connectionWh ? wantedWh : bidder.connectionWh;
    if (energyWh < frame.quantityMinWh || energyWh === 0n) return;
    const side = netImportWh > 0n ? 'buy' : 'sell';
    const limitPriceMicroPerKwh = limitPrice(seed, `${bidder.label}/${interval}`, side, frame);
    orders.push({ side, interval, energyWh, limitPriceMicroPerKwh });
  });
  return orders.length > 0 ? orders : [standbyOrder(frame)];
}

/** One order of the smallest quantity at the feed-in price, by which a participant is part of a session. */
export function standbyOrder(frame: BiddingFrame): WantedOrder {
  const { quantityMinWh, feedInPriceMicroPerKwh } = frame;
  return { side: 'buy', interval: 0, energyWh: quantityMinWh, limitPriceMicroPerKwh: feedInPriceMicroPerKwh };
}

/**
 * The supplier closes what the community cannot: in every interval it sells at the retail price and buys at the feed-in
 * price, `energyWh` each way.
 */
export function supplierOrders(intervals: number, energyWh: bigint, frame: BiddingFrame): WantedOrder[] {
  return Array.from({ length: intervals }, (_, interval): WantedOrder[] => [
    { side: 'sell', interval, energyWh, limitPriceMicroPerKwh: frame.retailPriceMicroPerKwh },
    { side: 'buy', interval, energyWh, limitPriceMicroPerKwh: frame.feedInPriceMicroPerKwh },
  ]).flat();
}

function limitPrice(seed: string, label: string, side: 'buy' | 'sell', frame: BiddingFrame): bigint {
  const { retailPriceMicroPerKwh: retail, feedInPriceMicroPerKwh: feedIn, tickMicroPerKwh: tick } = frame;
  const { unsoldMicroPerKwh: unsold } = frame;
  if (side === 'sell' && unsold !== undefined) {
    return unsold + BigInt(deriveInteger(seed, `limit/${label}`, Number((feedIn - unsold) / tick) + 1)) * tick;
  }
  if (deriveInteger(seed, `keen/${label}`, 10) < KEEN_ORDERS_OF_TEN) return side === 'buy' ? retail : feedIn;
  const ticks = Number((retail - feedIn) / (2n * tick));
  const concession = BigInt(deriveInteger(seed, `limit/${label}`, ticks + 1)) * tick;
  return side === 'buy' ? retail - concession : feedIn + concession;
}
