'use strict';

const fs = require('node:fs');
const path = require('node:path');
const { ClearError, exitCodes, explain } = require('./clear-error');
const { root, workFolder } = require('./paths');

const PROBE_BYTES = 64 * 1024;
const LOCK_POLL_MS = 500;

/** Writes and removes a small file, because permission bits alone do not tell (read-only mounts, quotas, root). */
function assertWritable() {
  const probe = path.join(workFolder, `probe-${process.pid}`);
  try {
    fs.mkdirSync(workFolder, { recursive: true });
    fs.writeFileSync(probe, Buffer.alloc(PROBE_BYTES));
  } catch (error) {
    if (/ENOSPC|EDQUOT/.test(String(error.code))) throw explain(error.code, '');
    throw new ClearError(
      `This folder cannot be written (${error.code}): ${root}. Make it writable or clone the project elsewhere.`,
      exitCodes.folder,
    );
  } finally {
    fs.rmSync(probe, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** The process that holds the lock; 0 if the lock went away in between. */
function holderOf(lockFile) {
  try {
    return Number(fs.readFileSync(lockFile, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return 0;
    throw error;
  }
}

function tryLock(lockFile) {
  try {
    fs.writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  const holder = holderOf(lockFile);
  if (Number.isInteger(holder) && holder > 0 && isAlive(holder)) return false;
  // The holder was killed: its lock is void. Whoever removes it still has to win the exclusive create above.
  fs.rmSync(lockFile, { force: true });
  return tryLock(lockFile);
}

/**
 * Runs the set-up of one process at a time: two commands started together would install into each other's folder.
 * @template T
 * @param {(line: string) => void} say prints a line of progress
 * @param {() => Promise<T>} work what to do while holding the lock
 * @returns {Promise<T>}
 */
async function withSetupLock(say, work) {
  const lockFile = path.join(workFolder, 'setup.lock');
  let told = false;
  while (!tryLock(lockFile)) {
    if (!told) say('another command is preparing this folder (see .flexledger/setup.lock); waiting for it ...');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
  }
  try {
    return await work();
  } finally {
    fs.rmSync(lockFile, { force: true });
  }
}

module.exports = { assertWritable, withSetupLock };
