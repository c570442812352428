import { timingSafeEqual } from 'node:crypto';
import { assert, present } from './assert';
import { sha256 } from './digest';

const leafPrefix = Buffer.of(0);
const nodePrefix = Buffer.of(1);

/** The hash of one leaf: SHA-256(0x00 || data), RFC 9162 section 2.1.1. */
export function leafHash(data: Uint8Array): Buffer {
  return sha256(leafPrefix, data);
}

/**
 * The root of a Merkle tree over the data of its leaves (RFC 9162 section 2.1.1): a node is SHA-256(0x01 || left || right), and a
 * tree is split at the largest power of two below its size, so that no leaf is ever doubled. Needs at least one leaf.
 */
export function merkleRoot(leaves: readonly Uint8Array[]): Buffer {
  return rootOfHashes(leaves.map((leaf) => leafHash(leaf)));
}

/** The hashes that join one leaf to the root, from the leaf upwards (RFC 9162 section 2.1.3.1). */
export function inclusionProof(leaves: readonly Uint8Array[], index: number): readonly Buffer[] {
  assert(index >= 0 && index < leaves.length, 'A proof is for a leaf of the tree.');
  return proofOfHashes(
    leaves.map((leaf) => leafHash(leaf)),
    index,
  );
}

/** What a proof of one leaf is checked against. */
export interface Inclusion {
  readonly leaf: Uint8Array;
  readonly index: number;
  readonly leafCount: number;
  readonly proof: readonly Uint8Array[];
  readonly root: Uint8Array;
}

/** True where the proof joins the leaf at its place in a tree of this size to the root; the sides follow from place and size. */
export function verifyInclusion(inclusion: Inclusion): boolean {
  const { index, leafCount, leaf, proof, root } = inclusion;
  if (!Number.isSafeInteger(index) || index < 0 || index >= leafCount || root.length !== 32) {
    return false;
  }
  const sides = sidesOf(index, leafCount);
  if (sides.length !== proof.length) {
    return false;
  }
  const reached = proof.reduce<Buffer>((hash, sibling, level) => {
    const [left, right] = sides[level] === 'left' ? [sibling, hash] : [hash, sibling];
    return sha256(nodePrefix, left, right);
  }, leafHash(leaf));
  return timingSafeEqual(reached, root);
}

/** On which side the sibling stands at each level, from the leaf upwards. */
function sidesOf(index: number, leafCount: number): readonly ('left' | 'right')[] {
  if (leafCount === 1) {
    return [];
  }
  const split = splitOf(leafCount);
  return index < split ? [...sidesOf(index, split), 'right'] : [...sidesOf(index - split, leafCount - split), 'left'];
}

function rootOfHashes(hashes: readonly Buffer[]): Buffer {
  if (hashes.length === 1) {
    return present(hashes[0], 'A tree of one has a leaf.');
  }
  const split = splitOf(hashes.length);
  return sha256(nodePrefix, rootOfHashes(hashes.slice(0, split)), rootOfHashes(hashes.slice(split)));
}

function proofOfHashes(hashes: readonly Buffer[], index: number): readonly Buffer[] {
  if (hashes.length === 1) {
    return [];
  }
  const split = splitOf(hashes.length);
  const left = hashes.slice(0, split);
  const right = hashes.slice(split);
  return index < split
    ? [...proofOfHashes(left, index), rootOfHashes(right)]
    : [...proofOfHashes(right, index - split), rootOfHashes(left)];
}

/** The largest power of two below a size of at least two. */
function splitOf(size: number): number {
  assert(size >= 2, 'A tree is split where it has two leaves.');
  let split = 1;
  while (split * 2 < size) {
    split *= 2;
  }
  return split;
}
