import type { GridOutcome } from '@flexledger/domain';
import { HOURS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import type { LimitedReport } from '../report/report-types';
import { participantIdOfLabel } from './registration-steps';
import type { RoleContext } from './role-context';
import { ownersOfPv } from './set-point-steps';

/** What limits of the grid have done to each hour of the delivery day. */
export async function limitedIntervals(context: RoleContext): Promise<readonly { readonly limits: LimitedReport }[]> {
  const hours = Array.from({ length: HOURS_PER_DAY }, (_, hour) => hour);
  return Promise.all(
    hours.map(async (hour) => {
      const { bindingLimits, rentMicro, source, zones } = await outcomeOf(context, hour);
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
 * Most export of each participant with PV in the quarter hours of an hour in which a limit of the grid binds: a quarter of what it has
 * sold net, in Wh by `label/slot`; nothing in other hours. What it has not sold there the grid could not carry.
 */
export async function soldExports(context: RoleContext, hour: number): Promise<ReadonlyMap<string, bigint>> {
  const { plan } = context;
  const { bindingLimits } = await outcomeOf(context, hour);
  if (bindingLimits.length === 0) return new Map();
  const firstSlot = plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const limits = await Promise.all(
    ownersOfPv(plan).map(async (label) => {
      const participantId = participantIdOfLabel(context, label);
      const soldWh = await netSoldWh(context, participantId, hour);
      const quarterWh = soldWh > 0n ? soldWh / BigInt(SLOTS_PER_HOUR) : 0n;
      return Array.from(
        { length: SLOTS_PER_HOUR },
        (_, quarter) => [`${label}/${firstSlot + quarter}`, quarterWh] as const,
      );
    }),
  );
  return new Map(limits.flat());
}

async function outcomeOf(context: RoleContext, interval: number): Promise<GridOutcome> {
  const { sessionId } = context.plan;
  const { outcome } = await context.evaluate('market', 'getGridOutcome', { sessionId, interval });
  if (outcome === null) throw new Error(`session ${sessionId} has no outcome on the grid in interval ${interval}`);
  return outcome;
}

/** What a participant has sold in an hour of the day less what it has bought. The day has fewer positions than a page. */
async function netSoldWh(context: RoleContext, participantId: string, hour: number): Promise<bigint> {
  const { rows } = await context.evaluate('market', 'getPositions', { participantId });
  const own = rows.filter(({ interval, sessionId }) => interval === hour && sessionId === context.plan.sessionId);
  return own.reduce((sum, { boughtWh, soldWh }) => sum + soldWh - boughtWh, 0n);
}
