'use strict';

/*
 * Runs the tests in groups and ends with one line: `N passed, N failed, N skipped`.
 *
 *   node scripts/test-run.js [GROUP ...] [-- JEST ARGUMENTS]
 *
 * `unit` runs two files at a time. `network` starts whole networks, which share the two cores of a small machine, so
 * there one file runs after the other. Without a group, both run: all that needs no container engine and no Fabric
 * binary. .ci/run starts `native`, `docker` and `samples` as well, where what they need is present.
 */

const fs = require('node:fs');
const path = require('node:path');
const { runForeground } = require('./setup/child');
const { root, workFolder } = require('./setup/paths');
const { addCounts, countsOfReport, emptyCounts, summaryLine } = require('./setup/test-counts');

const networkFolders = 'test/(conformance|scenarios)/';
const nativeFolders =
  'test/(native|conformance|scenarios/(contracts|demand-response|device-life|grid-limits|market-tricks|oracles|vpp))';
const dockerFolders = 'test/(docker|conformance)/';

/** Which files a group holds, how they run, and what the group needs beyond Node. */
const groups = {
  unit: {
    jest: ['/node_modules/', '/dist/', networkFolders, nativeFolders, dockerFolders].map(
      (pattern) => `--testPathIgnorePatterns=${pattern}`,
    ),
    workers: '--maxWorkers=2',
  },
  network: { jest: [`--testPathPatterns=${networkFolders}`], workers: '--runInBand' },
  native: {
    jest: [`--testPathPatterns=${nativeFolders}`],
    workers: '--runInBand',
    environment: { NETWORK: 'native' },
    needs: 'binaries of Fabric on PATH or in FABRIC_BIN',
  },
  docker: {
    jest: [`--testPathPatterns=${dockerFolders}`],
    workers: '--runInBand',
    environment: { NETWORK: 'docker' },
    needs: 'a container engine with the official images',
  },
  samples: {
    jest: ['--config=test/samples/jest.config.js'],
    workers: '--runInBand',
    needs: 'a fabric-samples checkout in SAMPLES_DIR',
  },
};

const everywhere = Object.keys(groups).filter((name) => !groups[name].needs);

function parse(words) {
  const split = words.indexOf('--');
  const names = split < 0 ? words : words.slice(0, split);
  const unknown = names.find((name) => !Object.hasOwn(groups, name));
  if (unknown) throw new Error(`unknown group ${unknown}; the groups are ${Object.keys(groups).join(', ')}`);
  return { names: names.length > 0 ? names : everywhere, rest: split < 0 ? [] : words.slice(split + 1) };
}

/** Runs one group, and says whether a signal ended it; a group that dies without a report counts as one failure, never as nothing. */
async function runGroup(name, rest) {
  process.stderr.write(`\n== tests: ${name}\n`);
  const reportFile = path.join(workFolder, `test-report-${name}-${process.pid}.json`);
  const jest = path.join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const { jest: chosen, workers, environment } = groups[name];
  const jestArguments = ['--json', `--outputFile=${reportFile}`, workers, ...chosen, ...rest];
  const env = { ...process.env, ...environment };
  const code = await runForeground(process.execPath, [jest, ...jestArguments], { env });
  const counts = fs.existsSync(reportFile)
    ? countsOfReport(JSON.parse(fs.readFileSync(reportFile, 'utf8')))
    : undefined;
  fs.rmSync(reportFile, { force: true });
  const result = counts ?? { ...emptyCounts, failed: 1 };
  const total = code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
  return { total, interrupted: code > 128 };
}

async function main(words) {
  const { names, rest } = parse(words);
  fs.mkdirSync(workFolder, { recursive: true });
  let total = emptyCounts;
  for (const name of names) {
    const result = await runGroup(name, rest);
    total = addCounts(total, result.total);
    if (result.interrupted) break;
  }
  if (names === everywhere) {
    for (const [name, { needs }] of Object.entries(groups)) {
      if (needs) process.stderr.write(`not run here: ${name}, which needs ${needs} (npm test -- ${name})\n`);
    }
  }
  process.stdout.write(`${summaryLine(total)}\n`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

main(process.argv.slice(2)).catch((error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
