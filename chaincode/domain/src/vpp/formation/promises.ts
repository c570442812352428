import { commitmentParts, type BookedCommitment } from '../../commitments/book';
import { addSlots, dayStart, type Slot } from '../../time';
import { holdSharePpm, promisedEnergyUnits } from '../../commitments/energy';
import { ppmWhole, w, type Ppm } from '../../units';
import type { AssetBands } from '../band/rows';
import { storageUnits } from '../coalition/prepare';
import { demand } from '../../errors';
import { limits } from '../../limits';
import { memberPromiseId, type CoalitionId } from './ids';
import { memberPowerW } from './coverage';
import type { AssetDuties, Coalition, CoalitionMember } from './rows';

/** The slots in which a member serves, with what it promises in each. */
export function memberSlots(
  coalition: Pick<Coalition, 'firstSlot' | 'stepSlots'>,
  member: CoalitionMember,
): readonly { readonly slot: Slot; readonly powerW: bigint }[] {
  const { firstSlot, stepSlots } = coalition;
  return Array.from({ length: member.powersW.length * stepSlots }, (_, index) => addSlots(firstSlot, index)).flatMap(
    (slot) => {
      const powerW = memberPowerW(coalition, member, slot);
      return powerW > 0n ? [{ slot, powerW }] : [];
    },
  );
}

/**
 * What a member promises in the book of its asset: active power, quarter hour by quarter hour, as `up` or `down`, both for a symmetric service.
 * Reactive power is no energy, and only keeps the asset from serving twice. It names no counterparty: a promise to keep a grid stable gives way to
 * no trade.
 */
export function memberPromises(
  coalition: Pick<Coalition, 'coalitionId' | 'direction' | 'firstSlot' | 'sliceSlots' | 'stepSlots' | 'terms'>,
  member: CoalitionMember,
  priority: { readonly name: string; readonly rank: number },
): readonly BookedCommitment[] {
  const slots = memberSlots(coalition, member);
  const [first] = slots;
  const last = slots.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const powers = new Map(slots.map(({ powerW, slot }) => [slot, powerW]));
  const powersW = Array.from({ length: last.slot - first.slot + 1 }, (_, index) =>
    w(powers.get(addSlots(first.slot, index)) ?? 0n),
  );
  return directionsOf(coalition.direction).flatMap((direction) =>
    commitmentParts({
      promiseId: memberPromiseId(coalition.coalitionId, member.assetId),
      purpose: 'vpp',
      priorityClass: priority.name,
      rank: priority.rank,
      direction,
      firstSlot: first.slot,
      intervalSlots: 1,
      powersW,
      ...holdOf(coalition),
    }),
  );
}

/** For which share of a slice a member can be called; absent where for all of it. */
function holdOf({ sliceSlots, terms }: Pick<Coalition, 'sliceSlots' | 'terms'>): { readonly holdPpm?: Ppm } {
  const holdPpm = holdSharePpm(terms.holdSlots, sliceSlots);
  return holdPpm < ppmWhole ? { holdPpm } : {};
}

/**
 * Refuses a promise with which a storage would need more than it had when its state was filed (COMMITMENTS_STORAGE): two plans that were made at
 * the same time may both have counted on it.
 *
 * @param book all that its asset has promised, with the new promise
 */
export function demandStored(
  book: readonly BookedCommitment[],
  { bands }: Pick<AssetBands, 'bands'>,
  atSlot: Slot,
): void {
  for (const direction of ['up', 'down'] as const) {
    const energyWh = bands.find((band) => band.direction === direction)?.energyWh;
    const isHeld = energyWh === undefined || promisedEnergyUnits(book, direction, atSlot) <= storageUnits(energyWh);
    demand(isHeld, 'COMMITMENTS_STORAGE', { direction, slot: atSlot });
  }
}

function directionsOf(direction: Coalition['direction']): readonly ('up' | 'down')[] {
  if (direction === 'symmetric') {
    return ['up', 'down'];
  }
  return direction === 'up' || direction === 'down' ? [direction] : [];
}

/**
 * The duties of an asset in a day with those of another coalition; refuses where it serves another one in one of the slots already
 * (VPP_MEMBER_TAKEN, B45).
 */
export function takeDuty(
  duties: AssetDuties['duties'],
  coalitionId: CoalitionId,
  slots: readonly Slot[],
  assetId: string,
): AssetDuties['duties'] {
  const wanted = new Set(slots);
  const taken = duties.find((duty) => duty.slots.some((slot) => wanted.has(slot)));
  demand(taken === undefined, 'VPP_MEMBER_TAKEN', { assetId, coalitionId: taken?.coalitionId ?? '' });
  demand(duties.length < limits.commitmentsPerDayMax, 'COMMITMENTS_TOO_MANY', { assetId });
  return slots.length === 0 ? duties : [...duties, { coalitionId, slots }];
}

/** The duties of an asset in a day without those that a coalition has from a slot on. */
export function dropDuty(
  duties: AssetDuties['duties'],
  coalitionId: CoalitionId,
  fromSlot: Slot,
): AssetDuties['duties'] {
  return duties.flatMap((duty) => {
    if (duty.coalitionId !== coalitionId) {
      return [duty];
    }
    const slots = duty.slots.filter((slot) => slot < fromSlot);
    return slots.length === 0 ? [] : [{ ...duty, slots }];
  });
}

/** The first slots of the UTC days in which a member serves. */
export function memberDays(
  coalition: Pick<Coalition, 'firstSlot' | 'stepSlots'>,
  member: CoalitionMember,
): readonly Slot[] {
  return [...new Set(memberSlots(coalition, member).map(({ slot }) => dayStart(slot)))];
}
