import { array, integer, object, oneOf, optional, type TypeOf } from '../decode';
import { elementIdCodec } from '../field-codecs';
import { assetIdCodec, participantIdCodec, promiseIdCodec } from '../ids';
import { limits } from '../limits';
import { slotCodec, slotsPerDay } from '../time';
import { microPerKwhCodec, ppmCodec, wCodec } from '../units';

/** What a promise is made for: orders of a market session, a contract between two, a flexibility event, a dispatch of a VPP. */
export const purposeCodec = oneOf('market', 'bilateral', 'flexibility', 'vpp');
export type Purpose = TypeOf<typeof purposeCodec>;

/** `up` is more export or less import, `down` is less export or more import. */
export const directionCodec = oneOf('up', 'down');
export type Direction = TypeOf<typeof directionCodec>;

/** Quarter hours of one interval of a promise. */
export const promiseIntervalSlotsCodec = oneOf(1, 2, 4);

/** A class of promises in a rule set: of two promises the one of the class with the higher rank comes first. */
export const priorityClassCodec = object({
  name: elementIdCodec,
  rank: integer(1, 99),
  purposes: array(purposeCodec, 4, 1),
});
export type PriorityClass = TypeOf<typeof priorityClassCodec>;

/**
 * What an asset has promised inside one UTC day: a power for each interval, 0 where nothing is promised. The parts of a promise over
 * several days have the same id. A promise whose intervals are all 0 stands for one that was released.
 */
export const commitmentCodec = object({
  /** The session, contract, event or dispatch. */
  promiseId: promiseIdCodec,
  purpose: purposeCodec,
  priorityClass: elementIdCodec,
  rank: integer(0, 99),
  direction: directionCodec,
  /** To whom; absent where it is the pool of a session. Only a promise to somebody can be displaced. */
  counterpartyId: optional(participantIdCodec),
  /** What is paid for the energy; absent where each interval of a session has its own price. */
  priceMicroPerKwh: optional(microPerKwhCodec),
  firstSlot: slotCodec,
  intervalSlots: promiseIntervalSlotsCodec,
  powersW: array(wCodec, slotsPerDay, 1),
  /** For which share of its time it can be called at most; absent: for all of it. A storage needs the energy of that share. */
  holdPpm: optional(ppmCodec),
});
export type Commitment = TypeOf<typeof commitmentCodec>;

/** All promises of one asset in one UTC day: the row of the book. */
export const commitmentDayCodec = object({
  assetId: assetIdCodec,
  /** The first slot of the day. */
  day: slotCodec,
  commitments: array(commitmentCodec, limits.commitmentsPerDayMax),
});
export type CommitmentDay = TypeOf<typeof commitmentDayCodec>;
