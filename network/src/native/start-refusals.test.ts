import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureCryptoMaterial, findOrganization, loadTopology, userFolders } from '@flexledger/topology';
import { openNetwork } from '../open-network';
import { recordedProcesses } from './process-set';

const CONSORTIUM = join(__dirname, '..', '..', 'consortium.yaml');

/** Programs that tell a version and nothing else: a network that is refused must not come to start them. */
function makeBinaries(folder: string, version: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(join(folder, 'builders', 'ccaas', 'bin'), { recursive: true });
  writeFileSync(join(folder, 'builders', 'ccaas', 'bin', 'detect'), '');
  mkdirSync(bin);
  for (const name of ['peer', 'orderer']) {
    writeFileSync(join(bin, name), `#!/bin/sh\necho " Version: v${version}"\n`, { mode: 0o755 });
  }
  return bin;
}

describe('a network that cannot work is refused in plain words, and nothing is left running', () => {
  let folder: string;
  let dataDirectory: string;
  let environment: NodeJS.ProcessEnv;
  let topologyFile: string;
  let listener: Server | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flexledger-refusals-'));
    dataDirectory = join(folder, 'data');
    environment = { FABRIC_BIN: makeBinaries(folder, '3.1.5') };
    topologyFile = join(folder, 'consortium.yaml');
    // Ports of their own, so that a network that a developer has up does not matter.
    writeFileSync(topologyFile, readFileSync(CONSORTIUM, 'utf8').replace(/\b17([0-9]{3})\b/g, '18$1'));
  });

  afterEach(async () => {
    await new Promise<void>((resolve) => (listener === undefined ? resolve() : listener.close(() => resolve())));
    listener = undefined;
    expect(recordedProcesses(dataDirectory)).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (): Promise<unknown> =>
    openNetwork({ mode: 'native', topologyFile, dataDirectory, environment, timeoutMs: 5000 });

  const edit = (before: string, after: string): void => {
    const text = readFileSync(topologyFile, 'utf8');
    expect(text).toContain(before);
    writeFileSync(topologyFile, text.replace(before, after));
  };

  it('a description with several mistakes, all of them with line and path', async () => {
    edit('timeoutMs: 300', 'timeoutMs: soon');
    edit('name: tso, type: client', 'name: tso, type: clerk');
    const [first, second] = [/type: clerk/, /timeoutMs: soon/].map(
      (text) =>
        readFileSync(topologyFile, 'utf8')
          .split('\n')
          .findIndex((line) => text.test(line)) + 1,
    );
    await expect(start()).rejects.toThrow(`consortium.yaml:${first}: organizations[0].identities[0].type: `);
    await expect(start()).rejects.toThrow(`consortium.yaml:${second}: channels[0].batch.timeoutMs: `);
    expect(existsSync(dataDirectory)).toBe(false);
  });

  it('a policy with a rule that there is not', async () => {
    edit('OutOf(2,', 'AtLeast(2,');
    await expect(start()).rejects.toThrow(
      /consortium\.yaml:[0-9]+: channels\[0\]\.chaincodes\[0\]\.endorsementPolicy: /,
    );
  });

  it('a port that another program has', async () => {
    listener = createServer();
    await new Promise<void>((resolve) => listener?.listen(18075, '127.0.0.1', resolve));
    await expect(start()).rejects.toThrow(
      'NETWORK_PORT_IN_USE: 127.0.0.1:18075, which orderer0.dso.flexledger.example needs, is in use',
    );
    expect(existsSync(join(dataDirectory, 'crypto'))).toBe(false);
  });

  it('a release that is not spoken here', async () => {
    rmSync(join(folder, 'bin'), { recursive: true });
    rmSync(join(folder, 'builders'), { recursive: true });
    environment = { FABRIC_BIN: makeBinaries(folder, '1.4.12') };
    await expect(start()).rejects.toThrow(/^NETWORK_VERSION_WRONG: .*1\.4\.12/);
  });

  it('the data of another release', async () => {
    mkdirSync(dataDirectory);
    writeFileSync(join(dataDirectory, 'release.json'), '2.5\n');
    await expect(start()).rejects.toThrow(/^NETWORK_VERSION_WRONG: .* was written by Fabric 2\.5, but this is 3\.1\.5/);
  });

  it('a certificate of another organisation', async () => {
    const topology = loadTopology(topologyFile);
    const cryptoDirectory = join(dataDirectory, 'crypto');
    await ensureCryptoMaterial(topology, cryptoDirectory);
    const certificateOf = (organization: string): string => {
      const { domain } = findOrganization(topology, organization);
      const { msp } = userFolders(cryptoDirectory, findOrganization(topology, organization), 'Admin');
      return join(msp, 'signcerts', `Admin@${domain}-cert.pem`);
    };
    copyFileSync(certificateOf('Dso'), certificateOf('Tso'));
    rmSync(join(dirname(dirname(certificateOf('Tso'))), '..', '..', '..', 'ca', 'priv_sk'));
    await expect(start()).rejects.toThrow(
      /^TOPOLOGY_CERTIFICATE_UNUSABLE: .*Admin@tso.* was not issued by the enrolment authority of Tso/,
    );
  });
});
