import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTopology } from '@flexledger/topology';
import { REPOSITORY_ROOT } from '../compose/render-compose';
import { makeMaterial, makeMountPoints } from './make-material';

const topology = loadTopology(join(REPOSITORY_ROOT, 'network', 'consortium.yaml'));

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(folder, name)).isFile())
    .sort();
}

function isKey(name: string): boolean {
  return /(\.key|_sk)$/.test(name);
}

describe('the volumes of the containers', () => {
  let folder: string;
  let volumes: string;
  const filesOf = (volume: string): string[] => filesIn(join(volumes, volume));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flexledger-volumes-'));
    volumes = join(folder, 'volumes');
    makeMountPoints(topology, volumes);
    await makeMaterial({ topology, volumes });
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('give a peer its configuration and its own keys, and no others', () => {
    const files = filesOf('peer0.dso.flexledger.example-config');
    expect(files.filter((name) => !name.startsWith('organizations'))).toEqual(['chaincode.json', 'core.yaml']);
    const keys = files.filter(isKey);
    expect(keys).toHaveLength(2);
    keys.forEach((name) => expect(name).toContain(join('peers', 'peer0.dso.flexledger.example')));
    expect(files.every((name) => !name.startsWith('organizations') || name.includes('peer0.dso'))).toBe(true);
  });

  it('give an orderer, a chaincode and an application one identity each', () => {
    const keysOf = (volume: string): string[] => filesOf(volume).filter(isKey);
    expect(keysOf('orderer0.tso.flexledger.example-config')).toHaveLength(2);
    expect(keysOf('chaincode.market.flexledger.example-config')).toEqual([
      join('organizations', 'peerOrganizations', 'market.flexledger.example', 'chaincode', 'tls', 'server.key'),
    ]);
    const [key, ...others] = keysOf('oracle.dso.flexledger.example-config');
    expect(key).toContain(join('users', 'oracle@dso.flexledger.example', 'msp', 'keystore'));
    expect(others).toEqual([]);
  });

  it('give administration the users, and neither a key of a node nor of an authority', () => {
    const keys = filesOf('administration').filter(isKey);
    expect(keys.length).toBeGreaterThan(12);
    keys.forEach((name) => expect(name).toContain(`${join('users', '')}`));
    expect(filesOf('administration')).toContain(join('channels', 'community.block'));
  });

  it('keep every key readable by its owner alone', () => {
    const open = filesIn(volumes).filter((name) => isKey(name) || name.endsWith('chaincode.json'));
    expect(open.length).toBeGreaterThan(50);
    open.forEach((name) => expect(statSync(join(volumes, name)).mode & 0o077).toBe(0));
  });

  it('leave the volumes for data empty', () => {
    expect(filesOf('peer0.tso.flexledger.example-data')).toEqual([]);
  });

  it('have nodes listen to the other containers, tell their full names, and answer about their health to their own alone', () => {
    const core: unknown = JSON.parse(
      readFileSync(join(volumes, 'peer0.tso.flexledger.example-config', 'core.yaml'), 'utf8'),
    );
    expect(core).toMatchObject({
      peer: {
        listenAddress: '0.0.0.0:17051',
        address: 'peer0.tso.flexledger.example:17051',
        gossip: { externalEndpoint: 'peer0.tso.flexledger.example:17051' },
        tls: { enabled: true },
        fileSystemPath: '/var/hyperledger/ledger',
      },
      operations: { listenAddress: '127.0.0.1:17052', tls: { enabled: false } },
    });
    const orderer: unknown = JSON.parse(
      readFileSync(join(volumes, 'orderer0.tso.flexledger.example-config', 'orderer.yaml'), 'utf8'),
    );
    expect(orderer).toMatchObject({
      General: { ListenAddress: '0.0.0.0', ListenPort: 17055, TLS: { Enabled: true } },
      Admin: { ListenAddress: '0.0.0.0:17056', TLS: { Enabled: true, ClientAuthRequired: true } },
      Operations: { ListenAddress: '127.0.0.1:17057', TLS: { Enabled: false } },
    });
  });

  it('tell each peer where its own chaincode is', () => {
    const text = readFileSync(join(volumes, 'peer0.market.flexledger.example-config', 'chaincode.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ flexledger: { address: 'chaincode.market.flexledger.example:17160' } });
  });

  it('stay as they are when they are made again', async () => {
    const times = (): [string, number][] =>
      filesIn(volumes).map((name) => [name, statSync(join(volumes, name)).mtimeMs]);
    const before = times();
    await makeMaterial({ topology, volumes });
    expect(times()).toEqual(before);
  });

  it('of one organisation hold what its operator brought', async () => {
    const brought = join(folder, 'brought');
    const own = join('organizations', 'peerOrganizations', 'market.flexledger.example');
    cpSync(join(volumes, 'authorities', own), join(brought, own), { recursive: true });
    const alone = { topology, organization: 'Market', brought, volumes: join(folder, 'market') };
    await expect(makeMaterial(alone)).rejects.toThrow(/^NETWORK_FOLDER_UNUSABLE: .*community\.block/);
    mkdirSync(join(brought, 'channels'));
    cpSync(join(volumes, 'authorities', 'channels'), join(brought, 'channels'), { recursive: true });
    await makeMaterial(alone);
    expect(readdirSync(join(folder, 'market')).sort()).toEqual([
      'administration',
      'authorities',
      'chaincode.market.flexledger.example-config',
      'market.market.flexledger.example-config',
      'peer0.market.flexledger.example-config',
    ]);
  });
});
