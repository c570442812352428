import { parseArgs } from 'node:util';
import { RoleClient, type FactFeed } from '@flexledger/gateway-app';
import { Solver } from '@flexledger/solver';
import { pino } from 'pino';
import { LedgerPort } from './ledger-port';
import { Oracle } from './oracle';
import { ServiceCatalogue } from './service';
import { clearingGrid } from './services/clearing-grid';
import { coalition } from './services/coalition';
import { disaggregation } from './services/disaggregation';
import { forecastDayAhead } from './services/forecast-day-ahead';
import { segmentation } from './services/segmentation';

/*
 * The oracle as its own process:
 *   node oracle/dist/main.js --topology FILE --crypto DIRECTORY --data DIRECTORY [--organization Dso] [--identity oracle]
 * Logs are JSON lines on standard error. Where a parent process listens, it is told when the oracle is ready and gets
 * its counters on request.
 */

const PAUSE_MS = 1_000;

/** What the solver may use for one interval of a session, or one model of an order that is split or of coalitions. */
const SOLVER_LIMITS = { timeMsMax: 30_000, memoryBytesMax: 512 * 1_048_576 };

interface Arguments {
  readonly topology: string;
  readonly crypto: string;
  readonly data: string;
  readonly organization: string;
  readonly identity: string;
}

function readArguments(): Arguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { topology: text, crypto: text, data: text, organization: text, identity: text },
  });
  const { topology, crypto, data, organization = 'Dso', identity = 'oracle' } = values;
  if (topology === undefined || crypto === undefined || data === undefined) {
    throw new TypeError('the oracle needs --topology, --crypto and --data');
  }
  return { topology, crypto, data, organization, identity };
}

/** A pause that ends early when the signal is given. */
function pauseUntil(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, PAUSE_MS);
    const wake = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', wake, { once: true });
  });
}

/** What a parent may ask; the roles of a day answer the same question. */
function answerParent(client: RoleClient, feed: FactFeed): void {
  process.on('message', (message: { readonly kind?: string; readonly id?: number; readonly step?: string }) => {
    const { id = 0, step = '' } = message;
    if (message.kind !== 'step') {
      return;
    }
    if (step !== 'counters') {
      process.send?.({ kind: 'failed', id, code: 'ORACLE_STEP_UNKNOWN', message: `the oracle has no step ${step}` });
      return;
    }
    const { submitted, refused, retried, latenciesMs } = client.ledger.counters;
    const { received, lastBlock } = feed.counters;
    const result = { submitted, refused, retried, latenciesMs, received, lastBlock: Number(lastBlock) };
    process.send?.({ kind: 'done', id, result });
  });
  process.send?.({ kind: 'ready' });
}

async function main(): Promise<void> {
  const { topology, crypto, data, organization, identity } = readArguments();
  const log = pino({ name: 'oracle', base: { organization } }, pino.destination(2));
  const client = await RoleClient.openFromFiles({
    topologyFile: topology,
    cryptoDirectory: crypto,
    organization,
    identity,
    dataDirectory: data,
    onRetry: (error, { contract, transaction }) => {
      log.warn({ code: error.code, transaction: `${contract}:${transaction}` }, 'endorsed again');
    },
  });
  const stopping = new AbortController();
  const port = new LedgerPort(client.ledger);
  const solver = new Solver(SOLVER_LIMITS);
  const oracle = new Oracle({
    ledger: port,
    services: new ServiceCatalogue([forecastDayAhead]),
    clearings: { ledger: port, services: new ServiceCatalogue([clearingGrid(solver)]) },
    disaggregations: { ledger: port, services: new ServiceCatalogue([disaggregation(solver)]) },
    coalitions: { ledger: port, services: new ServiceCatalogue([coalition(solver)]) },
    bands: { ledger: port, service: segmentation },
    log,
    pause: () => pauseUntil(stopping.signal),
  });
  const feed = await client.facts({
    onReopen: (reason) => {
      log.warn({ reason: reason?.message }, 'the stream of facts is opened again');
    },
  });
  const stop = (): void => {
    stopping.abort();
    oracle.stop();
    feed.close();
  };
  process.on('disconnect', stop);
  process.on('SIGTERM', stop);
  // Ctrl-C reaches the whole group of processes; the parent decides in which order they end.
  process.on('SIGINT', process.send === undefined ? stop : () => undefined);
  answerParent(client, feed);
  for (const { command, outcome } of await client.ledger.resume()) {
    log.info({ commandId: command.commandId, failed: outcome instanceof Error }, 'finished a command of before');
  }
  await oracle.catchUp();
  log.info('following the facts');
  await oracle.follow(feed);
  await solver.close();
  await client.close();
  log.info(oracle.counters, 'stopped');
  if (process.connected) {
    process.disconnect();
  }
}

main().catch((error: unknown) => {
  pino({ name: 'oracle' }, pino.destination(2)).fatal({ err: error }, 'the oracle has ended');
  process.exit(1);
});
