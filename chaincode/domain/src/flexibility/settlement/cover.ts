import { oneOf, object, optional, type TypeOf } from '../../decode';
import { demand, RuleError } from '../../errors';
import { elementIdCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { least, mulDivFloor, sum } from '../../math';
import { imbalanceDeadline } from '../../settlement/imbalance';
import { netCreditMicro } from '../../settlement/post';
import { participantAccount, type PostingSet } from '../../settlement/rows';
import type { Slot } from '../../time';
import { micro, microCodec, ppmWhole, type Micro } from '../../units';
import { flexOrderIdCodec } from '../ids';
import type { FlexOrder } from '../order/rows';
import type { FlexibilityRules } from '../rules';
import { payerOf } from './order-inputs';
import type { FlexibilityFund } from './rows';

/** Quarter hours of an hour times Wh of a kWh: W for a quarter hour at a price per kWh are so many micro-units too many. */
const quarterWattsPerKwh = 4_000n;

/**
 * What is set aside for an order from the moment it is placed, and what its settlements have left of it. Settlement pays out of this row
 * alone, so that it disturbs no command of those who pay.
 */
export const flexCoverCodec = object({
  orderId: flexOrderIdCodec,
  gridId: elementIdCodec,
  aggregatorId: participantIdCodec,
  /** The producer who ordered; absent where the fund of the grid pays. */
  requesterId: optional(participantIdCodec),
  /** What is left of the price, with penalties that came back. */
  payerMicro: microCodec,
  /** What the aggregator had to set aside for the penalty, and what is left of it. */
  aggregatorSetAsideMicro: microCodec,
  aggregatorMicro: microCodec,
  state: oneOf('HELD', 'RELEASED'),
});
export type FlexCover = TypeOf<typeof flexCoverCodec>;

/**
 * What an order has to be covered with: its price, and the rule set's share of the penalty for delivering nothing, rounded down. Undefined
 * where the rule set covers no orders.
 */
export function coverOfOrder(order: FlexOrder, { cover }: FlexibilityRules): FlexCover | undefined {
  if (cover === undefined) {
    return undefined;
  }
  const { aggregatorId, gridId, isps, orderId, penaltyMicroPerKwh, priceMicro, requesterId } = order;
  const fullPenaltyMicro = mulDivFloor(sum(isps.map(({ powerW }) => powerW)), penaltyMicroPerKwh, quarterWattsPerKwh);
  const aggregatorMicro = micro(mulDivFloor(fullPenaltyMicro, cover.penaltyPpm, ppmWhole));
  return {
    orderId,
    gridId,
    aggregatorId,
    ...(requesterId === undefined ? {} : { requesterId }),
    payerMicro: priceMicro,
    aggregatorSetAsideMicro: aggregatorMicro,
    aggregatorMicro,
    state: 'HELD',
  };
}

/** A fund from which something is set aside; refuses with FLEX_FUND_SHORT what it does not hold. */
export function setAside(fund: FlexibilityFund, amountMicro: Micro): FlexibilityFund {
  const { availableMicro, gridId } = fund;
  demand(amountMicro <= availableMicro, 'FLEX_FUND_SHORT', { gridId, availableMicro: availableMicro.toString() });
  return { ...fund, availableMicro: micro(availableMicro - amountMicro) };
}

/**
 * The cover after the posting set of a settlement. What comes back to the payer is held with the rest, for a later version may need it; what
 * the aggregator earns is its own at once.
 */
export function coverAfter(cover: FlexCover, order: FlexOrder, { entries }: PostingSet): FlexCover {
  const earnedMicro = netCreditMicro(entries, participantAccount(cover.aggregatorId));
  return {
    ...cover,
    payerMicro: micro(cover.payerMicro + netCreditMicro(entries, payerOf(order))),
    aggregatorMicro: micro(cover.aggregatorMicro + least(earnedMicro, 0n)),
  };
}

/** From which slot on what is left of a cover is free: as long as readings of the order's last slot count for imbalances. */
export function coverEndSlot({ isps, periodSlot }: FlexOrder): Slot {
  return imbalanceDeadline(isps.at(-1)?.slot ?? periodSlot);
}

/** What is given back of a cover. */
export interface ReleasedCover {
  readonly cover: FlexCover;
  readonly payerMicro: Micro;
  readonly aggregatorMicro: Micro;
}

/**
 * Gives back what is left of a cover. Refuses an order without one (FLEX_COVER_UNKNOWN), one that has been given back (FLEX_COVER_RELEASED),
 * and one that may still be needed: the order is not settled, or late readings still count (FLEX_COVER_HELD).
 */
export function releaseCover(cover: FlexCover | undefined, order: FlexOrder, endHasBegun: boolean): ReleasedCover {
  const { orderId, state } = order;
  if (cover === undefined) {
    throw new RuleError('FLEX_COVER_UNKNOWN', { orderId });
  }
  demand(cover.state === 'HELD', 'FLEX_COVER_RELEASED', { orderId });
  demand(state === 'SETTLED' && endHasBegun, 'FLEX_COVER_HELD', { orderId, untilSlot: coverEndSlot(order) });
  const { aggregatorMicro, payerMicro } = cover;
  const nothing = micro(0n);
  return {
    cover: { ...cover, payerMicro: nothing, aggregatorMicro: nothing, state: 'RELEASED' },
    payerMicro,
    aggregatorMicro,
  };
}
