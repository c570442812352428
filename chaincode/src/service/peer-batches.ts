import { InvariantError } from '@flexledger/domain';
import { peer } from '@hyperledger/fabric-protos';
import type { ChaincodeInterface, ChaincodeServerOpts, ChaincodeStub } from 'fabric-shim';
import ChaincodeServer = require('fabric-shim/lib/server');
import type { LedgerBatches, RowWrite } from '../store/ledger-access';

const { Type } = peer.ChaincodeMessage;

/** How many keys a peer takes in one message; 0 where it takes none. */
export interface BatchOffer {
  readonly writesMax: number;
  readonly readsMax: number;
}

/** What of a peer's offer is used; a benchmark switches parts off to see what they bring. */
export interface BatchUse {
  readonly writes: boolean;
  readonly reads: boolean;
}

const nothingOffered: BatchOffer = { writesMax: 0, readsMax: 0 };
const everything: BatchUse = { writes: true, reads: true };

/** The part of the shim's connection to a peer that is used here. It keeps one request of a transaction at a time. */
interface PeerConnection {
  readonly _stream: object;
  _askPeerAndListen(message: peer.ChaincodeMessage, method: string): Promise<Uint8Array>;
}

/** What the READY message of a peer offers. A peer before 3.1 sends no content. */
export function offerOf(payload: Uint8Array): BatchOffer {
  const offered = peer.ChaincodeAdditionalParams.deserializeBinary(payload);
  return {
    writesMax: offered.getUseWriteBatch() ? offered.getMaxSizeWriteBatch() : 0,
    readsMax: offered.getUseGetMultipleKeys() ? offered.getMaxSizeGetMultipleKeys() : 0,
  };
}

/**
 * The shim's server, which also listens to what each peer offers when a connection becomes ready; the shim itself drops it. Every
 * connection is remembered for itself: a service may serve a peer of 2.5 and one of 3.1.
 */
export class BatchingServer extends ChaincodeServer {
  public constructor(chaincode: ChaincodeInterface, options: ChaincodeServerOpts, use: BatchUse = everything) {
    const offers = new WeakMap<object, BatchOffer>();
    super(withBatches(chaincode, offers, use), options);
    this.offers = offers;
  }

  private readonly offers: WeakMap<object, BatchOffer>;

  /** A peer has connected. */
  public override connect(stream: ChaincodeServer.PeerStream): void {
    stream.on('data', (message) => {
      if (message.getType() === Type.READY) {
        this.offers.set(stream, offerOf(message.getPayload_asU8()));
      }
    });
    super.connect(stream);
  }
}

function withBatches(
  chaincode: ChaincodeInterface,
  offers: WeakMap<object, BatchOffer>,
  use: BatchUse,
): ChaincodeInterface {
  return {
    Init: (stub) => chaincode.Init(stub),
    Invoke: (stub) => {
      const { handler } = stub as ChaincodeStub & { readonly handler: PeerConnection };
      const offer = offers.get(handler._stream) ?? nothingOffered;
      Object.assign(stub, { batches: batchesOver(handler, offer, use, stub) });
      return chaincode.Invoke(stub);
    },
  };
}

/** The batches of one transaction over a connection. */
export function batchesOver(
  connection: PeerConnection,
  offer: BatchOffer,
  use: BatchUse,
  call: Pick<ChaincodeStub, 'getChannelID' | 'getTxID'>,
): LedgerBatches {
  const ask = (type: number, payload: Uint8Array, method: string): Promise<Uint8Array> => {
    const message = new peer.ChaincodeMessage();
    message.setType(type as peer.ChaincodeMessage.TypeMap[keyof peer.ChaincodeMessage.TypeMap]);
    message.setPayload(payload);
    message.setTxid(call.getTxID());
    message.setChannelId(call.getChannelID());
    return connection._askPeerAndListen(message, method);
  };
  const putRows = async (writes: readonly RowWrite[]): Promise<void> => {
    for (const some of chunksOf(writes, offer.writesMax)) {
      const batch = new peer.WriteBatchState();
      batch.setRecList(some.map(recordOf));
      await ask(Type.WRITE_BATCH_STATE, batch.serializeBinary(), 'WriteBatch');
    }
  };
  const getRows = async (keys: readonly string[]): Promise<readonly Uint8Array[]> => {
    const values: Uint8Array[] = [];
    for (const some of chunksOf(keys, offer.readsMax)) {
      const request = new peer.GetStateMultiple();
      request.setKeysList([...some]);
      const answer = await ask(Type.GET_STATE_MULTIPLE, request.serializeBinary(), 'GetMultipleStates');
      const found = peer.GetStateMultipleResult.deserializeBinary(answer).getValuesList_asU8();
      // Where its database fails, a peer of 3.1 answers with an empty list and no error.
      if (found.length !== some.length) {
        throw new Error(`the peer answered ${found.length} of ${some.length} keys`);
      }
      values.push(...found);
    }
    return values;
  };
  return {
    ...(use.writes && offer.writesMax > 0 ? { putRows } : {}),
    ...(use.reads && offer.readsMax > 0 ? { getRows } : {}),
  };
}

function recordOf({ place, key, value }: RowWrite): peer.WriteRecord {
  if (value.length === 0) {
    throw new InvariantError('A row has content; a peer would take an empty one for a deletion.');
  }
  const record = new peer.WriteRecord();
  record.setType(peer.WriteRecord.Type.PUT_STATE);
  record.setCollection(place);
  record.setKey(key);
  record.setValue(value);
  return record;
}

function* chunksOf<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += size) {
    yield all.slice(start, start + size);
  }
}
