import { array, object, type TypeOf } from '../../decode';
import { participantIdCodec, sessionIdCodec, type ParticipantId } from '../../ids';
import { limits } from '../../limits';
import { sum } from '../../math';
import type { LineCoalition } from '../../settlement/coalition-rows';
import { bucketNumberCodec, type Line } from '../../settlement/rows';
import { slotCodec, type Slot } from '../../time';
import { wh, whCodec } from '../../units';
import { slotsOfActivation } from '../dispatch/activation';
import type { Activation } from '../dispatch/rows';
import { coalitionIdCodec, type CoalitionId } from '../formation/ids';
import type { Coalition } from '../formation/rows';
import type { PoolDelivery } from './rows';

/**
 * By what a quarter hour of a coalition has corrected the positions of members when these were settled. What it says is final: the energy that
 * the coalition transfers from or to a member is this, whatever later readings say, for the rest was settled as a deviation.
 */
export const settledDeliveryCodec = object({
  coalitionId: coalitionIdCodec,
  slot: slotCodec,
  sessionId: sessionIdCodec,
  bucket: bucketNumberCodec,
  members: array(object({ participantId: participantIdCodec, correctedWh: whCodec }), limits.accountsPerBucketMax, 1),
});
export type SettledDelivery = TypeOf<typeof settledDeliveryCodec>;

/** Which way the active energy of a coalition went in a slot; undefined for reactive energy, and where nothing says it. */
export function directionOfDelivery(
  { direction }: Pick<Coalition, 'direction'>,
  delivery: Pick<PoolDelivery, 'direction'> | undefined,
): 'up' | 'down' | undefined {
  if (direction === 'symmetric') {
    return delivery?.direction;
  }
  return direction === 'up' || direction === 'down' ? direction : undefined;
}

/**
 * True where a coalition that somebody has bought was called in a slot, so that what it delivered there corrects positions: by an activation, or
 * all the time where it follows. Reactive energy is in no position.
 */
export function isCalledAt(
  coalition: Pick<Coalition, 'direction' | 'sliceSlots' | 'slices' | 'state' | 'terms'>,
  activations: readonly Pick<Activation, 'dueMinute' | 'periods'>[],
  at: Slot,
): boolean {
  const { direction, sliceSlots, slices, state, terms } = coalition;
  const isBought = state === 'ACCEPTED' || state === 'VERIFIED' || state === 'SETTLED';
  const isActive = direction === 'up' || direction === 'down' || direction === 'symmetric';
  const isOffered = slices.some((one) => at >= one.firstSlot && at < one.firstSlot + sliceSlots && one.offeredW > 0n);
  const isFollowing = terms.settledBy === 'telemetry';
  return (
    isBought && isActive && isOffered && (isFollowing || activations.some((one) => slotsOfActivation(one).includes(at)))
  );
}

/** What the assets of a participant delivered together in a verified slot of a coalition; undefined where that is nothing. */
export function correctionFromCoalition(
  coalition: Pick<Coalition, 'coalitionId' | 'direction'>,
  delivery: PoolDelivery,
  participantId: ParticipantId,
): LineCoalition | undefined {
  const direction = directionOfDelivery(coalition, delivery);
  const deliveredWh = deliveredBy(delivery, participantId);
  const { slice } = delivery;
  return direction === undefined || deliveredWh === 0n
    ? undefined
    : { coalitionId: coalition.coalitionId, slice, direction, deliveredWh: wh(deliveredWh) };
}

/** What the assets of a participant delivered together in a slot. */
export function deliveredBy({ members }: Pick<PoolDelivery, 'members'>, participantId: ParticipantId): bigint {
  return sum(members.filter((one) => one.participantId === participantId).map(({ deliveredWh }) => deliveredWh));
}

/** A coalition that was called in a slot, and a participant whose assets served it. */
export interface ServedCall {
  readonly coalitionId: CoalitionId;
  readonly participantId: ParticipantId;
}

/**
 * The rows that say what a settled slot has corrected: for every coalition those who served it and whose meters have told. A line without its
 * readings posts no deviation, so that a later reading still counts for what is transferred.
 */
export function settledDeliveries(
  place: Pick<SettledDelivery, 'bucket' | 'sessionId' | 'slot'>,
  lines: readonly Pick<Line, 'coalitions' | 'participantId' | 'status'>[],
  calls: readonly ServedCall[],
): readonly SettledDelivery[] {
  return [...new Set(calls.map(({ coalitionId }) => coalitionId))].flatMap((coalitionId) => {
    const serving = new Set(calls.filter((one) => one.coalitionId === coalitionId).map((one) => one.participantId));
    const members = lines
      .filter(({ participantId, status }) => status === 'OK' && serving.has(participantId))
      .map(({ coalitions = [], participantId }) => {
        const own = coalitions.filter((one) => one.coalitionId === coalitionId);
        return { participantId, correctedWh: wh(sum(own.map(({ deliveredWh }) => deliveredWh))) };
      });
    return members.length === 0 ? [] : [{ coalitionId, ...place, members }];
  });
}
