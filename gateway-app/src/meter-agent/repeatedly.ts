import { setTimeout as delay } from 'node:timers/promises';

const PAUSE_MS = 500;
const PAUSE_MS_MAX = 30_000;

/**
 * Opens a source that may break again and again, each time after a longer pause until it answers once more, and gives on what
 * comes from it. What stands for a failure is given on once, until the source answers again. Ends only when it is told to stop: a
 * cable that is pulled out is put in again some day.
 */
export async function* repeatedly<T>(
  stop: AbortSignal,
  open: (reached: () => void) => AsyncIterable<T>,
  failed: (code: string) => T,
): AsyncGenerator<T> {
  for (let failures = 0; !stop.aborted; failures += 1) {
    try {
      for await (const item of open(() => (failures = 0))) yield item;
    } catch (error) {
      const { code } = error as { readonly code?: string | number };
      // Whatever has no code of the operating system is a mistake of ours.
      if (code === undefined) throw error;
      if (failures === 0 && !stop.aborted) yield failed(`${code}`);
    }
    const pauseMs = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.min(failures, 10));
    await delay(pauseMs, undefined, { signal: stop }).catch(() => undefined);
  }
}
