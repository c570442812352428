import { object, oneOf, type TypeOf } from '../decode';
import { sessionIdCodec } from '../ids';
import type { Position } from '../market/rows';
import { apportion } from '../math';
import { slotCodec, type Slot } from '../time';
import { micro, microCodec, wh, whCodec, type Micro, type Wh } from '../units';

/** Quarter hours of a trade's interval: a quarter hour, half an hour or an hour. */
export const intervalSlotsCodec = oneOf(1, 2, 4);

/** Quarter hours of the longest interval. */
export const intervalSlotsMax = 4;

/** The whole interval's trade of a position that stands beside the one of the day-ahead session. */
export const slotPositionCodec = object({
  /** The session or the contract it comes from: the last part of the position row's key. */
  sessionId: sessionIdCodec,
  firstSlot: slotCodec,
  intervalSlots: intervalSlotsCodec,
  boughtWh: whCodec,
  soldWh: whCodec,
  buyMicro: microCodec,
  sellMicro: microCodec,
  feeMicro: microCodec,
});
export type SlotPosition = TypeOf<typeof slotPositionCodec>;

/** Quarter hours of the interval of a position row; rows of the first day-ahead sessions do not name them. */
export function positionSlots(position: Pick<Position, 'intervalSlots'>): SlotPosition['intervalSlots'] {
  return position.intervalSlots ?? 4;
}

/** What settlement keeps of a position row in its lines. */
export function slotPositionOf(position: Position): SlotPosition {
  const { boughtWh, buyMicro, feeMicro, firstSlot, sellMicro, sessionId, soldWh } = position;
  const intervalSlots = positionSlots(position);
  return { sessionId, firstSlot, intervalSlots, boughtWh, soldWh, buyMicro, sellMicro, feeMicro };
}

/** The part of a trade that falls into one quarter hour. */
export interface QuarterTrade {
  readonly boughtWh: Wh;
  readonly soldWh: Wh;
  readonly buyMicro: Micro;
  readonly sellMicro: Micro;
}

/**
 * Splits an interval's trade over its quarter hours: energy evenly, money by energy, both by largest remainder with ties to the
 * earlier quarter hour, so that the quarters sum to the interval exactly.
 */
export function quarterOf(total: bigint, weights: readonly bigint[], quarter: number): bigint {
  const shares = weights.map((weight, index) => ({ id: String(index), weight }));
  return apportion(total, shares)[quarter] ?? 0n;
}

/** The quarter hours of an energy. */
export function quartersWh(energyWh: bigint, intervalSlots = 4): readonly bigint[] {
  const even = Array.from({ length: intervalSlots }, () => 1n);
  return even.map((_, quarter) => quarterOf(energyWh, even, quarter));
}

/** The trade of one quarter hour of an interval. */
export function quarterTrade(interval: QuarterTrade, intervalSlots: number, quarter: number): QuarterTrade {
  const boughtQuarters = quartersWh(interval.boughtWh, intervalSlots);
  const soldQuarters = quartersWh(interval.soldWh, intervalSlots);
  return {
    boughtWh: wh(boughtQuarters[quarter] ?? 0n),
    soldWh: wh(soldQuarters[quarter] ?? 0n),
    buyMicro: micro(quarterOf(interval.buyMicro, boughtQuarters, quarter)),
    sellMicro: micro(quarterOf(interval.sellMicro, soldQuarters, quarter)),
  };
}

/** True where a slot is one of a position's interval. */
export function coversSlot(position: Pick<SlotPosition, 'firstSlot' | 'intervalSlots'>, slot: Slot): boolean {
  return slot >= position.firstSlot && slot < position.firstSlot + position.intervalSlots;
}
