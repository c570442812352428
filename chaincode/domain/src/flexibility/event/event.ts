import { demand, RuleError } from '../../errors';
import { sha256 } from '../../digest';
import { commitmentParts, type BookedCommitment, type PromiseAsked } from '../../commitments/book';
import type { AssetCapacity } from '../../commitments/capacity';
import { canonicalJson } from '../../canonical-writer';
import { crockford26, type EventId, type ParticipantId } from '../../ids';
import { addSlots, type Slot } from '../../time';
import { w } from '../../units';
import type { Band } from '../enrolment/rows';
import type { FlexOrderId } from '../ids';
import type { FlexDirection } from '../isps';
import type { EventAnswer, EventAsset, EventIsp, FlexEvent } from './rows';

const quartersPerHour = 4n;

/** The id of a prosumer's event under an order, which follows from the two. */
export function eventIdOf(orderId: FlexOrderId, participantId: ParticipantId): EventId {
  return crockford26(sha256(Buffer.from(`${orderId}/${participantId}`))) as EventId;
}

/** The event of an order and a prosumer; refuses with FLEX_EVENT_UNKNOWN. */
export function knownEvent(event: FlexEvent | undefined, orderId: string, participantId: string): FlexEvent {
  if (event === undefined) {
    throw new RuleError('FLEX_EVENT_UNKNOWN', { orderId, participantId });
  }
  return event;
}

/**
 * What becomes of an event that a new revision of the disaggregation plans again: `new` where it is to be signalled, `kept` where it asks
 * for the same. Refuses a revision that it follows already (FLEX_EVENT_EXISTS), another volume than the prosumer has opted in to
 * (FLEX_EVENT_ACCEPTED), and an event that its prosumer has declined, whose device has failed or that is completed (FLEX_EVENT_CLOSED).
 */
export function replanned(
  existing: FlexEvent | undefined,
  revision: number,
  assets: readonly EventAsset[],
): 'new' | 'kept' {
  if (existing === undefined) {
    return 'new';
  }
  const { participantId, state } = existing;
  demand(revision > existing.revision, 'FLEX_EVENT_EXISTS', { participantId, revision: existing.revision });
  const isSame = canonicalJson(shapeOf(assets)) === canonicalJson(shapeOf(existing.assets));
  demand(state !== 'OPTED_IN' || isSame, 'FLEX_EVENT_ACCEPTED', { participantId });
  const mayReturn = state === 'CANCELLED' || (state === 'FAILED' && existing.reason !== 'DEVICE_FAILED');
  demand(mayReturn || isOpen(existing), 'FLEX_EVENT_CLOSED', { participantId, state });
  return isSame && !mayReturn ? 'kept' : 'new';
}

function shapeOf(assets: readonly EventAsset[]) {
  return assets.map(({ assetId, isps }) => ({
    assetId,
    isps: isps.map(({ direction, energyWh, slot }) => ({ slot, direction, energyWh: energyWh.toString() })),
  }));
}

/** True while the prosumer is expected to carry the event out. */
export function isOpen({ state }: FlexEvent): boolean {
  return state === 'NOTIFIED' || state === 'ACKNOWLEDGED' || state === 'OPTED_IN';
}

function demandOpen(event: FlexEvent): void {
  demand(isOpen(event), 'FLEX_EVENT_CLOSED', { eventId: event.eventId, state: event.state });
}

function demandNotBegun({ eventId, firstSlot }: FlexEvent, hasBegun: boolean): void {
  demand(!hasBegun, 'FLEX_EVENT_BEGUN', { eventId, firstSlot });
}

/** The event acknowledged; who has opted in already has acknowledged it. Refuses one that is not open. */
export function acknowledge(event: FlexEvent, answer: EventAnswer): FlexEvent {
  demandOpen(event);
  return event.state === 'NOTIFIED' ? { ...event, state: 'ACKNOWLEDGED', answer } : event;
}

/** The event that its prosumer takes part in, bound by the programme's penalty from now on. Refuses one that is not open or has begun. */
export function optIn(event: FlexEvent, answer: EventAnswer, hasBegun: boolean): FlexEvent {
  demandOpen(event);
  demandNotBegun(event, hasBegun);
  return { ...event, state: 'OPTED_IN', isBound: true, answer };
}

/** When a prosumer withdraws: before the event has begun or after, and whether the notice is still long enough to plan again. */
export interface Withdrawal {
  readonly hasBegun: boolean;
  readonly isTooLate: boolean;
}

/**
 * The event that its prosumer does not carry out. It may decline until the event begins (FLEX_EVENT_BEGUN), and tell at any time that a device
 * has failed. Who had opted in stays bound where it is too late to plan again.
 */
export function optOut(
  event: FlexEvent,
  answer: EventAnswer,
  reason: 'DECLINED' | 'DEVICE_FAILED',
  { hasBegun, isTooLate }: Withdrawal,
): FlexEvent {
  demandOpen(event);
  if (reason === 'DECLINED') {
    demandNotBegun(event, hasBegun);
  }
  const { isBound, ...rest } = event;
  const bound = isBound === true && isTooLate ? ({ isBound } as const) : {};
  return { ...rest, ...bound, state: reason === 'DECLINED' ? 'OPTED_OUT' : 'FAILED', reason, answer };
}

/** The event cancelled by its aggregator, with nobody bound. Refuses one that is not open or has begun (B44). */
export function cancel(event: FlexEvent, reason: 'REPLANNED' | 'ORDER_ENDED', hasBegun: boolean): FlexEvent {
  demandOpen(event);
  demandNotBegun(event, hasBegun);
  const { isBound: _bound, ...rest } = event;
  return { ...rest, state: 'CANCELLED', reason };
}

/** Who promises what for an event, in both directions: more export or less import is `up` in the book. */
export function eventPromises(
  { aggregatorId, eventId }: Pick<FlexEvent, 'aggregatorId' | 'eventId'>,
  isps: readonly EventIsp[],
  priority: { readonly name: string; readonly rank: number },
): readonly BookedCommitment[] {
  const [first] = isps;
  const last = isps.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const slots = last.slot - first.slot + 1;
  const directions: readonly FlexDirection[] = ['reduce', 'increase'];
  return directions.flatMap((direction) => {
    const powers = new Map(
      isps.filter((isp) => isp.direction === direction).map(({ energyWh, slot }) => [slot, energyWh * quartersPerHour]),
    );
    const asked: PromiseAsked = {
      promiseId: eventId,
      purpose: 'flexibility',
      priorityClass: priority.name,
      rank: priority.rank,
      direction: direction === 'reduce' ? 'up' : 'down',
      counterpartyId: aggregatorId,
      firstSlot: first.slot,
      intervalSlots: 1,
      powersW: Array.from({ length: slots }, (_, index) => w(powers.get(addSlots(first.slot, index)) ?? 0n)),
    };
    return powers.size === 0 ? [] : commitmentParts(asked);
  });
}

/** What an enrolled asset can keep as flexibility: its band in both directions, whatever else its connection has promised. */
export function bandCapacity({ increaseMaxW, reduceMaxW }: Band): AssetCapacity {
  return { importMaxW: increaseMaxW, exportMaxW: reduceMaxW };
}

/** The first and the last slot of what is asked. */
export function spanOf(isps: readonly EventIsp[]): { readonly firstSlot: Slot; readonly lastSlot: Slot } {
  const [first] = isps;
  const last = isps.at(-1);
  if (first === undefined || last === undefined) {
    throw new RuleError('FLEX_EVENT_EMPTY');
  }
  return { firstSlot: first.slot, lastSlot: last.slot };
}
