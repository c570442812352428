import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { configuredServices, readConfiguration } from '../configuration';
import { Oracle } from '../oracle';
import { ServiceCatalogue, type ComputationService } from '../service';
import { flatHistory, MemoryOracleLedger, testId } from '../testing/memory-oracle-ledger';

/*
 * The examples of docs/oracle-services.md, taken from the page as they stand there.
 */

jest.setTimeout(180_000);

const PAGE = readFileSync(join(__dirname, '..', '..', '..', 'docs', 'oracle-services.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'flexledger-example-'));
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const REQUEST = testId(1);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes an example into a file of the name that the page gives it; answers its lines. */
function extract(language: string, name: string): readonly string[] {
  const text = new RegExp(`\`\`\`${language} ${name.replace('.', '\\.')}\n([^]*?)\`\`\``).exec(PAGE)?.[1] ?? '';
  writeFileSync(join(folder, name), text);
  return text.trimEnd().split('\n');
}

/** Has a request answered by the only service of a configuration. */
async function answered(configuration: string, service: string): Promise<MemoryOracleLedger> {
  const config = join(folder, 'oracle.yaml');
  writeFileSync(config, configuration);
  const services = await configuredServices(config, readConfiguration(config), log);
  const offered = services.map((one) => one.service as unknown as ComputationService);
  const ledger = new MemoryOracleLedger();
  ledger.request(REQUEST, [flatHistory(1, 30n), flatHistory(2, 7n)], { service });
  await new Oracle({ ledger, services: new ServiceCatalogue(offered), log, pause: () => sleep(10) }).catchUp();
  return ledger;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

describe('the examples of the page about services', () => {
  test('write a service in 30 lines, with which an oracle answers', async () => {
    expect(extract('js', 'forecast-last-week.js').length).toBeLessThanOrEqual(30);
    const ledger = await answered('services: [{ package: ./forecast-last-week.js }]\n', 'forecast-last-week');
    const [series = []] = ledger.answersTo(REQUEST);
    expect(series.map(({ importWh }) => [importWh.p10[0], importWh.p50[0], importWh.p90[23]])).toEqual([
      [90n, 120n, 150n],
      [21n, 28n, 35n],
    ]);
  });

  const hasPython = spawnSync('python3', ['--version']).status === 0;
  if (!hasPython) process.stderr.write('ABSENT: there is no python3, so the model of the page is not asked here.\n');
  const python = hasPython ? test : test.skip;

  python('ask a model in Python behind an address', async () => {
    extract('python', 'forecast.py');
    const port = await freePort();
    const model = spawn('python3', [join(folder, 'forecast.py'), String(port)], { stdio: 'ignore' });
    try {
      const isUp = (): Promise<boolean> =>
        fetch(`http://127.0.0.1:${port}/`).then(
          () => true,
          () => false,
        );
      while (!(await isUp())) await sleep(50);
      const entry = `{ url: 'http://127.0.0.1:${port}/forecast', kind: forecast, name: forecast-python, version: '1' }`;
      const ledger = await answered(`services: [${entry}]\n`, 'forecast-python');
      expect(ledger.answersTo(REQUEST)[0]?.map(({ importWh }) => importWh.p50[0])).toEqual([120n, 28n]);
    } finally {
      model.kill();
    }
  });

  test('show a configuration that is read as it stands there', () => {
    const text = /```yaml\n([^]*?)```/.exec(PAGE)?.[1] ?? '';
    writeFileSync(join(folder, 'all.yaml'), text);
    expect(readConfiguration(join(folder, 'all.yaml')).services).toHaveLength(2);
  });
});
