'use strict';

/*
 * Runs the faults on real Fabric and prints one line for each: the gap that was measured and the invariants that hold.
 *
 *   npm run test:faults -- --mode native                  all of them, on the newest release that is found
 *   npm run test:faults -- --mode native --only F01,F11   some of them
 *   npm run test:faults -- --release 2.5                  on another release
 *   npm run test:faults -- --without-limits               times are measured, but too long a time is no failure
 *   npm run test:faults -- --json FILE                    also as JSON, which scripts/write-reliability.js reads
 *
 * Real Fabric is found in FABRIC_BIN or on PATH. Exit code 0: every fault ran and was survived.
 */

const fs = require('node:fs');
const path = require('node:path');
const { runForeground } = require('./setup/child');
const { root } = require('./setup/paths');

const program = path.join(root, 'test', 'dist', 'faults', 'main.js');

async function main(words) {
  if (!fs.existsSync(program)) throw new Error('the tests are not built yet; run "npm run build" first');
  process.exitCode = await runForeground(process.execPath, [program, ...words]);
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
