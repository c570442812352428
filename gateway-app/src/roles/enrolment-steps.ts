import { isOpen, type FlexEvent, type JsonObject } from '@flexledger/domain';
import { asksAtMost, decideEvent, type DemandResponseHome } from '../agents/demand-response-agent';
import { eventsOfOrder } from './order-delivery-steps';
import { participantIdOfLabel } from './registration-steps';
import { textArgument, type RoleContext, type RoleStep } from './role-context';
import { objectArgument, submitSigned } from './signed-steps';

/** Prosumers enrol their assets in a programme (`enrolments`, by the owner's label); each signs for itself. */
export const enrol: RoleStep = async (context, stepArguments) => {
  const programmeId = textArgument(stepArguments, 'programmeId');
  const enrolments = Object.entries(objectArgument(stepArguments, 'enrolments'));
  await Promise.all(
    enrolments.map(([owner, fields]) =>
      submitSigned(context, owner, 'enrol', programmeId, { programmeId, ...(fields as JsonObject) }),
    ),
  );
  return null;
};

/** Prosumers say that they have received their events of an order. */
export const acknowledgeEvents: RoleStep = async (context, stepArguments) => {
  const orderId = textArgument(stepArguments, 'orderId');
  const events = await openEvents(context, orderId);
  const fresh = events.filter(({ event: { state } }) => state === 'NOTIFIED');
  await Promise.all(
    fresh.map(({ event: { revision }, owner }) =>
      submitSigned(context, owner, 'acknowledgeEvent', `${orderId}/${revision}`, { orderId }),
    ),
  );
  return fresh.length;
};

/**
 * The agents of prosumers decide about their events of an order. Who does not want to be asked for more than so many Wh (`mostWh`, by the owner's
 * label) opts out; all others opt in with `isLast`, and wait for the next plan without. Answers who has opted out.
 */
export const decideEvents: RoleStep = async (context, stepArguments) => {
  const orderId = textArgument(stepArguments, 'orderId');
  const mostWh = objectArgument(stepArguments, 'mostWh');
  const homeOf = (owner: string): DemandResponseHome => {
    const most = mostWh[owner];
    return { comfort: typeof most === 'string' ? [asksAtMost(BigInt(most))] : [], deviceWorks: true };
  };
  const decided = (await openEvents(context, orderId)).map(({ event, owner }) => ({
    owner,
    decision: decideEvent(event, homeOf(owner)),
  }));
  const wanted = decided.filter(
    ({ decision }) => stepArguments['isLast'] === true || decision.transaction === 'optOut',
  );
  await Promise.all(
    wanted.map(({ decision: { transaction, ...reason }, owner }) =>
      submitSigned(context, owner, transaction, orderId, { orderId, ...reason }),
    ),
  );
  return wanted.filter(({ decision }) => decision.transaction === 'optOut').map(({ owner }) => owner);
};

async function openEvents(
  context: RoleContext,
  orderId: string,
): Promise<readonly { readonly event: FlexEvent; readonly owner: string }[]> {
  const owners = new Map(context.plan.participants.map(({ label }) => [participantIdOfLabel(context, label), label]));
  const events = (await eventsOfOrder(context, orderId)).filter(isOpen);
  return events.flatMap((event) => {
    const owner = owners.get(event.participantId);
    return owner === undefined ? [] : [{ event, owner }];
  });
}
