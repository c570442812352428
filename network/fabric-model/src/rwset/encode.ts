import { ledger } from '@hyperledger/fabric-protos';

import { fromHex } from '../common/bytes';
import type { Version } from '../common/version';
import type {
  CollectionReadWriteSet,
  HashedRead,
  HashedWrite,
  KeyRead,
  KeyWrite,
  MerkleSummary,
  NamespaceReadWriteSet,
  RangeQuery,
  ReadWriteSet,
} from './types';

const { kvrwset } = ledger.rwset;
type KvRead = InstanceType<typeof kvrwset.KVRead>;

function versionMessage(version: Version): InstanceType<typeof kvrwset.Version> {
  const message = new kvrwset.Version();
  message.setBlockNum(version.block);
  message.setTxNum(version.transaction);
  return message;
}

function readMessage(read: KeyRead): KvRead {
  const message = new kvrwset.KVRead();
  message.setKey(read.key);
  if (read.version !== undefined) {
    message.setVersion(versionMessage(read.version));
  }
  return message;
}

function writeMessage(write: KeyWrite): InstanceType<typeof kvrwset.KVWrite> {
  const message = new kvrwset.KVWrite();
  message.setKey(write.key);
  message.setIsDelete(write.value === undefined || write.value.length === 0);
  message.setValue(write.value ?? '');
  return message;
}

function hashedReadMessage(read: HashedRead): InstanceType<typeof kvrwset.KVReadHash> {
  const message = new kvrwset.KVReadHash();
  message.setKeyHash(fromHex(read.keyHashHex));
  if (read.version !== undefined) {
    message.setVersion(versionMessage(read.version));
  }
  return message;
}

function hashedWriteMessage(write: HashedWrite): InstanceType<typeof kvrwset.KVWriteHash> {
  const message = new kvrwset.KVWriteHash();
  message.setKeyHash(fromHex(write.keyHashHex));
  message.setIsDelete(write.valueHash === undefined);
  message.setValueHash(write.valueHash ?? '');
  message.setIsPurge(write.purge);
  return message;
}

function merkleMessage(summary: MerkleSummary): InstanceType<typeof kvrwset.QueryReadsMerkleSummary> {
  const message = new kvrwset.QueryReadsMerkleSummary();
  message.setMaxDegree(summary.maxDegree);
  message.setMaxLevel(summary.maxLevel);
  message.setMaxLevelHashesList([...summary.maxLevelHashes]);
  return message;
}

function rangeMessage(range: RangeQuery): InstanceType<typeof kvrwset.RangeQueryInfo> {
  const message = new kvrwset.RangeQueryInfo();
  message.setStartKey(range.startKey);
  message.setEndKey(range.endKey);
  message.setItrExhausted(range.exhausted);
  if (range.rawReads !== undefined) {
    message.setRawReads(queryReads(range.rawReads));
  }
  if (range.merkle !== undefined) {
    message.setReadsMerkleHashes(merkleMessage(range.merkle));
  }
  return message;
}

function queryReads(reads: readonly KeyRead[]): InstanceType<typeof kvrwset.QueryReads> {
  const message = new kvrwset.QueryReads();
  message.setKvReadsList(reads.map(readMessage));
  return message;
}

/** Bytes over which one leaf of a range's Merkle summary is hashed. */
export function encodeQueryReads(reads: readonly KeyRead[]): Uint8Array {
  return queryReads(reads).serializeBinary();
}

function collectionMessage(
  set: CollectionReadWriteSet,
): InstanceType<typeof ledger.rwset.CollectionHashedReadWriteSet> {
  const hashed = new kvrwset.HashedRWSet();
  hashed.setHashedReadsList(set.reads.map(hashedReadMessage));
  hashed.setHashedWritesList(set.writes.map(hashedWriteMessage));
  const message = new ledger.rwset.CollectionHashedReadWriteSet();
  message.setCollectionName(set.collection);
  message.setHashedRwset(hashed.serializeBinary());
  message.setPvtRwsetHash(set.privateSetHash ?? '');
  return message;
}

function namespaceMessage(set: NamespaceReadWriteSet): InstanceType<typeof ledger.rwset.NsReadWriteSet> {
  const keyValues = new kvrwset.KVRWSet();
  keyValues.setReadsList(set.reads.map(readMessage));
  keyValues.setRangeQueriesInfoList(set.rangeQueries.map(rangeMessage));
  keyValues.setWritesList(set.writes.map(writeMessage));
  const message = new ledger.rwset.NsReadWriteSet();
  message.setNamespace(set.namespace);
  message.setRwset(keyValues.serializeBinary());
  message.setCollectionHashedRwsetList(set.collections.map(collectionMessage));
  return message;
}

/** Bytes of a TxReadWriteSet, as an endorser signs them. Sets with metadata writes cannot be encoded back. */
export function encodeReadWriteSet(set: ReadWriteSet): Uint8Array {
  const message = new ledger.rwset.TxReadWriteSet();
  message.setNsRwsetList(set.namespaces.map(namespaceMessage));
  return message.serializeBinary();
}

/** Private writes by namespace and collection, both already in byte order, with keys in byte order. */
export interface PrivateWritesInput {
  readonly namespace: string;
  readonly collections: readonly { readonly collection: string; readonly writes: readonly KeyWrite[] }[];
}

/** Bytes of the private write set of one collection; their SHA-256 goes into the public set. */
export function encodePrivateCollection(writes: readonly KeyWrite[]): Uint8Array {
  const message = new kvrwset.KVRWSet();
  message.setWritesList(writes.map(writeMessage));
  return message.serializeBinary();
}

/** Bytes of a TxPvtReadWriteSet. */
export function encodePrivateWriteSet(namespaces: readonly PrivateWritesInput[]): Uint8Array {
  const message = new ledger.rwset.TxPvtReadWriteSet();
  for (const set of namespaces) {
    const namespaceSet = new ledger.rwset.NsPvtReadWriteSet();
    namespaceSet.setNamespace(set.namespace);
    for (const { collection, writes } of set.collections) {
      const collectionSet = new ledger.rwset.CollectionPvtReadWriteSet();
      collectionSet.setCollectionName(collection);
      collectionSet.setRwset(encodePrivateCollection(writes));
      namespaceSet.addCollectionPvtRwset(collectionSet);
    }
    message.addNsPvtRwset(namespaceSet);
  }
  return message.serializeBinary();
}
