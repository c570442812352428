'use strict';

const path = require('node:path');
const { ClearError } = require('./clear-error');
const { assertWritable, withSetupLock } = require('./folder');
const { ensureInstalled } = require('./install');
const { ensureBuilt } = require('./build');
const { runForeground } = require('./child');
const { root } = require('./paths');

/** Progress goes to standard error, so that standard output carries only what the command itself prints. */
function say(line) {
  process.stderr.write(`${line}\n`);
}

/** @type {Record<string, (rest: string[]) => Promise<number>>} */
const commands = {
  start: (rest) => runForeground(process.execPath, [path.join(root, 'gateway-app', 'dist', 'cli.js'), 'day', ...rest]),
  test: (rest) => runForeground(process.execPath, [path.join(root, 'scripts', 'test-run.js'), ...rest]),
  check: (rest) => runForeground(process.execPath, [path.join(root, 'scripts', 'check.js'), ...rest]),
  setup: () => Promise.resolve(0),
};

async function prepare() {
  assertWritable();
  await withSetupLock(say, async () => {
    await ensureInstalled(say);
    await ensureBuilt(say);
  });
}

async function run([name, ...rest]) {
  const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined;
  if (!command) throw new ClearError(`Usage: node scripts/bootstrap.js ${Object.keys(commands).join('|')} [ARGS]`, 2);
  await prepare();
  return command(rest);
}

/**
 * Prepares the folder and runs the command; ends the process with the command's exit code, or with one clear line.
 * @param {string[]} commandLine the words after the script's name
 */
function main(commandLine) {
  run(commandLine).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      process.stderr.write(`${error instanceof ClearError ? error.message : error.stack}\n`);
      process.exitCode = error instanceof ClearError ? error.exitCode : 1;
    },
  );
}

module.exports = { main };
