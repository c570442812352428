/** `npm run bench -- market [--mode none|devnet|native]`: how fast markets clear, next to other people's programs. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { NetworkHandle } from '@flexledger/network';
import { repositoryRoot } from '../../faults/fault-network';
import { openBenchNetwork } from '../bench-network';
import { machineFacts, type Target } from '../report';
import { COMPARED_SIZE, measureClearing, peerRate, SIZES, type ClearingLeg } from './clearing-legs';
import { measureGrid, type GridLeg } from './grid-leg';
import { measureLimits, type LimitsLeg } from './limits-leg';
import { measureSession, type SessionLeg } from './session-leg';

type Mode = 'none' | 'devnet' | 'native';

/** What a whole run has shown, as the result file holds it. */
type MarketReport = ReturnType<typeof machineFacts> & {
  readonly benchmark: 'market';
  readonly clearing: readonly ClearingLeg[];
  readonly grid: GridLeg;
  readonly session?: SessionLeg;
  readonly limits?: LimitsLeg;
  readonly targets: readonly Target[];
};

/** From gate closure to the last applied chunk, in seconds, at most. */
const SESSION_SECONDS: Readonly<Record<'devnet' | 'native', number>> = { devnet: 30, native: 60 };

/** Measures and writes the result. */
export async function benchMarket(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { mode: { type: 'string', default: 'devnet' }, json: { type: 'string' } },
  });
  const mode = modeOf(values.mode);
  const facts = machineFacts();
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const clearing = measureClearing(say);
  const grid = measureGrid(say);
  const session = mode === 'none' ? undefined : await measureOn(mode, say, measureSession);
  const connections = mode === 'none' ? undefined : await measureOn(mode, say, measureLimits);
  const report: MarketReport = {
    benchmark: 'market',
    ...facts,
    clearing,
    grid,
    ...(session === undefined ? {} : { session }),
    ...(connections === undefined ? {} : { limits: connections }),
    targets: targetsOf(clearing, grid, session, mode),
  };
  const file = values.json ?? join(repositoryRoot, 'bench', 'results', `market-${mode}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, rounded, 2)}\n`);
  for (const { name, wanted, measured, met } of report.targets) {
    const verdict = met === undefined ? '' : met ? 'met' : 'NOT MET';
    process.stdout.write(`${name}: ${measured?.toPrecision(5) ?? 'not measured'} (${wanted}) ${verdict}\n`);
  }
  say(`the result is in ${file}`);
}

function modeOf(word: string): Mode {
  if (word === 'none' || word === 'devnet' || word === 'native') return word;
  throw new Error(`unknown mode ${word}; the modes are none, devnet and native`);
}

/** Measures on a network of its own. */
async function measureOn<T>(
  mode: 'devnet' | 'native',
  say: (line: string) => void,
  measure: (handle: NetworkHandle, folder: string, say: (line: string) => void) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-bench-'));
  const handle = await openBenchNetwork({ mode, release: undefined }, folder, undefined, say);
  try {
    return await measure(handle, join(folder, 'clients'), say);
  } finally {
    await handle.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function targetsOf(
  legs: readonly ClearingLeg[],
  grid: GridLeg,
  session: SessionLeg | undefined,
  mode: Mode,
): readonly Target[] {
  const compared = legs.find((leg) => leg.orders === COMPARED_SIZE);
  const largest = legs.find((leg) => leg.orders === SIZES.at(-1));
  const ratio = (name: string): number | undefined => {
    const rate = compared === undefined ? undefined : peerRate(compared, name);
    return rate === undefined ? undefined : (compared?.ordersPerSecond ?? Number.NaN) / rate;
  };
  const at = `at ${COMPARED_SIZE} orders`;
  return [
    target(`orders/s, times those of gsy-framework PayAsClear, ${at}`, ratio('gsy-framework PayAsClear'), 400, 'least'),
    target(`orders/s, times those of pymarket muda, ${at}`, ratio('pymarket muda'), 400, 'least'),
    target(`orders/s, times those of pymarket huang, ${at}`, ratio('pymarket huang'), 400, 'least'),
    target(`orders/s at ${SIZES.at(-1)} orders`, largest?.ordersPerSecond, 1_000_000, 'least'),
    target(`ms to derive and prove ${grid.orders} orders with grid limits`, grid.checkMs, 200, 'most'),
    ...(mode === 'none'
      ? []
      : [
          target(
            `seconds from gate closure to the last applied chunk of ${session?.orders ?? 0} orders, ${mode}`,
            session?.appliedSeconds,
            SESSION_SECONDS[mode],
            'most',
          ),
        ]),
  ];
}

function target(name: string, measured: number | undefined, bound: number, kind: 'least' | 'most'): Target {
  const wanted = `${kind === 'least' ? '>=' : '<='} ${bound}`;
  if (measured === undefined) return { name, wanted };
  return { name, wanted, measured, met: kind === 'least' ? measured >= bound : measured <= bound };
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
