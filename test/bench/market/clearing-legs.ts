import { clearInterval, type ClearingOrder } from '@flexledger/domain';
import { median } from '../report';
import { randomOrders } from './market-orders';
import { PEERS, runPeers, type PeerResult } from './peers';

/** The sizes of market that are cleared, in orders. */
export const SIZES = [100, 1_000, 4_000, 10_000, 100_000] as const;
/** The size at which other programs are compared. */
export const COMPARED_SIZE = 4_000;
/** Prices in whole micro-units, and in whole tenths of a cent, where many orders share a price. */
const TICKS = [1, 1_000] as const;
const K_PPM = 500_000n;
/** So long or so often a size is repeated, whichever is more. */
const LEG_MS = 400;
const ROUNDS_MIN = 7;
const PEER_ROUNDS = 3;

/** One size of market, cleared by FlexLedger and by the other programs that are there. */
export interface ClearingLeg {
  readonly orders: number;
  readonly tickMicroPerKwh: number;
  readonly rounds: number;
  readonly medianMs: number;
  readonly ordersPerSecond: number;
  readonly tradedWh: number;
  readonly peers: Readonly<Record<string, PeerResult>>;
}

/** Clears markets of all sizes; ours before and after the other programs, so that both meet the same machine. */
export function measureClearing(say: (line: string) => void): readonly ClearingLeg[] {
  return TICKS.flatMap((tick) =>
    SIZES.map((size) => {
      const orders = randomOrders(size, tick);
      const before = timed(orders);
      const names = PEERS.filter(({ ordersMax }) => size <= ordersMax).map(({ name }) => name);
      const peers = names.length === 0 ? {} : runPeers(orders, names, PEER_ROUNDS);
      const times = [...before, ...timed(orders)];
      const medianMs = median(times);
      const leg = {
        orders: size,
        tickMicroPerKwh: tick,
        rounds: times.length,
        medianMs,
        ordersPerSecond: (size / medianMs) * 1_000,
        tradedWh: Number(clearInterval(orders, K_PPM).tradedWh),
        peers,
      };
      say(`${size} orders, tick ${tick}: ${medianMs.toFixed(2)} ms, ${Math.round(leg.ordersPerSecond)} orders/s`);
      return leg;
    }),
  );
}

function timed(orders: readonly ClearingOrder[]): readonly number[] {
  const times: number[] = [];
  const endMs = performance.now() + LEG_MS;
  while (times.length < ROUNDS_MIN || performance.now() < endMs) {
    const startMs = performance.now();
    clearInterval(orders, K_PPM);
    times.push(performance.now() - startMs);
  }
  return times;
}

/** Orders per second of another program in its median round; undefined where it did not run. */
export function peerRate(leg: ClearingLeg, name: string): number | undefined {
  const result = leg.peers[name];
  return result === undefined || 'absent' in result ? undefined : leg.orders / median(result.seconds);
}
