'use strict';

/*
 * What an organisation runs in F20 instead of the agreed chaincode: the same program, but every value that it writes is a
 * little different. Loaded before the chaincode with `node --require`.
 */

process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
process.env.CORE_CHAINCODE_LOGGING_SHIM ??= 'error';

const { ChaincodeStub } = require('fabric-shim');

const putState = ChaincodeStub.prototype.putState;

ChaincodeStub.prototype.putState = function putAlteredState(key, value) {
  return putState.call(this, key, Buffer.concat([Buffer.from(value), Buffer.from(' ')]));
};
