import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, NetworkError } from '../network-error';
import type { ProcessSet } from './process-set';

const WATCH_MS = 100;

/**
 * Waits for work that needs all processes. Fails as soon as one of them ends by itself, so that a wrong configuration
 * shows at once, with the end of that process's log, and not after a timeout.
 */
export async function watchProcesses(processes: ProcessSet, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const failure = new Promise<never>((_, reject) => {
    timer = setInterval(() => {
      try {
        processes.assertAllRun();
      } catch (error) {
        reject(error instanceof Error ? error : new Error(messageOf(error)));
      }
    }, WATCH_MS);
  });
  try {
    await Promise.race([failure, work]);
  } finally {
    clearInterval(timer);
    // When a process has failed, the work that waited for it fails later; its error says nothing new.
    work.catch(() => undefined);
  }
}

/** Makes a data folder that only its owner may enter. @throws NetworkError NETWORK_FOLDER_UNUSABLE. */
export function prepareFolder(dataDirectory: string): void {
  try {
    mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
    writeFileSync(join(dataDirectory, '.writable'), '');
    rmSync(join(dataDirectory, '.writable'));
  } catch (error) {
    const sentence = `cannot write to ${dataDirectory}: ${messageOf(error)}; choose another folder or make room.`;
    throw new NetworkError('NETWORK_FOLDER_UNUSABLE', sentence, { cause: error });
  }
}
