import {
  addSlots,
  adjustmentWindow,
  areDaysInflated,
  counts,
  dayStart,
  demand,
  demandProgrammeCalls,
  eventIdOf,
  freezeBaseline,
  isOpen,
  ispsOfEvent,
  limits,
  netWhOf,
  plannedAssets,
  replanned,
  RuleError,
  sameDayHours,
  signalOf,
  slot,
  slotsPerDay,
  spanOf,
  whyNotCallable,
  windowIntervals,
  type BaselineAsked,
  type BaselineWindow,
  type Enrolment,
  type EventReason,
  type FlexDirection,
  type FlexEvent,
  type FlexOrder,
  type FrozenBaseline,
  type MeterId,
  type ParticipantId,
  type PlannedAsset,
  type Programme,
  type RequestId,
  type SignalKind,
  type Slot,
} from '@flexledger/domain';
import { holdEvent, releaseEvent } from './event-promises';
import { loadSeries } from './event-series';
import type { GridContext } from '../../grid-context';
import { hasBegun } from '../../store/clock-store';
import { flexEvents, loadEventReadings, loadEventsAround } from '../../store/flexibility/event-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { enrolments } from '../../store/flexibility/programme-store';
import { meters, participantMeters } from '../../store/registry/registry-store';

/** What one transaction signals: an order, the programme and the plan that its events follow. */
export interface SignalScope {
  readonly order: FlexOrder;
  readonly programme: Programme;
  readonly plans: readonly PlannedAsset[];
  readonly revision: number;
  readonly kind: SignalKind;
  /** The last slot that has begun. */
  readonly noticeSlot: Slot;
  /** The forecast that baselines are made from where the programme's method takes one. */
  readonly forecastId: RequestId | undefined;
}

type Planned = Pick<
  FlexEvent,
  | 'eventId'
  | 'orderId'
  | 'revision'
  | 'programmeId'
  | 'aggregatorId'
  | 'participantId'
  | 'gridId'
  | 'assets'
  | 'meterIds'
  | 'firstSlot'
  | 'lastSlot'
>;

/**
 * The event of a prosumer under an order: signalled, kept as it is where a new plan asks for the same, or failed with the reason for which
 * this prosumer cannot be called. A mistake of the aggregator refuses everything.
 */
export async function signalEvent(
  context: GridContext,
  scope: SignalScope,
  participantId: ParticipantId,
): Promise<FlexEvent> {
  const { session } = context;
  const { order, plans, programme, revision } = scope;
  const { programmeId } = programme;
  const [loaded, existing] = await Promise.all([
    enrolments.load(session, programmeId, participantId),
    flexEvents.load(session, order.orderId, participantId),
  ]);
  const enrolment = found(loaded, 'FLEX_NOT_ENROLLED', { programmeId, participantId });
  const directions = new Map<Slot, FlexDirection>(order.isps.map((isp) => [isp.slot, isp.direction]));
  const assets = plannedAssets(plans, enrolment, directions);
  const isps = ispsOfEvent({ assets });
  demandProgrammeCalls(programme, isps);
  const span = spanOf(isps);
  await demandNotice(context, programme, span.firstSlot);
  if (existing !== undefined && replanned(existing, revision, assets) === 'kept') {
    return { ...existing, revision };
  }
  if (existing !== undefined && isOpen(existing)) {
    await releaseEvent(context, existing, enrolment.assets);
  }
  const planned: Planned = {
    eventId: eventIdOf(order.orderId, participantId),
    orderId: order.orderId,
    revision,
    programmeId,
    aggregatorId: programme.aggregatorId,
    participantId,
    gridId: enrolment.gridId,
    assets,
    meterIds: await metersOfEvent(context, enrolment, assets),
    ...span,
  };
  return notify(context, scope, planned, enrolment);
}

async function notify(
  context: GridContext,
  scope: SignalScope,
  planned: Planned,
  enrolment: Enrolment,
): Promise<FlexEvent> {
  const { kind, programme } = scope;
  const around = await loadEventsAround(context.session, planned.participantId, planned.firstSlot);
  const others = around.filter(({ eventId }) => eventId !== planned.eventId);
  const isps = ispsOfEvent(planned);
  const why = whyNotCallable({ programme, enrolment, isps, others });
  if (why !== undefined) {
    return failed(planned, why);
  }
  const baselines = await freezeEvent(context, scope, planned, others);
  if (baselines === undefined) {
    return failed(planned, 'BASELINE');
  }
  const { rewardMicroPerKwh } = programme.terms;
  const baselineWh = knownAtNotice(baselines.baseline);
  const signal = signalOf({ kind, isps, enrolment, rewardMicroPerKwh, baselineWh });
  const held = await holdEvent(context, planned, enrolment.assets);
  return held ? { ...planned, ...baselines, signal, state: 'NOTIFIED' } : failed(planned, 'PROMISED');
}

function failed(planned: Planned, reason: EventReason): FlexEvent {
  return { ...planned, state: 'FAILED', reason };
}

