import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { findChaincode, findChannel, loadTopology } from '@flexledger/topology';
import { createChaincodePackage } from './chaincode-package';
import { tarGzip } from './tar-archive';

const topology = loadTopology(join(__dirname, '..', '..', 'consortium.yaml'));
const chaincode = findChaincode(findChannel(topology, 'community'), 'flexledger');

/** Reads a tar archive as POSIX describes it: name at 0, octal size at 124, content in blocks of 512 bytes. */
function untar(packed: Uint8Array): Map<string, Buffer> {
  const bytes = gunzipSync(packed);
  const files = new Map<string, Buffer>();
  for (let at = 0; bytes[at] !== 0;) {
    const header = bytes.subarray(at, at + 512);
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    const stored = Number.parseInt(header.toString('latin1', 148, 154), 8);
    const blank = Buffer.concat([header.subarray(0, 148), Buffer.from('        '), header.subarray(156)]);
    expect(blank.reduce((sum, byte) => sum + byte, 0)).toBe(stored);
    files.set(header.toString('utf8', 0, header.indexOf(0)), bytes.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

describe('chaincode packages', () => {
  it('have the same id on every machine and at every time', () => {
    const first = createChaincodePackage(chaincode);
    const second = createChaincodePackage({ ...chaincode });
    expect(second.packageId).toBe(first.packageId);
    expect(first.packageId).toBe(`flexledger_0.1.0:${createHash('sha256').update(first.bytes).digest('hex')}`);
    expect([...first.bytes.subarray(4, 8)]).toEqual([0, 0, 0, 0]);
    expect(first.bytes[9]).toBe(255);
  });

  it('have another id for another version, and without TLS', () => {
    const ids = [
      chaincode,
      { ...chaincode, version: '0.2.0' },
      { ...chaincode, service: { ...chaincode.service, tls: false } },
    ].map((one) => createChaincodePackage(one).packageId);
    expect(new Set(ids).size).toBe(3);
  });

  it('hold a template for each peer to fill, and no key', () => {
    const outer = untar(createChaincodePackage(chaincode).bytes);
    expect([...outer.keys()]).toEqual(['metadata.json', 'code.tar.gz']);
    expect(JSON.parse(outer.get('metadata.json')!.toString())).toEqual({ type: 'ccaas', label: 'flexledger_0.1.0' });
    const inner = untar(outer.get('code.tar.gz')!);
    const connection: Record<string, unknown> = JSON.parse(inner.get('connection.json')!.toString());
    expect(connection).toMatchObject({
      address: '{{index . "flexledger" "address"}}',
      client_key: '{{index . "flexledger" "client_key"}}',
      tls_required: true,
      client_auth_required: true,
    });
    expect(inner.get('connection.json')!.toString()).not.toContain('BEGIN');
  });

  it('are archives that hold files of any length', () => {
    const files = [0, 1, 511, 512, 513].map((length) => ({ name: `f${length}`, content: Buffer.alloc(length, 7) }));
    const read = untar(tarGzip(files));
    expect([...read].map(([name, content]) => [name, content.length])).toEqual(
      files.map(({ name, content }) => [name, content.length]),
    );
  });
});
