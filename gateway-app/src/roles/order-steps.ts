import type { Session } from '@flexledger/domain';
import { sealOrders, type TradingAgent } from '../agents/order-agent';
import { supplierOrders, type WantedOrder } from '../agents/order-strategy';
import { derivePrivateKey } from '../agents/seed';
import { strategyOf } from '../agents/strategies';
import { SigningKey } from '../client/keys';
import { sessionNames, type SessionNames } from '../day/intraday';
import { participantKeyLabel, SLOTS_PER_HOUR, type ParticipantPlan } from '../day/plan';
import { biddingContexts } from './bidding';
import type { RoleContext, RoleStep } from './role-context';
import { biddingFrameOf } from './rule-set';

/** Every prosumer's agent places its orders for the next day, from the forecast of its own meters. */
export const placeOrders: RoleStep = async (context) => {
  const contexts = await biddingContexts(context);
  const names = sessionNames(context.plan, {});
  const session = await readSession(context, names);
  const strategy = strategyOf(context.plan.strategy);
  const counts = await Promise.all(
    context.plan.participants.map(async (participant) => {
      const bidding = contexts.get(participant.label);
      if (bidding === undefined) return 0;
      const wanted = strategy.orders(bidding);
      await placeSealed(context, session, participant, { wanted, names });
      return wanted.length;
    }),
  );
  return { orders: counts.reduce((sum, count) => sum + count, 0) };
};

/** The supplier offers and asks for as much as its connection carries in every interval of a session. */
export const placeSupplierOrders: RoleStep = async (context, stepArguments) => {
  const names = sessionNames(context.plan, stepArguments);
  const session = await readSession(context, names);
  const supplier = context.plan.participants.find((participant) => participant.kind === 'supplier');
  if (supplier === undefined) throw new RangeError('the plan has no supplier');
  const energyWh = intervalWh(supplier.connectionLimitW, session.intervalSlots);
  const wanted = supplierOrders(session.intervals, energyWh, biddingFrameOf(context.plan));
  await placeSealed(context, session, supplier, { wanted, names });
  return { orders: wanted.length };
};

/** Energy that a connection carries in one interval, in Wh. */
export function intervalWh(connectionLimitW: bigint, intervalSlots: number): bigint {
  return (connectionLimitW * BigInt(intervalSlots)) / BigInt(SLOTS_PER_HOUR);
}

/** The session as the ledger has it. */
export async function readSession(context: RoleContext, { sessionId }: SessionNames): Promise<Session> {
  return context.evaluate('market', 'getSession', { sessionId });
}

/** What a participant wants to place in which session. */
export interface Placement {
  readonly wanted: readonly WantedOrder[];
  readonly names: SessionNames;
}

/** A participant's agent seals its orders of a session and places them. */
export async function placeSealed(
  context: RoleContext,
  session: Session,
  participant: ParticipantPlan,
  { names, wanted }: Placement,
): Promise<void> {
  const agent: TradingAgent = {
    seed: context.plan.seed,
    label: participant.label,
    key: new SigningKey(derivePrivateKey(context.plan.seed, participantKeyLabel(participant.label))),
    connectionLimitW: participant.connectionLimitW,
  };
  await context.submit('market', 'placeOrders', `${names.ordersLabel}/${participant.label}`, (commandId) =>
    sealOrders(agent, session, wanted, {
      commandId,
      channel: context.ledger.channel,
      expirySlot: session.gateCloseSlot,
    }),
  );
}
