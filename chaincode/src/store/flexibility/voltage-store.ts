import {
  addSlots,
  limits,
  object,
  commandIdCodec,
  present,
  rowCodec,
  slot,
  voltageBudgetCodec,
  voltagePerformanceCodec,
  voltageSettlementCodec,
  voltageSupportCodec,
  type CommandId,
  type Slot,
  type VoltagePerformance,
  type VoltageSettlement,
  type VoltageSupport,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** What is set to support the voltage at a bus: written once. */
export const voltageSupports = new RowKeeper(rowCodec(voltageSupportCodec), keys.voltageSupport);
/** What support came to in a slot; written again where readings were corrected. */
export const voltagePerformances = new RowKeeper(rowCodec(voltagePerformanceCodec), keys.voltagePerformance);
/** What system operators have set aside for programmes of voltage support. */
export const voltageBudgets = new RowKeeper(rowCodec(voltageBudgetCodec), keys.voltageBudget);
/** The versions of the settlement of support, each written once. */
export const voltageSettlements = new RowKeeper(rowCodec(voltageSettlementCodec), keys.voltageSettlement);

const placeRow = rowCodec(object({ supportId: commandIdCodec }));
const supportPlaces = new RowKeeper(placeRow, keys.supportPlace);

/** The device that a support sets. */
export function deviceOf({ target }: Pick<VoltageSupport, 'target'>): string {
  return target.kind === 'asset' ? target.assetId : target.elementId;
}

/** Writes a support, and the row by which it is found at its bus. */
export function saveSupport(store: StoreSession, support: VoltageSupport): void {
  const { bus, firstSlot, gridId, supportId } = support;
  voltageSupports.save(store, support, supportId);
  supportPlaces.save(store, { supportId }, gridId, bus, firstSlot, supportId);
}

/** What is set at a bus in one of some slots. */
export async function loadSupports(
  store: StoreSession,
  gridId: string,
  bus: string,
  { firstSlot, slots }: { readonly firstSlot: Slot; readonly slots: number },
): Promise<readonly VoltageSupport[]> {
  const from = slot(Math.max(0, firstSlot - limits.eventSlotsMax + 1));
  const rows = await store.rangeOfRows(
    keys.supportPlacesFrom(gridId, bus, from),
    keys.supportPlacesFrom(gridId, bus, addSlots(firstSlot, slots)),
  );
  const found = await Promise.all(rows.map(({ row }) => voltageSupports.load(store, placeRow.decode(row).supportId)));
  return found
    .map((support) => present(support, 'A listed support exists.'))
    .filter((support) => support.firstSlot + support.slots > firstSlot);
}

/** What support was tracked with, slot by slot. */
export async function loadTracked(
  store: StoreSession,
  { firstSlot, slots, supportId }: VoltageSupport,
): Promise<readonly VoltagePerformance[]> {
  const lines = await Promise.all(
    Array.from({ length: slots }, (_, index) => voltagePerformances.load(store, supportId, addSlots(firstSlot, index))),
  );
  return lines.filter((line) => line !== undefined);
}

/** The last version of the settlement of support; undefined while it is not settled. */
export async function lastVoltageSettlement(
  store: StoreSession,
  supportId: CommandId,
): Promise<VoltageSettlement | undefined> {
  let last: VoltageSettlement | undefined;
  for (;;) {
    const next = await voltageSettlements.load(store, supportId, (last?.version ?? 0) + 1);
    if (next === undefined) {
      return last;
    }
    last = next;
  }
}
