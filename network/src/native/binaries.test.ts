import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findFabricBinaries } from './binaries';

describe('finding Fabric', () => {
  let folder: string;

  /** A release folder whose programs only know their version. */
  function release(name: string, peerVersion: string, ordererVersion = peerVersion, hasBuilder = true): string {
    const bin = join(folder, name, 'bin');
    mkdirSync(bin, { recursive: true });
    for (const [program, version] of Object.entries({ peer: peerVersion, orderer: ordererVersion })) {
      writeFileSync(join(bin, program), `#!/bin/sh\necho "${program}:"; echo " Version: v${version}"\n`);
      chmodSync(join(bin, program), 0o755);
    }
    if (hasBuilder) {
      mkdirSync(join(folder, name, 'builders', 'ccaas', 'bin'), { recursive: true });
      writeFileSync(join(folder, name, 'builders', 'ccaas', 'bin', 'detect'), '');
    }
    return bin;
  }

  const on = (...bins: string[]) => ({ PATH: bins.join(delimiter) });

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flexledger-bin-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('takes the newest release of PATH, or the one that is asked for', () => {
    const path = on(release('a', '2.5.9'), release('b', '3.1.10'), release('c', '3.1.9'), release('d', '2.5.16'));
    expect(findFabricBinaries(path).version).toBe('3.1.10');
    expect(findFabricBinaries(path, '2.5').version).toBe('2.5.16');
  });

  it('follows links to the release folder, where the builder stands', () => {
    const bin = release('real', '3.1.5');
    const links = join(folder, 'links');
    mkdirSync(links);
    ['peer', 'orderer'].forEach((name) => symlinkSync(join(bin, name), join(links, name)));
    expect(findFabricBinaries(on(links)).builder).toContain(join('real', 'builders', 'ccaas'));
  });

  it('looks at FABRIC_BIN alone when it is set', () => {
    const environment = { FABRIC_BIN: release('chosen', '2.5.16'), ...on(release('other', '3.1.5')) };
    expect(findFabricBinaries(environment).version).toBe('2.5.16');
  });

  it('says where Fabric is published when there is none', () => {
    expect(() => findFabricBinaries(on(folder))).toThrow(
      /^NETWORK_BINARIES_MISSING: no folder of PATH .*github\.com\/hyperledger\/fabric\/releases/,
    );
  });

  it('names the version that does not fit', () => {
    const old = on(release('old', '1.4.12'));
    expect(() => findFabricBinaries(old)).toThrow('NETWORK_VERSION_WRONG: found Fabric 1.4.12, but need 3.1 or 2.5');
    expect(() => findFabricBinaries(on(release('new', '3.1.5')), '2.5')).toThrow('found Fabric 3.1.5, but need 2.5');
  });

  it('refuses a peer and an orderer of different releases', () => {
    expect(() => findFabricBinaries(on(release('mixed', '3.1.5', '2.5.16')))).toThrow(
      /^NETWORK_VERSION_WRONG: .*one release/,
    );
  });

  it('refuses a release without its chaincode builder', () => {
    const bare = on(release('bare', '3.1.5', '3.1.5', false));
    expect(() => findFabricBinaries(bare)).toThrow(
      /^NETWORK_BINARIES_MISSING: Fabric 3\.1\.5 has no chaincode-as-a-service/,
    );
  });
});
