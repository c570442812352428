import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology, type Topology } from '@flexledger/topology';
import { parse } from 'yaml';
import { renderCompose, REPOSITORY_ROOT } from './render-compose';

interface Service {
  readonly image: string;
  readonly pull_policy?: string;
  readonly user: string;
  readonly read_only: boolean;
  readonly privileged?: boolean;
  readonly network_mode?: string;
  readonly cap_drop: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt: readonly string[];
  readonly restart: string;
  readonly deploy: { readonly resources: { readonly limits: { readonly memory: string; readonly cpus: string } } };
  readonly profiles?: readonly string[];
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}

interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
}

const FILE = join(REPOSITORY_ROOT, 'network', 'consortium.yaml');
const topology = loadTopology(FILE);

function compose(organization?: string): Compose {
  const options = { topologyFile: FILE, ...(organization === undefined ? {} : { organization }) };
  return parse(renderCompose(topology, options), { merge: true }) as Compose;
}

const whole = compose();
const services = Object.entries(whole.services);
const longLived = services.filter(([name]) => name !== 'crypto' && name !== 'deploy');

describe('the compose file of the consortium', () => {
  it('is the one at the top of the repository (write it again with `flexledger network render --target compose`)', () => {
    const written = readFileSync(join(REPOSITORY_ROOT, 'docker-compose.yaml'), 'utf8');
    expect(written).toBe(renderCompose(topology, { topologyFile: FILE }));
  });

  it('has one container per node, one chaincode per organisation, two that run once, and applications apart', () => {
    const count = (pattern: RegExp): number => services.filter(([name]) => pattern.test(name)).length;
    expect([count(/^orderer0\./), count(/^peer0\./), count(/^chaincode\./), count(/^(crypto|deploy)$/)]).toEqual([
      3, 6, 6, 2,
    ]);
    const applications = services.filter(([, { profiles }]) => profiles?.includes('all'));
    expect(applications.map(([name]) => name.split('.')[0]).sort()).toEqual([
      'aggregator',
      'community',
      'dso',
      'market',
      'oracle',
      'regulator',
      'tso',
    ]);
  });

  it.each(services)('runs %s without root, capabilities, a writable root or unbounded resources', (_, service) => {
    expect(service.user).toMatch(/^[1-9][0-9]*:[1-9][0-9]*$/);
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      deploy: { resources: { limits: { cpus: expect.any(String), memory: expect.stringMatching(/^\d+M$/) } } },
    });
    expect([service.privileged, service.cap_add]).toEqual([undefined, undefined]);
  });

  it('pins every image to a version, and takes the official ones for nodes', () => {
    for (const [name, { image }] of services) {
      expect(image).toMatch(/:\d+\.\d+\.\d+$/);
      expect(/^(orderer|peer)0\./.test(name)).toBe(image.startsWith('hyperledger/fabric-'));
    }
    expect(whole.services['peer0.tso.flexledger.example']?.image).toBe('hyperledger/fabric-peer:3.1.5');
    expect(whole.services['orderer0.tso.flexledger.example']?.image).toBe('hyperledger/fabric-orderer:3.1.5');
  });

  it('looks for the images that are built here in no registry, where somebody else could offer one of that name', () => {
    for (const [, { image, pull_policy: policy }] of services) {
      expect(policy).toBe(image.startsWith('hyperledger/') ? undefined : 'never');
    }
  });

  it('publishes ports on the loopback address alone', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports).toHaveLength(6);
    ports.forEach((port) => expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/));
  });

  it('mounts the keys of a container nowhere but there and where they are made, read-only', () => {
    const owners = new Map<string, string[]>();
    for (const [name, { volumes }] of services.filter(([other]) => other !== 'crypto')) {
      for (const volume of volumes) {
        const [source = '', , options = ''] = volume.split(':');
        owners.set(source, [...(owners.get(source) ?? []), name]);
        expect(source.endsWith('-data') || options.split(',').includes('ro')).toBe(true);
      }
    }
    for (const [volume, names] of owners) {
      const expected = volume === 'administration' ? 'deploy' : volume.replace(/-(config|data)$/, '');
      expect(names).toEqual([expected]);
    }
    expect(owners.has('authorities')).toBe(false);
    expect([...owners.keys(), 'authorities'].sort()).toEqual(Object.keys(whole.volumes).sort());
  });

  it('makes keys in a container without a network', () => {
    expect(whole.services['crypto']?.network_mode).toBe('none');
    expect(services.filter(([, service]) => service.network_mode !== undefined)).toHaveLength(1);
  });

  it('has no secret in an environment', () => {
    expect(JSON.stringify(services.map(([, { environment }]) => environment))).not.toMatch(
      /BEGIN|password|secret|token/i,
    );
  });

  it('looks after the health of everything that stays, and starts it again when it ends', () => {
    for (const [, service] of longLived) {
      expect(service.restart).toBe('unless-stopped');
      expect(service.healthcheck?.test[0]).toBe('CMD');
    }
    const peer = whole.services['peer0.tso.flexledger.example']?.healthcheck?.test.join(' ');
    expect(peer).toContain('/dev/tcp/127.0.0.1/17052');
    expect(peer).toContain('GET /healthz');
  });

  it('starts in order: keys, nodes, definition, chaincode, applications', () => {
    const after = (name: string): [string, string][] =>
      Object.entries(whole.services[name]?.depends_on ?? {}).map(([other, { condition }]) => [
        other.replace(/\..*/, ''),
        condition,
      ]);
    const done = 'service_completed_successfully';
    expect(after('peer0.market.flexledger.example')).toEqual([['crypto', done]]);
    expect(after('deploy').filter(([, condition]) => condition === 'service_healthy')).toHaveLength(9);
    expect(after('chaincode.market.flexledger.example')).toEqual([['deploy', done]]);
    expect(after('oracle.dso.flexledger.example')).toEqual([
      ['peer0', 'service_healthy'],
      ['chaincode', 'service_healthy'],
    ]);
  });
});

