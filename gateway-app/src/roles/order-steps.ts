import type { Session } from '@flexledger/domain';
import { sealOrders, type TradingAgent } from '../agents/order-agent';
import { prosumerOrders, supplierOrders, type IntervalForecast, type WantedOrder } from '../agents/order-strategy';
import { derivePrivateKey } from '../agents/seed';
import { SigningKey } from '../client/keys';
import { HOURS_PER_DAY, participantKeyLabel, type ParticipantPlan } from '../day/plan';
import { readForecasts } from './forecasts';
import type { RoleContext, RoleStep } from './role-context';
import { BIDDING_FRAME } from './rule-set';

/** Every prosumer's agent places its orders for the next day, from the forecast of its own meters. */
export const placeOrders: RoleStep = async (context) => {
  const forecasts = await readForecasts(context);
  const session = await readSession(context);
  const prosumers = context.plan.participants.filter((participant) => participant.kind === 'prosumer');
  const counts = await Promise.all(
    prosumers.map(async (participant) => {
      const series = forecastOf(participant, forecasts);
      // One interval is an hour: the connection carries as many watt-hours as watts.
      const bidder = { label: participant.label, connectionWh: participant.connectionLimitW };
      const wanted = prosumerOrders(context.plan.seed, bidder, series, BIDDING_FRAME);
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

/** Sum over the participant's meters, hour by hour. */
function forecastOf(
  participant: ParticipantPlan,
  forecasts: ReadonlyMap<string, readonly IntervalForecast[]>,
): IntervalForecast[] {
  return Array.from({ length: HOURS_PER_DAY }, (_, hour) => {
    let [importWh, exportWh] = [0n, 0n];
    for (const meter of participant.meters) {
      const forecast = forecasts.get(meter.meterId)?.[hour];
      importWh += forecast?.importWh ?? 0n;
      exportWh += forecast?.exportWh ?? 0n;
    }
    return { importWh, exportWh };
  });
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
