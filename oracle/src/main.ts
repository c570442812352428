import { parseArgs } from 'node:util';
import { RoleClient, type FactFeed } from '@flexledger/gateway-app';
import { Solver, type SolverLimits } from '@flexledger/solver';
import { pino } from 'pino';
import { configuredServices, readConfiguration, type Configuration } from './configuration';
import { LedgerPort } from './ledger-port';
import { Oracle } from './oracle';
import { OperationsServer, OracleMetrics } from './operations';
import type { KindName, ServicesByKind } from './plug-in/kinds';
import type { OracleLog } from './ports';
import { ServiceCatalogue, type ComputationService } from './service';
import { clearingGrid } from './services/clearing-grid';
import { coalition } from './services/coalition';
import { disaggregation } from './services/disaggregation';
import { forecastDayAhead } from './services/forecast-day-ahead';
import { forecastTrained, USUAL_TIME_ZONE } from './services/forecast-trained';
import { segmentation } from './services/segmentation';

/*
 * The oracle as its own process:
 *   node oracle/dist/main.js --topology FILE --crypto DIRECTORY --data DIRECTORY [--organization Dso] [--identity oracle] [--config FILE]
 * Logs are JSON lines on standard error. Where a parent process listens, it is told when the oracle is ready and gets
 * its counters on request. docs/oracle-services.md describes the configuration.
 */

const PAUSE_MS = 1_000;

/** How long a service that runs may hold up the end of the process. */
const STOP_MS_MAX = 5_000;

const MIB = 1_048_576;

/** What the solver may use for one interval of a session, or one model of an order that is split or of coalitions. */
function solverLimits({ solver = {} }: Configuration): SolverLimits {
  const { memoryMiBMax = 512, timeSecondsMax = 30 } = solver;
  return { timeMsMax: timeSecondsMax * 1_000, memoryBytesMax: memoryMiBMax * MIB };
}

interface Arguments {
  readonly topology: string;
  readonly crypto: string;
  readonly data: string;
  readonly organization: string;
  readonly identity: string;
  /** The file of the configuration; absent for the built-in services alone. */
  readonly config?: string;
}

function readArguments(): Arguments {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { topology: text, crypto: text, data: text, organization: text, identity: text, config: text },
  });
  const { topology, crypto, data, organization = 'Dso', identity = 'oracle', config } = values;
  if (topology === undefined || crypto === undefined || data === undefined) {
    throw new TypeError('the oracle needs --topology, --crypto and --data');
  }
  return { topology, crypto, data, organization, identity, ...(config === undefined ? {} : { config }) };
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

type Named = Pick<ComputationService, 'name' | 'version'>;

/** The services that are built in, and those of the configuration beside them. */
async function offered(
  config: string | undefined,
  configuration: Configuration,
  solver: Solver,
  log: OracleLog,
): Promise<ServicesByKind> {
  const configured = config === undefined ? [] : await configuredServices(config, configuration, log);
  // One of the same name and version takes the place of the built-in one: a consortium may have a better way to the same answer.
  const withBuiltIn = <T extends Named>(kind: KindName, ...builtIn: readonly T[]): readonly T[] => {
    const own = configured.filter((one) => one.kind === kind).map(({ service }) => service as unknown as T);
    const isReplaced = (one: T): boolean =>
      own.some(({ name, version }) => name === one.name && version === one.version);
    return [...builtIn.filter((one) => !isReplaced(one)), ...own];
  };
  const { timeZone = USUAL_TIME_ZONE } = configuration;
  return {
    forecast: withBuiltIn<ComputationService>(
      'forecast',
      forecastDayAhead,
      forecastTrained('day-ahead', timeZone),
      forecastTrained('intraday', timeZone),
    ),
    clearing: withBuiltIn('clearing', clearingGrid(solver)),
    disaggregation: withBuiltIn('disaggregation', disaggregation(solver)),
    coalition: withBuiltIn('coalition', coalition(solver)),
  };
}

async function startOperations(
  { operations }: Configuration,
  { registry }: OracleMetrics,
  oracle: Oracle,
  log: OracleLog,
): Promise<OperationsServer | undefined> {
  if (operations === undefined) {
    return undefined;
  }
  const ailment = (): string | undefined => (oracle.waitsForLedger ? 'the ledger does not answer' : undefined);
  const server = await OperationsServer.start(registry, ailment, operations);
  log.info({ port: server.port }, 'health and metrics are served');
  return server;
}

async function main(): Promise<void> {
  const { topology, crypto, data, organization, identity, config } = readArguments();
  const configuration = config === undefined ? {} : readConfiguration(config);
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
  const solver = new Solver(solverLimits(configuration));
  const feed = await client.facts({
    onReopen: (reason) => {
      log.warn({ reason: reason?.message }, 'the stream of facts is opened again');
    },
  });
  const metrics = new OracleMetrics({
    lastBlock: () => Number(feed.counters.lastBlock),
    retried: () => client.ledger.counters.retried,
  });
  const services = await offered(config, configuration, solver, log);
  const oracle = new Oracle({
    ledger: port,
    services: new ServiceCatalogue(services.forecast),
    clearings: { ledger: port, services: new ServiceCatalogue(services.clearing) },
    disaggregations: { ledger: port, services: new ServiceCatalogue(services.disaggregation) },
    coalitions: { ledger: port, services: new ServiceCatalogue(services.coalition) },
    bands: { ledger: port, service: segmentation },
    log,
    pause: () => pauseUntil(stopping.signal),
    meter: metrics,
  });
  const operations = await startOperations(configuration, metrics, oracle, log);
  const stop = (): void => {
    // Whatever still runs then is found again at the next start: nothing is lost by not waiting for a slow service.
    setTimeout(() => process.exit(0), STOP_MS_MAX).unref();
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
  const caughtUp = oracle.catchUp();
  log.info('following the facts');
  await oracle.follow(feed);
  await caughtUp;
  await operations?.stop();
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
