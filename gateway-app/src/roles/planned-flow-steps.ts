import { gridOfInterval, sessionUse, slot, type Grid, type SessionFlow } from '@flexledger/domain';
import { HOURS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import { localTimeOfSlot } from '../grid/simbench';
import type { PlannedHourReport } from '../report/report-types';
import { allPages } from './all-pages';
import type { StepValue } from './protocol';
import type { RoleStep } from './role-context';

/**
 * What all sessions of the grid together plan to carry, hour by hour, in the fullest quarter hour of each; nothing where no limits of the grid
 * act, as nobody knows then what sessions carry.
 */
export const plannedFlows: RoleStep = async (context) => {
  const { deliverySlot, gridId, gridLimits } = context.plan;
  if (!gridLimits) return null;
  const grid = await context.evaluate('registry', 'getGrid', { gridId });
  const hours: PlannedHourReport[] = [];
  for (let hour = 0; hour < HOURS_PER_DAY; hour += 1) {
    const firstSlot = deliverySlot + hour * SLOTS_PER_HOUR;
    const flows = await allPages((page) =>
      context.evaluate('market', 'listClearedFlows', { gridId, hour: slot(firstSlot), ...page }),
    );
    hours.push({ start: localTimeOfSlot(firstSlot), ...plannedHour(grid, flows, firstSlot) });
  }
  return hours as unknown as StepValue;
};

/** An hour's Wh at the power of its fullest quarter hour are as many W. */
function plannedHour(grid: Grid, flows: readonly SessionFlow[], firstSlot: number): Omit<PlannedHourReport, 'start'> {
  const period = { firstSlot: slot(firstSlot), slots: SLOTS_PER_HOUR };
  const used = sessionUse(flows, period);
  const { branches } = gridOfInterval(grid, undefined, period);
  const beyond = branches.filter(({ backwardLimitWh = 0n, forwardLimitWh = 0n, id }) => {
    const { backwardWh, forwardWh } = used.get(id) ?? { backwardWh: 0n, forwardWh: 0n };
    return forwardWh > forwardLimitWh || backwardWh > backwardLimitWh;
  });
  // The transformer is registered from the grid above to the buses behind it.
  const { backwardWh, forwardWh } = used.get(grid.transformer.id) ?? { backwardWh: 0n, forwardWh: 0n };
  return {
    importW: forwardWh.toString(),
    exportW: backwardWh.toString(),
    beyondLimit: beyond.map(({ id }) => id),
  };
}
