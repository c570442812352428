import type { ProcessSet } from './process-set';

/** How soon a process that has crashed is started again, in milliseconds. */
export interface KeepAlivePauses {
  /** Before the first start after a while without crashes; doubles with each crash. */
  readonly firstMs: number;
  readonly longestMs: number;
  /** A process that ran for this long has recovered: its next crash counts as the first again. */
  readonly recoveredMs: number;
}

/** A chaincode service listens within three seconds of its start on a busy machine, so that it is back within five. */
const DEFAULT_PAUSES: KeepAlivePauses = { firstMs: 100, longestMs: 500, recoveredMs: 10_000 };

interface Crashes {
  count: number;
  lastMs: number;
}

/**
 * Starts processes again that end by themselves, each after a pause that doubles while it keeps on crashing. A process that
 * was ended on purpose stays down.
 *
 * @param isKept which processes, by name
 * @param tell told one line for each crash
 */
export function keepAlive(
  processes: ProcessSet,
  isKept: (name: string) => boolean,
  tell: (line: string) => void,
  pauses: KeepAlivePauses = DEFAULT_PAUSES,
): void {
  const crashes = new Map<string, Crashes>();
  processes.onUnexpectedEnd((name) => {
    if (!isKept(name)) {
      return;
    }
    const pauseMs = nextPauseMs(crashes, name, pauses);
    tell(`${name} has ended by itself; it is started again in ${pauseMs} ms`);
    // The network may be stopped meanwhile: then nothing of this name is known, and nothing is started.
    setTimeout(() => processes.startAgain(name), pauseMs).unref();
  });
}

function nextPauseMs(crashes: Map<string, Crashes>, name: string, pauses: KeepAlivePauses): number {
  const nowMs = performance.now();
  const before = crashes.get(name);
  const isRow = before !== undefined && nowMs - before.lastMs < pauses.recoveredMs;
  const count = isRow ? before.count + 1 : 1;
  crashes.set(name, { count, lastMs: nowMs });
  return Math.min(pauses.longestMs, pauses.firstMs * 2 ** Math.min(count - 1, 20));
}
