import { digestOf } from '../../digest';
import { demand } from '../../errors';
import type { TypeOf } from '../../decode';
import { periodOf, type FlexPlace } from '../header';
import { checkRuns } from '../isps';
import { requestRunsCodec, type FlexRequest, type requestHeadCodec, type RequestRun } from './rows';

/** The last request of a requester at a place. */
export type RequestHead = TypeOf<typeof requestHeadCodec>;

/**
 * Refuses ISPs outside the day or twice, one that is wanted without a direction (FLEX_REQUESTED_NO_DIRECTION), bounds the wrong way round or a
 * least power where nothing is wanted (FLEX_POWER_DISCREPANCY), one that is wanted with nothing (FLEX_ZERO_VOLUME), and a request in which
 * nothing is wanted (FLEX_LACKING_REQUESTED).
 */
export function checkRequest(isps: readonly RequestRun[], place: FlexPlace): void {
  checkRuns(isps, periodOf(place));
  for (const { againstMaxW, disposition, startSlot } of isps) {
    const hasDirection = disposition === 'available' || againstMaxW === undefined || againstMaxW === 0n;
    demand(hasDirection, 'FLEX_REQUESTED_NO_DIRECTION', { startSlot });
  }
  for (const { disposition, maxW, minW, startSlot } of isps) {
    demand(minW <= maxW && (disposition === 'requested' || minW === 0n), 'FLEX_POWER_DISCREPANCY', { startSlot });
  }
  for (const { disposition, maxW, startSlot } of isps) {
    demand(disposition === 'available' || maxW > 0n, 'FLEX_ZERO_VOLUME', { startSlot });
  }
  const isWanted = isps.some(({ disposition }) => disposition === 'requested');
  demand(isWanted, 'FLEX_LACKING_REQUESTED', { periodSlot: place.periodSlot });
}

/** Refuses a request that wants anything but more consumption: what a producer may ask for (FLEX_DIRECTION_REFUSED). */
export function demandIncrease(isps: readonly RequestRun[]): void {
  const other = isps.find(({ againstMaxW, direction }) => direction !== 'increase' || (againstMaxW ?? 0n) > 0n);
  demand(other === undefined, 'FLEX_DIRECTION_REFUSED', { startSlot: other?.startSlot ?? 0 });
}

/** What the next request of the same requester is compared with. */
export function requestHeadOf({ contractId, isps, revision }: FlexRequest): RequestHead {
  return { revision, contentDigest: digestOf({ contractId: contractId ?? null, isps: requestRunsCodec.encode(isps) }) };
}

/** Refuses a revision that is not above the last one (FLEX_REVISION_SUBORDINATE) and the same content again (FLEX_ALREADY_SUBMITTED). */
export function demandNewRequest(request: FlexRequest, last: RequestHead | undefined): void {
  const { contentDigest, revision } = requestHeadOf(request);
  demand(revision > (last?.revision ?? 0), 'FLEX_REVISION_SUBORDINATE', { revision });
  demand(contentDigest !== last?.contentDigest, 'FLEX_ALREADY_SUBMITTED', { revision });
}

/** Refuses a reference to a request that is revoked, expired on the ledger clock or closed. */
export function demandAnswerableRequest({ requestId, state }: FlexRequest, expiryHasBegun: boolean): void {
  demand(state !== 'EXPIRED' && !expiryHasBegun, 'FLEX_REFERENCE_EXPIRED', { requestId });
  demand(state !== 'REVOKED', 'FLEX_REFERENCE_REVOKED', { requestId });
  demand(state === 'OPEN', 'FLEX_REFERENCE_CLOSED', { requestId });
}

/** The request that its requester ends: `CLOSED` takes no more offers, `REVOKED` lets none of them be ordered either. */
export function endRequest(request: FlexRequest, state: 'CLOSED' | 'REVOKED'): FlexRequest {
  const { requestId } = request;
  const canEnd = request.state === 'OPEN' || (state === 'REVOKED' && request.state === 'CLOSED');
  demand(canEnd, 'FLEX_REFERENCE_CLOSED', { requestId });
  return { ...request, state };
}

/** The request after its expiry. Refuses one that is not open, or whose expiry has not begun (FLEX_NOT_EXPIRED). */
export function expireRequest(request: FlexRequest, expiryHasBegun: boolean): FlexRequest {
  const { answerBySlot, requestId } = request;
  demand(request.state === 'OPEN', 'FLEX_REFERENCE_CLOSED', { requestId });
  demand(expiryHasBegun, 'FLEX_NOT_EXPIRED', { answerBySlot });
  return { ...request, state: 'EXPIRED' };
}
