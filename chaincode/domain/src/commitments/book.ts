import { demand, RuleError } from '../errors';
import type { AssetId, ParticipantId, PromiseId } from '../ids';
import { limits } from '../limits';
import { addSlots, dayStart, type Slot } from '../time';
import { w, type MicroPerKwh, type Ppm, type W } from '../units';
import { findMisfit, type AssetCapacity, type Misfit } from './capacity';
import type { Commitment, Direction, Purpose } from './rows';

/** A promise in the book. One that stands under the seal of an order counts against its own direction and is room for nothing. */
export interface BookedCommitment extends Commitment {
  readonly sealed?: boolean;
}

/** A promise as it is asked for, over any number of days. */
export interface PromiseAsked {
  readonly promiseId: PromiseId;
  readonly purpose: Purpose;
  readonly priorityClass: string;
  readonly rank: number;
  readonly direction: Direction;
  readonly counterpartyId?: ParticipantId;
  readonly priceMicroPerKwh?: MicroPerKwh;
  readonly firstSlot: Slot;
  readonly intervalSlots: Commitment['intervalSlots'];
  readonly powersW: readonly W[];
  readonly holdPpm?: Ppm;
}

/** An interval of a promise that gave way to another one. */
export interface DisplacedInterval {
  readonly promiseId: PromiseId;
  readonly firstSlot: Slot;
  readonly intervalSlots: number;
  readonly powerW: W;
}

/** The asset of who sells without a registered one: its connection. */
export function connectionAssetId(participantId: ParticipantId): AssetId {
  return participantId as string as AssetId;
}

/** A promise day by day, as its rows hold it: an interval never crosses midnight. */
export function commitmentParts(asked: PromiseAsked): readonly Commitment[] {
  const parts: { firstSlot: Slot; powersW: W[] }[] = [];
  for (const [index, powerW] of asked.powersW.entries()) {
    const firstSlot = addSlots(asked.firstSlot, index * asked.intervalSlots);
    const last = parts.at(-1);
    if (last === undefined || dayStart(last.firstSlot) !== dayStart(firstSlot)) {
      parts.push({ firstSlot, powersW: [powerW] });
    } else {
      last.powersW.push(powerW);
    }
  }
  return parts.map((part) => ({ ...asked, ...part }));
}

/** Intervals that follow each other. */
export interface Intervals {
  readonly firstSlot: Slot;
  readonly intervalSlots: number;
  readonly intervals: number;
}

/** The first slots of the days in which some intervals lie. */
export function daysOf({ firstSlot, intervalSlots, intervals }: Intervals): readonly Slot[] {
  const starts = Array.from({ length: intervals }, (_, index) => dayStart(addSlots(firstSlot, index * intervalSlots)));
  return [...new Set(starts)];
}

/** True where an asset can keep all these promises. */
export function fits(book: readonly BookedCommitment[], capacity: AssetCapacity): boolean {
  return findMisfit(book, capacity) === undefined;
}

/**
 * Adds a promise to an asset's book, or refuses: COMMITMENTS_PROMISE_EXISTS, COMMITMENTS_TOO_MANY, COMMITMENTS_CAPACITY or
 * COMMITMENTS_STORAGE.
 */
export function reserve(
  book: readonly BookedCommitment[],
  parts: readonly BookedCommitment[],
  capacity: AssetCapacity,
): readonly BookedCommitment[] {
  const reserved = admit(book, parts);
  refuse(findMisfit(reserved, capacity));
  return reserved;
}

/**
 * Takes a promise out of an asset's book, or refuses: COMMITMENTS_PROMISE_UNKNOWN, or COMMITMENTS_CAPACITY or COMMITMENTS_STORAGE where
 * another promise stands on it, such as an offer to curtail the output that was sold.
 */
export function release(
  book: readonly BookedCommitment[],
  promiseId: PromiseId,
  capacity: AssetCapacity,
): readonly BookedCommitment[] {
  const rest = book.filter((entry) => entry.promiseId !== promiseId);
  demand(rest.length < book.length, 'COMMITMENTS_PROMISE_UNKNOWN', { promiseId });
  refuse(findMisfit(rest, capacity));
  return rest;
}

/**
 * Adds a promise and takes what it needs from promises of lower rank: whole intervals that have not begun, the lowest rank first, then the
 * lowest price, then the greatest promise id. What is promised to nobody by name, what is sealed and what has begun stays. Refuses as
 * `reserve` does where that is not enough; then nothing is displaced.
 *
 * @param notBegunFrom a slot from which on no slot has begun on the ledger clock
 */
