'use strict';

const { spawn } = require('node:child_process');
const os = require('node:os');
const { root } = require('./paths');

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** One keystroke can reach this process twice (from the terminal and again through npm): the second is dropped. */
const SAME_SIGNAL_MS = 500;

/** What a shell reports for a process ended by a signal. */
function exitCodeOf(code, signal) {
  return signal ? 128 + os.constants.signals[signal] : code;
}

/**
 * Runs a command in the foreground, with this process's terminal, and hands signals on to it. A terminal sends Ctrl-C
 * to the whole foreground group, so then the child has it already and must not get it a second time.
 * @param {string} command
 * @param {string[]} commandArguments
 * @param {{ env?: NodeJS.ProcessEnv }} options
 * @returns {Promise<number>} the child's exit code, 128 + n if signal n ended it
 */
function runForeground(command, commandArguments, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { cwd: root, stdio: 'inherit', env: options.env ?? process.env });
    const seenAt = new Map();
    const forward = (signal) => {
      const now = Date.now();
      const repeated = now - (seenAt.get(signal) ?? 0) < SAME_SIGNAL_MS;
      seenAt.set(signal, now);
      if (repeated || (signal === 'SIGINT' && process.stdin.isTTY)) return;
      child.kill(signal);
    };
    for (const signal of FORWARDED) process.on(signal, forward);
    const done = () => {
      for (const signal of FORWARDED) process.removeListener(signal, forward);
    };
    child.once('error', (error) => {
      done();
      reject(error);
    });
    child.once('close', (code, signal) => {
      done();
      resolve(exitCodeOf(code, signal));
    });
  });
}

/**
 * Runs a tool quietly and keeps what it printed, so that a failure can be explained in one line.
 * @param {string} command
 * @param {string[]} commandArguments
 * @param {(line: string) => void} onLine called for every line as it comes
 * @returns {Promise<{ code: number, output: string }>}
 */
function runQuietly(command, commandArguments, onLine = () => {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let rest = '';
    const take = (chunk) => {
      output += chunk;
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      lines.forEach(onLine);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code: exitCodeOf(code, signal), output }));
  });
}

module.exports = { runForeground, runQuietly };
