import { isOpen, type FlexEvent } from '@flexledger/domain';
import { targetsOfEvent, type SlotTarget } from '../agents/demand-response-agent';
import { SLOTS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import { participantIdOfLabel } from './registration-steps';
import type { RoleContext } from './role-context';

/**
 * What the devices behind meters steer toward in the quarter hours of an hour, by `meter/slot`, as events on the ledger ask their owners. Only
 * assets with a meter of their own follow; the idle one of the seed does not.
 */
export async function targetsOfHour(context: RoleContext, hour: number): Promise<ReadonlyMap<string, SlotTarget>> {
  const fromSlot = context.plan.deliverySlot + hour * SLOTS_PER_HOUR;
  const owners = context.plan.participants.filter(
    ({ kind, label }) => kind === 'prosumer' && label !== context.plan.disturbances.idle,
  );
  const events = await Promise.all(owners.map(({ label }) => eventsOf(context, label)));
  return new Map(
    events.flat().flatMap((event) => {
      const [meterId = '', ...others] = event.meterIds;
      if (!(isOpen(event) || event.state === 'COMPLETED') || others.length > 0) return [];
      const targets = [...targetsOfEvent(event)].filter(([at]) => at >= fromSlot && at < fromSlot + SLOTS_PER_HOUR);
      return targets.map(([at, target]) => [`${meterId}/${at}`, target] as const);
    }),
  );
}

async function eventsOf(context: RoleContext, label: string): Promise<readonly FlexEvent[]> {
  const participantId = participantIdOfLabel(context, label);
  const { deliverySlot } = context.plan;
  const day = { fromSlot: deliverySlot, toSlot: deliverySlot + SLOTS_PER_DAY - 1 };
  const { rows } = await context.evaluate('flexibility', 'listEventsOf', { participantId, ...day });
  const answers = await Promise.all(
    rows.map(({ orderId }) => context.evaluate('flexibility', 'getFlexEvent', { orderId, participantId })),
  );
  return answers.flatMap(({ event }) => event ?? []);
}
