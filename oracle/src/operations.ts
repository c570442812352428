import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { OracleMeter } from './ports';
import type { AnswerOutcome } from './send-answer';

/** What the gauges and the health of an oracle are read from when they are asked for. */
export interface OperationsSources {
  /** Why the oracle cannot work now; undefined where it can. */
  readonly ailment: () => string | undefined;
  /** The last block whose facts have arrived. */
  readonly lastBlock: () => number;
  /** Commands that were endorsed again. */
  readonly retried: () => number;
}

/** What a job is counted as; a refusal by its code. */
function labelOf(outcome: AnswerOutcome | undefined): string {
  return outcome?.kind ?? 'given-up';
}

/** The metrics of an oracle. */
export class OracleMetrics implements OracleMeter {
  readonly registry = new Registry();
  readonly #jobs: Counter<'kind' | 'outcome'>;
  readonly #refusals: Counter<'kind' | 'code'>;
  readonly #failures: Counter<'code'>;
  readonly #seconds: Histogram<'kind'>;

  constructor({ lastBlock, retried }: Pick<OperationsSources, 'lastBlock' | 'retried'>) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.#jobs = new Counter({
      name: 'oracle_jobs_total',
      help: 'Requests that were dealt with, by what became of them.',
      labelNames: ['kind', 'outcome'],
      registers,
    });
    this.#refusals = new Counter({
      name: 'oracle_refusals_total',
      help: 'Requests that this oracle did not answer, by reason.',
      labelNames: ['kind', 'code'],
      registers,
    });
    this.#failures = new Counter({
      name: 'oracle_failures_total',
      help: 'What was given up although no service is to blame, by code.',
      labelNames: ['code'],
      registers,
    });
    this.#seconds = new Histogram({
      name: 'oracle_job_seconds',
      help: 'From the start of a job to its outcome on the ledger.',
      labelNames: ['kind'],
      buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300],
      registers,
    });
    const read = (name: string, help: string, value: () => number): void => {
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    };
    read('oracle_last_block', 'The last block whose facts have arrived.', lastBlock);
    read('oracle_commands_retried', 'Commands that were endorsed again.', retried);
  }

  done(kind: string, outcome: AnswerOutcome | undefined, seconds: number): void {
    this.#jobs.inc({ kind, outcome: labelOf(outcome) });
    this.#seconds.observe({ kind }, seconds);
    if (outcome?.kind === 'refused') {
      this.#refusals.inc({ kind, code: outcome.code });
    }
  }

  failed(code: string): void {
    this.#failures.inc({ code });
  }
}

/** `/healthz` and `/metrics` of an oracle, over HTTP; it shows nothing that is confidential, and belongs into the operator's network alone. */
export class OperationsServer {
  readonly #server: Server;

  private constructor(registry: Registry, ailment: OperationsSources['ailment']) {
    this.#server = createServer((request, response) => {
      void answer(request.url, response, registry, ailment());
    });
  }

  /** @throws Error where the port is in use */
  static async start(
    registry: Registry,
    ailment: OperationsSources['ailment'],
    { host = '127.0.0.1', port }: { readonly host?: string; readonly port: number },
  ): Promise<OperationsServer> {
    const operations = new OperationsServer(registry, ailment);
    await new Promise<void>((resolve, reject) => {
      operations.#server.once('error', reject);
      operations.#server.listen(port, host, resolve);
    });
    return operations;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
  }
}

async function answer(
  url: string | undefined,
  response: ServerResponse,
  registry: Registry,
  ailment: string | undefined,
): Promise<void> {
  switch (url) {
    case '/metrics':
      response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
      break;
    case '/healthz': {
      const body = ailment === undefined ? { status: 'OK' } : { status: 'Service Unavailable', reason: ailment };
      const status = ailment === undefined ? 200 : 503;
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      break;
    }
    default:
      response.writeHead(404, { 'content-type': 'text/plain' }).end('not found; there are /healthz and /metrics\n');
  }
}
