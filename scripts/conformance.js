'use strict';

/*
 * Runs the conformance suite on one or several networks and prints one table: test x network.
 *
 *   npm run test:conformance                      the devnet
 *   npm run test:conformance -- --mode native     real Fabric, each release line that is found (3.1 and 2.5)
 *   npm run test:conformance -- --mode docker     real Fabric in containers
 *   npm run test:conformance -- --mode all        all of these
 *
 * Real Fabric is found in FABRIC_BIN or on PATH, or comes as images. A release or an engine that is not there is left out of the table and named.
 * Exit code 0: at least one network ran and every test passed on every network that ran.
 */

const fs = require('node:fs');
const path = require('node:path');
const { runForeground } = require('./setup/child');
const { root, workFolder } = require('./setup/paths');

const columns = {
  devnet: [{ title: 'devnet', environment: { NETWORK: 'devnet' } }],
  native: [
    { title: 'Fabric 3.1', release: '3.1', environment: { NETWORK: 'native', FABRIC_RELEASE: '3.1' } },
    { title: 'Fabric 2.5', release: '2.5', environment: { NETWORK: 'native', FABRIC_RELEASE: '2.5' } },
  ],
};
columns.docker = [{ title: 'containers', engine: true, environment: { NETWORK: 'docker' } }];
columns.all = [...columns.devnet, ...columns.native, ...columns.docker];

const signs = { passed: 'yes', failed: 'NO', pending: 'skipped', todo: 'skipped' };

function wantedColumns(words) {
  const at = words.indexOf('--mode');
  const mode = at < 0 ? 'devnet' : words[at + 1];
  if (!Object.hasOwn(columns, mode)) {
    throw new Error(`unknown mode ${mode}; the modes are ${Object.keys(columns).join(', ')}`);
  }
  return columns[mode];
}

/** Why a column cannot run on this machine, or undefined. */
async function reasonAgainst(column) {
  const { ContainerEngine, findFabricBinaries } = require(path.join(root, 'network', 'dist', 'index.js'));
  try {
    if (column.release !== undefined) findFabricBinaries(process.env, column.release);
    if (column.engine) await new ContainerEngine(process.env).assertAnswers();
    return undefined;
  } catch (error) {
    return error.message;
  }
}

/** Runs the suite once; gives the verdict of each test by its full name. */
async function runColumn(column) {
  process.stderr.write(`\n== conformance on ${column.title}\n`);
  const report = path.join(workFolder, `conformance-${process.pid}-${column.title.replace(/\W/g, '-')}.json`);
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  Object.assign(process.env, column.environment);
  await runForeground(process.execPath, [jest, '--json', `--outputFile=${report}`, '--runInBand', 'test/conformance/']);
  if (!fs.existsSync(report)) throw new Error(`the suite ended without a report on ${column.title}`);
  const { testResults } = JSON.parse(fs.readFileSync(report, 'utf8'));
  fs.rmSync(report);
  const verdicts = new Map();
  for (const file of testResults) {
    for (const test of file.assertionResults) {
      verdicts.set([...test.ancestorTitles, test.title].join(': '), signs[test.status] ?? test.status);
    }
  }
  return verdicts;
}

function printTable(ran) {
  const names = [...new Set(ran.flatMap(({ verdicts }) => [...verdicts.keys()]))];
  const width = Math.max(...names.map((name) => name.length), 4);
  const row = (name, cells) => `${name.padEnd(width)}  ${cells.map((cell) => cell.padEnd(10)).join('  ')}`.trimEnd();
  const lines = [
    row(
      'test',
      ran.map(({ column }) => column.title),
    ),
    '-'.repeat(width + 12 * ran.length),
  ];
  for (const name of names)
    lines.push(
      row(
        name,
        ran.map(({ verdicts }) => verdicts.get(name) ?? '-'),
      ),
    );
  const totals = ran.map(
    ({ verdicts }) => `${[...verdicts.values()].filter((one) => one === 'yes').length}/${names.length}`,
  );
  lines.push('-'.repeat(width + 12 * ran.length), row('passed', totals));
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function main(words) {
  const built = ['network/dist/index.js', 'network/devnet/dist/main.js'].every((file) =>
    fs.existsSync(path.join(root, file)),
  );
  if (!built) throw new Error('the networks are not built yet; run "npm run build" first');
  fs.mkdirSync(workFolder, { recursive: true });
  const ran = [];
  for (const column of wantedColumns(words)) {
    const reason = await reasonAgainst(column);
    if (reason !== undefined) {
      process.stdout.write(`${column.title} does not run here: ${reason}\n`);
      continue;
    }
    ran.push({ column, verdicts: await runColumn(column) });
  }
  if (ran.length > 0) printTable(ran);
  const verdicts = ran.flatMap((one) => [...one.verdicts.values()]);
  process.exitCode = verdicts.length > 0 && verdicts.every((one) => one === 'yes') ? 0 : 1;
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
