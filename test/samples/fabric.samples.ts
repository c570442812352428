import { spawn } from 'node:child_process';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDevnet, type Devnet } from '@flexledger/devnet';
import { loadTopology } from '@flexledger/topology';

/** A checkout of fabric-samples; without it these tests cannot run, and say so. */
const samplesFolder = process.env['SAMPLES_DIR'] ?? '';
const hasSamples = existsSync(join(samplesFolder, 'asset-transfer-basic'));

const chaincodes = [
  'asset-transfer-basic/chaincode-typescript',
  'asset-transfer-basic/chaincode-javascript',
  'asset-transfer-events/chaincode-javascript',
  'asset-transfer-private-data/chaincode-typescript',
];
const applications = [
  'asset-transfer-basic/application-gateway-typescript',
  'asset-transfer-events/application-gateway-typescript',
  'asset-transfer-private-data/application-gateway-typescript',
  'off_chain_data/application-typescript',
];

const minute = 60_000;

interface Outcome {
  readonly exitCode: number | null;
  readonly output: string;
}

async function run(
  folder: string,
  command: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  until?: string,
): Promise<Outcome> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: folder, env: { ...process.env, ...environment }, detached: true });
  let output = '';
  const gather = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
    if (until !== undefined && output.includes(until) && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  child.stdout.on('data', gather);
  child.stderr.on('data', gather);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => {
      resolve({ exitCode, output });
    });
  });
}

async function mustRun(folder: string, ...command: readonly string[]): Promise<void> {
  const { exitCode, output } = await run(folder, command);
  if (exitCode !== 0) throw new Error(`${command.join(' ')} in ${folder} ended with ${String(exitCode)}:\n${output}`);
}

const describeSamples = hasSamples ? describe : describe.skip;

if (!hasSamples) {
  process.stderr.write(
    'The samples of Fabric do not run: set SAMPLES_DIR to a checkout of hyperledger/fabric-samples to run them.\n',
  );
}

describeSamples('unchanged samples of Fabric on the embedded network', () => {
  let folder: string;
  let devnet: Devnet;

  const inside = (sample: string): string => join(folder, sample);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'devnet-samples-'));
    for (const sample of [...chaincodes, ...applications]) {
      cpSync(join(samplesFolder, sample), inside(sample), {
        recursive: true,
        filter: (source) => !/\/(node_modules|dist)$/.test(source),
      });
      await mustRun(inside(sample), 'npm', 'install', '--no-audit', '--no-fund', '--ignore-scripts');
      const { scripts } = JSON.parse(readFileSync(join(inside(sample), 'package.json'), 'utf8')) as {
        scripts: Record<string, string>;
      };
      if (scripts['build'] !== undefined) await mustRun(inside(sample), 'npm', 'run', 'build');
    }
    const topologyFile = join(folder, 'test-network.yaml');
    copyFileSync(join(__dirname, 'test-network.yaml'), topologyFile);
    devnet = await startDevnet({
      topology: loadTopology(topologyFile),
      topologyFolder: folder,
      dataFolder: join(folder, 'devnet'),
      cryptoFolder: join(folder, 'test-network'),
    });
  }, 10 * minute);

  afterAll(async () => {
    await devnet.stop();
    rmSync(folder, { recursive: true, force: true });
  }, minute);

  it.each([['basic'], ['basicjs']])(
    'asset-transfer-basic with chaincode %s runs to its end',
    async (chaincodeName) => {
      const { exitCode, output } = await run(
        inside('asset-transfer-basic/application-gateway-typescript'),
        ['npm', 'start'],
        {
          CHAINCODE_NAME: chaincodeName,
        },
      );
      expect(output).toContain('*** Successfully caught the error');
      expect(output).toContain('The asset asset70 does not exist');
      expect(output).not.toContain('FAILED');
      expect(exitCode).toBe(0);
    },
    minute,
  );

  it(
    'asset-transfer-events receives its events live and replays them',
    async () => {
      const { exitCode, output } = await run(inside('asset-transfer-events/application-gateway-typescript'), [
        'npm',
        'start',
      ]);
      for (const name of ['CreateAsset', 'UpdateAsset', 'TransferAsset', 'DeleteAsset']) {
        expect(output).toContain(`<-- Chaincode event received: ${name}`);
        expect(output).toContain(`<-- Chaincode event replayed: ${name}`);
      }
      expect(output).not.toContain('FAILED');
      expect(exitCode).toBe(0);
    },
    minute,
  );

  it(
    'asset-transfer-private-data keeps, transfers and purges what only its members see',
    async () => {
      const { exitCode, output } = await run(inside('asset-transfer-private-data/application-gateway-typescript'), [
        'npm',
        'start',
      ]);
      expect(output.match(/\*\*\* Received expected error/g)).toHaveLength(2);
      expect(output).toContain('--> Submit Transaction: PurgeAsset');
      expect(output).not.toContain('FAILED');
      expect(exitCode).toBe(0);
    },
    minute,
  );

  it(
    'off_chain_data builds its store from the blocks and goes on behind its checkpoint',
    async () => {
      const application = inside('off_chain_data/application-typescript');
      const identity = join(folder, 'test-network/organizations/peerOrganizations/org1.example.com/users');
      const environment = {
        CERT_PATH: join(identity, 'User1@org1.example.com/msp/signcerts/User1@org1.example.com-cert.pem'),
        SIMULATED_FAILURE_COUNT: '5',
      };
      const transact = await run(application, ['npm', 'start', 'transact'], environment);
      expect(transact.exitCode).toBe(0);
      const last = `Received block ${String(devnet.height('mychannel') - 1)}`;
      const failed = await run(application, ['npm', 'start', 'listen'], environment, last);
      expect(failed.output).toContain('Simulated write failure');
      const { output } = await run(
        application,
        ['npm', 'start', 'listen'],
        { ...environment, SIMULATED_FAILURE_COUNT: '0' },
        last,
      );
      expect(output).toContain('Last processed transaction ID within block:');
      expect(output).toContain(last);
      const stored = readFileSync(join(application, 'store.log'), 'utf8').trim().split('\n');
      const created = transact.output.match(/Created asset/g) ?? [];
      expect(created).toHaveLength(10);
      const rows = stored.map((line) => JSON.parse(line) as { namespace: string; key: string; isDelete: boolean });
      const known = new Set(rows.filter(({ namespace }) => namespace === 'basic').map(({ key }) => key));
      for (const line of transact.output.match(/Created asset (\S+)/g) ?? []) {
        expect(known.has(line.replace('Created asset ', ''))).toBe(true);
      }
    },
    2 * minute,
  );
});
