import { commitmentParts, type BookedCommitment, type PromiseAsked } from '../commitments/book';
import { findMisfit, type AssetCapacity } from '../commitments/capacity';
import { priorityClassOf } from '../commitments/priority';
import type { Commitment } from '../commitments/rows';
import { demand } from '../errors';
import type { ParticipantId } from '../ids';
import { limits } from '../limits';
import { mulDivCeil, sum } from '../math';
import { dayStart } from '../time';
import { w, type W } from '../units';
import type { OrderContent, Session } from './rows';

/** The part of an order or a fill that a promise is made of. */
export type SoldEnergy = Pick<OrderContent, 'interval' | 'side' | 'energyWh'>;

/** The power that carries an energy evenly through some quarter hours, rounded up. */
export function powerOf(energyWh: bigint, slots: number): W {
  return w(mulDivCeil(energyWh, 4n, BigInt(slots)));
}

/** What a participant promises to the pool of a session with these sales, interval by interval; purchases promise nothing. */
export function saleCommitments(session: Session, entries: readonly SoldEnergy[]): readonly Commitment[] {
  const { firstSlot, intervalSlots, intervals, ruleSet, sessionId } = session;
  const sales = entries.filter((entry) => entry.side === 'sell');
  const { name, rank } = priorityClassOf(ruleSet, 'market');
  const asked: PromiseAsked = {
    promiseId: sessionId,
    purpose: 'market',
    priorityClass: name,
    rank,
    direction: 'up',
    firstSlot,
    intervalSlots,
    powersW: Array.from({ length: intervals }, (_, interval) =>
      powerOf(sum(sales.filter((sale) => sale.interval === interval).map((sale) => sale.energyWh)), intervalSlots),
    ),
  };
  return commitmentParts(asked);
}

/** What a connection can keep: its limit in both directions. */
export function connectionCapacity(connectionLimitW: W): AssetCapacity {
  return { importMaxW: connectionLimitW, exportMaxW: connectionLimitW };
}

/**
 * Puts the sales of sealed orders in place of what the participant had promised to the session, or refuses with COMMITMENTS_TOO_MANY or
 * COMMITMENTS_CAPACITY. The details say nothing of the orders, which are confidential.
 *
 * @returns what stands under seal after it
 */
export function reserveSealed(
  book: readonly BookedCommitment[],
  parts: readonly Commitment[],
  capacity: AssetCapacity,
  participantId: ParticipantId,
): readonly Commitment[] {
  const others = book.filter((entry) => parts.every((part) => part.promiseId !== entry.promiseId));
  const full = parts.some(
    (part) =>
      others.filter((entry) => dayStart(entry.firstSlot) === dayStart(part.firstSlot)).length >=
      limits.commitmentsPerDayMax,
  );
  demand(!full, 'COMMITMENTS_TOO_MANY', { participantId });
  const sealed = [...others, ...parts.map((part) => ({ ...part, sealed: true }))];
  demand(findMisfit(sealed, capacity) === undefined, 'COMMITMENTS_CAPACITY', { participantId });
  return sealed.filter((entry) => entry.sealed === true);
}
