import {
  addSlots,
  assert,
  balancingReserveOf,
  bucketOf,
  chunkOf,
  coversSlot,
  curtailmentInputsOf,
  demandPositionsFinal,
  imbalanceDeadline,
  micro,
  present,
  pricesOfSlot,
  wh,
  type Bucket,
  type Clearing,
  type FlexEvent,
  type DeliveredElsewhere,
  type GridOutcome,
  type IntervalPrices,
  type LimitInForce,
  type ContractDelivery,
  type OrderSet,
  type Participant,
  type ParticipantId,
  type Position,
  type PostingSet,
  type Session,
  type ServedCall,
  type SettledParticipant,
  type Slot,
  type SlotToSettle,
} from '@flexledger/domain';
import { loadPosting } from './account-store';
import { hasBegun } from '../clock-store';
import { CoalitionDeliveries, loadServed, type ServedCoalition } from './coalition-correction-store';
import { loadContractOutcomes, withOutcome, type ContractOutcomes } from '../market/contract-delivery-store';
import { loadDelivered, loadEventsIn } from './flex-correction-store';
import { loadImbalancePrice } from './imbalance-store';
import { buckets, gridOutcomes, orderSets } from '../market/market-store';
import { busMetersOf, loadMeters, meterInputsOf, type LoadedMeter } from '../metering/meter-input-store';
import { coveringPositions, loadOtherPositions, loadOtherSessions, loadPositions } from '../market/position-store';
import { participants } from '../registry/registry-store';
import type { StoreSession } from '../session';
import { anyLimitation, holdingIn, loadSetPointsBetween } from '../market/set-point-store';

/** One bucket of a session and the slots of it that are settled together. */
export interface SettlementScope {
  readonly session: Session;
  readonly clearing: Clearing;
  readonly run: number;
  readonly bucket: number;
  readonly fromSlot: Slot;
  readonly intervals: number;
}

interface LoadedParticipant {
  readonly participant: Participant;
  readonly orderSet: OrderSet;
  readonly positions: readonly Position[];
  readonly meters: readonly LoadedMeter[];
  /** Events of flexibility that can lie in the slots. */
  readonly events: readonly FlexEvent[];
  /** Coalitions that its assets serve in the days of the slots. */
  readonly served: readonly ServedCoalition[];
  /** Limits of its connections that can hold in the slots, where any are compensated. */
  readonly limited: readonly LimitInForce[];
}

/** What settles a slot of a scope, how far contracts are delivered in it as far as that was not decided before, and which coalitions were called. */
export interface LoadedSlot {
  readonly toSettle: SlotToSettle;
  readonly decided: readonly ContractDelivery[];
  readonly calls: readonly ServedCall[];
}

/** The posting set of a slot, or undefined while it is not settled. */
export function loadSettlement(
  store: StoreSession,
  { bucket, run, session }: Pick<SettlementScope, 'bucket' | 'run' | 'session'>,
  slot: Slot,
): Promise<PostingSet | undefined> {
  return loadPosting(store, { kind: 'settlement', sessionId: session.sessionId, run, slot, bucket });
}

/**
 * Everything that settles the slots of a scope. Only rows that are fixed by then are read: the clearing's participants, all their
 * positions that touch the slots, their locks, their meters, the readings and the filed prices; an account's own rows are not, so
 * that no owner's command is disturbed.
 */
export async function loadSlots(store: StoreSession, scope: SettlementScope): Promise<readonly LoadedSlot[]> {
  const row = await loadBucket(store, scope.session, scope.bucket);
  const others = await loadOthers(store, scope, row);
  const intervals = [...new Set(slotsOf(scope).map((slot) => placeOf(scope.session, slot).interval))];
  const prices = await loadPrices(store, scope);
  const isLimited = await isAnyoneLimited(store, scope);
  const loaded = await Promise.all(
    row.participantIds.map((id) => loadParticipant(store, scope, id, intervals, isLimited)),
  );
  const grid = await loadGridOutcomes(store, scope, isLimited ? intervals : []);
  const balancing = await loadBalancing(store, scope);
  const contracted = await Promise.all(
    slotsOf(scope).map((slot) => loadContractOutcomes(store, { ...scope, slot }, others)),
  );
  const delivered = await loadDeliveredElsewhere(store, loaded, slotsOf(scope));
  return slotsOf(scope).map((slot, at) => {
    const { interval, quarter } = placeOf(scope.session, slot);
    const ruleSet = present(prices[at], 'Every slot has its prices.');
    const outcomes = present(contracted[at], 'Every slot has the outcomes of its contracts.');
    const elsewhere = present(delivered[at], 'Every slot has what was delivered elsewhere.');
    const toSettle = {
      sessionId: scope.session.sessionId,
      run: scope.run,
      slot,
      bucket: scope.bucket,
      quarter,
      ...(scope.session.intervalSlots === 4 ? {} : { intervalSlots: scope.session.intervalSlots }),
      ruleSet,
      participants: loaded.map((entry) => ({
        ...settledParticipant(entry, slot, interval),
        ...otherTrades(others, entry.participant.participantId, slot, outcomes),
        ...dayAheadPrice(scope, ruleSet, entry, interval),
        ...elsewhere.get(entry.participant.participantId)?.delivered,
        ...curtailedIn(entry, slot, {
          outcome: scope.clearing.intervals[interval],
          grid: grid.get(interval),
          ruleSet: scope.session.ruleSet,
        }),
      })),
      balancing,
    };
    const calls = [...elsewhere.values()].flatMap((one) => one.calls);
    return { toSettle, decided: outcomes.decided, calls };
  });
}

