import { present } from '../assert';
import { sum } from '../math';
import { addSlots } from '../time';
import { micro, microPerKwh, wh, type Micro, type MicroPerKwh, type Wh } from '../units';
import { costMicro, feeMicro, revenueMicro } from './money';
import type { FillPrice, IntervalOutcome, OrderFill, ParticipantFills, Position, Session, Trade } from './rows';

/** The price of each interval; 0 where nothing was traded and no money moves. */
export function pricesOf(intervals: readonly IntervalOutcome[]): readonly MicroPerKwh[] {
  return intervals.map((outcome) => outcome.price?.clearingMicroPerKwh ?? microPerKwh(0n));
}

/**
 * What a participant bought and sold in one interval and its money. At the one price of the interval, the energy of the whole interval
 * times the price is rounded once; where fills have prices of their own, each fill. Always up for the buyer and down for the seller.
 * What the roundings leave is dust.
 */
export function positionOf(
  session: Session,
  prices: readonly MicroPerKwh[],
  { fills, participantId }: ParticipantFills,
  interval: number,
): Position {
  const price = present(prices[interval], 'An interval has an outcome.');
  const own = fills.filter((fill) => fill.interval === interval);
  const bought = own.filter(({ side }) => side === 'buy');
  const sold = own.filter(({ side }) => side === 'sell');
  const boughtWh = energyOf(bought);
  const soldWh = energyOf(sold);
  const isPriced = own.some((fill) => fill.price !== undefined);
  const buyMicro = isPriced ? moneyOf(bought, costMicro) : costMicro(boughtWh, price);
  return {
    sessionId: session.sessionId,
    participantId,
    interval,
    firstSlot: addSlots(session.firstSlot, interval * session.intervalSlots),
    ...(session.intervalSlots === 4 ? {} : { intervalSlots: session.intervalSlots }),
    boughtWh,
    soldWh,
    priceMicroPerKwh: isPriced ? meanPrice(own) : price,
    buyMicro,
    sellMicro: isPriced ? moneyOf(sold, revenueMicro) : revenueMicro(soldWh, price),
    feeMicro: feeMicro(buyMicro, session.ruleSet.feePpm),
    ...chargesOf(own),
  };
}

function energyOf(fills: readonly OrderFill[]): Wh {
  return wh(sum(fills.map((fill) => fill.energyWh)));
}

function moneyOf(fills: readonly OrderFill[], amount: (energyWh: bigint, price: bigint) => Micro): Micro {
  return micro(sum(fills.map((fill) => amount(fill.energyWh, priceOf(fill).dueMicroPerKwh))));
}

/** The mean price of fills by energy, rounded down. */
function meanPrice(fills: readonly OrderFill[]): MicroPerKwh {
  const worth = sum(fills.map((fill) => fill.energyWh * priceOf(fill).priceMicroPerKwh));
  return microPerKwh(worth / sum(fills.map((fill) => fill.energyWh)));
}

/** What of the money of fills is grid fee and what covers losses, each rounded down fill by fill; nothing where it is zero. */
function chargesOf(fills: readonly OrderFill[]): Pick<Position, 'gridFeeMicro' | 'lossMicro'> {
  const priced = fills.filter((fill) => fill.price !== undefined);
  const gridFee = micro(sum(priced.map((fill) => revenueMicro(fill.energyWh, priceOf(fill).gridFeeMicroPerKwh))));
  const loss = micro(sum(priced.map((fill) => revenueMicro(fill.energyWh, lossMicroPerKwh(fill)))));
  return { ...(gridFee > 0n ? { gridFeeMicro: gridFee } : {}), ...(loss > 0n ? { lossMicro: loss } : {}) };
}

function lossMicroPerKwh(fill: OrderFill): bigint {
  const { dueMicroPerKwh, gridFeeMicroPerKwh, priceMicroPerKwh } = priceOf(fill);
  const difference = fill.side === 'buy' ? dueMicroPerKwh - priceMicroPerKwh : priceMicroPerKwh - dueMicroPerKwh;
  return difference - gridFeeMicroPerKwh;
}

function priceOf({ price }: OrderFill): FillPrice {
  return present(price, 'Where one fill of an interval has a price of its own, all have.');
}

/** The positions of a participant in the intervals in which it trades. */
export function positionsOf(
  session: Session,
  intervals: readonly IntervalOutcome[],
  entry: ParticipantFills,
): readonly Position[] {
  const prices = pricesOf(intervals);
  return intervals
    .map(({ interval }) => positionOf(session, prices, entry, interval))
    .filter((position) => position.boughtWh > 0n || position.soldWh > 0n);
}

/** The trades of a participant, one for each order that trades. */
export function tradesOf(
  session: Session,
  intervals: readonly IntervalOutcome[],
  { fills, participantId }: ParticipantFills,
): readonly Trade[] {
  const prices = pricesOf(intervals);
  return fills.map(({ orderId, interval, side, energyWh, price }) => ({
    sessionId: session.sessionId,
    orderId,
    participantId,
    interval,
    firstSlot: addSlots(session.firstSlot, interval * session.intervalSlots),
    side,
    energyWh,
    priceMicroPerKwh: price?.priceMicroPerKwh ?? present(prices[interval], 'An interval has an outcome.'),
    ...(price === undefined || price.dueMicroPerKwh === price.priceMicroPerKwh
      ? {}
      : { dueMicroPerKwh: price.dueMicroPerKwh }),
  }));
}
