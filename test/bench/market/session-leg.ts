import {
  exampleGrid,
  exampleRuleSet,
  limits,
  slotOfSeconds,
  slotsPerDay,
  type JsonObject,
  type Session,
} from '@flexledger/domain';
import { sealOrders, type WantedOrder } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { submitPlain } from '../../faults/party';
import { commandIdOf, CONNECTION_LIMIT_W, registerTraders, traderOf, type Trader } from '../../faults/scene';
import { foundConsortium, openParties, type PartyOf } from '../scene';
import { Draw } from './market-orders';

/** Participants × 24 hours × two orders: a little more than 5,000 orders. */
const PARTICIPANTS = 105;
const INTERVALS = 24;
const FUND_MICRO = '1000000000000';
const SECONDS_PER_DAY = 86_400;
const DAYS_AGO = 5;
/** Commands under way at once while the session is filled, which is not measured. */
const FILLERS = 8;

/** How long a session takes from the tick that closes its gate to its last applied chunk. */
export interface SessionLeg {
  readonly network: string;
  readonly orders: number;
  readonly participants: number;
  readonly chunks: number;
  readonly tradedWh: number;
  /** From the gate's closure on the ledger clock to the end of each step, in seconds. */
  readonly closedSeconds: number;
  readonly publishedSeconds: number;
  readonly clearedSeconds: number;
  readonly appliedSeconds: number;
}

/** Fills a session with orders, then measures everything after its gate. */
export async function measureSession(
  handle: NetworkHandle,
  folder: string,
  say: (line: string) => void,
): Promise<SessionLeg> {
  const parties = await openParties(handle, folder);
  try {
    const seed = `bench-${Date.now()}`;
    const session = await openSession(parties, seed);
    const orderIds = await fill(parties, handle.channelName, seed, session);
    say(`${orderIds.length} orders of ${PARTICIPANTS} participants are placed; the gate closes`);
    return { network: handle.description, ...(await finish(parties, seed, session, orderIds)) };
  } finally {
    await Promise.all(Object.values(parties).map((party) => party.close()));
  }
}

async function openSession(parties: PartyOf, seed: string): Promise<Session> {
  await foundConsortium(parties, seed);
  const firstSlot = slotOfSeconds(Math.floor(Date.now() / 1000) - DAYS_AGO * SECONDS_PER_DAY);
  const today = firstSlot - (firstSlot % slotsPerDay);
  await submitPlain(parties.tso, 'registry', 'tick', {
    commandId: commandIdOf(seed, 'tick/day'),
    fromSlot: today,
    toSlot: today + slotsPerDay - 9,
  });
  await submitPlain(parties.dso, 'registry', 'registerGrid', {
    commandId: commandIdOf(seed, 'grid'),
    ...(exampleGrid as unknown as JsonObject),
  });
  const { response } = await submitPlain(parties.market, 'market', 'openSession', {
    commandId: commandIdOf(seed, 'session'),
    sessionId: commandIdOf(seed, 'session-id'),
    kind: 'day-ahead',
    gridId: exampleGrid.gridId,
    firstSlot: today + slotsPerDay,
    intervals: INTERVALS,
    gateCloseSlot: today + slotsPerDay - 8,
    publishDeadlineSlot: today + slotsPerDay - 4,
  });
  return response;
}

/** Registers and funds participants and places their orders; answers the ids of all orders. */
async function fill(parties: PartyOf, channel: string, seed: string, session: Session): Promise<readonly string[]> {
  const traders = Array.from({ length: PARTICIPANTS }, (_, index) => traderOf(seed, `trader/${index}`));
  const size = limits.participantsPerCallMax;
  for (let start = 0; start < traders.length; start += size) {
    const group = traders.slice(start, start + size);
    await registerTraders(parties.community, channel, seed, `traders/${start}`, group);
  }
  const draw = new Draw(PARTICIPANTS);
  const wanted = traders.map((_, index) => wantedOrders(draw, index % 2 === 0));
  const placed: string[][] = traders.map(() => []);
  const worker = async (first: number): Promise<void> => {
    for (let index = first; index < traders.length; index += FILLERS) {
      const trader = traders[index];
      if (trader !== undefined) {
        placed[index] = await placeOrders(parties, channel, seed, session, trader, wanted[index] ?? []);
      }
    }
  };
  await Promise.all(Array.from({ length: FILLERS }, (_, first) => worker(first)));
  return placed.flat();
}

