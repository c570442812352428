import type { RangeCursor } from '@flexledger/fabric-model';
import { peer } from '@hyperledger/fabric-protos';
import { encodedSource, QueryCursor, rowSource } from './query-cursor';
import type { RunningTransaction } from './transaction-context';

const noBytes = new Uint8Array(0);

/** Limits that the peer announces or enforces towards chaincode. */
export interface ChaincodeLimits {
  /** Longest transaction, in milliseconds. */
  readonly executeTimeoutMs: number;
  /** Most results of one query; it then just ends, with no flag, as in Fabric. */
  readonly totalQueryLimit: number;
  /** Most writes in one WRITE_BATCH_STATE message. */
  readonly writeBatchMax: number;
  /** Most keys in one GET_STATE_MULTIPLE message. */
  readonly multipleKeysMax: number;
}

/** The figures of a 3.1 peer. */
export const defaultChaincodeLimits: ChaincodeLimits = {
  executeTimeoutMs: 30_000,
  totalQueryLimit: 100_000,
  writeBatchMax: 1000,
  multipleKeysMax: 1000,
};

type Answer = Uint8Array | Promise<Uint8Array>;
type Responder = (transaction: RunningTransaction, payload: Uint8Array, limits: ChaincodeLimits) => Answer;

function refuseInPointer(what: string): never {
  throw new Error(`${what} is not available on the embedded network, see DIFFERENCES.md`);
}

function requireRead({ context }: RunningTransaction, collection: string): void {
  if (!context.collectionPermission(collection).read) {
    throw new Error(
      'tx creator does not have read access permission on privatedata in ' +
        `chaincodeName:${context.chaincodeName} collectionName: ${collection}`,
    );
  }
}

function requireWrite({ context }: RunningTransaction, collection: string): void {
  if (!context.collectionPermission(collection).write) {
    throw new Error(
      'tx creator does not have write access permission on privatedata in ' +
        `chaincodeName:${context.chaincodeName} collectionName: ${collection}`,
    );
  }
}

function readValue(transaction: RunningTransaction, collection: string, key: string): Uint8Array {
  const { simulator, chaincodeName } = transaction.context;
  if (collection === '') return simulator.getState(chaincodeName, key) ?? noBytes;
  requireRead(transaction, collection);
  return simulator.getPrivateData(chaincodeName, collection, key) ?? noBytes;
}

/** An empty value deletes, because the peer cannot tell the two apart once the message is decoded. */
function put(transaction: RunningTransaction, collection: string, key: string, value: Uint8Array): void {
  const { simulator, chaincodeName } = transaction.context;
  if (value.length === 0) {
    remove(transaction, collection, key);
  } else if (collection === '') {
    simulator.putState(chaincodeName, key, value);
  } else {
    requireWrite(transaction, collection);
    simulator.putPrivateData(chaincodeName, collection, key, value);
  }
}

function remove(transaction: RunningTransaction, collection: string, key: string): void {
  const { simulator, chaincodeName } = transaction.context;
  if (collection === '') {
    simulator.deleteState(chaincodeName, key);
    return;
  }
  requireWrite(transaction, collection);
  simulator.deletePrivateData(chaincodeName, collection, key);
}

function purge(transaction: RunningTransaction, collection: string, key: string): void {
  if (collection === '') throw new Error('only applicable for private data');
  requireWrite(transaction, collection);
  const { simulator, chaincodeName } = transaction.context;
  simulator.purgePrivateData(chaincodeName, collection, key);
}

function openCursor(transaction: RunningTransaction, cursor: QueryCursor): Uint8Array {
  const response = cursor.nextResponse();
  if (!cursor.isFinished) transaction.cursors.set(cursor.id, cursor);
  return response.serializeBinary();
}

function getStateByRange(transaction: RunningTransaction, payload: Uint8Array, limits: ChaincodeLimits): Uint8Array {
  const request = peer.GetStateByRange.deserializeBinary(payload);
  const metadata = peer.QueryMetadata.deserializeBinary(request.getMetadata_asU8());
  const collection = request.getCollection();
  const { simulator, chaincodeName } = transaction.context;
  const pageSize = metadata.getPagesize();
  const isPaginated = collection === '' && (pageSize !== 0 || metadata.getBookmark() !== '');
  const totalLimit = pageSize > 0 ? Math.min(pageSize, limits.totalQueryLimit) : limits.totalQueryLimit;
  if (collection !== '') requireRead(transaction, collection);
  const startKey = isPaginated && metadata.getBookmark() !== '' ? metadata.getBookmark() : request.getStartkey();
  const endKey = request.getEndkey();
  const openPublic = (): RangeCursor =>
    isPaginated
      ? simulator.openPage(chaincodeName, startKey, endKey, pageSize)
      : simulator.openRange(chaincodeName, startKey, endKey);
  const rows =
    collection === '' ? openPublic() : simulator.openPrivateRange(chaincodeName, collection, startKey, endKey);
  const source = rowSource(chaincodeName, rows);
  return openCursor(transaction, new QueryCursor(transaction.newCursorId(), source, isPaginated, totalLimit));
}

