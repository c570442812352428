'use strict';

/*
 * Measures how fast readings get onto the ledger, next to the assets of Fabric's own asset-transfer sample, and how fast
 * markets clear, next to other people's programs.
 *
 *   npm run bench -- metering                       on the devnet
 *   npm run bench -- metering --mode native         on real Fabric, the newest release that is found
 *   npm run bench -- metering --release 2.5         on another release
 *   npm run bench -- metering --seconds 5 --rounds 1 --without-ablation     a short look
 *   npm run bench -- metering --backlogs 16,64      transactions in flight that are tried
 *   npm run bench -- metering --note TEXT           a remark for the result, for example that the machine had other work
 *   npm run bench -- market [--mode none|devnet|native]     how fast markets clear, next to gsy-framework and pymarket where
 *                                                           the Python that PEERS_PYTHON names (python3) has them
 *   npm run bench -- vpp [--seconds 10] [--seeds 1,2]       how near coalitions come to the best choice, next to HiGHS as it comes
 *   npm run bench -- forecast-pv [--every 3]   how near forecasts of PV and of flexibility come in the SimBench year, on every third day
 *   npm run bench -- forecast                       how near forecasts of homes come, next to simple methods, LightGBM and
 *                                                   statsforecast (PEERS_PYTHON); SHARED names the folder of the readings;
 *                                                   --legs 'day-ahead;many' measures the legs whose names have one of the parts
 *   npm run bench -- metering --json FILE           where the result goes; default bench/results/metering-MODE.json
 *
 * SAMPLES_DIR names a fabric-samples checkout; without one there are no ratios. Real Fabric is found in FABRIC_BIN or on PATH.
 * scripts/write-performance.js writes a result into docs/performance.md.
 */

const fs = require('node:fs');
const path = require('node:path');
const { runForeground } = require('./setup/child');
const { root } = require('./setup/paths');

const program = path.join(root, 'test', 'dist', 'bench', 'main.js');

async function main(words) {
  if (!fs.existsSync(program)) throw new Error('the benchmark is not built yet; run "npm run build" first');
  process.exitCode = await runForeground(process.execPath, [program, ...words]);
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
