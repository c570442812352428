import {
  hasGridLimits,
  statementTotalsCodec,
  type Clearing,
  type Order,
  type Statement,
  type Trade,
} from '@flexledger/domain';
import { intradayHours, intradaySession, sessionNames } from '../day/intraday';
import { localTimeOfSlot } from '../grid/simbench';
import { ANSWER_SLOTS, HOURS_PER_DAY, SLOTS_PER_DAY, SLOTS_PER_HOUR } from '../day/plan';
import type { StatementReport } from '../report/report-types';
import { allPages } from './all-pages';
import { limitedIntervals } from './grid-limit-steps';
import { participantIdOfLabel } from './registration-steps';
import type { StepValue } from './protocol';
import { numberArgument, type RoleContext, type RoleStep } from './role-context';

/** How long and how often an oracle's answer is looked for. */
const AWAIT_MS = 60_000;
const AWAIT_PAUSE_MS = 200;
/** Orders in one publication, at most. */
const ORDERS_PER_PUBLICATION_MAX = 250;
/** Statements in one command, at most. */
const STATEMENTS_PER_COMMAND_MAX = 50;
/** What participants bring to the platform, in micro-euro: enough to lock for their orders and deviations. */
const PROSUMER_FUND_MICRO = '5000000000';
const SUPPLIER_FUND_MICRO = '50000000000';

/** Books what the participants have paid in. */
export const fund: RoleStep = async (context) => {
  await Promise.all(
    context.plan.participants.map((participant) =>
      context.submit('accounts', 'fund', `fund/${participant.label}`, (commandId) => ({
        request: {
          commandId,
          participantId: participantIdOfLabel(context, participant.label),
          amountMicro: participant.kind === 'supplier' ? SUPPLIER_FUND_MICRO : PROSUMER_FUND_MICRO,
          reference: `opening payment of ${participant.label}`,
        },
      })),
    ),
  );
  return null;
};

/** Opens the day-ahead session of the delivery day. */
export const openSession: RoleStep = async (context) => {
  const { plan } = context;
  await context.submit('market', 'openSession', 'session/open', (commandId) => ({
    request: {
      commandId,
      sessionId: plan.sessionId,
      kind: 'day-ahead',
      gridId: plan.gridId,
      firstSlot: plan.deliverySlot,
      intervals: HOURS_PER_DAY,
      gateCloseSlot: plan.gateCloseSlot,
      publishDeadlineSlot: plan.publishDeadlineSlot,
    },
  }));
  return null;
};

/** Opens the intraday session after so many hours of the delivery day. */
export const openIntraday: RoleStep = async (context, stepArguments) => {
  const { plan } = context;
  const { firstSlot, gateCloseSlot, intervals, publishDeadlineSlot } = intradaySession(
    plan,
    numberArgument(stepArguments, 'hour'),
  );
  const { label, sessionId } = sessionNames(plan, stepArguments);
  await context.submit('market', 'openSession', `${label}/open`, (commandId) => ({
    request: {
      commandId,
      sessionId,
      kind: 'intraday',
      gridId: plan.gridId,
      firstSlot,
      intervals,
      gateCloseSlot,
      publishDeadlineSlot,
    },
  }));
  return null;
};

/** Closes a session after its gate: that of the next day, or the intraday session of an hour. */
export const closeSession: RoleStep = async (context, stepArguments) => {
  const { label, sessionId } = sessionNames(context.plan, stepArguments);
  await context.submit('market', 'closeSession', `${label}/close`, (commandId) => ({
    request: { commandId, sessionId },
  }));
  return null;
};

/** Opens the seals of all orders, in chunks of at most 250. */
export const publishOrders: RoleStep = async (context, stepArguments) => {
  const { label, sessionId } = sessionNames(context.plan, stepArguments);
  const orderIds = (await listOrders(context, sessionId)).map((order) => order.orderId);
  const chunks = Array.from({ length: Math.ceil(orderIds.length / ORDERS_PER_PUBLICATION_MAX) }, (_, chunk) => chunk);
  // Chunks name different orders, so that they do not conflict with each other.
  await Promise.all(
    chunks.map((chunk) => {
      const start = chunk * ORDERS_PER_PUBLICATION_MAX;
      const own = orderIds.slice(start, start + ORDERS_PER_PUBLICATION_MAX);
      return context.submit('market', 'publishOrders', `${label}/publish/${start}`, (commandId) => ({
        request: { commandId, sessionId, orderIds: own },
      }));
    }),
  );
  return { orders: orderIds.length };
};

