'use strict';

/**
 * Records the rows that contracts write while an hour is traded and called, settled and disputed, for the tests of the audit: once with a
 * split that an oracle has proven, once with the merit order. Build first.
 */
process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { brotliCompressSync } = require('node:zlib');
const { recordFlexibility } = require('../dist/testing/record-flexibility.js');

const FOLDER = join(__dirname, '..', '..', 'test', 'vectors', 'flexibility');

async function main() {
  mkdirSync(FOLDER, { recursive: true });
  for (const name of ['answered', 'unanswered']) {
    const history = await recordFlexibility(name === 'answered');
    const transactions = history.map((rows) =>
      rows.map(({ key, value }) => [key, Buffer.from(value).toString('base64url')]),
    );
    const bytes = brotliCompressSync(Buffer.from(JSON.stringify(transactions)));
    writeFileSync(join(FOLDER, `${name}.json.br`), bytes);
    process.stdout.write(`wrote ${name}: ${transactions.length} transactions, ${bytes.length} bytes\n`);
  }
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
