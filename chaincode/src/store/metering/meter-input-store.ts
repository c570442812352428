import {
  meterInputAt,
  present,
  type Amendment,
  type MeterId,
  type MeterInput,
  type ParticipantId,
  type Reading,
  type Slot,
} from '@flexledger/domain';
import { loadAmendments } from './amendment-store';
import { loadReadings } from './chain-store';
import { prefixes } from '../keys';
import { meters, participantMeters } from '../registry/registry-store';
import type { StoreSession } from '../session';

/** A meter and what it told of some slots. */
export interface LoadedMeter {
  readonly meterId: MeterId;
  readonly firstSlot: Slot;
  readonly bus: string;
  readonly readings: readonly Reading[];
  readonly amendments: readonly Amendment[];
}

/** The meters of a participant and what they told of the slots from first to last. */
export async function loadMeters(
  store: StoreSession,
  participantId: ParticipantId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly LoadedMeter[]> {
  const owned = await participantMeters.list(store, prefixes.metersOf(participantId));
  return Promise.all(owned.map(({ meterId }) => loadMeter(store, meterId, fromSlot, toSlot)));
}

async function loadMeter(store: StoreSession, meterId: MeterId, fromSlot: Slot, toSlot: Slot): Promise<LoadedMeter> {
  const meter = present(await meters.load(store, meterId), 'An owned meter is registered.');
  const [readings, amendments] = await Promise.all([
    loadReadings(store, meterId, fromSlot, toSlot),
    loadAmendments(store, meterId, fromSlot, toSlot),
  ]);
  return { meterId, bus: meter.bus, firstSlot: meter.firstSlot, readings, amendments };
}

/** What the meters of a participant told of a slot; those that came later count for nothing. */
export function meterInputsOf(loaded: readonly LoadedMeter[], slot: Slot): readonly MeterInput[] {
  return loaded
    .filter((meter) => meter.firstSlot <= slot)
    .map((meter) => meterInputAt(meter.meterId, meter.readings, meter.amendments, slot));
}

/** What the meters of a participant told of a slot, each with its bus. */
export function busMetersOf(
  loaded: readonly LoadedMeter[],
  slot: Slot,
): readonly { readonly bus: string; readonly input: MeterInput }[] {
  return loaded.flatMap((meter) => meterInputsOf([meter], slot).map((input) => ({ bus: meter.bus, input })));
}