async function demandNotice({ session }: GridContext, { terms }: Programme, firstSlot: Slot): Promise<void> {
  const { noticeSlots } = terms;
  const isTooLate = firstSlot < noticeSlots || (await hasBegun(session, addSlots(firstSlot, 1 - noticeSlots)));
  demand(!isTooLate, 'FLEX_NOTICE_TOO_SHORT', { firstSlot, noticeSlots });
}

/** The meters that measure an event: those of its assets where each has its own, else all of the prosumer in the grid. */
async function metersOfEvent(
  { session }: GridContext,
  { assets, gridId, participantId }: Enrolment,
  called: FlexEvent['assets'],
): Promise<readonly MeterId[]> {
  const own = assets.filter(({ assetId }) => called.some((one) => one.assetId === assetId));
  const ids = own.flatMap(({ meterId }) => meterId ?? []);
  if (ids.length === own.length) {
    return [...new Set(ids)];
  }
  const owned = await participantMeters.list(session, prefixes.metersOf(participantId));
  const rows = await Promise.all(owned.map(({ meterId }) => meters.load(session, meterId)));
  return rows.flatMap((meter) => (meter?.gridId === gridId ? [meter.meterId] : []));
}

type Baselines = Pick<FlexEvent, 'baseline' | 'forecastId' | 'reboundBaseline' | 'daysInflated'> & {
  readonly baseline: FrozenBaseline;
};

/** The baseline of an event, frozen at its notice, and that of its rebound; undefined where too little was measured or declared. */
async function freezeEvent(
  context: GridContext,
  scope: SignalScope,
  planned: Planned,
  others: readonly FlexEvent[],
): Promise<Baselines | undefined> {
  const asked = await daysAsked(context, scope, planned, others);
  const baseline = frozenOrNothing(() => freezeBaseline(asked));
  if (baseline === undefined) {
    return undefined;
  }
  const direction = ispsOfEvent(planned)[0]?.direction ?? 'reduce';
  const reboundBaseline = freezeRebound(asked, scope.programme.terms.reboundSlots);
  const { forecastId, programme } = scope;
  return {
    baseline,
    ...(forecastId === undefined || programme.terms.baseline.method !== 'forecast' ? {} : { forecastId }),
    ...(reboundBaseline === undefined ? {} : { reboundBaseline }),
    ...(areDaysInflated(baseline, asked, direction) ? { daysInflated: true } : {}),
  };
}

async function daysAsked(
  context: GridContext,
  { forecastId, noticeSlot, programme }: SignalScope,
  { firstSlot, lastSlot, meterIds }: Planned,
  others: readonly FlexEvent[],
): Promise<BaselineAsked> {
  const { session } = context;
  const { baseline: rule, reboundSlots = 0 } = programme.terms;
  const event: BaselineWindow = { firstSlot, intervals: lastSlot - firstSlot + 1, intervalSlots: 1 };
  const days = rule.lookBackDays ?? limits.baselineLookBackDaysMax;
  const from = dayStart(adjustmentWindow(rule.adjustment, event)?.firstSlot ?? firstSlot) - days * slotsPerDay;
  const readings = await loadEventReadings(session, meterIds, slot(Math.max(0, from)), addSlots(noticeSlot, -1));
  const called = others.filter(counts).flatMap((other) => [dayStart(other.firstSlot), dayStart(other.lastSlot)]);
  const series = await loadSeries(context, { rule, event, meterIds, noticeSlot, reboundSlots, forecastId });
  return {
    rule,
    event,
    noticeSlot,
    readings,
    eventDays: new Set(called),
    ...(series === undefined ? {} : { series }),
  };
}

/** The same days without adjustment for the slots after the event; methods that average hours of the day itself have none. */
function freezeRebound(asked: BaselineAsked, reboundSlots: number | undefined): FrozenBaseline | undefined {
  const { event, rule } = asked;
  if (reboundSlots === undefined || sameDayHours(rule.method, event).length > 0) {
    return undefined;
  }
  const firstSlot = addSlots(event.firstSlot, event.intervals);
  const after: BaselineWindow = { firstSlot, intervals: reboundSlots, intervalSlots: 1 };
  return frozenOrNothing(() => freezeBaseline({ ...asked, rule: { ...rule, adjustment: 'none' }, event: after }));
}

const openCodes: readonly string[] = ['FLEX_BASELINE_DAYS_TOO_FEW', 'FLEX_BASELINE_SERIES_MISSING'];

function frozenOrNothing(freeze: () => FrozenBaseline): FrozenBaseline | undefined {
  try {
    return freeze();
  } catch (error) {
    if (error instanceof RuleError && openCodes.includes(error.code)) {
      return undefined;
    }
    throw error;
  }
}

/** The baseline of each slot where nothing after the notice is part of it. */
function knownAtNotice({ adjustmentWindow: window, firstSlot, intervals, unadjusted }: FrozenBaseline) {
  if (window !== undefined || unadjusted.length === 0) {
    return undefined;
  }
  const slots = windowIntervals({ firstSlot, intervals, intervalSlots: 1 });
  return new Map(slots.map((at, index) => [at, netWhOf(unadjusted[index] ?? { importWh: 0n, exportWh: 0n })]));
}
