import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contracts } from '@flexledger/domain';
import { RoleClient } from '@flexledger/gateway-app';
import { loadTopology } from '@flexledger/topology';
import { askDocker, containersOf, docker, remainsOf, ROOT, whyNoContainers, type Container } from './engine';
import { copyFrom, filesWithKeysIn, keysSeenBy, privateKeysIn, userOf } from './private-keys';

/*
 * The compose file at the top of the repository in a real engine, as its first lines tell a user to run it; only under
 * another project name, so that no volume of a network that somebody keeps is touched. One test goes on where the
 * one before it has ended.
 */

const FILE = join(ROOT, 'docker-compose.yaml');
const TOPOLOGY = join(ROOT, 'network', 'consortium.yaml');
const PROJECT = 'flexledger-test';
const MEBIBYTE = 1024 * 1024;
const RESTART_LIMIT_MS = 120_000;

const reason = whyNoContainers();
const describeContainers = reason === undefined ? describe : describe.skip;
const topology = loadTopology(TOPOLOGY);

jest.setTimeout(900_000);

const words = (...rest: readonly string[]): string[] => [
  ...['compose', '--project-name', PROJECT, '--project-directory', ROOT, '--file', FILE],
  ...rest,
];
const compose = (...rest: readonly string[]): string => docker(...words(...rest));

/** What `up` must not change: the containers that run and the processes in them, and which containers there are. */
const lasting = (): unknown[] =>
  containersOf(PROJECT).map(({ id, service, running, startedAt }) => [service, id, running && startedAt]);

const container = (service: string): Container => {
  const found = containersOf(PROJECT).find((one) => one.service === service);
  if (found === undefined) throw new Error(`there is no container ${service}`);
  return found;
};

const isOneShot = ({ service }: Container): boolean => service === 'crypto' || service === 'deploy';

/** The services of the applications by the identity that they use. */
const applications = new Map(
  topology.organizations.flatMap(({ domain, applications: own }) =>
    (own ?? []).map(({ name, identity }) => [`${identity}@${domain}`, `${name}.${domain}`] as const),
  ),
);

