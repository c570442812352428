import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

const SECRET = 0o600;
const PUBLIC = 0o644;
const SECRET_FILE = /(\.key|_sk)$/;
const ANYONE_MAY_READ = 0o004;

/** Writes a file whole or not at all, and only if it has another content, so that a second run changes nothing. */
export function writeIfChanged(file: string, content: Uint8Array, mode: number = PUBLIC): void {
  if (existsSync(file) && readFileSync(file).equals(content)) {
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  const temporary = `${file}.new`;
  writeFileSync(temporary, content, { mode });
  chmodSync(temporary, mode);
  renameSync(temporary, file);
}

/** Copies a file or a folder with all it holds; keys stay readable by their owner alone. Nothing is removed. */
export function copyTree(source: string, target: string): void {
  if (statSync(source).isDirectory()) {
    readdirSync(source).forEach((name) => copyTree(join(source, name), join(target, name)));
    return;
  }
  writeIfChanged(target, readFileSync(source), isSecret(source) ? SECRET : PUBLIC);
}

function isSecret(file: string): boolean {
  return SECRET_FILE.test(file) || (statSync(file).mode & ANYONE_MAY_READ) === 0;
}
