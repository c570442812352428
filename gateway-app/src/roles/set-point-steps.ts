import { flowW } from '@flexledger/domain';
import { SLOTS_PER_HOUR, type DayPlan } from '../day/plan';
import { participantIdOfLabel } from './registration-steps';
import { numberArgument, type RoleContext, type RoleStep } from './role-context';
import { DAY_SET_POINTS } from './rule-set';

const PPM_WHOLE = 1_000_000n;

/**
 * The system operator looks at the last quarter hour of its meter at the transformer. Near the transformer's limit it limits the
 * connections behind it for an hour, from the first slot that has not begun.
 */
export const limitConnections: RoleStep = async (context, stepArguments) => {
  const { plan } = context;
  const measuredSlot = plan.deliverySlot + (numberArgument(stepArguments, 'hour') + 1) * SLOTS_PER_HOUR - 1;
  const { meterId } = plan.feeder;
  const request = { meterIds: [meterId], fromSlot: measuredSlot, toSlot: measuredSlot };
  const { meters } = await context.evaluate('metering', 'getIntervalTotals', request);
  const total = meters[0]?.totals[0];
  if (total === undefined) return { limited: '' };
  const direction = total.exportWh > total.importWh ? 'export' : 'import';
  const measuredW = flowW(total, direction);
  const limitW = plan.grid.transformer.limitW;
  if (measuredW * PPM_WHOLE < limitW * BigInt(DAY_SET_POINTS.triggerPpm)) return { limited: '' };
  const asked = {
    gridId: plan.gridId,
    elementId: 'transformer',
    direction,
    fromSlot: measuredSlot + 2,
    slots: SLOTS_PER_HOUR,
    measuredSlot,
    measuredW: measuredW.toString(),
    source: { kind: 'feeder-meter', meterId },
  };
  const { limits, limitsDigest } = await context.evaluate('market', 'computeLimits', asked);
  await context.submit('market', 'limitConnections', `limits/${measuredSlot}`, (commandId) => ({
    request: { commandId, ...asked, limitsDigest },
  }));
  return { limited: `${measuredW} W of ${direction} at the transformer, ${limits.length} connections are limited` };
};

/** Most export of each participant with PV in the quarter hours of an hour, in Wh, where a limit is in force: by `label/slot`. */
export async function exportLimits(context: RoleContext, hour: number): Promise<ReadonlyMap<string, bigint>> {
  const { plan } = context;
  const fromSlot = plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const slots = Array.from({ length: SLOTS_PER_HOUR }, (_, quarter) => fromSlot + quarter);
  const wanted = ownersOfPv(plan).flatMap((label) => slots.map((slot) => ({ label, slot })));
  const found = await Promise.all(
    wanted.map(async ({ label, slot }) => {
      const participantId = participantIdOfLabel(context, label);
      const { setPoints } = await context.evaluate('market', 'getSetPoints', { participantId, slot });
      const limit = setPoints.find(({ setPoint }) => setPoint.direction === 'export');
      return [`${label}/${slot}`, limit?.setPoint.limitW] as const;
    }),
  );
  return new Map(
    found.flatMap(([key, limitW]) => (limitW === undefined ? [] : [[key, limitW / BigInt(SLOTS_PER_HOUR)] as const])),
  );
}

/** Participants with PV, by label. */
export function ownersOfPv({ meters }: DayPlan): string[] {
  return [...new Set(meters.filter(({ kind }) => kind === 'pv').map(({ owner }) => owner))];
}