describeContainers(`the consortium in containers${reason === undefined ? '' : ` (${reason})`}`, () => {
  let folder: string;

  const remove = (): string => compose('--profile', 'all', 'down', '--volumes', '--timeout', '5');

  beforeAll(() => {
    remove();
    folder = mkdtempSync(join(tmpdir(), 'flexledger-docker-'));
    compose('up', '--build', '--wait');
    copyFrom(container('crypto').id, '/volumes/authorities', join(folder, 'authorities'));
  });

  afterAll(() => {
    remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is described by a file about which compose has nothing to say, in every profile', () => {
    for (const profile of [[], ['--profile', 'network'], ['--profile', 'all']]) {
      const { status, complaints } = askDocker('', ...words(...profile, 'config', '--quiet'));
      expect({ profile, status, complaints }).toEqual({ profile, status: 0, complaints: '' });
    }
  });

  it('consists of the network alone without a profile and with profile `network`, and of everything with `all`', () => {
    const services = (...profile: readonly string[]): string[] =>
      compose(...profile, 'config', '--services')
        .trim()
        .split('\n')
        .sort();
    const network = services();
    expect(services('--profile', 'network')).toEqual(network);
    expect(services('--profile', 'all')).toEqual([...network, ...applications.values()].sort());
    expect(containersOf(PROJECT).map(({ service }) => service)).toEqual(network);
  });

  it('can be used when `up --wait` returns: it is founded, and every organisation reads that from its own peer', async () => {
    const cryptoDirectory = join(folder, 'authorities');
    const open = async (name: string): Promise<RoleClient> => {
      const dataDirectory = join(folder, 'clients', name);
      const own = { organization: name, identity: name.toLowerCase(), dataDirectory };
      return RoleClient.openFromFiles({ ...own, topologyFile: TOPOLOGY, cryptoDirectory });
    };
    const [tso, dso, regulator, aggregator, community, market] = await Promise.all(
      ['Tso', 'Dso', 'Regulator', 'Aggregator', 'Community', 'Market'].map(open),
    );
    const founding = contracts.registry.bootstrap.request.decode(contracts.registry.bootstrap.example, '');
    const { proposalId, proposalDigest } = (await regulator!.ledger.submit('registry', 'bootstrap', founding)).response;
    const approval = (commandId: string) =>
      contracts.registry.approve.request.decode({ commandId, proposalId, proposalDigest }, '');
    await tso!.ledger.submit('registry', 'approve', approval('01appr0ve000000000000000t0'));
    const last = await community!.ledger.submit('registry', 'approve', approval('01appr0ve000000000000000c0'));
    expect(last.response.effective).toBe(true);
    const everybody = [tso!, dso!, regulator!, aggregator!, community!, market!];
    for (const { port, ledger } of everybody) {
      expect((await port.commitStatus(last.transactionId)).code).toBe(0);
      expect((await ledger.evaluate('registry', 'getGovernance', {})).governance?.ruleSet.number).toBe(1);
    }
    await Promise.all(everybody.map(async (one) => one.close()));
  });

  it('is not changed by a second `up`: the same containers, the same processes', () => {
    const before = lasting();
    compose('up', '--wait');
    expect(lasting()).toEqual(before);
  });

  it('runs every program healthy, without root, without rights, within limits, with a root that it cannot write to', () => {
    for (const one of containersOf(PROJECT)) {
      const { service, health, exitCode, running, user, rights } = one;
      expect({ service, user, running, exitCode, health }).toEqual({
        service,
        user: '1000:1000',
        running: !isOneShot(one),
        exitCode: 0,
        health: isOneShot(one) ? undefined : 'healthy',
      });
      const isPeer = service.startsWith('peer');
      const isNode = isPeer || service.startsWith('orderer');
      expect({ service, ...rights }).toEqual({
        service,
        privileged: false,
        readOnlyRoot: true,
        droppedCapabilities: ['ALL'],
        addedCapabilities: [],
        securityOptions: ['no-new-privileges:true'],
        memoryBytes: (isPeer ? 1024 : 512) * MEBIBYTE,
        nanoCpus: 1_000_000_000,
        processesMax: isNode ? 500 : 100,
        restartPolicy: isOneShot(one) ? 'no' : 'unless-stopped',
      });
    }
  });

  it('starts a program again that has ended by itself, and `up --wait` waits for it', async () => {
    const service = 'chaincode.market.flexledger.example';
    const { startedAt } = container(service);
    askDocker('', 'exec', container(service).id, '/bin/bash', '-c', 'kill -9 -1');
    const deadline = Date.now() + RESTART_LIMIT_MS;
    while (container(service).restarts === 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    compose('up', '--wait');
    const { restarts, health, startedAt: again } = container(service);
    expect({ restarts, health }).toEqual({ restarts: 1, health: 'healthy' });
    expect(again > startedAt).toBe(true);
  });

  it('adds the applications with profile `all`, and leaves the network as it was', () => {
    const before = lasting();
    compose('--profile', 'all', 'up', '--wait');
    expect(lasting()).toEqual(expect.arrayContaining(before));
    const healthy = containersOf(PROJECT).filter(({ health }) => health === 'healthy');
    expect(healthy.map(({ service }) => service)).toEqual(expect.arrayContaining([...applications.values()]));
  });

  it('shows a container its own volumes alone, and never a folder of the host', () => {
    for (const one of containersOf(PROJECT).filter((each) => !isOneShot(each))) {
      const own = `${PROJECT}_${one.service}`;
      const config = { type: 'volume', name: `${own}-config`, writable: false };
      const data = { type: 'volume', name: `${own}-data`, writable: true };
      const expected = one.service.startsWith('chaincode') ? [config] : [config, data];
      expect([...one.mounts].sort((left, right) => (left.name < right.name ? -1 : 1))).toEqual(expected);
    }
    const deploy = container('deploy').mounts;
    expect(deploy).toEqual([{ type: 'volume', name: `${PROJECT}_administration`, writable: false }]);
  });

  it('keeps each private key with its one user: not in the files of another container, no environment, no image', () => {
    const keys = privateKeysIn(join(folder, 'authorities'));
    expect(new Set(keys.map(({ line }) => line)).size).toBe(keys.length);
    const containers = containersOf(PROJECT);
    for (const { id, service } of containers.filter(({ running }) => running)) {
      const own = keys.filter((key) => userOf(key, applications) === service).map(({ path }) => path);
      expect(own.length).toBeGreaterThan(0);
      expect({ service, keys: keysSeenBy(id, keys) }).toEqual({ service, keys: own.sort() });
    }
    for (const { environment, command } of containers) {
      const shown = [...environment, ...command].join('\n');
      expect(keys.filter(({ line }) => shown.includes(line))).toEqual([]);
      expect(shown).not.toContain('PRIVATE KEY');
    }
    for (const image of new Set(containers.map((one) => one.image))) {
      expect({ image, files: filesWithKeysIn(image, keys) }).toEqual({ image, files: [] });
    }
  });

  it('leaves nothing after `down -v`: no container, no volume, no network', () => {
    expect(remainsOf(PROJECT)).not.toEqual([]);
    compose('--profile', 'all', 'down', '--volumes');
    expect(remainsOf(PROJECT)).toEqual([]);
  });
});

describe('the day in containers where no engine runs', () => {
  it('ends with one line that says so and a status that is not 0, and starts nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'flexledger-docker-'));
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(ROOT, 'gateway-app', 'dist', 'cli.js'), ...['day', '--mode', 'docker', '--once', '--data', folder]],
      { encoding: 'utf8', env: { ...process.env, DOCKER_HOST: `unix://${join(folder, 'no-such.sock')}` } },
    );
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: expect.stringMatching(/^NETWORK_ENGINE_UNAVAILABLE: [^\n]+\n$/) as string,
    });
    rmSync(folder, { recursive: true, force: true });
  });
});
