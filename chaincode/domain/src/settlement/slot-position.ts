import { object, oneOf, optional, type TypeOf } from '../decode';
import { participantIdCodec, sessionIdCodec } from '../ids';
import type { Position } from '../market/rows';
import { apportion, mulDivFloor } from '../math';
import { slotCodec, type Slot } from '../time';
import { micro, microCodec, wh, whCodec, type Micro, type Wh } from '../units';

/** Quarter hours of a trade's interval: a quarter hour, half an hour or an hour. */
export const intervalSlotsCodec = oneOf(1, 2, 4);

/** Quarter hours of the longest interval. */
export const intervalSlotsMax = 4;

/** What a contract came to in one quarter hour under its terms of partial delivery. It is the same for both sides. */
export const contractOutcomeCodec = object({
  /** Whose meters decided it: the row of its delivery in this quarter hour says how. */
  sellerParticipantId: participantIdCodec,
  /** What counts as bought and sold. */
  deliveredWh: whCodec,
  /** What of the energy's money goes back from escrow to the buyer instead of to the seller. */
  returnedMicro: microCodec,
  /** What the seller pays to the buyer for what fell away. */
  penaltyMicro: microCodec,
});
export type ContractOutcome = TypeOf<typeof contractOutcomeCodec>;

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
  /** What counts of it in the quarter hour; only of contracts whose terms of partial delivery count. */
  outcome: optional(contractOutcomeCodec),
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

/** What counts of a position in one quarter hour, and what goes back or is owed beside it. */
export interface CountedTrade extends QuarterTrade {
  /** What goes back to a buyer of what it had locked for energy that fell away, and of the fee on it. */
  readonly returnedMicro: bigint;
  readonly returnedFeeMicro: bigint;
  /** What a seller owes, and a buyer gets, for what fell away. */
  readonly penaltyMicro: bigint;
  readonly penaltyGainMicro: bigint;
}

/**
 * What counts of a position in a slot that it covers: its quarter hour, or of a contract what its outcome says. A fee goes back in the
 * share of the energy that fell away, rounded down.
 */
export function countedTrade(position: SlotPosition, slot: Slot): CountedTrade {
  const quarter = slot - position.firstSlot;
  const agreed = quarterTrade(position, position.intervalSlots, quarter);
  const nothing = { returnedMicro: 0n, returnedFeeMicro: 0n, penaltyMicro: 0n, penaltyGainMicro: 0n };
  const { outcome } = position;
  if (outcome === undefined) {
    return { ...agreed, ...nothing };
  }
  const { deliveredWh, penaltyMicro, returnedMicro } = outcome;
  if (position.soldWh > 0n) {
    return {
      ...agreed,
      ...nothing,
      soldWh: deliveredWh,
      sellMicro: micro(agreed.sellMicro - returnedMicro),
      penaltyMicro,
    };
  }
  const feeMicro = quarterOf(position.feeMicro, quartersWh(position.boughtWh, position.intervalSlots), quarter);
  const missingWh = agreed.boughtWh - deliveredWh;
  return {
    ...agreed,
    ...nothing,
    boughtWh: deliveredWh,
    buyMicro: micro(agreed.buyMicro - returnedMicro),
    returnedMicro,
    returnedFeeMicro: missingWh === 0n ? 0n : mulDivFloor(feeMicro, missingWh, agreed.boughtWh),
    penaltyGainMicro: penaltyMicro,
  };
}

/** True where a slot is one of a position's interval. */
export function coversSlot(position: Pick<SlotPosition, 'firstSlot' | 'intervalSlots'>, slot: Slot): boolean {
  return slot >= position.firstSlot && slot < position.firstSlot + position.intervalSlots;
}
