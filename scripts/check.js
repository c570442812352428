'use strict';

/*
 * `npm run check`: format, lint, types, then the unit tests. Every step runs even if an earlier one failed, so that
 * one run tells everything. `--no-tests` leaves the tests out.
 */

const path = require('node:path');
const { runForeground } = require('./setup/child');
const { root } = require('./setup/paths');

const bin = (...parts) => path.join(root, 'node_modules', ...parts);

const steps = [
  { name: 'format', command: [bin('prettier', 'bin', 'prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'lint', command: [bin('eslint', 'bin', 'eslint.js'), '--max-warnings', '0', '.'] },
  { name: 'types', command: [bin('typescript', 'bin', 'tsc'), '-b'] },
  { name: 'unit', command: [path.join(root, 'scripts', 'test-run.js'), 'unit'] },
];

async function main(words) {
  const failed = [];
  for (const step of steps) {
    if (step.name === 'unit' && words.includes('--no-tests')) continue;
    const startedAt = Date.now();
    process.stderr.write(`\n== ${step.name}\n`);
    const code = await runForeground(process.execPath, step.command);
    process.stderr.write(`   ${code === 0 ? 'ok' : 'FAILED'} in ${Math.round((Date.now() - startedAt) / 1000)} s\n`);
    if (code !== 0) failed.push(step.name);
    if (code > 128) break;
  }
  process.stderr.write(failed.length === 0 ? '\ncheck: all good\n' : `\ncheck: ${failed.join(', ')} failed\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
}

main(process.argv.slice(2));
