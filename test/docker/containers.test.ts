import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openNetwork, renderCompose, type NetworkHandle } from '@flexledger/network';
import { loadTopology } from '@flexledger/topology';
import { evaluate, openParty, submit, submitEverywhere } from '../conformance/support/party';
import { containersOf, docker, remainsOf, ROOT, whyNoContainers } from './engine';

const TOPOLOGY = join(__dirname, 'topology.yaml');
const PROJECT = 'docker-test';
const TEMPORARY = `${PROJECT}-temporary`;
const reason = whyNoContainers();
const asked = process.env['NETWORK'] === 'docker';

jest.setTimeout(900_000);

describe('containers', () => {
  it('are there where they are asked for (NETWORK=docker)', () => {
    expect(asked ? reason : undefined).toBeUndefined();
  });
});

const describeContainers = reason === undefined ? describe : describe.skip;

describeContainers(`a network in containers${reason === undefined ? '' : ` (${reason})`}`, () => {
  let folder: string;
  let file: string;
  let handle: NetworkHandle;

  const compose = (...words: readonly string[]): string =>
    docker('compose', '--project-directory', ROOT, '--file', file, ...words);
  const inside = (service: string, script: string): string =>
    compose('exec', '-T', service, '/bin/bash', '-c', script).trim();
  const open = async (): Promise<NetworkHandle> =>
    openNetwork({ mode: 'docker', topologyFile: TOPOLOGY, dataDirectory: join(folder, 'handle') });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexledger-docker-'));
    file = join(folder, 'docker-compose.yaml');
    writeFileSync(file, renderCompose(loadTopology(TOPOLOGY), { topologyFile: TOPOLOGY }));
    compose('down', '--volumes');
    compose('up', '--build', '--wait');
    handle = await open();
  });

  afterAll(() => {
    compose('down', '--volumes', '--timeout', '5');
    expect([...remainsOf(PROJECT), ...remainsOf(TEMPORARY)]).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });

  it('can be used when `docker compose up --wait` returns: a private transaction is valid on every member', async () => {
    expect(handle.mode).toBe('docker');
    const [one, two] = ['One', 'Two'].map((name) => openParty(handle, name));
    const secret = { transientData: { value: 'hidden' } };
    const outcome = await submitEverywhere([one!, two!], 'putPrivate', ['secrets', 'first'], secret);
    expect(outcome.successful).toBe(true);
    expect(await evaluate(two!, 'getPrivate', 'secrets', 'first')).toBe('hidden');
    await submitEverywhere([two!, one!], 'put', ['first', 'written']);
    [one, two].forEach((party) => party!.close());
  });

  it('is not changed by a second `up`: the same containers, the same processes, the same ledger', () => {
    const stays = () =>
      containersOf(PROJECT).map(({ id, service, running, startedAt }) => [id, service, running && startedAt]);
    const before = stays();
    compose('up', '--wait');
    expect(stays()).toEqual(before);
    expect(compose('logs', '--no-log-prefix', '--tail', '4', 'deploy')).toContain('is committed');
  });

  it('runs every program without root, capabilities or a writable root', () => {
    for (const { service, running } of containersOf(PROJECT)) {
      if (!running) continue;
      expect(inside(service, 'id -u')).toBe('1000');
      expect(inside(service, 'grep -E "^Cap(Eff|Bnd)|^NoNewPrivs" /proc/1/status')).toBe(
        'CapEff:\t0000000000000000\nCapBnd:\t0000000000000000\nNoNewPrivs:\t1',
      );
      expect(inside(service, 'touch /anything 2>&1 || true')).toContain('Read-only file system');
    }
  });

  it('shows a container its own keys alone, and no engine a key in an environment or in an image', () => {
    const keys = (service: string): string[] =>
      inside(
        service,
        'find / -xdev -path /proc -prune -o \\( -name "*_sk" -o -name "*.key" \\) -print; ' +
          'find /etc/hyperledger -name "*_sk" -o -name "*.key"',
      )
        .split('\n')
        .sort();
    const own = (service: string, part: string): void => {
      expect(keys(service).length).toBeGreaterThan(0);
      keys(service).forEach((name) => expect(name).toContain(part));
    };
    own('peer0.one.docker.example', '/peers/peer0.one.docker.example/');
    own('orderer0.one.docker.example', '/orderers/orderer0.one.docker.example/');
    own('chaincode.two.docker.example', '/two.docker.example/chaincode/');
    for (const { environment, image } of containersOf(PROJECT)) {
      expect(environment.join('\n')).not.toMatch(/PRIVATE|BUILDER_CONFIG/);
      expect(docker('history', '--no-trunc', '--format', '{{.CreatedBy}}', image)).not.toMatch(/PRIVATE|_sk\b/);
    }
  });

  it('is reached from this machine alone, and by clients with the right certificate alone', async () => {
    const published = docker('ps', '--filter', `label=com.docker.compose.project=${PROJECT}`, '--format', '{{.Ports}}');
    expect(published).toContain('127.0.0.1:17451');
    expect(published).not.toMatch(/0\.0\.0\.0:\d+->|:::\d+->/);
    const stranger = openParty(handle, 'One', { mspId: 'TwoMSP' });
    await expect(submit(stranger, 'put', ['never', 'written'])).rejects.toThrow();
    stranger.close();
  });

  it('goes on with its data after `stop` and `up`, and a handle that did not start it does not stop it', async () => {
    compose('stop');
    expect(containersOf(PROJECT).filter(({ running }) => running)).toEqual([]);
    compose('up', '--wait');
    const again = await open();
    const party = openParty(again, 'Two');
    expect(await evaluate(party, 'get', 'first')).toBe('written');
    expect((await submit(party, 'put', ['second', 'too'])).successful).toBe(true);
    party.close();
    await again.stop();
    expect(containersOf(PROJECT).some(({ running }) => running)).toBe(true);
  });

  it('leaves nothing behind after `down -v`; a handle then starts one of its own and removes it', async () => {
    compose('down', '--volumes');
    expect(remainsOf(PROJECT)).toEqual([]);
    const own = await open();
    const party = openParty(own, 'One');
    expect(await evaluate(party, 'get', 'first')).toBe('');
    party.close();
    expect(containersOf(TEMPORARY).length).toBeGreaterThan(0);
    await own.stop();
    expect(remainsOf(TEMPORARY)).toEqual([]);
  });
});

describe('an engine that does not run', () => {
  it('is named in one line, and so is one that is not installed', async () => {
    const dataDirectory = mkdtempSync(join(tmpdir(), 'flexledger-docker-'));
    const opening = (environment: NodeJS.ProcessEnv): Promise<unknown> =>
      openNetwork({ mode: 'docker', topologyFile: TOPOLOGY, dataDirectory, environment });
    const clear = /^NETWORK_ENGINE_UNAVAILABLE: [^\n]+$/;
    const nowhere = join(dataDirectory, 'no-such');
    await expect(opening({ ...process.env, DOCKER_HOST: `unix://${nowhere}.sock` })).rejects.toThrow(clear);
    await expect(opening({ PATH: nowhere })).rejects.toThrow(clear);
    rmSync(dataDirectory, { recursive: true, force: true });
  });
});
