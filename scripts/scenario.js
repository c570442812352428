'use strict';

/*
 * Runs a scenario and prints its report.
 *
 *   npm run scenario -- demand-response                     on the embedded Fabric
 *   npm run scenario -- vpp
 *   npm run scenario -- oracles
 *   NETWORK=native npm run scenario -- demand-response      on real Fabric; FABRIC_BIN names the folder of its programs
 *
 * docs/demand-response.md, docs/vpp.md and docs/oracle-services.md say what is played.
 */

const fs = require('node:fs');
const path = require('node:path');
const { runForeground } = require('./setup/child');
const { root } = require('./setup/paths');

const program = path.join(root, 'test', 'dist', 'scenarios', 'main.js');

async function main(words) {
  if (!fs.existsSync(program)) throw new Error('the scenarios are not built yet; run "npm run build" first');
  process.exitCode = await runForeground(process.execPath, [program, ...words]);
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
