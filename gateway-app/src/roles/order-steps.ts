import type { Session } from '@flexledger/domain';
import { sealOrders, type TradingAgent } from '../agents/order-agent';
import { supplierOrders, type WantedOrder } from '../agents/order-strategy';
import { derivePrivateKey } from '../agents/seed';
import { strategyOf } from '../agents/strategies';
import { SigningKey } from '../client/keys';
import { HOURS_PER_DAY, participantKeyLabel, type ParticipantPlan } from '../day/plan';
import { biddingContexts } from './bidding';
import type { RoleContext, RoleStep } from './role-context';
import { BIDDING_FRAME } from './rule-set';

/** Every prosumer's agent places its orders for the next day, from the forecast of its own meters. */
export const placeOrders: RoleStep = async (context) => {
  const contexts = await biddingContexts(context);
  const session = await readSession(context);
  const strategy = strategyOf(context.plan.strategy);
  const counts = await Promise.all(
    context.plan.participants.map(async (participant) => {
      const bidding = contexts.get(participant.label);
      if (bidding === undefined) return 0;
      const wanted = strategy.orders(bidding);
      await place(context, session, participant, wanted);
      return wanted.length;
    }),
  );
  return { orders: counts.reduce((sum, count) => sum + count, 0) };
};

/** The supplier offers and asks for as much as its connection carries in every hour. */
export const placeSupplierOrders: RoleStep = async (context) => {
  const session = await readSession(context);
  const supplier = context.plan.participants.find((participant) => participant.kind === 'supplier');
  if (supplier === undefined) throw new RangeError('the plan has no supplier');
  const wanted = supplierOrders(HOURS_PER_DAY, supplier.connectionLimitW, BIDDING_FRAME);
  await place(context, session, supplier, wanted);
  return { orders: wanted.length };
};

async function readSession(context: RoleContext): Promise<Session> {
  return context.evaluate('market', 'getSession', { sessionId: context.plan.sessionId });
}

async function place(
  context: RoleContext,
  session: Session,
  participant: ParticipantPlan,
  wanted: readonly WantedOrder[],
): Promise<void> {
  const agent: TradingAgent = {
    seed: context.plan.seed,
    label: participant.label,
    key: new SigningKey(derivePrivateKey(context.plan.seed, participantKeyLabel(participant.label))),
    connectionLimitW: participant.connectionLimitW,
  };
  await context.submit('market', 'placeOrders', `orders/${participant.label}`, (commandId) =>
    sealOrders(agent, session, wanted, {
      commandId,
      channel: context.ledger.channel,
      expirySlot: context.plan.gateCloseSlot,
    }),
  );
}
