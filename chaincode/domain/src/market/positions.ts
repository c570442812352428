import { present } from '../assert';
import { sum } from '../math';
import { addSlots } from '../time';
import { microPerKwh, wh, type MicroPerKwh } from '../units';
import { costMicro, feeMicro, revenueMicro } from './money';
import type { IntervalOutcome, ParticipantFills, Position, Session, Trade } from './rows';

/** The price of each interval; 0 where nothing was traded and no money moves. */
export function pricesOf(intervals: readonly IntervalOutcome[]): readonly MicroPerKwh[] {
  return intervals.map((outcome) => outcome.price?.clearingMicroPerKwh ?? microPerKwh(0n));
}

/**
 * What a participant bought and sold in one interval and its money: the energy of the whole interval times the price, rounded once, up
 * for the buyer and down for the seller. What the roundings leave is dust.
 */
export function positionOf(
  session: Session,
  prices: readonly MicroPerKwh[],
  { fills, participantId }: ParticipantFills,
  interval: number,
): Position {
  const price = present(prices[interval], 'An interval has an outcome.');
  const energy = (side: 'buy' | 'sell'): bigint =>
    sum(fills.filter((fill) => fill.interval === interval && fill.side === side).map((fill) => fill.energyWh));
  const boughtWh = wh(energy('buy'));
  const soldWh = wh(energy('sell'));
  const buyMicro = costMicro(boughtWh, price);
  return {
    sessionId: session.sessionId,
    participantId,
    interval,
    firstSlot: addSlots(session.firstSlot, interval * session.intervalSlots),
    ...(session.intervalSlots === 4 ? {} : { intervalSlots: session.intervalSlots }),
    boughtWh,
    soldWh,
    priceMicroPerKwh: price,
    buyMicro,
    sellMicro: revenueMicro(soldWh, price),
    feeMicro: feeMicro(buyMicro, session.ruleSet.feePpm),
  };
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
  return fills.map(({ orderId, interval, side, energyWh }) => ({
    sessionId: session.sessionId,
    orderId,
    participantId,
    interval,
    firstSlot: addSlots(session.firstSlot, interval * session.intervalSlots),
    side,
    energyWh,
    priceMicroPerKwh: present(prices[interval], 'An interval has an outcome.'),
  }));
}
