'use strict';

/** A failure that the reader can mend: its message is one line that says what happened and what to do. */
class ClearError extends Error {
  /**
   * @param {string} message one line
   * @param {number} exitCode what the process ends with
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.name = 'ClearError';
    this.exitCode = exitCode;
  }
}

/** Exit codes by cause, so that a script can tell them apart. */
const exitCodes = { failed: 1, folder: 4, disk: 5, registry: 6 };

const unreachable =
  /\b(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/;

const registrySentence =
  'The packages could not be fetched: the package registry does not answer, or lacks one of them. ' +
  'Check the network, the proxy and `npm config get registry`, then repeat the command.';

/** Whether npm's output says that no server was reached. */
function isUnreachable(output) {
  return unreachable.test(output);
}

/**
 * What npm and tsc print, and the sentence a reader should see instead. The first match wins: a full disk also makes
 * npm print network words, so it is looked for first.
 */
const causes = [
  {
    pattern: /\bENOSPC\b|no space left on device|\bEDQUOT\b/i,
    exitCode: exitCodes.disk,
    sentence: 'The disk is full. Free some space (about 1 GB is enough) and repeat the command.',
  },
  {
    pattern: /\b(EROFS|EACCES|EPERM)\b/,
    exitCode: exitCodes.folder,
    sentence: "A file could not be written. Check who owns this folder and npm's cache (`npm config get cache`).",
  },
  { pattern: unreachable, exitCode: exitCodes.registry, sentence: registrySentence },
  {
    pattern: /\bENOTCACHED\b|\bE40[137]\b|\bE50[0-9]\b/,
    exitCode: exitCodes.registry,
    sentence: registrySentence,
  },
  {
    pattern: /\bEINTEGRITY\b/,
    exitCode: exitCodes.registry,
    sentence: 'A fetched package differs from the lock file. Run `npm cache verify` and repeat the command.',
  },
];

/**
 * Turns the output of a failed tool into one clear line.
 * @param {string} output what the tool printed
 * @param {string} otherwise the sentence when no known cause is found in it
 * @returns {ClearError}
 */
function explain(output, otherwise) {
  const cause = causes.find(({ pattern }) => pattern.test(output));
  if (!cause) return new ClearError(otherwise);
  const found = cause.pattern.exec(output)[0];
  return new ClearError(`${cause.sentence} (${found})`, cause.exitCode);
}

module.exports = { ClearError, exitCodes, explain, isUnreachable };
