import { concatBytes, fromHex, NO_BYTES, sha256, utf8 } from '../common/bytes';
import { compareKeys } from '../common/keys';
import { versionBytes, type Version } from '../common/version';
import { varint, WireWriter } from '../common/wire';
import type { UpdateBatch } from '../state/types';
import type { ValidationCode } from '../validation/codes';

interface Row {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
  readonly version: Version;
}

/** Rows of one namespace: public ones first, then collection by collection. */
interface NamespaceRows {
  readonly publicRows: Row[];
  readonly collections: Map<string, Row[]>;
}

function grouped(updates: UpdateBatch): Map<string, NamespaceRows> {
  const namespaces = new Map<string, NamespaceRows>();
  const rowsOf = (namespace: string): NamespaceRows => {
    let rows = namespaces.get(namespace);
    if (rows === undefined) {
      rows = { publicRows: [], collections: new Map() };
      namespaces.set(namespace, rows);
    }
    return rows;
  };
  for (const update of updates.publicUpdates) {
    rowsOf(update.namespace).publicRows.push({ ...update, key: utf8(update.key) });
  }
  for (const update of updates.hashedUpdates) {
    const { collections } = rowsOf(update.namespace);
    const rows = collections.get(update.collection) ?? [];
    collections.set(update.collection, rows);
    rows.push({ key: fromHex(update.keyHashHex), value: update.valueHash, version: update.version });
  }
  return namespaces;
}

function rowMessage(row: Row, namespace: string, collection: string): Uint8Array {
  return new WireWriter()
    .textField(1, namespace)
    .textField(2, collection)
    .bytesField(3, row.key)
    .flagField(4, row.value === undefined)
    .bytesField(5, row.value ?? NO_BYTES)
    .bytesField(6, versionBytes(row.version))
    .finish();
}

function sorted(rows: readonly Row[]): Row[] {
  return [...rows].sort((left, right) => Buffer.compare(left.key, right.key));
}

/**
 * The bytes of a block's writes that go into the commit hash (Fabric core/ledger/kvledger/txmgmt/txmgr): rows sorted
 * by namespace, then public before collections, then by key; namespace and collection named at their first row only.
 * The namespace '' (channel configuration) is left out.
 */
export function updateBatchBytes(updates: UpdateBatch): Uint8Array {
  const writer = new WireWriter();
  const namespaces = [...grouped(updates)].sort(([left], [right]) => compareKeys(left, right));
  for (const [namespace, { publicRows, collections }] of namespaces) {
    if (namespace === '') {
      continue;
    }
    const groups: [string, Row[]][] = [...collections].sort(([left], [right]) => compareKeys(left, right));
    let nameToWrite = namespace;
    for (const [collection, rows] of [['', publicRows] as [string, Row[]], ...groups]) {
      sorted(rows).forEach((row, index) => {
        writer.messageField(1, rowMessage(row, nameToWrite, index === 0 ? collection : ''));
        nameToWrite = '';
      });
    }
  }
  return writer.finish();
}

/**
 * Commit hash of a block: SHA-256 over the number of codes, the codes, the writes and the commit hash of the block
 * before (nothing for block 1; block 0 has none).
 */
export function computeCommitHash(
  codes: readonly ValidationCode[],
  updates: UpdateBatch,
  previousCommitHash: Uint8Array | undefined,
): Uint8Array {
  return sha256(
    concatBytes(
      varint(codes.length),
      Uint8Array.from(codes),
      updateBatchBytes(updates),
      previousCommitHash ?? NO_BYTES,
    ),
  );
}
