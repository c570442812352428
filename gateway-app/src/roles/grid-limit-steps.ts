import type { GridOutcome } from '@flexledger/domain';
import { INTRADAY_INTERVAL_SLOTS, intradayHours, intradaySession, sessionNames } from '../day/intraday';
import { HOURS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import type { LimitedReport } from '../report/report-types';
import { bookedBySlot } from './booked-positions';
import type { RoleContext } from './role-context';
import { ownersOfPv } from './set-point-steps';

/** What limits of the grid have done to each hour of the delivery day. */
export async function limitedIntervals(context: RoleContext): Promise<readonly { readonly limits: LimitedReport }[]> {
  const hours = Array.from({ length: HOURS_PER_DAY }, (_, hour) => hour);
  return Promise.all(
    hours.map(async (hour) => {
      const { bindingLimits, rentMicro, source, zones } = await outcomeOf(context, context.plan.sessionId, hour);
      const limits = {
        source: source.kind,
        binding: bindingLimits.map(({ direction, id, shadowPriceMicroPerKwh }) => ({
          limit: `${id} ${direction}`,
          shadowPriceMicroPerKwh: shadowPriceMicroPerKwh.toString(),
        })),
        zones: zones.map(({ busIds, price }) => ({
          buses: busIds.length,
          priceMicroPerKwh: price?.clearingMicroPerKwh.toString() ?? null,
        })),
        rentMicro: rentMicro.toString(),
      };
      return { limits };
    }),
  );
}

/**
 * Most export of each participant with PV in the quarter hours of an hour in which a limit of the grid binds, in the day-ahead or an intraday
 * session: what it has sold net in all of them, in Wh by `label/slot`; nothing in other quarter hours. What it has not sold there the grid
 * could not carry.
 */
export async function soldExports(context: RoleContext, hour: number): Promise<ReadonlyMap<string, bigint>> {
  const { plan } = context;
  const slots = await boundSlots(context, hour);
  if (slots.length === 0) return new Map();
  const limits = await Promise.all(
    ownersOfPv(plan).map(async (label) => {
      const bookedWh = await bookedBySlot(context, label);
      return slots.map((slot) => {
        const boughtWh = bookedWh.get(slot) ?? 0n;
        return [`${label}/${slot}`, boughtWh < 0n ? -boughtWh : 0n] as const;
      });
    }),
  );
  return new Map(limits.flat());
}

/** The quarter hours of an hour in which a limit of the grid binds in some session; all of these are cleared before the hour is measured. */
async function boundSlots(context: RoleContext, hour: number): Promise<readonly number[]> {
  const { plan } = context;
  const firstSlot = plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const hourSlots = slotsFrom(firstSlot, SLOTS_PER_HOUR);
  const isBound = async (sessionId: string, interval: number): Promise<boolean> =>
    (await outcomeOf(context, sessionId, interval)).bindingLimits.length > 0;
  const bound = new Set<number>((await isBound(plan.sessionId, hour)) ? hourSlots : []);
  for (const opened of plan.intraday ? intradayHours.filter((one) => one <= hour) : []) {
    const session = intradaySession(plan, opened);
    const { sessionId } = sessionNames(plan, { hour: opened });
    for (let interval = 0; interval < session.intervals; interval += 1) {
      const slots = slotsFrom(session.firstSlot + interval * INTRADAY_INTERVAL_SLOTS, INTRADAY_INTERVAL_SLOTS);
      const own = slots.filter((slot) => hourSlots.includes(slot));
      if (own.length > 0 && (await isBound(sessionId, interval))) own.forEach((slot) => bound.add(slot));
    }
  }
  return hourSlots.filter((slot) => bound.has(slot));
}

function slotsFrom(firstSlot: number, slots: number): number[] {
  return Array.from({ length: slots }, (_, index) => firstSlot + index);
}

async function outcomeOf(context: RoleContext, sessionId: string, interval: number): Promise<GridOutcome> {
  const { outcome } = await context.evaluate('market', 'getGridOutcome', { sessionId, interval });
  if (outcome === null) throw new Error(`session ${sessionId} has no outcome on the grid in interval ${interval}`);
  return outcome;
}
