import type { OrderId, ParticipantId } from '../ids';
import { limits } from '../limits';
import { wh } from '../units';
import { pairTrades, type PairingFill } from './pair-trades';
import type { Order, OrderFill, Session, TradePairs } from './rows';

/**
 * Lists who trades with whom in each interval in which an order has said with whom it would rather: rows of at most 250 pairs. Green is
 * what a member sells, whatever its device: only the balancing supplier's energy comes from outside the community. The list decides
 * neither price nor volume.
 *
 * @param placeOf the bus at which a participant stands; undefined where the session does not know it
 */
export function listPairs(
  session: Session,
  orders: readonly Order[],
  fills: readonly OrderFill[],
  placeOf: (participantId: ParticipantId) => string | undefined,
): readonly TradePairs[] {
  if (!orders.some(({ status }) => status.kind === 'published' && status.pairing !== undefined)) {
    return [];
  }
  const published = new Map(
    orders.flatMap((order) => (order.status.kind === 'published' ? [[order.orderId, order] as const] : [])),
  );
  return Array.from({ length: session.intervals }, (_, interval) => interval).flatMap((interval) => {
    const own = fills.filter((fill) => fill.interval === interval);
    const pairing = own.flatMap((fill) => toPairingFill(session, fill, published.get(fill.orderId), placeOf));
    return pairing.some((fill) => fill.preference !== undefined) ? rowsOf(session, interval, pairing) : [];
  });
}

function toPairingFill(
  { ruleSet }: Session,
  { energyWh, orderId, side }: OrderFill,
  order: Order | undefined,
  placeOf: (participantId: ParticipantId) => string | undefined,
): readonly PairingFill[] {
  if (order?.status.kind !== 'published') {
    return [];
  }
  const { participantId, status } = order;
  const { limitPriceMicroPerKwh, pairing } = status;
  const placeId = placeOf(participantId);
  return [
    {
      orderId,
      side,
      energyWh,
      limitPriceMicroPerKwh,
      participantId,
      ...(placeId === undefined ? {} : { placeId }),
      isGreen: participantId !== ruleSet.balancingParticipantId,
      ...(pairing === undefined ? {} : { preference: pairing }),
    },
  ];
}

function rowsOf({ sessionId }: Session, interval: number, fills: readonly PairingFill[]): readonly TradePairs[] {
  const pairs = pairTrades(fills, 'heeded').map(({ buyOrderId, energyWh, sellOrderId }) => ({
    ...(buyOrderId === undefined ? {} : { buyOrderId: buyOrderId as OrderId }),
    ...(sellOrderId === undefined ? {} : { sellOrderId: sellOrderId as OrderId }),
    energyWh: wh(energyWh),
  }));
  const parts = Math.ceil(pairs.length / limits.pairsPerRowMax);
  return Array.from({ length: parts }, (_, part) => ({
    sessionId,
    interval,
    part,
    pairs: pairs.slice(part * limits.pairsPerRowMax, (part + 1) * limits.pairsPerRowMax),
  }));
}
