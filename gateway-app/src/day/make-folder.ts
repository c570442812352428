import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';

/**
 * Makes a folder and those above it that are missing, one by one. Node's own recursive way never returns, and takes all
 * memory, where a file system refuses a new folder with "no such file or directory" (Linux does so in /proc).
 */
export function makeFolder(folder: string): void {
  const parent = path.dirname(folder);
  if (parent !== folder && !existsSync(parent)) makeFolder(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    const existed = (error as NodeJS.ErrnoException).code === 'EEXIST';
    if (!existed) throw error;
  }
}