/**
 * Asks the oracles which limits of the grid bind, and waits for an answer; without limits there is nothing to ask. The request ends
 * soon after the last orders could be published, so that the market closes before delivery without an answer.
 */
export const requestClearing: RoleStep = async (context, stepArguments) => {
  const { label, sessionId } = sessionNames(context.plan, stepArguments);
  const { waitMs = AWAIT_MS } = stepArguments;
  const session = await context.evaluate('market', 'getSession', { sessionId });
  if (!hasGridLimits(session)) return null;
  const expirySlot = Math.min(session.publishDeadlineSlot + ANSWER_SLOTS, session.firstSlot);
  await context.submit('market', 'requestClearing', `${label}/request-clearing`, (commandId) => ({
    request: { commandId, sessionId, expirySlot },
  }));
  for (let tries = 0; tries < Number(waitMs) / AWAIT_PAUSE_MS; tries += 1) {
    const { request } = await context.evaluate('market', 'getClearingRequest', { sessionId });
    if (request?.state === 'ANSWERED') return { answered: true };
    await new Promise((resolve) => setTimeout(resolve, AWAIT_PAUSE_MS));
  }
  return { answered: false };
};

/** Computes the prices and fills of all intervals. */
export const clear: RoleStep = async (context, stepArguments) => {
  const { label, sessionId } = sessionNames(context.plan, stepArguments);
  await context.submit('market', 'clear', `${label}/clear`, (commandId) => ({ request: { commandId, sessionId } }));
  return null;
};

/** Writes trades and positions, chunk by chunk in order. */
export const applyClearing: RoleStep = async (context, stepArguments) => {
  const { label, sessionId } = sessionNames(context.plan, stepArguments);
  const clearing = await readClearing(context, sessionId);
  for (let chunk = 0; chunk < clearing.chunks; chunk += 1) {
    await context.submit('market', 'applyClearing', `${label}/apply/${chunk}`, (commandId) => ({
      request: { commandId, sessionId, chunk },
    }));
  }
  return null;
};

/** Settles an hour of the delivery day against the meters, bucket by bucket. */
export const settleHour: RoleStep = async (context, stepArguments) => {
  const { plan } = context;
  const hour = numberArgument(stepArguments, 'hour');
  const fromSlot = plan.deliverySlot + hour * SLOTS_PER_HOUR;
  await Promise.all(
    (await buckets(context)).map((bucket) =>
      context.submit('accounts', 'settleInterval', `settle/${hour}/${bucket}`, (commandId) => ({
        request: { commandId, sessionId: plan.sessionId, fromSlot, intervals: SLOTS_PER_HOUR, run: 1, bucket },
      })),
    ),
  );
  return null;
};

/** Issues the statement of every participant over the whole day; answers their totals, ordered by name. */
export const statements: RoleStep = async (context) => {
  const { plan } = context;
  const labels = participantLabels(context);
  const participantIds = [...labels.keys()];
  const reports: StatementReport[] = [];
  for (let start = 0; start < participantIds.length; start += STATEMENTS_PER_COMMAND_MAX) {
    const answer = await context.submit('accounts', 'statement', `statements/${start}`, (commandId) => ({
      request: {
        commandId,
        sessionId: plan.sessionId,
        run: 1,
        firstSlot: plan.deliverySlot,
        slots: SLOTS_PER_DAY,
        participantIds: participantIds.slice(start, start + STATEMENTS_PER_COMMAND_MAX),
      },
    }));
    reports.push(...answer.statements.map((statement) => statementReport(statement, labels)));
  }
  reports.sort((left, right) => (left.participant < right.participant ? -1 : 1));
  return reports as unknown as StepValue;
};