/** Buyers bid up to the retail price and offer above it; sellers ask from the feed-in price on and bid below it. */
function wantedOrders(draw: Draw, buys: boolean): readonly WantedOrder[] {
  const tick = Number(exampleRuleSet.tickMicroPerKwh);
  const price = (least: number, most: number): bigint => BigInt(tick * draw.between(least / tick, most / tick));
  const energy = (): bigint => BigInt(draw.between(50, Number(CONNECTION_LIMIT_W)));
  return Array.from({ length: INTERVALS }, (_, interval): WantedOrder[] => [
    {
      side: 'buy',
      interval,
      energyWh: energy(),
      limitPriceMicroPerKwh: buys ? price(120_000, 320_000) : price(10_000, 60_000),
    },
    {
      side: 'sell',
      interval,
      energyWh: energy(),
      limitPriceMicroPerKwh: buys ? price(330_000, 400_000) : price(80_000, 280_000),
    },
  ]).flat();
}

async function placeOrders(
  { community, market }: PartyOf,
  channel: string,
  seed: string,
  session: Session,
  trader: Trader,
  wanted: readonly WantedOrder[],
): Promise<string[]> {
  await submitPlain(market, 'accounts', 'fund', {
    commandId: commandIdOf(seed, `fund/${trader.label}`),
    participantId: trader.key.address,
    amountMicro: FUND_MICRO,
    reference: 'opening payment',
  });
  const commandId = commandIdOf(seed, `orders/${trader.label}`);
  const agent = { seed, label: trader.label, key: trader.key, connectionLimitW: CONNECTION_LIMIT_W };
  const expirySlot = session.gateCloseSlot;
  const { confidential, request } = sealOrders(agent, session, wanted, { commandId, channel, expirySlot });
  await submitPlain(community, 'market', 'placeOrders', request, { confidential });
  const { sealed } = request;
  return (sealed as unknown as readonly { readonly orderId: string }[]).map(({ orderId }) => orderId);
}

/** Closes, publishes, clears and applies, as the market operator's app does. */
async function finish(
  { market, tso }: PartyOf,
  seed: string,
  session: Session,
  orderIds: readonly string[],
): Promise<Omit<SessionLeg, 'network'>> {
  const { gateCloseSlot, sessionId } = session;
  const command = (label: string): JsonObject => ({ commandId: commandIdOf(seed, label), sessionId });
  await submitPlain(tso, 'registry', 'tick', {
    commandId: commandIdOf(seed, 'tick/gate'),
    fromSlot: gateCloseSlot,
    toSlot: gateCloseSlot,
  });
  const startMs = performance.now();
  const passed = (): number => (performance.now() - startMs) / 1_000;
  await submitPlain(market, 'market', 'closeSession', command('close'));
  const closedSeconds = passed();
  const size = limits.ordersPerPublishMax;
  const parts = Array.from({ length: Math.ceil(orderIds.length / size) }, (_, part) =>
    orderIds.slice(part * size, (part + 1) * size),
  );
  await Promise.all(
    parts.map((part, index) =>
      submitPlain(market, 'market', 'publishOrders', { ...command(`publish/${index}`), orderIds: [...part] }),
    ),
  );
  const publishedSeconds = passed();
  const { response: clearing } = await submitPlain(market, 'market', 'clear', command('clear'));
  const clearedSeconds = passed();
  for (let chunk = 0; chunk < clearing.chunks; chunk += 1) {
    await submitPlain(market, 'market', 'applyClearing', { ...command(`apply/${chunk}`), chunk });
  }
  return {
    orders: orderIds.length,
    participants: clearing.participants,
    chunks: clearing.chunks,
    tradedWh: Number(clearing.tradedWh),
    closedSeconds,
    publishedSeconds,
    clearedSeconds,
    appliedSeconds: passed(),
  };
}
