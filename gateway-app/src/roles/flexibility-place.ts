import { CONGESTION_POINT_ID, SLOTS_PER_HOUR, type DayPlan } from '../day/plan';

/** A congestion point and a local day. A type and no interface: only then it is JSON to the compiler. */
export type Place = Readonly<Record<'gridId' | 'congestionPointId', string> & Record<'periodSlot', number>>;

/** The transformer on the delivery day: the market's day begins at midnight of Berlin's summer, an hour before that of the data. */
export function dayPlace({ deliverySlot, gridId }: Pick<DayPlan, 'deliverySlot' | 'gridId'>): Place {
  return { gridId, congestionPointId: CONGESTION_POINT_ID, periodSlot: deliverySlot - SLOTS_PER_HOUR };
}
