/** The writes of one key in one read-write set; a simulator makes one, whoever forges a set may make any number. */
export interface KeyWrites {
  puts: number;
  deletes: number;
  /** The last value that was put. */
  value: Uint8Array | undefined;
}

/** What a peer does with a key: deletes it, gives it the last value, or gives the value it has the new version. */
export type KeyEffect = 'delete' | 'put' | 'renew';

const PUT = 1;
const METADATA_UPDATE = 2;
const METADATA_DELETE = 4;
const DELETE = 8;
const FLAGS = 256;

/**
 * A peer adds up one flag per write in a byte and reads the sum as a set of flags, so that two puts look like a change
 * of metadata, which leaves the value alone, and eight like a delete. (Fabric, txmgmt/validation/tx_ops.go.)
 */
export function effectOf({ puts, deletes }: KeyWrites): KeyEffect {
  const sum = (puts * PUT + deletes * DELETE) % FLAGS;
  const has = (flag: number): boolean => Math.floor(sum / flag) % 2 === 1;
  if (has(DELETE)) {
    return 'delete';
  }
  const putWithMetadata = has(PUT) && (has(METADATA_UPDATE) || has(METADATA_DELETE));
  return putWithMetadata || sum === PUT || sum === 0 ? 'put' : 'renew';
}

/** Counts writes by key, keys in the order of their first write. */
export function writesByKey<T>(
  writes: readonly T[],
  keyOf: (write: T) => string,
  valueOf: (write: T) => Uint8Array | undefined,
): ReadonlyMap<string, KeyWrites> {
  const found = new Map<string, KeyWrites>();
  for (const write of writes) {
    const entry = found.get(keyOf(write)) ?? { puts: 0, deletes: 0, value: undefined };
    const value = valueOf(write);
    if (value === undefined) {
      entry.deletes += 1;
    } else {
      entry.puts += 1;
      entry.value = value;
    }
    found.set(keyOf(write), entry);
  }
  return found;
}
