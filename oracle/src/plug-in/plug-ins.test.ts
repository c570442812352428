import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configuredServices, readConfiguration } from '../configuration';
import { Oracle } from '../oracle';
import { OperationsServer, OracleMetrics } from '../operations';
import { ServiceCatalogue, type ComputationService } from '../service';
import { forecastDayAhead } from '../services/forecast-day-ahead';
import { flatHistory, MemoryOracleLedger, testId } from '../testing/memory-oracle-ledger';
import { callOutService } from './call-out';
import { isolatedService } from './isolated';

/*
 * Plug-ins run as they do for a consortium: in a process of their own, from a file, or behind an address.
 */

jest.setTimeout(180_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-plug-ins-'));
const LIMITS = { timeMsMax: 60_000, memoryMiBMax: 96, answerCharactersMax: 100_000 };
const REQUEST = testId(1);
const NEXT = testId(2);
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A forecast of 24 hours of the same energy, with these quantiles in the first one. */
const forecastOf = (value: string): string =>
  `({ request }) => {
    const hours = Array.from({ length: request.intervals }, () => ${value});
    const quantiles = { p10: hours, p50: hours, p90: hours };
    return { model: 'flat-1', series: request.meterIds.map((meterId) => ({ meterId, importWh: quantiles, exportWh: quantiles })) };
  }`;

let files = 0;

function plugIn(run: string, name = 'forecast-plug-in'): string {
  files += 1;
  const file = join(folder, `plug-in-${files}.js`);
  writeFileSync(file, `module.exports = { kind: 'forecast', name: '${name}', version: '1', run: ${run} };\n`);
  return file;
}

/** An oracle that is asked for the plug-in's service and then for the built-in one. */
async function play(service: ComputationService): Promise<MemoryOracleLedger> {
  const ledger = new MemoryOracleLedger();
  ledger.request(REQUEST, [flatHistory(1, 30n)], { service: 'forecast-plug-in' });
  ledger.request(NEXT, [flatHistory(1, 30n)]);
  const services = new ServiceCatalogue([forecastDayAhead, service]);
  await new Oracle({ ledger, services, log, pause: () => Promise.resolve() }).catchUp();
  expect(ledger.stateOf(NEXT)).toBe('ANSWERED');
  return ledger;
}

async function loaded(file: string, limits: Partial<typeof LIMITS> = {}): Promise<ComputationService> {
  const { service } = await isolatedService(file, { ...LIMITS, ...limits });
  return service as unknown as ComputationService;
}

describe('a plug-in in a process of its own', () => {
  test.each([
    ['bigint', '7n'],
    ['whole numbers', '7'],
    ['text', "'7'"],
  ])('is answered with where it makes %s', async (_, value) => {
    const ledger = await play(await loaded(plugIn(forecastOf(value))));
    expect(ledger.answersTo(REQUEST)[0]?.[0]?.importWh.p50).toEqual(Array.from({ length: 24 }, () => 7n));
  });

  test.each([
    ['throws', "() => { throw new Error('no'); }", 'ORACLE_SERVICE_FAILED'],
    ['ends its process', '() => process.kill(process.pid)', 'ORACLE_SERVICE_FAILED'],
    ['ends its thread', '() => process.exit(0)', 'ORACLE_SERVICE_FAILED'],
    ['fills its heap with one array', '() => { const a = []; for (;;) a.push(0.5); }', 'ORACLE_SERVICE_MEMORY'],
    ['fills its heap with objects', '() => { const a = []; for (;;) a.push({}); }', 'ORACLE_SERVICE_MEMORY'],
    [
      'fills memory outside of its heap',
      '() => { const a = []; for (;;) a.push(Buffer.alloc(4_000_000, 1)); }',
      'ORACLE_SERVICE_MEMORY',
    ],
    ['answers nothing', '() => undefined', 'ORACLE_SERVICE_GARBAGE'],
    ['answers NaN', forecastOf('NaN'), 'ORACLE_SERVICE_GARBAGE'],
    ['answers null', forecastOf('null'), 'ORACLE_SERVICE_GARBAGE'],
    ['answers a fraction', forecastOf('7.5'), 'ORACLE_SERVICE_GARBAGE'],
    ['answers less than nothing', forecastOf('-7n'), 'ORACLE_SERVICE_GARBAGE'],
    ['answers too much text', "() => 'x'.repeat(200_000)", 'ORACLE_SERVICE_GARBAGE'],
    ['answers a shape of its own', '() => ({ model: 7, series: {} })', 'ORACLE_SERVICE_GARBAGE'],
    [
      'says something else to whom it should not know',
      "() => require('node:worker_threads').parentPort.postMessage({ end: 'output', output: 'x'.repeat(200_000) })",
      'ORACLE_SERVICE_GARBAGE',
    ],
    ['forgets a meter', "() => ({ model: 'none', series: [] })", 'ORACLE_SERVICE_GARBAGE'],
    ['answers 10\u2079 values', forecastOf('Array.from({ length: 1e9 }, () => 7n)'), 'ORACLE_SERVICE_MEMORY'],
  ])('that %s is refused on the record, and the next request is answered', async (_, run, code) => {
    const ledger = await play(await loaded(plugIn(run)));
    expect(ledger.refusalOf(REQUEST)).toBe(code);
  });

  test.each([
    ['blocks', '() => { for (;;); }'],
    ['waits', '() => new Promise((resolve) => setTimeout(resolve, 1e9))'],
  ])('that %s for ever is ended when its time is over', async (_, run) => {
    const hasty = await loaded(plugIn(run), { timeMsMax: 1_000 });
    expect((await play(hasty)).refusalOf(REQUEST)).toBe('ORACLE_SERVICE_TIME');
  });

  test('sees nothing of the environment of the oracle', async () => {
    process.env['FLEXLEDGER_TEST_SECRET'] = 'secret';
    const run = `(input) => { if (process.env.FLEXLEDGER_TEST_SECRET) throw new Error(); return (${forecastOf('7n')})(input); }`;
    const ledger = await play(await loaded(plugIn(run)));
    delete process.env['FLEXLEDGER_TEST_SECRET'];
    expect(ledger.stateOf(REQUEST)).toBe('ANSWERED');
  });

  test('that a configuration names beside one that cannot be had is offered alone', async () => {
    plugIn(forecastOf('7n'), 'forecast-flat');
    const config = join(folder, 'oracle.yaml');
    writeFileSync(
      config,
      `services:\n  - package: ./plug-in-${files}.js\n    memoryMiBMax: 96\n  - package: ./absent.js\n  - url: http://example.org/\n    kind: forecast\n    name: far\n    version: '1'\noperations: { port: 0 }\n`,
    );
    const errors: object[] = [];
    const told = { ...log, error: (fields: object) => void errors.push(fields) };
    const services = await configuredServices(config, readConfiguration(config), told);
    expect(services.map(({ kind, service }) => [kind, service.name])).toEqual([['forecast', 'forecast-flat']]);
    expect(errors).toMatchObject([{ service: './absent.js' }, { service: 'http://example.org/' }]);
    writeFileSync(config, 'service: []\n');
    expect(() => readConfiguration(config)).toThrow('INPUT_FIELD_UNKNOWN');
  });
});

describe('a model behind an address', () => {
  let server: Server;
  let answer: (request: IncomingMessage, response: ServerResponse, body: string) => void;

  beforeAll(async () => {
    server = createServer((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part: Buffer) => parts.push(part));
      request.on('end', () => answer(request, response, Buffer.concat(parts).toString('utf8')));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const service = (timeMsMax = 60_000): ComputationService =>
    callOutService({
      kind: 'forecast',
      name: 'forecast-plug-in',
      version: '1',
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/forecast`,
      timeMsMax,
      answerBytesMax: 100_000,
    }) as unknown as ComputationService;

  test('gets the request with its readings as JSON, and is answered with', async () => {
    answer = (_, response, body) => {
      const { history, request } = JSON.parse(body) as {
        request: { intervals: number };
        history: { meterId: string; totals: { importWh: string }[] }[];
      };
      const series = history.map(({ meterId, totals }) => {
        const hours = Array.from({ length: request.intervals }, () => 4 * Number(totals[0]?.importWh));
        const quantiles = { p10: hours, p50: hours, p90: hours };
        return { meterId, importWh: quantiles, exportWh: quantiles };
      });
      response.end(JSON.stringify({ model: 'python-1', series }));
    };
    const ledger = await play(service());
    expect(ledger.answersTo(REQUEST)[0]?.[0]?.importWh.p50[0]).toBe(120n);
  });

  test.each<[string, typeof answer, string]>([
    ['says nothing', () => undefined, 'ORACLE_SERVICE_TIME'],
    [
      'says nothing after its first words',
      (_, response) => {
        response.write('{');
      },
      'ORACLE_SERVICE_TIME',
    ],
    ['fails', (_, response) => response.writeHead(500).end(), 'ORACLE_SERVICE_UNREACHABLE'],
    ['hangs up', (request) => request.socket.destroy(), 'ORACLE_SERVICE_UNREACHABLE'],
    [
      'sends the caller elsewhere',
      (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
      'ORACLE_SERVICE_UNREACHABLE',
    ],
    ['talks too much', (_, response) => response.end('x'.repeat(200_000)), 'ORACLE_SERVICE_GARBAGE'],
    ['answers no JSON', (_, response) => response.end('<html>'), 'ORACLE_SERVICE_GARBAGE'],
    ['answers NaN as Python writes it', (_, response) => response.end('{"series":[NaN]}'), 'ORACLE_SERVICE_GARBAGE'],
    ['answers what nests without end', (_, response) => response.end('['.repeat(90_000)), 'ORACLE_SERVICE_GARBAGE'],
  ])('that %s is refused on the record, and the next request is answered', async (_, act, code) => {
    answer = act;
    const timeMsMax = code === 'ORACLE_SERVICE_TIME' ? 1_000 : 60_000;
    expect((await play(service(timeMsMax))).refusalOf(REQUEST)).toBe(code);
  });

  test('that has gone is refused on the record', async () => {
    const gone = callOutService({
      kind: 'forecast',
      name: 'forecast-plug-in',
      version: '1',
      url: 'http://127.0.0.1:1/',
      timeMsMax: 1_000,
      answerBytesMax: 1_000,
    }) as unknown as ComputationService;
    expect((await play(gone)).refusalOf(REQUEST)).toBe('ORACLE_SERVICE_UNREACHABLE');
  });

  test.each(['http://example.org/', 'http://127.0.0.1.example.org/', 'ftp://127.0.0.1/', 'file:///etc/passwd'])(
    'is not asked at %s',
    (url) => {
      const place = { name: 'far', version: '1', url, timeMsMax: 1_000, answerBytesMax: 1_000 };
      expect(() => callOutService({ kind: 'forecast', ...place })).toThrow('neither https nor on this machine');
    },
  );
});

describe('the operations of an oracle', () => {
  test('tell its health, and what became of requests by kind and reason', async () => {
    const metrics = new OracleMetrics({ lastBlock: () => 7, retried: () => 1 });
    const ailments: string[] = [];
    const server = await OperationsServer.start(metrics.registry, () => ailments[0], { port: 0 });
    const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
    const ledger = new MemoryOracleLedger();
    ledger.request(REQUEST, [flatHistory(1, 30n)], { service: 'forecast-of-nobody' });
    ledger.request(NEXT, [flatHistory(1, 30n)]);
    const services = new ServiceCatalogue([forecastDayAhead]);
    await new Oracle({ ledger, services, log, pause: () => Promise.resolve(), meter: metrics }).catchUp();
    const text = await (await get('/metrics')).text();
    expect(text).toContain('oracle_jobs_total{kind="forecast",outcome="answered"} 1');
    expect(text).toContain('oracle_refusals_total{kind="forecast",code="ORACLE_SERVICE_NOT_OFFERED"} 1');
    expect(text).toContain('oracle_last_block 7');
    expect((await get('/healthz')).status).toBe(200);
    const reason = 'the ledger does not answer';
    ailments.push(reason);
    const sick = await get('/healthz');
    expect([sick.status, await sick.json()]).toEqual([503, { status: 'Service Unavailable', reason }]);
    expect((await get('/')).status).toBe(404);
    await server.stop();
  });
});
