import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DevnetError, explainFileError, hasSystemCode } from './errors';

/**
 * Makes a folder and those above it, one by one: Node's own recursive way never returns on file systems that refuse new
 * folders with "no such file", such as that of the kernel's process list.
 *
 * @throws DevnetError DEVNET_FOLDER_UNWRITABLE or DEVNET_DISK_FULL.
 */
export function ensureFolder(folder: string): void {
  const missing: string[] = [];
  for (let current = folder; !existsSync(current); current = dirname(current)) missing.unshift(current);
  try {
    for (const one of missing) mkdirSync(one);
    accessSync(folder, constants.W_OK);
  } catch (error) {
    if (!hasSystemCode(error, 'ENOENT')) throw explainFileError(error, folder);
    throw new DevnetError(
      'DEVNET_FOLDER_UNWRITABLE',
      `cannot write to ${folder}; choose another folder with --data`,
      error,
    );
  }
}
