import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A text that differs between two processes which had the same process id one after the other: the start time as the
 * operating system knows it. Undefined if the process does not exist (any more).
 */
export function processStart(pid: number): string | undefined {
  return process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
}

/** Field 22 of /proc/PID/stat; the command name before it stands in brackets and may hold spaces and brackets. */
function startFromProc(pid: number): string | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    // The process is gone, and its entry with it.
    return undefined;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  return state === 'Z' || state === 'X' ? undefined : fields[19];
}

function startFromPs(pid: number): string | undefined {
  const answer = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const text = answer.status === 0 ? answer.stdout.trim() : '';
  return text === '' ? undefined : text;
}

/** Waits until the process has ended; false if it still runs after `limitMs`. */
export async function waitForEnd(pid: number, start: string, limitMs: number): Promise<boolean> {
  for (let waitedMs = 0; waitedMs <= limitMs; waitedMs += 50) {
    if (processStart(pid) !== start) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** Asks the process to end (SIGTERM) and ends it (SIGKILL) if it has not done so after `graceMs`. */
export async function endProcess(pid: number, start: string, graceMs: number): Promise<void> {
  if (processStart(pid) !== start) return;
  sendSignal(pid, 'SIGTERM');
  if (await waitForEnd(pid, start, graceMs)) return;
  sendSignal(pid, 'SIGKILL');
  await waitForEnd(pid, start, graceMs);
}

/** Sends a signal; a process that ended a moment before is not an error. */
function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
