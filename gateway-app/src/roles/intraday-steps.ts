import type { BatteryStep } from '../agents/battery-schedule';
import { FRESH_DAYS, freshForecast, type NetAt } from '../agents/fresh-forecast';
import { shifted } from '../agents/forecast-quantiles';
import { quarterOfStep } from '../agents/meter-fleet';
import type { FlowBounds } from '../agents/order-ladder';
import type { WantedOrder } from '../agents/order-strategy';
import { retradeOrders, type RetradeInterval } from '../agents/retrade';
import { INTRADAY_INTERVAL_SLOTS, intradaySession, sessionNames, type IntradaySession } from '../day/intraday';
import { SLOTS_PER_DAY, SLOTS_PER_HOUR, type ParticipantPlan } from '../day/plan';
import { batterySteps } from './bidding';
import { bookedBySlot } from './booked-positions';
import { intervalWh, placeSealed, readSession } from './order-steps';
import { numberArgument, type RoleContext, type RoleStep } from './role-context';
import { biddingFrameOf, DAY_PRICES } from './rule-set';
import { exportLimits } from './set-point-steps';

/** Meters in one query of interval totals, at most. */
const METERS_PER_QUERY_MAX = 50;
/** A deviation that is expected to be smaller is left to the balancing party. */
const DEAD_BAND_WH = 50n;

/** What the agents of all prosumers know when an intraday session is open. */
interface Knowledge {
  readonly session: IntradaySession;
  readonly nets: ReadonlyMap<string, ReadonlyMap<number, bigint>>;
  readonly batteries: ReadonlyMap<string, readonly BatteryStep[]>;
  readonly exportLimits: ReadonlyMap<string, bigint>;
}

/**
 * Every prosumer's agent compares what it has bought and sold with what it now expects, from its own newest readings, and places
 * orders for the difference in the intraday session of the hour.
 */
export const placeIntradayOrders: RoleStep = async (context, stepArguments) => {
  const { plan } = context;
  const hour = numberArgument(stepArguments, 'hour');
  const names = sessionNames(plan, stepArguments);
  const session = await readSession(context, names);
  const knowledge: Knowledge = {
    session: intradaySession(plan, hour),
    nets: await readNets(context, intradaySession(plan, hour)),
    batteries: plan.strategy === 'battery' ? await batterySteps(context) : new Map<string, readonly BatteryStep[]>(),
    exportLimits: plan.setPoints ? await limitsFrom(context, hour) : new Map<string, bigint>(),
  };
  const counts = await Promise.all(
    plan.participants
      .filter(({ kind }) => kind === 'prosumer')
      .map(async (participant) => {
        const wanted = await ordersOf(context, participant, knowledge);
        if (wanted.length > 0) await placeSealed(context, session, participant, { wanted, names });
        return wanted.length;
      }),
  );
  const agents = counts.filter((count) => count > 0).length;
  return { placed: `${counts.reduce((sum, count) => sum + count, 0)} orders of ${agents} agents` };
};

async function ordersOf(
  context: RoleContext,
  participant: ParticipantPlan,
  knowledge: Knowledge,
): Promise<WantedOrder[]> {
  const bookedWh = await bookedBySlot(context, participant.label);
  const stored = storedAt(context, participant, knowledge);
  const { firstSlot, intervals, nowSlot } = knowledge.session;
  const nets = freshForecast(netOf(participant, knowledge, stored), {
    nowSlot,
    firstSlot,
    intervals,
    intervalSlots: INTRADAY_INTERVAL_SLOTS,
  });
  const wanted = nets.flatMap((net, interval): RetradeInterval[] => {
    if (net === undefined) return [];
    const slots = Array.from(
      { length: INTRADAY_INTERVAL_SLOTS },
      (_, quarter) => firstSlot + interval * INTRADAY_INTERVAL_SLOTS + quarter,
    );
    const sumOf = (each: (slot: number) => bigint): bigint => slots.reduce((sum, slot) => sum + each(slot), 0n);
    return [
      {
        interval,
        positionWh: sumOf((slot) => bookedWh.get(slot) ?? 0n),
        net: shifted(net, sumOf(stored)),
        bounds: boundsOf(participant, slots, knowledge),
      },
    ];
  });
  return retradeOrders(wanted, {
    frame: biddingFrameOf(context.plan),
    deviation: {
      shortMicroPerKwh: BigInt(DAY_PRICES.imbalanceShortMicroPerKwh),
      longMicroPerKwh: BigInt(DAY_PRICES.imbalanceLongMicroPerKwh),
    },
    deadBandWh: DEAD_BAND_WH,
    sideWhMax: intervalWh(participant.connectionLimitW, INTRADAY_INTERVAL_SLOTS),
    ordersMax: Math.floor(DAY_PRICES.ordersPerParticipantMax / intervals),
  });
}

