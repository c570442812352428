'use strict';

/** Writes expected-metadata.json, the golden ABI, from the compiled contracts. */
process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const prettier = require('prettier');
const { registeredAbi } = require('../dist/testing/abi.js');

async function main() {
  const text = await prettier.format(JSON.stringify(registeredAbi()), { parser: 'json', printWidth: 120 });
  writeFileSync(join(__dirname, '..', 'expected-metadata.json'), text);
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