describe('the compose file of one organisation', () => {
  const part = compose('Dso');

  it('holds its containers alone, under a name of its own', () => {
    expect(part.name).toBe('flexledger-dso');
    expect(Object.keys(part.services)).toEqual([
      'crypto',
      'orderer0.dso.flexledger.example',
      'peer0.dso.flexledger.example',
      'deploy',
      'chaincode.dso.flexledger.example',
      'dso.dso.flexledger.example',
      'oracle.dso.flexledger.example',
    ]);
    expect(JSON.stringify(part.volumes)).not.toMatch(/tso|market/);
  });

  it('takes its keys from a folder, and publishes the ports of its nodes where the operator wants', () => {
    expect(part.services['crypto']?.volumes).toContain('${MATERIAL:-./material}:/brought:ro');
    expect(part.services['orderer0.dso.flexledger.example']?.ports).toEqual([
      '${LISTEN_ADDRESS:-127.0.0.1}:17075:17075',
    ]);
  });
});

describe('a compose file is refused', () => {
  const changed = (change: (chaincodes: Topology['channels'][0]['chaincodes'][0]) => object[]): Topology => ({
    ...topology,
    channels: topology.channels.map((channel) => ({
      ...channel,
      chaincodes: channel.chaincodes.flatMap(change) as Topology['channels'][0]['chaincodes'],
    })),
  });

  it('for two chaincodes that the network would have to start', () => {
    const two = changed((one) => [one, { ...one, name: 'other' }]);
    expect(() => renderCompose(two, { topologyFile: FILE })).toThrow(
      /^NETWORK_TOPOLOGY_UNSUITABLE: .*flexledger, other/,
    );
  });

  it('for chaincode that dials its peer', () => {
    const dialling = changed((one) => [{ ...one, service: { ...one.service, kind: 'peer' } }]);
    expect(() => renderCompose(dialling, { topologyFile: FILE })).toThrow(/^NETWORK_TOPOLOGY_UNSUITABLE: .*dials/);
  });

  it('for a description outside of the repository, from which no image could be built', () => {
    const outside = join(tmpdir(), 'consortium.yaml');
    expect(() => renderCompose(topology, { topologyFile: outside })).toThrow(/^NETWORK_TOPOLOGY_UNSUITABLE: .*outside/);
  });

  it('for an organisation that there is not', () => {
    expect(() => renderCompose(topology, { topologyFile: FILE, organization: 'Nobody' })).toThrow(
      /^TOPOLOGY_UNKNOWN_NAME/,
    );
  });
});
