import { isOpen, type FlexEvent, type FlexOrder } from '@flexledger/domain';
import { SLOTS_PER_HOUR } from '../day/plan';
import { allPages } from './all-pages';
import { dayPlace } from './flexibility-place';
import { programmesOf } from './portfolio-steps';
import type { StepValue } from './protocol';
import { participantIdOfLabel } from './registration-steps';
import { numberArgument, textArgument, type RoleContext, type RoleStep } from './role-context';
import { submitSigned } from './signed-steps';

/** How long and how often an oracle's answer is looked for. */
const ANSWER_MS = 90_000;
const ANSWER_PAUSE_MS = 250;

/** The orders that an aggregator has of the day's congestion point, by their ids. */
export const ordersOf: RoleStep = async (context, stepArguments) => {
  const aggregatorId = participantIdOfLabel(context, textArgument(stepArguments, 'aggregator'));
  const place = dayPlace(context.plan);
  const orders = await allPages((page) => context.evaluate('flexibility', 'listFlexOrders', { ...place, ...page }));
  return orders.filter((order) => order.aggregatorId === aggregatorId).map(({ orderId }) => orderId);
};

/**
 * An aggregator asks the oracles to split an order among those who are enrolled with it, without those who have opted out of it or failed, and
 * waits for an answer; `isAnswered` is false where none came. Asked again for the same `revision` it only waits.
 */
export const requestSplit: RoleStep = async (context, stepArguments) => {
  const aggregator = textArgument(stepArguments, 'aggregator');
  const orderId = textArgument(stepArguments, 'orderId');
  const revision = numberArgument(stepArguments, 'revision');
  const programmes = await programmesOf(context, aggregator);
  const gone = (await eventsOfOrder(context, orderId)).filter(
    ({ state }) => state === 'OPTED_OUT' || state === 'FAILED',
  );
  await submitSigned(context, aggregator, 'requestDisaggregation', `${orderId}/${revision}`, {
    orderId,
    programmeIds: programmes.map(({ programmeId }) => programmeId),
    excludedIds: gone.map(({ participantId }) => participantId),
    fairnessMicroPerKwh: '0',
    answerBySlot: numberArgument(stepArguments, 'answerBySlot'),
  });
  for (let waitedMs = 0; waitedMs < ANSWER_MS; waitedMs += ANSWER_PAUSE_MS) {
    const { request } = await context.evaluate('flexibility', 'getDisaggregation', { orderId, revision });
    if (request?.state === 'ANSWERED') return { isAnswered: true };
    await new Promise((resolve) => setTimeout(resolve, ANSWER_PAUSE_MS));
  }
  return { isAnswered: false };
};

/**
 * An aggregator makes the best answer of a revision the plan of its order, cancels the events of those whom the plan does not call any more and
 * signals those whom it calls. Answers how the split was found and what became of each event.
 */
export const signalSplit: RoleStep = async (context, stepArguments) => {
  const aggregator = textArgument(stepArguments, 'aggregator');
  const orderId = textArgument(stepArguments, 'orderId');
  const revision = numberArgument(stepArguments, 'revision');
  const about = `${orderId}/${revision}`;
  const plan = await context.submit('flexibility', 'planDisaggregation', `flexibility/plan/${about}`, (commandId) => ({
    request: { commandId, orderId, revision },
  }));
  const called = new Set(plan.plans.filter(({ calls }) => calls.length > 0).map(({ assetId }) => assetId));
  await cancelUncalled(context, { aggregator, orderId, about }, called);
  const states: StepValue[] = [];
  for (const { programmeId } of await programmesOf(context, aggregator)) {
    const enrolments = await allPages((page) =>
      context.evaluate('flexibility', 'listEnrolments', { programmeId, ...page }),
    );
    const own = enrolments.filter(({ assets }) => assets.some(({ assetId }) => called.has(assetId)));
    if (own.length === 0) continue;
    const { events } = await submitSigned(context, aggregator, 'signalEvents', `${about}/${programmeId}`, {
      orderId,
      revision,
      programmeId,
      signalKind: 'DISPATCH_SETPOINT',
      noticeSlot: numberArgument(stepArguments, 'noticeSlot'),
      participantIds: own.map(({ participantId }) => participantId),
    });
    states.push(...events.map(({ reason, state }) => reason ?? state));
  }
  return { source: plan.source, states };
};

async function cancelUncalled(
  context: RoleContext,
  { about, aggregator, orderId }: Readonly<Record<'about' | 'aggregator' | 'orderId', string>>,
  called: ReadonlySet<string>,
): Promise<void> {
  const open = (await eventsOfOrder(context, orderId)).filter(isOpen);
  const gone = open.filter(({ assets }) => !assets.some(({ assetId }) => called.has(assetId)));
  if (gone.length === 0) return;
  const participantIds = gone.map(({ participantId }) => participantId);
  await submitSigned(context, aggregator, 'cancelEvents', about, { orderId, participantIds, reason: 'REPLANNED' });
}

/** Measures an hour of an order, slot by slot, against baseline and order; answers who deviated in which slots. */
export const trackHour: RoleStep = async (context, stepArguments) => {
  const orderId = textArgument(stepArguments, 'orderId');
  const fromSlot = numberArgument(stepArguments, 'fromSlot');
  const events = (await eventsOfOrder(context, orderId)).filter(isOpen);
  const slots = Array.from({ length: SLOTS_PER_HOUR }, (_, quarter) => fromSlot + quarter);
  const deviations = await Promise.all(slots.map((slot) => trackSlot(context, orderId, events, slot)));
  return deviations.flat();
};

async function trackSlot(
  context: RoleContext,
  orderId: string,
  events: readonly FlexEvent[],
  slot: number,
): Promise<StepValue[]> {
  const called = events.filter(({ assets }) => assets.some(({ isps }) => isps.some((isp) => isp.slot === slot)));
  if (called.length === 0) return [];
  const participantIds = called.map(({ participantId }) => participantId);
  const { lines } = await context.submit(
    'flexibility',
    'trackEvents',
    `flexibility/track/${orderId}/${slot}`,
    (commandId) => ({ request: { commandId, orderId, participantIds, slot } }),
  );
  return lines.filter(({ isDeviation }) => isDeviation).map(({ participantId }) => ({ participantId, slot }));
}

/** Measures the whole events of an order, or measures them again, and settles it; `round` counts how often that was asked for. */
export const settleOrder: RoleStep = async (context, stepArguments) => {
  const orderId = textArgument(stepArguments, 'orderId');
  const about = `${orderId}/${numberArgument(stepArguments, 'round')}`;
  const events = (await eventsOfOrder(context, orderId)).filter(
    (event) => isOpen(event) || event.state === 'COMPLETED',
  );
  const participantIds = events.map(({ participantId }) => participantId);
  if (participantIds.length > 0) {
    await context.submit('flexibility', 'completeEvents', `flexibility/complete/${about}`, (commandId) => ({
      request: { commandId, orderId, participantIds },
    }));
  }
  const { paidMicro, penaltyMicro } = await context.submit(
    'flexibility',
    'settleFlexibility',
    `flexibility/settle/${about}`,
    (commandId) => ({ request: { commandId, orderId } }),
  );
  return { paidMicro: paidMicro.toString(), penaltyMicro: penaltyMicro.toString() };
};

/** The events of an order in whatever state. */
export function eventsOfOrder(context: RoleContext, orderId: FlexOrder['orderId'] | string): Promise<FlexEvent[]> {
  return allPages((page) => context.evaluate('flexibility', 'listFlexEvents', { orderId, ...page }));
}
