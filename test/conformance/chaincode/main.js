'use strict';

/** Runs the conformance contract as a service, configured by the environment as every chaincode of a topology. */
const { readFileSync } = require('node:fs');
const { JSONSerializer } = require('fabric-contract-api');
const ChaincodeFromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract');
const { ListeningServer } = require('./batches.js');
const { contracts } = require('./contract.js');

const environment = process.env;
const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } };
const chaincode = new ChaincodeFromContract(contracts, serializers, {}, 'conformance', '1.0.0');
const tlsProps =
  environment.CHAINCODE_TLS_DISABLED === 'true'
    ? undefined
    : {
        key: readFileSync(environment.CHAINCODE_TLS_KEY_FILE),
        cert: readFileSync(environment.CHAINCODE_TLS_CERT_FILE),
        clientCACerts: readFileSync(environment.CHAINCODE_TLS_CLIENT_CACERT_FILE),
      };

new ListeningServer(chaincode, {
  ccid: environment.CHAINCODE_ID,
  address: environment.CHAINCODE_SERVER_ADDRESS,
  ...(tlsProps === undefined ? {} : { tlsProps }),
})
  .start()
  .catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  });