export function displace(
  book: readonly BookedCommitment[],
  parts: readonly BookedCommitment[],
  capacity: AssetCapacity,
  notBegunFrom: Slot,
): { readonly book: readonly BookedCommitment[]; readonly displaced: readonly DisplacedInterval[] } {
  const rank = parts[0]?.rank ?? 0;
  const displaced: DisplacedInterval[] = [];
  let changed = admit(book, parts);
  for (let misfit = findMisfit(changed, capacity); misfit !== undefined; misfit = findMisfit(changed, capacity)) {
    const weakest = candidatesOf(changed, misfit, rank, notBegunFrom).sort(byWeakness)[0];
    if (weakest === undefined) {
      throw refusalOf(misfit);
    }
    displaced.push(intervalOf(weakest));
    changed = changed.map((entry) => (entry === weakest.entry ? without(entry, weakest.index) : entry));
  }
  return { book: changed, displaced };
}

/** Takes intervals out of a promise that gave way elsewhere; refuses as `release` does where another promise stands on them. */
export function cutIntervals(
  book: readonly BookedCommitment[],
  promiseId: PromiseId,
  firstSlots: readonly Slot[],
  capacity: AssetCapacity,
): readonly BookedCommitment[] {
  const rest = book.map((entry) =>
    entry.promiseId !== promiseId
      ? entry
      : {
          ...entry,
          powersW: entry.powersW.map((powerW, index) =>
            firstSlots.includes(addSlots(entry.firstSlot, index * entry.intervalSlots)) ? w(0n) : powerW,
          ),
        },
  );
  refuse(findMisfit(rest, capacity));
  return rest;
}

interface Candidate {
  readonly entry: BookedCommitment;
  readonly index: number;
  readonly firstSlot: Slot;
}

function admit(book: readonly BookedCommitment[], parts: readonly BookedCommitment[]): readonly BookedCommitment[] {
  const known = parts.find((part) => book.some((entry) => entry.promiseId === part.promiseId));
  demand(known === undefined, 'COMMITMENTS_PROMISE_EXISTS', { promiseId: known?.promiseId ?? '' });
  const full = parts.find((part) => countOfDay(book, part) >= limits.commitmentsPerDayMax);
  demand(full === undefined, 'COMMITMENTS_TOO_MANY', { commitmentsMax: limits.commitmentsPerDayMax });
  return [...book, ...parts];
}

function countOfDay(book: readonly BookedCommitment[], part: BookedCommitment): number {
  return book.filter((entry) => dayStart(entry.firstSlot) === dayStart(part.firstSlot)).length;
}

function refuse(misfit: Misfit | undefined): void {
  if (misfit !== undefined) {
    throw refusalOf(misfit);
  }
}

function refusalOf({ cause, direction, slot }: Misfit): RuleError {
  return new RuleError(cause === 'power' ? 'COMMITMENTS_CAPACITY' : 'COMMITMENTS_STORAGE', { direction, slot });
}

/** The intervals that may give way: a power is short in one slot, an energy in everything up to it. */
function candidatesOf(
  book: readonly BookedCommitment[],
  misfit: Misfit,
  rank: number,
  notBegunFrom: Slot,
): Candidate[] {
  const weaker = book.filter(
    (entry) =>
      entry.direction === misfit.direction &&
      entry.rank < rank &&
      entry.counterpartyId !== undefined &&
      entry.sealed !== true,
  );
  return weaker.flatMap((entry) =>
    entry.powersW.flatMap((powerW, index) => {
      const firstSlot = addSlots(entry.firstSlot, index * entry.intervalSlots);
      const helps = misfit.cause === 'energy' || firstSlot + entry.intervalSlots > misfit.slot;
      const concerned = powerW > 0n && firstSlot >= notBegunFrom && firstSlot <= misfit.slot && helps;
      return concerned ? [{ entry, index, firstSlot }] : [];
    }),
  );
}

function byWeakness(left: Candidate, right: Candidate): number {
  const price = (entry: BookedCommitment): bigint => entry.priceMicroPerKwh ?? 0n;
  if (left.entry.rank !== right.entry.rank) {
    return left.entry.rank - right.entry.rank;
  }
  if (price(left.entry) !== price(right.entry)) {
    return price(left.entry) < price(right.entry) ? -1 : 1;
  }
  if (left.entry.promiseId !== right.entry.promiseId) {
    return left.entry.promiseId > right.entry.promiseId ? -1 : 1;
  }
  return right.firstSlot - left.firstSlot;
}

function intervalOf({ entry, firstSlot, index }: Candidate): DisplacedInterval {
  const { intervalSlots, powersW, promiseId } = entry;
  return { promiseId, firstSlot, intervalSlots, powerW: powersW[index] ?? w(0n) };
}

function without(entry: BookedCommitment, index: number): BookedCommitment {
  return { ...entry, powersW: entry.powersW.map((powerW, at) => (at === index ? w(0n) : powerW)) };
}
