import { greatest, least } from '../../math';
import { addSlots, type Slot } from '../../time';
import { ppmWhole, w, type W } from '../../units';
import type { Coalition, CoalitionMember, CoalitionSlice } from './rows';

/** What a member promises in a slot of its coalition; nothing once it has declined or left. */
export function memberPowerW(
  { firstSlot, stepSlots }: Pick<Coalition, 'firstSlot' | 'stepSlots'>,
  { consent, leftFromSlot, powersW }: Pick<CoalitionMember, 'consent' | 'leftFromSlot' | 'powersW'>,
  at: Slot,
): bigint {
  const hasLeft = leftFromSlot !== undefined && at >= leftFromSlot;
  if (consent === 'declined' || hasLeft || at < firstSlot) {
    return 0n;
  }
  return powersW[Math.floor((at - firstSlot) / stepSlots)] ?? 0n;
}

/** True where a member takes part: by its mandate or its signature, and as long as it has not left. */
export function servesPool({ consent }: Pick<CoalitionMember, 'consent'>): boolean {
  return consent === 'mandate' || consent === 'signed' || consent === 'left';
}

/** The slots of a slice in which steps begin, and the first one in any case. */
export function stepsOfCoalitionSlice(
  { sliceSlots, stepSlots }: Coalition,
  { firstSlot }: CoalitionSlice,
): readonly Slot[] {
  const steps = Math.max(1, Math.floor(sliceSlots / stepSlots));
  return Array.from({ length: steps }, (_, index) => addSlots(firstSlot, index * stepSlots));
}

/** The last slot in which a coalition offers something. */
export function lastServedSlot({ firstSlot, sliceSlots, slices }: Coalition): Slot {
  const served = slices.filter(({ offeredW }) => offeredW > 0n);
  return addSlots(served.at(-1)?.firstSlot ?? firstSlot, sliceSlots - 1);
}

/**
 * What those who take part can keep in a slice: in every step the firm share of their promises exceeds it by the margin, and enough of them are
 * on. At most what was planned, in steps of the bid, and nothing below the least bid.
 */
export function coveredW(coalition: Coalition, slice: CoalitionSlice, members: readonly CoalitionMember[]): W {
  const { bidMinW, bidStepW, marginPpm, membersMin } = coalition.terms;
  const taking = members.filter(servesPool);
  let keptW: bigint = slice.offeredW;
  for (const at of stepsOfCoalitionSlice(coalition, slice)) {
    const powers = taking.map((member) => ({ member, powerW: memberPowerW(coalition, member, at) }));
    const on = powers.filter(({ powerW }) => powerW > 0n);
    const firm = on.reduce((total, { member, powerW }) => total + powerW * member.firmPpm, 0n);
    keptW = on.length < membersMin ? 0n : least(keptW, firm / (ppmWhole + marginPpm));
  }
  const bidW = keptW - (keptW % greatest<bigint>(1n, bidStepW));
  return w(bidW < bidMinW ? 0n : bidW);
}

/** The slices with what those who take part can keep in each. */
export function coveredSlices(coalition: Coalition, members: readonly CoalitionMember[]): readonly CoalitionSlice[] {
  return coalition.slices.map((slice) => ({ ...slice, offeredW: coveredW(coalition, slice, members) }));
}

/** What has been delivered of what was asked of a member before, in millionths, the last first; its firm share where nothing is known. */
export interface MemberRecord {
  readonly firmPpm: bigint;
  readonly deliveredPpm: readonly bigint[];
}

/** How many cases the past is replayed in. */
const replays = 96;

/**
 * With which probability a power is kept, from what the members have delivered before: the past is replayed in 96 cases, in each of which every
 * member delivers the share of another of its samples; rounded down. The cases of different members are taken as they come, the last sample of
 * each together, so that what went wrong at the same time goes wrong together.
 */
export function keptProbabilityPpm(
  members: readonly { readonly powerW: bigint; readonly record: MemberRecord }[],
  bidW: bigint,
): bigint {
  let kept = 0n;
  for (let replay = 0; replay < replays; replay += 1) {
    const delivered = members.reduce((total, { powerW, record }) => {
      const { deliveredPpm, firmPpm } = record;
      return total + powerW * (deliveredPpm[replay % Math.max(1, deliveredPpm.length)] ?? firmPpm);
    }, 0n);
    kept += delivered >= bidW * ppmWhole ? 1n : 0n;
  }
  return (kept * ppmWhole) / BigInt(replays);
}
