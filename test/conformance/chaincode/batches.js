'use strict';

const { peer } = require('@hyperledger/fabric-protos');
const ChaincodeServer = require('fabric-shim/lib/server');

const { Type } = peer.ChaincodeMessage;
const offers = new WeakMap();

/** The shim's server, which also notes what each peer says in its READY message. */
class ListeningServer extends ChaincodeServer {
  connect(stream) {
    stream.on('data', (message) => {
      if (message.getType() !== Type.READY) return;
      offers.set(stream, peer.ChaincodeAdditionalParams.deserializeBinary(message.getPayload_asU8()).toObject());
    });
    super.connect(stream);
  }
}

/** What the peer of a call offers. */
function offerOf(stub) {
  return offers.get(stub.handler._stream);
}

async function ask(stub, type, request) {
  const message = new peer.ChaincodeMessage();
  message.setType(type);
  message.setPayload(request.serializeBinary());
  message.setTxid(stub.getTxID());
  message.setChannelId(stub.getChannelID());
  return stub.handler._askPeerAndListen(message, 'Batch');
}

/** Writes rows in one message where the peer takes that, else one after the other. */
async function putRows(stub, rows) {
  if (!offerOf(stub).useWriteBatch) {
    for (const { collection, key, value } of rows) {
      await (collection === ''
        ? stub.putState(key, Buffer.from(value))
        : stub.putPrivateData(collection, key, Buffer.from(value)));
    }
    return;
  }
  const batch = new peer.WriteBatchState();
  batch.setRecList(
    rows.map(({ collection, key, value }) => {
      const record = new peer.WriteRecord();
      record.setType(peer.WriteRecord.Type.PUT_STATE);
      record.setCollection(collection);
      record.setKey(key);
      record.setValue(Buffer.from(value));
      return record;
    }),
  );
  await ask(stub, Type.WRITE_BATCH_STATE, batch);
}

/** Reads keys in one message where the peer takes that, else one after the other. */
async function getRows(stub, keys) {
  if (!offerOf(stub).useGetMultipleKeys) {
    return Promise.all(keys.map(async (key) => (await stub.getState(key)).toString()));
  }
  const request = new peer.GetStateMultiple();
  request.setKeysList(keys);
  const answer = peer.GetStateMultipleResult.deserializeBinary(await ask(stub, Type.GET_STATE_MULTIPLE, request));
  return answer.getValuesList_asU8().map((value) => Buffer.from(value).toString());
}

module.exports = { ListeningServer, offerOf, putRows, getRows };
