/** Height of a write: number of the block and index of the transaction in it. */
export interface Version {
  readonly block: number;
  readonly transaction: number;
}

/** Equal heights, where undefined stands for "the key does not exist". */
export function sameVersion(left: Version | undefined, right: Version | undefined): boolean {
  if (left === undefined || right === undefined) {
    return left === right;
  }
  return left.block === right.block && left.transaction === right.transaction;
}

function orderPreservingBytes(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  return [bytes.length, ...bytes];
}

/** Fabric's order-preserving bytes of a height: per number a length byte and the big-endian bytes without zeros. */
export function versionBytes(version: Version): Uint8Array {
  return Uint8Array.from([...orderPreservingBytes(version.block), ...orderPreservingBytes(version.transaction)]);
}
