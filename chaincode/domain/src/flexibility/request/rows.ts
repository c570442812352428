import { object, oneOf, optional, type TypeOf } from '../../decode';
import { digestCodec, freeTextCodec } from '../../field-codecs';
import { participantIdCodec } from '../../ids';
import { slotCodec } from '../../time';
import { wCodec } from '../../units';
import { flexContractIdCodec, revisionCodec } from '../congestion/rows';
import { placeFields } from '../header';
import { flexRequestIdCodec } from '../ids';
import { flexDirectionCodec, runFields, runsCodec } from '../isps';

/**
 * What is asked for in a run of ISPs, in watts against the baseline: from `minW` to `maxW` in a direction. `requested` needs it;
 * `available` says what the grid can bear elsewhere in the day, and there up to `againstMaxW` in the other direction too (absent: none).
 */
export const requestRunCodec = object({
  ...runFields,
  disposition: oneOf('requested', 'available'),
  direction: flexDirectionCodec,
  minW: wCodec,
  maxW: wCodec,
  againstMaxW: optional(wCodec),
});
export const requestRunsCodec = runsCodec(requestRunCodec);
export type RequestRun = TypeOf<typeof requestRunCodec>;

/** The fields of a request that whoever requests writes. */
export const requestFields = {
  revision: revisionCodec,
  isps: requestRunsCodec,
  /** The slot from whose begin on it can not be answered any more. */
  answerBySlot: slotCodec,
  /** The bilateral contract whose reservation is called; absent for a request to all. */
  contractId: optional(flexContractIdCodec),
  serviceType: optional(freeTextCodec),
};

/** A request for flexibility at a congestion point on a local day. */
export const flexRequestCodec = object({
  requestId: flexRequestIdCodec,
  ...placeFields,
  ...requestFields,
  /** The producer who requests; absent where the system operator does. */
  requesterId: optional(participantIdCodec),
  state: oneOf('OPEN', 'CLOSED', 'EXPIRED', 'REVOKED'),
});
export type FlexRequest = TypeOf<typeof flexRequestCodec>;

/** The last request of one requester at a place: the next one has a higher revision and asks for something else. */
export const requestHeadCodec = object({ revision: revisionCodec, contentDigest: digestCodec });

/** Which requests there are at a congestion point. */
export const requestOfCodec = object({ requestId: flexRequestIdCodec });
