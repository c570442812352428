'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { ClearError, explain, isUnreachable } = require('./clear-error');
const { runQuietly } = require('./child');
const { root } = require('./paths');

const PROGRESS_MS = 5000;

function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error instanceof SyntaxError ? new ClearError(`${path.basename(file)} is damaged: ${error.message}`) : error;
  }
}

/** `glibc` or `musl` on Linux, undefined elsewhere: npm leaves out packages that are built for the other one. */
function libc() {
  if (process.platform !== 'linux') return undefined;
  return process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
}

/** Whether a list such as ["linux", "!win32"] admits the value; npm's own rule. */
function admits(list, value) {
  if (!list || value === undefined) return true;
  if (list.includes(`!${value}`)) return false;
  const wanted = list.filter((entry) => !entry.startsWith('!'));
  return wanted.length === 0 || wanted.includes(value) || wanted.includes('any');
}

/** Whether npm would put this entry of the lock file on this machine. */
function fitsMachine(entry, machine) {
  return admits(entry.os, machine.platform) && admits(entry.cpu, machine.arch) && admits(entry.libc, machine.libc);
}

function sameEntry(wanted, found) {
  return wanted.link ? found.link === true : found.version === wanted.version && found.integrity === wanted.integrity;
}

/**
 * Compares what is installed with the lock file. npm writes node_modules/.package-lock.json last, after everything is
 * unpacked, so a broken or interrupted install is noticed too; no stamp of our own can go out of step with it.
 * @returns {string} why an install is needed, or an empty string
 */
function whyInstall(lock, installed, machine) {
  if (!installed) return 'nothing is installed yet';
  const names = Object.keys(lock.packages).filter((name) => name.includes('node_modules/'));
  for (const name of names) {
    const wanted = lock.packages[name];
    const found = installed.packages[name];
    const leftOut = wanted.optional && (!wanted.os || !fitsMachine(wanted, machine));
    if (!found && !leftOut) return `${name} is missing`;
    if (found && !sameEntry(wanted, found)) return `${name} is out of date`;
  }
  const extra = Object.keys(installed.packages).find((name) => !lock.packages[name]);
  return extra ? `${extra} is not in the lock file` : '';
}

/** npm makes all folders first and fills them then; the package.json of a package tells that it has come. */
function countUnpacked(lock) {
  const folders = Object.keys(lock.packages).filter((name) => name.startsWith('node_modules/'));
  return folders.filter((name) => fs.existsSync(path.join(root, name, 'package.json'))).length;
}

function showProgress(say, lock) {
  const startedAt = Date.now();
  const total = Object.values(lock.packages).filter(({ optional }) => !optional).length;
  return setInterval(() => {
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    say(`  ${countUnpacked(lock)} of about ${total} packages, ${seconds} s`);
  }, PROGRESS_MS);
}

/** npm itself, run by this very Node: the npm that started us if there is one, else the one on PATH. */
function npmCommand() {
  const started = process.env.npm_execpath;
  if (started && /npm-cli\.js$/.test(started)) return { command: process.execPath, before: [started] };
  return { command: process.platform === 'win32' ? 'npm.cmd' : 'npm', before: [] };
}

function runNpm(commandArguments) {
  const { command, before } = npmCommand();
  return runQuietly(command, [...before, ...commandArguments]);
}

function reasonToInstall(lock) {
  const installed = readJson(path.join(root, 'node_modules', '.package-lock.json'));
  return whyInstall(lock, installed, { platform: process.platform, arch: process.arch, libc: libc() });
}

/**
 * Whether a registry answers at all, be it with an error. Without this question `npm ci` repeats its attempts for every
 * single package, and a machine without a network waits for half an hour.
 */
async function registryAnswers() {
  const { code, output } = await runNpm(['ping', '--fetch-retries=0', '--fetch-timeout=15000']);
  return code === 0 || !isUnreachable(output);
}

const RETRIES = ['--fetch-retries=3', '--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=10000'];

async function installPackages(say, lock) {
  const online = await registryAnswers();
  if (!online) say('  no package registry answers; trying with what npm has kept from earlier ...');
  const timer = showProgress(say, lock);
  try {
    const source = online ? RETRIES : ['--offline'];
    const { code, output } = await runNpm(['ci', '--include=dev', '--include=optional', ...source]);
    // On a full disk npm can end with code 0 all the same, so what it did is looked at.
    if (code === 0 && !reasonToInstall(lock)) return;
    const lines = output.split('\n').filter((line) => /^npm (error|ERR!)/.test(line));
    if (lines.length > 0) process.stderr.write(`${lines.slice(0, 12).join('\n')}\n`);
    throw explain(output, 'The packages could not be installed; npm says why above.');
  } finally {
    clearInterval(timer);
  }
}

/**
 * Installs from the lock file when node_modules is missing or differs from it.
 * @param {(line: string) => void} say prints a line of progress
 */
async function ensureInstalled(say) {
  const lock = readJson(path.join(root, 'package-lock.json'));
  if (!lock) throw new ClearError('package-lock.json is missing. Restore it with `git checkout package-lock.json`.');
  const reason = reasonToInstall(lock);
  if (!reason) return;
  say(`installing packages from the lock file (${reason}) ...`);
  await installPackages(say, lock);
}

module.exports = { ensureInstalled, whyInstall };
