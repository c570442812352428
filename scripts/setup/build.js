'use strict';

const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { explain } = require('./clear-error');
const { runQuietly } = require('./child');
const { root, workFolder, workspaces } = require('./paths');

const stampFile = path.join(workFolder, 'build-stamp');
const SKIPPED = new Set(['node_modules', 'dist', 'data']);

/** Every file the compiler reads: the sources of all workspaces and their tsconfig files. */
function inputFiles(folder) {
  const found = [];
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.has(entry.name)) found.push(...inputFiles(full));
    } else if (/\.ts$|^tsconfig.*\.json$|^package\.json$/.test(entry.name)) {
      found.push(full);
    }
  }
  return found;
}

/** Name, size and time of every input: cheap to take, and any edit, removal or checkout changes it. */
function fingerprint() {
  const tops = [...new Set(workspaces().map((workspace) => workspace.split('/')[0]))];
  const files = tops.flatMap((top) => inputFiles(path.join(root, top)));
  files.push(path.join(root, 'tsconfig.json'), path.join(root, 'tsconfig.base.json'));
  files.push(path.join(root, 'package-lock.json'));
  const hash = crypto.createHash('sha256');
  for (const file of files.sort()) {
    const { size, mtimeMs } = fs.statSync(file);
    hash.update(`${path.relative(root, file)} ${size} ${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function isBuilt(mark) {
  if (!fs.existsSync(stampFile) || fs.readFileSync(stampFile, 'utf8') !== mark) return false;
  return workspaces().every((workspace) => {
    const { main } = JSON.parse(fs.readFileSync(path.join(root, workspace, 'package.json'), 'utf8'));
    return fs.existsSync(path.join(root, workspace, main));
  });
}

function progressOf(say) {
  const total = workspaces().length;
  let count = 0;
  return (line) => {
    const match = /Building project '(.+)[/\\]tsconfig\.json'/.exec(line);
    if (!match) return;
    count += 1;
    say(`  ${path.relative(root, match[1])} (${count} of at most ${total})`);
  };
}

/**
 * Builds with `tsc -b`, which is incremental; skipped altogether when no input changed since the last good build.
 * @param {(line: string) => void} say prints a line of progress
 */
async function ensureBuilt(say) {
  const mark = fingerprint();
  if (isBuilt(mark)) return;
  say('building ...');
  const compiler = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const commandArguments = [compiler, '-b', '--verbose', '--pretty', 'false'];
  const { code, output } = await runQuietly(process.execPath, commandArguments, progressOf(say));
  if (code !== 0) {
    const errors = output.split('\n').filter((line) => /error TS\d+|^error/.test(line));
    const shown = errors.length > 0 ? errors.slice(0, 40) : output.trimEnd().split('\n').slice(-10);
    process.stderr.write(`${shown.join('\n')}\n`);
    throw explain(output, `The build failed with ${errors.length || 'unexpected'} errors; see above.`);
  }
  fs.writeFileSync(stampFile, mark);
}

module.exports = { ensureBuilt };
