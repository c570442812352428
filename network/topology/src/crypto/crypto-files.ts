import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Reads a text file. */
export function readText(file: string): string {
  return readFileSync(file, 'utf8');
}

/** Writes a file that anyone may read, unless it already has this content. */
export function writePublic(file: string, content: string): void {
  if (!existsSync(file) || readText(file) !== content) {
    write(file, content, 0o644);
  }
}

/** Writes a secret that only its owner may read. */
export function writePrivate(file: string, content: string): void {
  write(file, content, 0o600);
}

/** A file appears whole or not at all, so that a process that is killed leaves nothing half-written behind. */
function write(file: string, content: string, mode: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  writeFileSync(temporary, content, { mode });
  renameSync(temporary, file);
}