/** The positions of other sessions and of contracts; refuses while one of the sessions has not been applied. */
async function loadOthers(store: StoreSession, scope: SettlementScope, bucket: Bucket): Promise<readonly Position[]> {
  const { gridId } = scope.session;
  const last = addSlots(scope.fromSlot, scope.intervals - 1);
  demandPositionsFinal(await loadOtherSessions(store, gridId, scope.fromSlot, last));
  const everybody = {
    first: present(bucket.participantIds[0], 'A bucket has a participant.'),
    last: present(bucket.participantIds.at(-1), 'A bucket has a participant.'),
  };
  return loadOtherPositions(store, gridId, everybody, scope.fromSlot, last);
}

function otherTrades(
  others: readonly Position[],
  participantId: ParticipantId,
  slot: Slot,
  outcomes: ContractOutcomes,
) {
  const covering = coveringPositions(others, participantId, (position) => coversSlot(position, slot));
  return covering.length === 0 ? {} : { positions: covering.map((position) => withOutcome(position, outcomes)) };
}

/** The prices of each slot of the scope; the fixed ones are read nowhere. */
async function loadPrices(store: StoreSession, scope: SettlementScope): Promise<readonly SlotToSettle['ruleSet'][]> {
  const { gridId, ruleSet } = scope.session;
  return Promise.all(
    slotsOf(scope).map(async (slot) => {
      const filed = ruleSet.imbalancePricing === undefined ? undefined : await loadImbalancePrice(store, gridId, slot);
      const isWaiting = ruleSet.imbalancePricing !== undefined && filed === undefined;
      const deadlineBegun = isWaiting && (await hasBegun(store, imbalanceDeadline(slot)));
      return pricesOfSlot(ruleSet, slot, filed, deadlineBegun);
    }),
  );
}

/** The participant's day-ahead price, where deviations are priced by it: that of its trade, or that of the interval. */
function dayAheadPrice(
  { clearing }: SettlementScope,
  { imbalance }: SlotToSettle['ruleSet'],
  { positions }: LoadedParticipant,
  interval: number,
) {
  if (imbalance?.pricing !== 'dual') {
    return {};
  }
  const own = positions.find((position) => position.interval === interval)?.priceMicroPerKwh;
  const price = own ?? clearing.intervals[interval]?.price?.clearingMicroPerKwh;
  return price === undefined ? {} : { dayAheadMicroPerKwh: price };
}

/** True where limits of connections of the grid may be compensated in the slots of a scope. */
function isAnyoneLimited(store: StoreSession, { fromSlot, intervals, session }: SettlementScope): Promise<boolean> {
  return anyLimitation(store, session.gridId, fromSlot, addSlots(fromSlot, intervals - 1));
}

/** The outcomes of some intervals on the grid, by interval; a session without limits of the grid has none. */
async function loadGridOutcomes(
  store: StoreSession,
  { session: { sessionId } }: SettlementScope,
  intervals: readonly number[],
): Promise<ReadonlyMap<number, GridOutcome>> {
  const rows = await Promise.all(intervals.map((interval) => gridOutcomes.load(store, sessionId, interval)));
  return new Map(rows.flatMap((row) => (row === undefined ? [] : [[row.interval, row]])));
}

/** What a participant delivered under orders of flexibility and for coalitions in a slot, and which of its coalitions were called there. */
interface LoadedElsewhere {
  readonly delivered: DeliveredElsewhere;
  readonly calls: readonly ServedCall[];
}

/** What everybody delivered elsewhere in each slot, by participant. */
async function loadDeliveredElsewhere(
  store: StoreSession,
  loaded: readonly LoadedParticipant[],
  slots: readonly Slot[],
): Promise<readonly ReadonlyMap<ParticipantId, LoadedElsewhere>[]> {
  const deliveries = new CoalitionDeliveries(store);
  const engaged = loaded.filter(({ events, served }) => events.length + served.length > 0);
  const result: Map<ParticipantId, LoadedElsewhere>[] = [];
  for (const slot of slots) {
    const known = new Map<ParticipantId, LoadedElsewhere>();
    for (const { events, participant, served } of engaged) {
      const { participantId } = participant;
      const flexibility = await loadDelivered(store, events, slot);
      const { calls, coalitions } = await deliveries.settledOf(participantId, served, slot);
      const delivered = {
        ...(flexibility.length === 0 ? {} : { flexibility }),
        ...(coalitions.length === 0 ? {} : { coalitions }),
      };
      known.set(participantId, { delivered, calls });
    }
    result.push(known);
  }
  return result;
}

