import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { ClearingOrder } from '@flexledger/domain';
import { repositoryRoot } from '../../faults/fault-network';

/** Names a Python in which other programs are installed, for example that of a virtual environment. */
export const PEERS_PYTHON = 'PEERS_PYTHON';

/** The other programs, and up to how many orders each is asked: most of them take time with the square of the orders. */
export const PEERS = [
  { name: 'gsy-framework PayAsClear', ordersMax: 4_000 },
  { name: 'gsy-framework PayAsBid', ordersMax: 1_000 },
  { name: 'pymarket muda', ordersMax: 4_000 },
  { name: 'pymarket huang', ordersMax: 4_000 },
] as const;

/** What another program did with the same orders; `absent` says why it did not run. */
export type PeerResult =
  { readonly seconds: readonly number[]; readonly tradedWh: number } | { readonly absent: string };

const TIMEOUT_MS = 300_000;

/** Lets the other programs clear some orders, each `rounds` times. */
export function runPeers(
  orders: readonly ClearingOrder[],
  names: readonly string[],
  rounds: number,
): Readonly<Record<string, PeerResult>> {
  const task = {
    rounds,
    programs: names,
    orders: orders.map(({ energyWh, limitPriceMicroPerKwh, orderId, side }) => ({
      id: orderId,
      side,
      energyWh: Number(energyWh),
      priceMicroPerKwh: Number(limitPriceMicroPerKwh),
    })),
  };
  const script = join(repositoryRoot, 'test', 'bench', 'market', 'peers.py');
  try {
    const answer = execFileSync(process.env[PEERS_PYTHON] ?? 'python3', [script], {
      input: JSON.stringify(task),
      encoding: 'utf8',
      maxBuffer: 1 << 24,
      stdio: ['pipe', 'pipe', 'ignore'],
      timeout: TIMEOUT_MS,
    });
    return JSON.parse(answer) as Readonly<Record<string, PeerResult>>;
  } catch (error) {
    const absent = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return Object.fromEntries(names.map((name) => [name, { absent }]));
  }
}