async function getHistoryForKey(
  transaction: RunningTransaction,
  payload: Uint8Array,
  limits: ChaincodeLimits,
): Promise<Uint8Array> {
  const request = peer.GetHistoryForKey.deserializeBinary(payload);
  const source = encodedSource(await transaction.context.history(request.getKey()));
  return openCursor(transaction, new QueryCursor(transaction.newCursorId(), source, false, limits.totalQueryLimit));
}

function queryStateNext(transaction: RunningTransaction, payload: Uint8Array): Uint8Array {
  const id = peer.QueryStateNext.deserializeBinary(payload).getId();
  const cursor = transaction.cursors.get(id);
  if (cursor === undefined) throw new Error('query iterator not found');
  const response = cursor.nextResponse();
  if (cursor.isFinished) transaction.cursors.delete(id);
  return response.serializeBinary();
}

function queryStateClose(transaction: RunningTransaction, payload: Uint8Array): Uint8Array {
  const id = peer.QueryStateClose.deserializeBinary(payload).getId();
  transaction.cursors.delete(id);
  const response = new peer.QueryResponse();
  response.setId(id);
  return response.serializeBinary();
}

function getPrivateDataHash(transaction: RunningTransaction, payload: Uint8Array): Uint8Array {
  const request = peer.GetState.deserializeBinary(payload);
  const { simulator, chaincodeName } = transaction.context;
  return simulator.getPrivateDataHash(chaincodeName, request.getCollection(), request.getKey()) ?? noBytes;
}

function getStateMultiple(transaction: RunningTransaction, payload: Uint8Array): Uint8Array {
  const request = peer.GetStateMultiple.deserializeBinary(payload);
  const result = new peer.GetStateMultipleResult();
  result.setValuesList(request.getKeysList().map((key) => readValue(transaction, request.getCollection(), key)));
  return result.serializeBinary();
}

function applyRecord(transaction: RunningTransaction, record: peer.WriteRecord): void {
  const { Type } = peer.WriteRecord;
  switch (record.getType()) {
    case Type.PUT_STATE:
      put(transaction, record.getCollection(), record.getKey(), record.getValue_asU8());
      return;
    case Type.DEL_STATE:
      remove(transaction, record.getCollection(), record.getKey());
      return;
    case Type.PURGE_PRIVATE_DATA:
      purge(transaction, record.getCollection(), record.getKey());
      return;
    case Type.PUT_STATE_METADATA:
      return refuseInPointer('key-level endorsement (PUT_STATE_METADATA)');
    default:
      throw new Error('unknown operation type');
  }
}

function writeBatch(transaction: RunningTransaction, payload: Uint8Array): Uint8Array {
  for (const record of peer.WriteBatchState.deserializeBinary(payload).getRecList()) {
    applyRecord(transaction, record);
  }
  return noBytes;
}

const { Type } = peer.ChaincodeMessage;

/** What answers each request of a chaincode while one of its transactions runs. */
const responders: ReadonlyMap<number, Responder> = new Map<number, Responder>([
  [
    Type.GET_STATE,
    (transaction, payload) => {
      const request = peer.GetState.deserializeBinary(payload);
      return readValue(transaction, request.getCollection(), request.getKey());
    },
  ],
  [
    Type.PUT_STATE,
    (transaction, payload) => {
      const request = peer.PutState.deserializeBinary(payload);
      put(transaction, request.getCollection(), request.getKey(), request.getValue_asU8());
      return noBytes;
    },
  ],
  [
    Type.DEL_STATE,
    (transaction, payload) => {
      const request = peer.DelState.deserializeBinary(payload);
      remove(transaction, request.getCollection(), request.getKey());
      return noBytes;
    },
  ],
  [
    Type.PURGE_PRIVATE_DATA,
    (transaction, payload) => {
      const request = peer.PurgePrivateState.deserializeBinary(payload);
      purge(transaction, request.getCollection(), request.getKey());
      return noBytes;
    },
  ],
  [Type.GET_STATE_BY_RANGE, getStateByRange],
  [Type.GET_HISTORY_FOR_KEY, getHistoryForKey],
  [Type.QUERY_STATE_NEXT, queryStateNext],
  [Type.QUERY_STATE_CLOSE, queryStateClose],
  [Type.GET_PRIVATE_DATA_HASH, getPrivateDataHash],
  [Type.GET_STATE_MULTIPLE, getStateMultiple],
  [Type.WRITE_BATCH_STATE, writeBatch],
  [Type.GET_QUERY_RESULT, () => refuseInPointer('a rich query (GET_QUERY_RESULT)')],
  [Type.INVOKE_CHAINCODE, () => refuseInPointer('chaincode-to-chaincode invocation (INVOKE_CHAINCODE)')],
  [Type.GET_STATE_METADATA, () => refuseInPointer('key-level endorsement (GET_STATE_METADATA)')],
  [Type.PUT_STATE_METADATA, () => refuseInPointer('key-level endorsement (PUT_STATE_METADATA)')],
]);

/** The one that answers a message of this type, or undefined if chaincode has no business sending it while ready. */
export function responderFor(type: number): Responder | undefined {
  return responders.get(type);
}

/** The name of a message type, for error texts. */
export function messageTypeName(type: number): string {
  return Object.entries(Type).find(([, value]) => value === type)?.[0] ?? String(type);
}