/** The limits of a participant's connections that are compensated in a slot. */
function curtailedIn({ limited, meters: own }: LoadedParticipant, slot: Slot, prices: IntervalPrices) {
  const curtailments = curtailmentInputsOf(holdingIn(limited, slot), busMetersOf(own, slot), prices);
  return curtailments.length === 0 ? {} : { curtailments };
}

/** The participants of a bucket. */
export async function loadBucket(store: StoreSession, { sessionId }: Session, bucket: number): Promise<Bucket> {
  return present(await buckets.load(store, sessionId, bucket), 'A clearing has all its buckets.');
}

/** The posting set with which the clearing was applied to a participant, or undefined where it was not in the session. */
export async function loadClearingPosting(
  store: StoreSession,
  session: Session,
  clearing: Clearing,
  participantId: ParticipantId,
): Promise<PostingSet | undefined> {
  const bucket = bucketOf(clearing, participantId);
  if (bucket < 0) {
    return undefined;
  }
  const place = (await loadBucket(store, session, bucket)).participantIds.indexOf(participantId);
  if (place < 0) {
    return undefined;
  }
  return loadPosting(store, { kind: 'clearing', sessionId: session.sessionId, chunk: chunkOf(bucket, place) });
}

/** The slots of a scope. */
export function slotsOf({ fromSlot, intervals }: Pick<SettlementScope, 'fromSlot' | 'intervals'>): readonly Slot[] {
  return Array.from({ length: intervals }, (_, index) => addSlots(fromSlot, index));
}

function placeOf({ firstSlot, intervalSlots }: Session, slot: Slot) {
  const quarter = (slot - firstSlot) % intervalSlots;
  return { quarter, interval: (slot - firstSlot - quarter) / intervalSlots };
}

async function loadParticipant(
  store: StoreSession,
  scope: SettlementScope,
  participantId: ParticipantId,
  intervals: readonly number[],
  isLimited: boolean,
): Promise<LoadedParticipant> {
  const { session } = scope;
  const last = addSlots(scope.fromSlot, scope.intervals - 1);
  const [participant, orderSet, positions, meters, limited, events, served] = await Promise.all([
    participants.load(store, participantId),
    orderSets.load(store, session.sessionId, participantId),
    loadPositions(store, session, participantId, intervals),
    loadMeters(store, participantId, scope.fromSlot, last),
    isLimited ? loadSetPointsBetween(store, participantId, scope.fromSlot, last) : [],
    loadEventsIn(store, session.ruleSet, participantId, scope.fromSlot, last),
    loadServed(store, session.ruleSet, participantId, scope.fromSlot, last),
  ]);
  return {
    participant: present(participant, 'Who trades is registered.'),
    orderSet: present(orderSet, 'Who is settled has placed orders.'),
    positions,
    meters,
    events,
    served,
    limited: limited.filter(({ limitation }) => limitation.gridId === session.gridId),
  };
}

function settledParticipant(loaded: LoadedParticipant, slot: Slot, interval: number): SettledParticipant {
  const { orderSet, participant } = loaded;
  const position = loaded.positions.find((candidate) => candidate.interval === interval);
  return {
    participantId: participant.participantId,
    scheduled: participant.kind === 'supplier',
    intervalBoughtWh: position?.boughtWh ?? wh(0n),
    intervalSoldWh: position?.soldWh ?? wh(0n),
    intervalBuyMicro: position?.buyMicro ?? micro(0n),
    intervalSellMicro: position?.sellMicro ?? micro(0n),
    reserveMicro: orderSet.reserveMicroPerSlot,
    meters: meterInputsOf(loaded.meters, slot),
  };
}

/** The balancing party takes part where it has placed orders and so locked a reserve; each bucket has its part of it. */
async function loadBalancing(store: StoreSession, scope: SettlementScope): Promise<SlotToSettle['balancing']> {
  const { balancingParticipantId } = scope.session.ruleSet;
  if (balancingParticipantId === undefined) {
    return undefined;
  }
  const orderSet = await orderSets.load(store, scope.session.sessionId, balancingParticipantId);
  if (orderSet === undefined) {
    return undefined;
  }
  const count = scope.clearing.bucketFirsts.length;
  assert(scope.bucket < count, 'A bucket is one of the clearing.');
  return {
    participantId: balancingParticipantId,
    reserveMicro: balancingReserveOf(orderSet.reserveMicroPerSlot, count, scope.bucket),
  };
}
