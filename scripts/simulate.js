'use strict';

/*
 * Plays a year of the SimBench grid through the rules of the market, without a ledger.
 *
 *   npm run simulate -- year                  all of it; takes a few minutes
 *   npm run simulate -- year --json FILE      where the result goes; default bench/results/market-year.json
 *
 * docs/market.md says what is simulated and what came out.
 */

const fs = require('node:fs');
const path = require('node:path');
const { runForeground } = require('./setup/child');
const { root } = require('./setup/paths');

const program = path.join(root, 'test', 'dist', 'simulation', 'main.js');

async function main(words) {
  if (!fs.existsSync(program)) throw new Error('the simulation is not built yet; run "npm run build" first');
  process.exitCode = await runForeground(process.execPath, [program, ...words]);
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
