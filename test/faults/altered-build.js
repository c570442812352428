'use strict';

/*
 * What an organisation runs in F20 instead of the agreed chaincode: the same program, but every value that it writes is a
 * little different. Loaded before the chaincode with `node --require`. A value goes to a peer in a message of its own, or as a
 * record of a batch where the peer takes batches; both are altered.
 */

process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
process.env.CORE_CHAINCODE_LOGGING_SHIM ??= 'error';

const { peer } = require('@hyperledger/fabric-protos');
const { ChaincodeStub } = require('fabric-shim');

const altered = (value) => Buffer.concat([Buffer.from(value), Buffer.from(' ')]);

const putState = ChaincodeStub.prototype.putState;

ChaincodeStub.prototype.putState = function putAlteredState(key, value) {
  return putState.call(this, key, altered(value));
};

const setValue = peer.WriteRecord.prototype.setValue;

peer.WriteRecord.prototype.setValue = function setAlteredValue(value) {
  return setValue.call(this, altered(value));
};