/** Gives the rent of the session's grid limits back to its members, bucket by bucket, where the rule set says so and there is any. */
export const shareRent: RoleStep = async (context) => {
  const { sessionId } = context.plan;
  const clearing = await readClearing(context, sessionId);
  if ((clearing.rentMicro ?? 0n) === 0n) return { sharedMicro: '0' };
  const all = await buckets(context);
  for (const bucket of all) {
    await context.submit('accounts', 'weighRent', `rent/weigh/${bucket}`, (commandId) => ({
      request: { commandId, sessionId, bucket },
    }));
  }
  let sharedMicro = 0n;
  for (const bucket of all) {
    const shared = await context.submit('accounts', 'shareRent', `rent/share/${bucket}`, (commandId) => ({
      request: { commandId, sessionId, bucket },
    }));
    sharedMicro += shared.sharedMicro;
  }
  return { sharedMicro: sharedMicro.toString() };
};

function statementReport(statement: Statement, labels: ReadonlyMap<string, string>): StatementReport {
  return {
    participantId: statement.participantId,
    participant: labels.get(statement.participantId) ?? '',
    totals: statementTotalsCodec.encode(statement.totals) as unknown as StatementReport['totals'],
    linesDigest: statement.linesDigest,
  };
}

/** Address to name of every participant, in the order of the plan. */
function participantLabels(context: RoleContext): Map<string, string> {
  const { participants } = context.plan;
  return new Map(participants.map(({ label }) => [participantIdOfLabel(context, label), label]));
}

/** What the market operator's books say: prices and trades. */
export const outcome: RoleStep = async (context) => {
  const labels = participantLabels(context);
  const clearing = await readClearing(context, context.plan.sessionId);
  const limited = context.plan.gridLimits ? await limitedIntervals(context) : [];
  const prices = clearing.intervals.map((interval) => ({
    interval: interval.interval,
    start: localTimeOfSlot(interval.firstSlot),
    priceMicroPerKwh: interval.price?.clearingMicroPerKwh.toString() ?? null,
    tradedWh: interval.tradedWh.toString(),
    ...(limited[interval.interval] ?? {}),
  }));
  const trades = (await listTrades(context)).map((trade) => tradeReport(trade, labels));
  return { prices: prices as unknown as StepValue, trades };
};

/** What was traded again on the day, in all intraday sessions together. */
export const intradayOutcome: RoleStep = async (context) => {
  let [tradedWh, intervals] = [0n, 0];
  for (const hour of intradayHours) {
    const clearing = await readClearing(context, sessionNames(context.plan, { hour }).sessionId);
    intervals += clearing.intervals.length;
    tradedWh += clearing.intervals.reduce((sum, interval) => sum + interval.tradedWh, 0n);
  }
  return { sessions: intradayHours.length, intervals, tradedWh: tradedWh.toString() };
};

function tradeReport(trade: Trade, labels: ReadonlyMap<string, string>): StepValue {
  return {
    interval: trade.interval,
    start: localTimeOfSlot(trade.firstSlot),
    orderId: trade.orderId,
    participantId: trade.participantId,
    participant: labels.get(trade.participantId) ?? '',
    side: trade.side,
    energyWh: trade.energyWh.toString(),
    priceMicroPerKwh: trade.priceMicroPerKwh.toString(),
  };
}

async function buckets(context: RoleContext): Promise<number[]> {
  return (await readClearing(context, context.plan.sessionId)).bucketFirsts.map((_, bucket) => bucket);
}

async function readClearing(context: RoleContext, sessionId: string): Promise<Clearing> {
  const { clearing } = await context.evaluate('market', 'getClearing', { sessionId });
  if (clearing === null) throw new Error(`session ${sessionId} is not cleared yet`);
  return clearing;
}

async function listOrders(context: RoleContext, sessionId: string): Promise<Order[]> {
  return allPages((page) => context.evaluate('market', 'listOrders', { sessionId, ...page }));
}

async function listTrades(context: RoleContext): Promise<Trade[]> {
  return allPages((page) => context.evaluate('market', 'listTrades', { sessionId: context.plan.sessionId, ...page }));
}
