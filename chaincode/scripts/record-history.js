'use strict';

process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
const { mkdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { brotliCompressSync } = require('node:zlib');

/** Keeps what contracts have written, transaction by transaction, in a folder of test/vectors, once for each name. */
async function keep(folder, names, record) {
  const path = join(__dirname, '..', '..', 'test', 'vectors', folder);
  mkdirSync(path, { recursive: true });
  for (const name of names) {
    const history = await record(name);
    const transactions = history.map((rows) =>
      rows.map(({ key, value }) => [key, Buffer.from(value).toString('base64url')]),
    );
    const bytes = brotliCompressSync(Buffer.from(JSON.stringify(transactions)));
    writeFileSync(join(path, `${name}.json.br`), bytes);
    process.stdout.write(`wrote ${name}: ${transactions.length} transactions, ${bytes.length} bytes\n`);
  }
}

/** The same as a program. */
function recordHistory(folder, names, record) {
  keep(folder, names, record).catch((error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  });
}

module.exports = { recordHistory };
