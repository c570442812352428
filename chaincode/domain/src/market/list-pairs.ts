import type { OrderId, ParticipantId } from '../ids';
import { limits } from '../limits';
import { wh } from '../units';
import { pairTrades, type PairingFill } from './pair-trades';
import type { Order, OrderFill, Session, TradePairs } from './rows';
import type { IsGreen } from './seller-assets';

/** Where a participant stands in an interval: its bus, and the zone of buses at one price. */
export type PlaceOf = (
  participantId: ParticipantId,
  interval: number,
) => { readonly busId: string; readonly zone: string } | undefined;

interface PlacedFill extends PairingFill {
  readonly zone: string;
}

/**
 * Lists who trades with whom in each interval in which an order has said with whom it would rather: rows of at most 250 pairs. The list
 * decides neither price nor volume.
 *
 * Where limits of the grid part an interval into zones, each zone is paired by itself, the rest with its boundary.
 *
 * @param placeOf where a participant stands in an interval; undefined where the session knows no places
 * @param isGreen whose energy counts as green; see `greenSellers`
 */
export function listPairs(
  session: Session,
  orders: readonly Order[],
  fills: readonly OrderFill[],
  placeOf: PlaceOf,
  isGreen: IsGreen,
): readonly TradePairs[] {
  if (!orders.some(({ status }) => status.kind === 'published' && status.pairing !== undefined)) {
    return [];
  }
  const published = new Map(
    orders.flatMap((order) => (order.status.kind === 'published' ? [[order.orderId, order] as const] : [])),
  );
  return Array.from({ length: session.intervals }, (_, interval) => interval).flatMap((interval) => {
    const own = fills.filter((fill) => fill.interval === interval);
    const pairing = own.flatMap((fill) => toPairingFill(fill, published.get(fill.orderId), placeOf, isGreen));
    return pairing.some((fill) => fill.preference !== undefined) ? rowsOf(session, interval, pairing) : [];
  });
}

function toPairingFill(
  { energyWh, interval, orderId, side }: OrderFill,
  order: Order | undefined,
  placeOf: PlaceOf,
  isGreen: IsGreen,
): readonly PlacedFill[] {
  if (order?.status.kind !== 'published') {
    return [];
  }
  const { participantId, status } = order;
  const { limitPriceMicroPerKwh, pairing } = status;
  const place = placeOf(participantId, interval);
  return [
    {
      orderId,
      side,
      energyWh,
      limitPriceMicroPerKwh,
      participantId,
      zone: place?.zone ?? '',
      ...(place === undefined ? {} : { placeId: place.busId }),
      isGreen: isGreen(participantId),
      ...(pairing === undefined ? {} : { preference: pairing }),
    },
  ];
}

function rowsOf({ sessionId }: Session, interval: number, fills: readonly PlacedFill[]): readonly TradePairs[] {
  const zones = [...new Set(fills.map(({ zone }) => zone))];
  const pairs = zones
    .flatMap((zone) =>
      pairTrades(
        fills.filter((fill) => fill.zone === zone),
        'heeded',
      ),
    )
    .map(({ buyOrderId, energyWh, sellOrderId }) => ({
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
