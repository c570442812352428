import { ledger } from '@hyperledger/fabric-protos';

import { equalBytes, sha256, toHex } from '../common/bytes';
import { decodeOr } from '../common/errors';
import { decodeStrict } from '../common/schemas';
import type { Version } from '../common/version';
import type {
  CollectionReadWriteSet,
  KeyRead,
  KeyWrite,
  NamespaceReadWriteSet,
  PrivateCollectionWriteSet,
  RangeQuery,
  ReadWriteSet,
} from './types';

const { kvrwset } = ledger.rwset;
type Message<T extends abstract new (...args: never) => unknown> = InstanceType<T>;

const HASH_OF_NOTHING = sha256();

function versionOf(message: Message<typeof kvrwset.Version> | undefined): Version | undefined {
  return message === undefined ? undefined : { block: message.getBlockNum(), transaction: message.getTxNum() };
}

function readOf(message: Message<typeof kvrwset.KVRead>): KeyRead {
  return { key: message.getKey(), version: versionOf(message.getVersion()) };
}

/** An empty value deletes, whatever the flag says (Fabric FAB-18386). */
function writeOf(message: Message<typeof kvrwset.KVWrite>): KeyWrite {
  const value = message.getValue_asU8();
  return { key: message.getKey(), value: message.getIsDelete() || value.length === 0 ? undefined : value };
}

function rangeOf(message: Message<typeof kvrwset.RangeQueryInfo>): RangeQuery {
  const summary = message.getReadsMerkleHashes();
  return {
    startKey: message.getStartKey(),
    endKey: message.getEndKey(),
    exhausted: message.getItrExhausted(),
    rawReads: message.getRawReads()?.getKvReadsList().map(readOf),
    merkle:
      summary === undefined
        ? undefined
        : {
            maxDegree: summary.getMaxDegree(),
            maxLevel: summary.getMaxLevel(),
            maxLevelHashes: summary.getMaxLevelHashesList_asU8(),
          },
  };
}

function collectionOf(message: Message<typeof ledger.rwset.CollectionHashedReadWriteSet>): CollectionReadWriteSet {
  const hashed = decodeStrict('hashedSet', kvrwset.HashedRWSet, message.getHashedRwset_asU8());
  const privateSetHash = message.getPvtRwsetHash_asU8();
  return {
    collection: message.getCollectionName(),
    reads: hashed.getHashedReadsList().map((read) => ({
      keyHashHex: toHex(read.getKeyHash_asU8()),
      version: versionOf(read.getVersion()),
    })),
    writes: hashed.getHashedWritesList().map((write) => {
      const valueHash = write.getValueHash_asU8();
      const deletes = write.getIsDelete() || valueHash.length === 0 || equalBytes(valueHash, HASH_OF_NOTHING);
      return {
        keyHashHex: toHex(write.getKeyHash_asU8()),
        valueHash: deletes ? undefined : valueHash,
        purge: write.getIsPurge(),
      };
    }),
    metadataWriteCount: hashed.getMetadataWritesList().length,
    privateSetHash: privateSetHash.length === 0 ? undefined : privateSetHash,
  };
}

function namespaceOf(message: Message<typeof ledger.rwset.NsReadWriteSet>): NamespaceReadWriteSet {
  const keyValues = decodeStrict('keyValueSet', kvrwset.KVRWSet, message.getRwset_asU8());
  return {
    namespace: message.getNamespace(),
    reads: keyValues.getReadsList().map(readOf),
    rangeQueries: keyValues.getRangeQueriesInfoList().map(rangeOf),
    writes: keyValues.getWritesList().map(writeOf),
    metadataWriteCount: keyValues.getMetadataWritesList().length,
    collections: message.getCollectionHashedRwsetList().map(collectionOf),
  };
}

/** Reads the bytes of a TxReadWriteSet; throws RWSET_UNREADABLE. */
export function decodeReadWriteSet(bytes: Uint8Array): ReadWriteSet {
  return decodeOr('RWSET_UNREADABLE', 'The read-write set', () => ({
    namespaces: decodeStrict('readWriteSet', ledger.rwset.TxReadWriteSet, bytes).getNsRwsetList().map(namespaceOf),
  }));
}

/** Reads the bytes of a TxPvtReadWriteSet, one entry per collection; throws RWSET_UNREADABLE. */
export function decodePrivateWriteSet(bytes: Uint8Array): readonly PrivateCollectionWriteSet[] {
  return decodeOr('RWSET_UNREADABLE', 'The private write set', () =>
    decodeStrict('privateSet', ledger.rwset.TxPvtReadWriteSet, bytes)
      .getNsPvtRwsetList()
      .flatMap((namespaceSet) =>
        namespaceSet.getCollectionPvtRwsetList().map((collectionSet) => ({
          namespace: namespaceSet.getNamespace(),
          collection: collectionSet.getCollectionName(),
          writes: decodeStrict('keyValueSet', kvrwset.KVRWSet, collectionSet.getRwset_asU8())
            .getWritesList()
            .map(writeOf),
          bytes: collectionSet.getRwset_asU8(),
        })),
      ),
  );
}
