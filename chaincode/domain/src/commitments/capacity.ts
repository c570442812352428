import { ppmWhole, type Ppm, type W, type Wh } from '../units';
import { addSlots, type Slot } from '../time';
import type { BookedCommitment } from './book';
import type { Direction } from './rows';

/** What an asset takes or gives in a slot by a schedule outside the book, such as a forecast or a purchase. */
export interface ScheduledPower {
  readonly importW: W;
  readonly exportW: W;
}

/** What a storage can hold and holds when the first promise of the horizon begins. Shares say what charging and discharging leave. */
export interface StorageState {
  readonly storedWh: Wh;
  readonly capacityWh: Wh;
  readonly chargePpm: Ppm;
  readonly dischargePpm: Ppm;
}

/** What an asset can keep: its power in both directions, its schedule by slot and, where it is a storage, its energy. */
export interface AssetCapacity {
  readonly importMaxW: W;
  readonly exportMaxW: W;
  readonly scheduled?: ReadonlyMap<Slot, ScheduledPower>;
  readonly storage?: StorageState;
}

/** The first slot in which an asset cannot keep its promises, and why. */
export interface Misfit {
  readonly slot: Slot;
  readonly direction: Direction;
  readonly cause: 'power' | 'energy';
}

/** The promises of one slot and direction, in W: `fixed` moves the position, `sealed` may come to move it, `options` deviate from it. */
interface Load {
  fixed: bigint;
  sealed: bigint;
  options: bigint;
}

interface SlotLoad {
  readonly slot: Slot;
  readonly up: Load;
  readonly down: Load;
  readonly scheduled: ScheduledPower | undefined;
}

/**
 * The first slot in which the promises exceed the asset, or undefined where they fit. In each direction:
 *
 * - what is sold (market, bilateral) fits beside the schedule, with nothing that is bought or curtailed taken off: schedule + sold <= limit;
 * - what may be called (flexibility, VPP) fits from the position that the sales make: schedule + sold - promised the other way for good +
 *   callable <= limit. So sold output can be curtailed, and nothing can be curtailed or sold twice;
 * - a storage that delivers everything promised up and is called for nothing down never runs empty, and the other way round never
 *   runs over, in every slot of the horizon.
 */
export function findMisfit(book: readonly BookedCommitment[], capacity: AssetCapacity): Misfit | undefined {
  const loads = loadsOf(book, capacity);
  const power = loads.map((load) => powerMisfit(load, capacity)).find((misfit) => misfit !== undefined);
  return power ?? (capacity.storage === undefined ? undefined : energyMisfit(loads, capacity.storage));
}

function loadsOf(book: readonly BookedCommitment[], capacity: AssetCapacity): readonly SlotLoad[] {
  const bySlot = new Map<Slot, { readonly up: Load; readonly down: Load }>();
  const at = (slot: Slot) => {
    const known = bySlot.get(slot);
    const load = known ?? { up: { fixed: 0n, sealed: 0n, options: 0n }, down: { fixed: 0n, sealed: 0n, options: 0n } };
    bySlot.set(slot, load);
    return load;
  };
  for (const entry of book) {
    const kind = kindOf(entry);
    for (const [index, powerW] of entry.powersW.entries()) {
      for (let quarter = 0; quarter < entry.intervalSlots && powerW > 0n; quarter += 1) {
        at(addSlots(entry.firstSlot, index * entry.intervalSlots + quarter))[entry.direction][kind] += powerW;
      }
    }
  }
  for (const slot of capacity.scheduled?.keys() ?? []) {
    at(slot);
  }
  return [...bySlot]
    .map(([slot, load]) => ({ slot, ...load, scheduled: capacity.scheduled?.get(slot) }))
    .sort((left, right) => left.slot - right.slot);
}

function kindOf({ purpose, sealed }: BookedCommitment): keyof Load {
  if (purpose === 'flexibility' || purpose === 'vpp') {
    return 'options';
  }
  return sealed === true ? 'sealed' : 'fixed';
}

function powerMisfit({ down, scheduled, slot, up }: SlotLoad, capacity: AssetCapacity): Misfit | undefined {
  const netExportW = (scheduled?.exportW ?? 0n) - (scheduled?.importW ?? 0n);
  if (exceeds(netExportW, up, down, capacity.exportMaxW)) {
    return { slot, direction: 'up', cause: 'power' };
  }
  return exceeds(-netExportW, down, up, capacity.importMaxW) ? { slot, direction: 'down', cause: 'power' } : undefined;
}

function exceeds(scheduledW: bigint, along: Load, against: Load, limitW: bigint): boolean {
  const soldW = scheduledW + along.fixed + along.sealed;
  const sells = along.fixed + along.sealed > 0n;
  const calls = along.options > 0n;
  return (sells && soldW > limitW) || (calls && soldW - against.fixed + along.options > limitW);
}

/** Energies are counted in W × quarter hours, times both efficiencies, so that nothing is ever rounded. */
function energyMisfit(loads: readonly SlotLoad[], storage: StorageState): Misfit | undefined {
  const { capacityWh, chargePpm, dischargePpm, storedWh } = storage;
  const scale = 4n * ppmWhole * dischargePpm;
  let lowest = storedWh * scale;
  let highest = lowest;
  for (const { down, scheduled, slot, up } of loads) {
    const importW = down.fixed + (scheduled?.importW ?? 0n);
    const exportW = up.fixed + (scheduled?.exportW ?? 0n);
    lowest += charged(importW) - drained(exportW + up.sealed + up.options);
    highest += charged(importW + down.sealed + down.options) - drained(exportW);
    if (lowest < 0n) {
      return { slot, direction: 'up', cause: 'energy' };
    }
    if (highest > capacityWh * scale) {
      return { slot, direction: 'down', cause: 'energy' };
    }
  }
  return undefined;

  function charged(powerW: bigint): bigint {
    return powerW * chargePpm * dischargePpm;
  }
  function drained(powerW: bigint): bigint {
    return powerW * ppmWhole * ppmWhole;
  }
}
