import {
  addSlots,
  memberPowerW,
  servesPool,
  type Coalition,
  type CoalitionMember,
  type MemberMeasured,
  type MeterId,
  type MeterTotal,
  type Profile,
  type Slot,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadEventReadings } from '../../store/flexibility/event-store';
import { loadProfile } from '../../store/metering/meter-store';
import { loadReadingAt } from '../../store/metering/reading-queries';
import { loadMembers } from '../../store/vpp/formation-store';
import { memberSchedules } from '../../store/vpp/operation-store';

const minutesPerSlot = 15;

/** What a meter counted in a slot: given less taken, and both together. */
interface Counted {
  readonly netWh: bigint;
  readonly grossWh: bigint;
  readonly isFlagged: boolean;
}

/** Reads what a meter counted in some slots; undefined where it was silent. */
export type MeterReader = (
  context: GridContext,
  meterId: MeterId,
  slots: readonly Slot[],
) => Promise<readonly (Counted | undefined)[]>;

/** Active energy, from the totals on the channel. */
export const readActive: MeterReader = async ({ session }, meterId, slots) => {
  const ordered = [...slots].sort((left, right) => left - right);
  const [first] = ordered;
  const last = ordered.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  const readings = await loadEventReadings(session, [meterId], first, last);
  return slots.map((slot) => countedActive(readings.totalsAt(slot)[0]));
};

function countedActive(total: MeterTotal | undefined): Counted | undefined {
  if (total === undefined || total.quality === 'MISSING') {
    return undefined;
  }
  const { exportWh, importWh, quality } = total;
  return { netWh: exportWh - importWh, grossWh: exportWh + importWh, isFlagged: quality !== 'OK' };
}

/** Reactive energy, from the profiles in the collection; in varh. */
export const readReactive: MeterReader = ({ session }, meterId, slots) =>
  Promise.all(
    slots.map(async (slot) => {
      const reading = await loadReadingAt(session, meterId, slot);
      const profile = reading === undefined ? undefined : await loadProfile(session, reading);
      const quality = reading?.quality[slot - reading.startSlot] ?? 'MISSING';
      return quality === 'MISSING' ? undefined : countedReactive(profile, slot, quality !== 'OK');
    }),
  );

function countedReactive(profile: Profile | undefined, slot: Slot, isFlagged: boolean): Counted | undefined {
  const { reactiveExportVarh, reactiveImportVarh } = profile ?? {};
  if (profile === undefined || reactiveExportVarh === undefined || reactiveImportVarh === undefined) {
    return undefined;
  }
  const valuesPerSlot = Math.max(1, Math.floor(minutesPerSlot / profile.resolutionMinutes));
  const start = (slot - profile.startSlot) * valuesPerSlot;
  const total = (values: readonly bigint[]) =>
    values.slice(start, start + valuesPerSlot).reduce((sum, value) => sum + value, 0n);
  const [given, taken] = [total(reactiveExportVarh), total(reactiveImportVarh)];
  return { netWh: given - taken, grossWh: given + taken, isFlagged };
}

/**
 * The pool of a slot: the members that promise something in it, with what their meters counted and what they would have counted: their declared
 * schedule, or else what they counted in a slot before the call.
 */
export async function measurePool(
  context: GridContext,
  coalition: Coalition,
  at: Slot,
  referenceSlot: Slot,
  read: MeterReader,
): Promise<readonly MemberMeasured[]> {
  const members = await loadMembers(context.session, coalition.coalitionId);
  const pool = members.filter((member) => servesPool(member) && memberPowerW(coalition, member, at) > 0n);
  return Promise.all(pool.map((member) => measureMember(context, coalition, member, { at, referenceSlot, read })));
}

async function measureMember(
  context: GridContext,
  coalition: Coalition,
  member: CoalitionMember,
  { at, read, referenceSlot }: { readonly at: Slot; readonly referenceSlot: Slot; readonly read: MeterReader },
): Promise<MemberMeasured> {
  const { assetId, coalitionId, meterId } = member;
  const schedule = await memberSchedules.load(context.session, coalitionId, assetId);
  const declared = schedule?.slots[at - schedule.firstSlot];
  const [now, before] = await read(context, meterId, declared === undefined ? [at, referenceSlot] : [at]);
  const baselineNetWh = declared === undefined ? before?.netWh : declared.exportWh - declared.importWh;
  return {
    member,
    ...countedAgainst(now, baselineNetWh),
    isFlagged: [now, before].some((one) => one?.isFlagged === true),
    promisedW: memberPowerW(coalition, member, at),
  };
}

/** What was counted beside its baseline; without one of the two nothing is measured. */
function countedAgainst(
  now: Counted | undefined,
  baselineNetWh: bigint | undefined,
): Pick<MemberMeasured, 'netWh' | 'baselineNetWh' | 'grossWh'> {
  return now === undefined || baselineNetWh === undefined
    ? { netWh: undefined, baselineNetWh: baselineNetWh ?? 0n, grossWh: now?.grossWh ?? 0n }
    : { netWh: now.netWh, baselineNetWh, grossWh: now.grossWh };
}

/** The slot before one; the first slot of all has none before it. */
export function slotBeforeCall(at: Slot): Slot {
  return at === 0 ? at : addSlots(at, -1);
}