/** What a participant's meters took less what they gave, without what its storage did by plan. */
function netOf({ meters }: ParticipantPlan, { nets }: Knowledge, stored: (slot: number) => bigint): NetAt {
  return (slot) => {
    let sum = -stored(slot);
    for (const { meterId } of meters) {
      const netWh = nets.get(meterId)?.get(slot);
      if (netWh === undefined) return undefined;
      sum += netWh;
    }
    return sum;
  };
}

/** What the storages behind a participant's meters take in a slot by plan (below 0: give). */
function storedAt({ plan }: RoleContext, { meters }: ParticipantPlan, { batteries }: Knowledge) {
  return (slot: number): bigint => {
    const quarter = slot - plan.deliverySlot;
    if (quarter < 0) return 0n;
    return meters.reduce((sum, { meterId }) => {
      const step = batteries.get(meterId)?.[Math.floor(quarter / SLOTS_PER_HOUR)];
      return step === undefined ? sum : sum + quarterOfStep(step, quarter);
    }, 0n);
  };
}

/** What the connection lets through in an interval, or a set-point where one is in force. */
function boundsOf(
  { connectionLimitW, label }: ParticipantPlan,
  slots: readonly number[],
  { exportLimits: limits }: Knowledge,
): FlowBounds {
  const quarterWh = connectionLimitW / BigInt(SLOTS_PER_HOUR);
  const exportWh = slots.reduce((sum, slot) => {
    const limitWh = limits.get(`${label}/${slot}`);
    return sum + (limitWh === undefined || limitWh > quarterWh ? quarterWh : limitWh);
  }, 0n);
  return { importWh: quarterWh * BigInt(slots.length), exportWh };
}

/** The limits of connections in this hour and the next: none lasts longer. */
async function limitsFrom(context: RoleContext, hour: number): Promise<ReadonlyMap<string, bigint>> {
  const hours = await Promise.all([exportLimits(context, hour), exportLimits(context, hour + 1)]);
  return new Map(hours.flatMap((limits) => [...limits]));
}

/** Net import by meter and slot, as far as the forecast of a session looks back: the newest half hour, and the same hours of the days before. */
async function readNets(
  context: RoleContext,
  { firstSlot, intervals, nowSlot }: IntradaySession,
): Promise<Map<string, Map<number, bigint>>> {
  const { historySlot } = context.plan;
  const newestSlot = nowSlot - INTRADAY_INTERVAL_SLOTS;
  const endSlot = firstSlot + intervals * INTRADAY_INTERVAL_SLOTS;
  const before = Array.from({ length: FRESH_DAYS }, (_, day) => (day + 1) * SLOTS_PER_DAY)
    .map((away) => ({ fromSlot: newestSlot - away, toSlot: endSlot - 1 - away }))
    .filter(({ fromSlot }) => fromSlot >= historySlot);
  const nets = new Map<string, Map<number, bigint>>();
  for (const span of [...before, { fromSlot: newestSlot, toSlot: nowSlot - 1 }]) await addNets(context, span, nets);
  return nets;
}

async function addNets(
  context: RoleContext,
  span: { readonly fromSlot: number; readonly toSlot: number },
  nets: Map<string, Map<number, bigint>>,
): Promise<void> {
  const meterIds = context.plan.meters.map(({ meterId }) => meterId);
  for (let start = 0; start < meterIds.length; start += METERS_PER_QUERY_MAX) {
    const { meters } = await context.evaluate('metering', 'getIntervalTotals', {
      meterIds: meterIds.slice(start, start + METERS_PER_QUERY_MAX),
      ...span,
    });
    for (const { meterId, totals } of meters) {
      const own = nets.get(meterId) ?? new Map<number, bigint>();
      nets.set(meterId, own);
      for (const { exportWh, importWh, quality, slot } of totals) {
        if (quality === 'OK' || quality === 'ESTIMATED') own.set(slot, importWh - exportWh);
      }
    }
  }
}
