import {
  addSlots,
  coversSlot,
  curtailmentInputsOf,
  deliveryOf,
  microPerKwh,
  slotPositionOf,
  slotRange,
  type Delivery,
  type FlexEvent,
  type IntervalPrices,
  type DeliveredElsewhere,
  type Participant,
  type ParticipantId,
  type Position,
  type RuleSet,
  type Session,
  type Slot,
  type SlotPosition,
} from '@flexledger/domain';
import { loadContractOutcomes, withOutcome } from '../market/contract-delivery-store';
import { CoalitionDeliveries, loadServed, type ServedCoalition } from './coalition-correction-store';
import { loadEventsIn, loadTracked } from './flex-correction-store';
import { sessionIntervals, sessions } from '../market/market-store';
import { busMetersOf, loadMeters, meterInputsOf } from '../metering/meter-input-store';
import { firstStart, loadOtherPositions, positions } from '../market/position-store';
import type { StoreSession } from '../session';
import { holdingIn, loadSetPointsBetween } from '../market/set-point-store';

/** Delivery is told in energy: what is paid for it is settlement's. */
const noPrices: IntervalPrices = {
  outcome: undefined,
  grid: undefined,
  ruleSet: { feedInPriceMicroPerKwh: microPerKwh(0n) },
};

/** Plan against meters of a participant in some slots of a grid, by the rules in force; for evaluates. */
export async function loadDeliveries(
  store: StoreSession,
  ruleSet: RuleSet,
  { kind, participantId }: Participant,
  gridId: string,
  fromSlot: Slot,
  slots: number,
): Promise<readonly Delivery[]> {
  const last = addSlots(fromSlot, slots - 1);
  const everybody = { first: participantId, last: participantId };
  const [dayAhead, others, meters, limited, events, served] = await Promise.all([
    loadDayAhead(store, participantId, gridId, fromSlot, last),
    loadOtherPositions(store, gridId, everybody, fromSlot, last),
    loadMeters(store, participantId, fromSlot, last),
    loadSetPointsBetween(store, participantId, fromSlot, last),
    loadEventsIn(store, ruleSet, participantId, fromSlot, last),
    loadServed(store, ruleSet, participantId, fromSlot, last),
  ]);
  const ofGrid = limited.filter(({ limitation }) => limitation.gridId === gridId);
  return Promise.all(
    slotRange(fromSlot, slots).map(async (at) => {
      const contracted = await loadContracted(store, gridId, at, others);
      const plan = [...dayAhead.map(slotPositionOf), ...contracted];
      const curtailments = curtailmentInputsOf(holdingIn(ofGrid, at), busMetersOf(meters, at), noPrices);
      const elsewhere = await loadElsewhere(store, { participantId, gridId, at, events, served });
      return deliveryOf(at, plan, kind === 'supplier', meterInputsOf(meters, at), curtailments, elsewhere);
    }),
  );
}

interface ElsewhereAsked {
  readonly participantId: ParticipantId;
  readonly gridId: string;
  readonly at: Slot;
  readonly events: readonly FlexEvent[];
  readonly served: readonly ServedCoalition[];
}

/** What was delivered elsewhere, as far as that is known; it corrects positions only under a session whose rule set has it. */
async function loadElsewhere(
  store: StoreSession,
  { at, events, gridId, participantId, served }: ElsewhereAsked,
): Promise<DeliveredElsewhere> {
  const flexibility = await loadTracked(store, events, at);
  const coalitions = await new CoalitionDeliveries(store).verifiedOf(participantId, served, at);
  const isNothing = flexibility.length + coalitions.length === 0;
  const rules = isNothing ? undefined : (await loadAnchor(store, gridId, at))?.ruleSet;
  return {
    ...(rules?.flexibility === undefined || flexibility.length === 0 ? {} : { flexibility }),
    ...(rules?.vpp === undefined || coalitions.length === 0 ? {} : { coalitions }),
  };
}

/** Positions beside day-ahead ones with what contracts come to in a slot, as settled or as settlement would make it now. */
async function loadContracted(
  store: StoreSession,
  gridId: string,
  at: Slot,
  others: readonly Position[],
): Promise<readonly SlotPosition[]> {
  const covering = others.map(slotPositionOf).filter((position) => coversSlot(position, at));
  const session = covering.length === 0 ? undefined : await loadAnchor(store, gridId, at);
  if (session === undefined) {
    return covering;
  }
  const outcomes = await loadContractOutcomes(store, { session, run: 1, slot: at }, others);
  return covering.map((position) => withOutcome(position, outcomes));
}

/** The day-ahead session with which a slot is settled. */
export async function loadAnchor(store: StoreSession, gridId: string, at: Slot): Promise<Session | undefined> {
  const starts = slotRange(firstStart(at), at - firstStart(at) + 1);
  for (const start of starts) {
    const claim = await sessionIntervals.load(store, gridId, 'day-ahead', start);
    const session = claim === undefined ? undefined : await sessions.load(store, claim.sessionId);
    if (session !== undefined && at < start + session.intervalSlots) {
      return session;
    }
  }
  return undefined;
}

/** The day-ahead positions of a participant that touch slots from first to last, found by the sessions that claim the slots. */
async function loadDayAhead(
  store: StoreSession,
  participantId: Participant['participantId'],
  gridId: string,
  firstSlot: Slot,
  lastSlot: Slot,
): Promise<readonly Position[]> {
  const earliest = firstStart(firstSlot);
  const rows = await Promise.all(
    slotRange(earliest, lastSlot - earliest + 1).map(async (start) => {
      const claim = await sessionIntervals.load(store, gridId, 'day-ahead', start);
      return claim === undefined ? undefined : positions.load(store, participantId, start, claim.sessionId);
    }),
  );
  return rows.filter((row) => row !== undefined);
}
