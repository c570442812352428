import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of the checkout. */
export const repositoryRoot = resolve(__dirname, '..', '..');

/** A file that git tracks: its path with forward slashes, relative to the checkout. */
export interface TrackedFile {
  readonly path: string;
  readonly text: string;
}

const BINARY = /\.(br|gz|png|jpg|ico|pb|block|bin)$/;

/** The paths of all tracked files that exist in the work tree. */
export function trackedPaths(): string[] {
  const output = execFileSync('git', ['ls-files', '-z'], { cwd: repositoryRoot, encoding: 'utf8' });
  return output.split('\0').filter((path) => path !== '' && existsSync(join(repositoryRoot, path)));
}

/** All tracked text files whose path the pattern accepts. */
export function trackedFiles(pattern = /./): TrackedFile[] {
  return trackedPaths()
    .filter((path) => pattern.test(path) && !BINARY.test(path))
    .map((path) => ({ path, text: readText(path) }));
}

/** The text of one file of the checkout. */
export function readText(path: string): string {
  return readFileSync(join(repositoryRoot, path), 'utf8');
}

/** Where a pattern occurs, as `path:line text`, so that a failing test names every place. */
export function occurrences(files: readonly TrackedFile[], pattern: RegExp): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1} ${line.trim()}`] : [])),
  );
}
