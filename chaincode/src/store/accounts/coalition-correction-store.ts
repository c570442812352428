import {
  addSlots,
  compareText,
  correctionFromCoalition,
  dayStart,
  demand,
  imbalanceDeadline,
  isCalledAt,
  limits,
  present,
  rowCodec,
  settledDeliveryCodec,
  statementCoalition,
  type Coalition,
  type CoalitionId,
  type LineCoalition,
  type ParticipantId,
  type PoolDelivery,
  type RuleSet,
  type ServedCall,
  type Session,
  type SettledDelivery,
  type Slot,
  type StatementCoalition,
} from '@flexledger/domain';
import { hasBegun } from '../clock-store';
import { lastRemuneration } from '../vpp/remuneration-store';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';
import { assetDuties, coalitions, servingAssets } from '../vpp/formation-store';
import { operationKeys, operationPrefixes } from '../vpp/operation-keys';
import { loadActivations, poolDeliveries } from '../vpp/operation-store';

/** By what settled quarter hours have corrected positions, written once with their settlement. */
export const settledDeliveryRows = new RowKeeper(rowCodec(settledDeliveryCodec), operationKeys.settledDelivery);

/** A coalition that an asset of a participant serves, and when. */
export interface ServedCoalition {
  readonly coalitionId: CoalitionId;
  readonly slots: readonly Slot[];
}

/** What was delivered in a slot for coalitions, and which of them were called there. */
export interface DeliveredForCoalitions {
  readonly coalitions: readonly LineCoalition[];
  readonly calls: readonly ServedCall[];
}

/** The coalitions that assets of a participant serve in the days of some slots; nothing is read where the rule set has no virtual power plants. */
export async function loadServed(
  store: StoreSession,
  { vpp }: Pick<RuleSet, 'vpp'>,
  participantId: ParticipantId,
  fromSlot: Slot,
  toSlot: Slot,
): Promise<readonly ServedCoalition[]> {
  if (vpp === undefined) {
    return [];
  }
  const days = [...new Set([dayStart(fromSlot), dayStart(toSlot)])];
  const rows = await Promise.all(
    days.map(async (day) => {
      const serving = await servingAssets.list(store, operationPrefixes.servingAssets(participantId, day));
      return Promise.all(serving.map(({ assetId }) => assetDuties.load(store, assetId, day)));
    }),
  );
  return rows.flat().flatMap((row) => row?.duties ?? []);
}

/** A coalition with the slots of calls, as far as settlement asks for them. */
interface CalledSlot {
  readonly coalition: Coalition;
  readonly isCalled: boolean;
  readonly delivery: PoolDelivery | undefined;
}

/** What coalitions delivered, slot by slot. Members of one coalition are settled together, so each of its rows is read once. */
export class CoalitionDeliveries {
  private readonly slots = new Map<string, Promise<CalledSlot>>();
  private readonly activations = new Map<string, ReturnType<typeof loadActivations>>();

  public constructor(private readonly store: StoreSession) {}

  /**
   * What a participant delivered in a slot. Refuses with ACCOUNTS_COALITION_OPEN while it is not verified; from the deadline of imbalance prices on
   * that counts for nothing, so that nobody's settlement waits for ever.
   */
  public async settledOf(
    participantId: ParticipantId,
    served: readonly ServedCoalition[],
    at: Slot,
  ): Promise<DeliveredForCoalitions> {
    const called = await this.calledAt(served, at);
    const open = called.find(({ delivery }) => delivery === undefined)?.coalition.coalitionId;
    if (open !== undefined) {
      const isTooLate = await hasBegun(this.store, imbalanceDeadline(at));
      demand(isTooLate, 'ACCOUNTS_COALITION_OPEN', { coalitionId: open, participantId, slot: at });
    }
    const calls = called.map(({ coalition: { coalitionId } }) => ({ coalitionId, participantId }));
    return { coalitions: delivered(called, participantId), calls };
  }

  /** What of it has been verified so far; for evaluates. */
  public async verifiedOf(
    participantId: ParticipantId,
    served: readonly ServedCoalition[],
    at: Slot,
  ): Promise<readonly LineCoalition[]> {
    return delivered(await this.calledAt(served, at), participantId);
  }

  private async calledAt(served: readonly ServedCoalition[], at: Slot): Promise<readonly CalledSlot[]> {
    const ids = served.filter(({ slots }) => slots.includes(at)).map(({ coalitionId }) => coalitionId);
    const slots = await Promise.all(
      [...new Set(ids)].sort(compareText).map((coalitionId) => this.slotOf(coalitionId, at)),
    );
    return slots.filter(({ isCalled }) => isCalled);
  }

  private slotOf(coalitionId: CoalitionId, at: Slot): Promise<CalledSlot> {
    const key = `${coalitionId} ${at}`;
    const known = this.slots.get(key) ?? this.loadSlot(coalitionId, at);
    this.slots.set(key, known);
    return known;
  }

  private async loadSlot(coalitionId: CoalitionId, at: Slot): Promise<CalledSlot> {
    const coalition = present(await coalitions.load(this.store, coalitionId), 'A coalition that is served exists.');
    const activations = coalition.terms.settledBy === 'telemetry' ? [] : await this.activationsOf(coalitionId);
    const isCalled = isCalledAt(coalition, activations, at);
    const delivery = isCalled ? await poolDeliveries.load(this.store, coalitionId, at) : undefined;
    return { coalition, isCalled, delivery };
  }

  private activationsOf(coalitionId: CoalitionId): ReturnType<typeof loadActivations> {
    const known = this.activations.get(coalitionId) ?? loadActivations(this.store, coalitionId);
    this.activations.set(coalitionId, known);
    return known;
  }
}

function delivered(called: readonly CalledSlot[], participantId: ParticipantId): readonly LineCoalition[] {
  return called.flatMap(({ coalition, delivery }) => {
    const correction = delivery === undefined ? undefined : correctionFromCoalition(coalition, delivery, participantId);
    return correction === undefined ? [] : [correction];
  });
}

/** What coalitions were worth in which assets of a participant served in the days of a session; for evaluates. */
export async function explainCoalitions(
  store: StoreSession,
  {
    firstSlot,
    intervalSlots,
    intervals,
    ruleSet,
  }: Pick<Session, 'firstSlot' | 'intervalSlots' | 'intervals' | 'ruleSet'>,
  participantId: ParticipantId,
): Promise<readonly StatementCoalition[]> {
  const endSlot = addSlots(firstSlot, intervals * intervalSlots);
  const served = await loadServed(store, ruleSet, participantId, firstSlot, addSlots(endSlot, -1));
  const within = served.filter(({ slots }) => slots.some((at) => at >= firstSlot && at < endSlot));
  const ids = [...new Set(within.map(({ coalitionId }) => coalitionId))].sort(compareText);
  return Promise.all(
    ids.slice(0, limits.coalitionsPerStatementMax).map(async (coalitionId) => {
      const coalition = present(await coalitions.load(store, coalitionId), 'A coalition that is served exists.');
      return statementCoalition(coalition, await lastRemuneration(store, coalitionId), participantId);
    }),
  );
}

/** Writes by what a settled slot has corrected positions. */
export function saveSettledDeliveries(store: StoreSession, rows: readonly SettledDelivery[]): void {
  for (const row of rows) {
    settledDeliveryRows.save(store, row, row.coalitionId, row.slot, row.sessionId, row.bucket);
  }
}
