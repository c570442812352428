import { demand } from '../../errors';
import type { ParticipantId } from '../../ids';
import { mulDivFloor } from '../../math';
import type { Account } from '../../settlement/rows';
import { participantAccount } from '../../settlement/rows';
import { wh } from '../../units';
import type { FlexEvent } from '../event/rows';
import type { FlexOrder } from '../order/rows';
import type { ProgrammeTerms } from '../programme/rows';
import { isPaid } from '../tracking/complete';
import type { Performance } from '../tracking/rows';
import { trackPortfolio } from '../tracking/track';
import type { FlexCover } from './cover';
import type { ProsumerInput } from './prosumer-line';
import type { RewardTerms } from './rows';
import type { FlexOrderToSettle } from './settle-order';

/** Quarter hours of an hour. */
const quartersPerHour = 4n;

/** Everything that the ledger knows of an order when it is settled. */
export interface OrderKnown {
  readonly order: FlexOrder;
  readonly events: readonly FlexEvent[];
  /** What every prosumer of the order did in its ISPs. */
  readonly performances: readonly Performance[];
  /** The terms of the programme of each event, by participant. */
  readonly terms: ReadonlyMap<ParticipantId, ProgrammeTerms>;
  readonly payerCoverMicro: bigint;
  /** What is set aside for the order; undefined where it was placed without cover. */
  readonly cover: FlexCover | undefined;
  readonly transferPriceMicroPerKwh: bigint;
}

/** Who pays for an order: the producer who placed it, or the fund of the system operators. */
export function payerOf({ requesterId }: FlexOrder): Account {
  return requesterId === undefined ? 'flexibility' : participantAccount(requesterId);
}

/** Refuses to settle while an event that is to be measured is not completed (FLEX_SETTLEMENT_OPEN). */
export function demandCompleted(events: readonly FlexEvent[]): void {
  const open = events.find(({ baseline, isBound, state }) => {
    const isUnderWay = state === 'NOTIFIED' || state === 'ACKNOWLEDGED' || state === 'OPTED_IN';
    return isUnderWay || (state === 'FAILED' && isBound === true && baseline !== undefined);
  });
  demand(open === undefined, 'FLEX_SETTLEMENT_OPEN', { eventId: open?.eventId ?? '' });
}

/**
 * What an order is settled from. Only completed events count. Whose baseline is not trusted counts for the portfolio as if it had not been
 * measured, so that nobody pays for what it pretends.
 */
export function orderToSettle(known: OrderKnown): FlexOrderToSettle {
  const { cover, events, order, payerCoverMicro, performances, transferPriceMicroPerKwh } = known;
  const completed = events.filter(({ result, state }) => state === 'COMPLETED' && result !== undefined);
  const trusted = new Set(completed.filter(({ result }) => result !== undefined && isPaid(result)).map(participantOf));
  const { aggregatorId, orderId, penaltyMicroPerKwh, priceMicro } = order;
  return {
    orderId,
    aggregatorId,
    payer: payerOf(order),
    payerCoverMicro,
    // Without cover an aggregator pays its prosumers, and penalties, out of what the order brings.
    aggregatorCoverMicro: cover?.aggregatorSetAsideMicro ?? 0n,
    ...(cover === undefined ? {} : { aggregatorLeftMicro: cover.aggregatorMicro }),
    priceMicro,
    penaltyMicroPerKwh,
    transferPriceMicroPerKwh,
    isps: order.isps.map(({ direction, powerW, slot }) => {
      const lines = performances.filter((line) => line.slot === slot && trusted.has(line.participantId));
      const orderedWh = wh(mulDivFloor(powerW, 1n, quartersPerHour));
      const { deficiencyWh, deliveredWh } = trackPortfolio({ orderId, slot, direction, orderedWh }, lines);
      return { slot, direction, orderedWh, deliveredWh, deficiencyWh };
    }),
    prosumers: completed.flatMap((event) => {
      const terms = known.terms.get(event.participantId);
      return terms === undefined ? [] : [prosumerOf(event, terms, performances)];
    }),
  };
}

function participantOf({ participantId }: FlexEvent): ParticipantId {
  return participantId;
}

function prosumerOf(event: FlexEvent, terms: ProgrammeTerms, performances: readonly Performance[]): ProsumerInput {
  const { participantId, result } = event;
  const own = performances.filter((line) => line.participantId === participantId);
  return {
    participantId,
    terms: rewardTerms(terms),
    isps: own.map(({ deficiencyWh, deliveredWh, direction, measurement, orderedWh, slot }) => ({
      slot,
      direction,
      orderedWh,
      deliveredWh,
      deficiencyWh,
      isMeasured: measurement === 'MEASURED',
    })),
    isBound: event.isBound === true,
    isFlagged: result === undefined || !isPaid(result),
    reboundWh: result?.reboundWh ?? wh(0n),
  };
}

function rewardTerms(terms: ProgrammeTerms): RewardTerms {
  const { aggregatorSharePpm, direction, penaltyMicroPerKwh, reboundMicroPerKwh } = terms;
  const { rewardMicroPerKwh, shiftTolerancePpm, tolerancePpm } = terms;
  return {
    direction,
    rewardMicroPerKwh,
    penaltyMicroPerKwh,
    aggregatorSharePpm,
    tolerancePpm,
    ...(shiftTolerancePpm === undefined ? {} : { shiftTolerancePpm }),
    ...(reboundMicroPerKwh === undefined ? {} : { reboundMicroPerKwh }),
  };
}
