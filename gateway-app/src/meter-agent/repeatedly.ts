import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 500;
const PAUSE_MS_MAX = 30_000;

/**
 * Opens a source that may break again and again, each time after a longer pause until it answers once more, and gives on what
 * comes from it. Ends only when it is told to stop: a cable that is pulled out is put in again some day.
 */
export async function* repeatedly<T>(
  stop: AbortSignal,
  open: (reached: () => void) => AsyncIterable<T>,
): AsyncGenerator<T> {
  for (let failures = 0; !stop.aborted; failures += 1) {
    try {
      for await (const item of open(() => (failures = 0))) yield item;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
    }
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(failures, 10));
    await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
