import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { InvariantError } from './assert';
import { inclusionProof, leafHash, merkleRoot, verifyInclusion } from './merkle';

const fixed = { numRuns: Number(process.env.PROPERTY_RUNS ?? '200'), seed: 20_160_520 };
const leaves = fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 40 });

/** A second way to the same root: hash pairs level by level and carry an odd last one up, which equals the recursive split. */
function naiveRoot(data: readonly Uint8Array[]): Buffer {
  const hash = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest();
  let level = data.map((leaf) => hash(Buffer.of(0), leaf));
  while (level.length > 1) {
    level = Array.from({ length: Math.ceil(level.length / 2) }, (_, index) => {
      const [left, right] = [level[2 * index]!, level[2 * index + 1]];
      return right === undefined ? left : hash(Buffer.of(1), left, right);
    });
  }
  return level[0]!;
}

describe('the Merkle tree', () => {
  it('has the root of a naive tree', () => {
    fc.assert(
      fc.property(leaves, (data) => {
        expect(merkleRoot(data)).toEqual(naiveRoot(data));
      }),
      fixed,
    );
  });

  it('has the roots that Certificate Transparency publishes for its eight test leaves', () => {
    // Test vectors of RFC 6962's reference implementation, whose hashing RFC 9162 keeps.
    const data = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ];
    roots.forEach((root, index) => {
      const part = data.slice(0, index + 1).map((text) => Buffer.from(text, 'hex'));
      expect(merkleRoot(part).toString('hex')).toBe(root);
    });
  });

  it('proves every leaf at its own place, and nowhere else', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(), (data, pick, other) => {
        const index = pick % data.length;
        const proof = inclusionProof(data, index);
        const inclusion = { leaf: data[index]!, index, leafCount: data.length, proof, root: merkleRoot(data) };
        expect(verifyInclusion(inclusion)).toBe(true);
        expect(verifyInclusion({ ...inclusion, leaf: Buffer.concat([data[index]!, Buffer.of(1)]) })).toBe(false);
        expect(verifyInclusion({ ...inclusion, proof: [...proof, Buffer.alloc(32)] })).toBe(false);
        expect(verifyInclusion({ ...inclusion, root: Buffer.alloc(32) })).toBe(false);
        const elsewhere = other % data.length;
        const same = Buffer.from(data[elsewhere]!).equals(data[index]!);
        expect(verifyInclusion({ ...inclusion, index: elsewhere }) && !same).toBe(false);
      }),
      fixed,
    );
  });

  it('is another one when a leaf is doubled, and when a node poses as a leaf', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((text) => Buffer.from(text)) as [Buffer, Buffer, Buffer];
    expect(merkleRoot([a, b, c])).not.toEqual(merkleRoot([a, b, c, c]));
    expect(merkleRoot([Buffer.concat([leafHash(a), leafHash(b)]), c])).not.toEqual(merkleRoot([a, b, c]));
  });

  it('has at least one leaf, and proofs for its own leaves only', () => {
    expect(() => merkleRoot([])).toThrow(InvariantError);
    expect(() => inclusionProof([Buffer.alloc(1)], 1)).toThrow(InvariantError);
    const one = { leaf: Buffer.of(1), proof: [], root: merkleRoot([Buffer.of(1)]) };
    expect(verifyInclusion({ ...one, index: 0, leafCount: 1 })).toBe(true);
    expect(verifyInclusion({ ...one, index: 1, leafCount: 1 })).toBe(false);
    expect(verifyInclusion({ ...one, index: 0, leafCount: 2 })).toBe(false);
    expect(verifyInclusion({ ...one, index: 0.5, leafCount: 1 })).toBe(false);
  });
});
