import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { messageOf } from '../errors';
import type { Log } from '../logger';

/** How long a chaincode process gets to end by itself before it is killed. */
const stopGraceMs = 2000;

/** First and longest pause before a process that ended is started again; a crash must be healed in less than five seconds. */
const restartFirstMs = 100;
const restartLongestMs = 1000;

/** A process that ran this long was healthy; the next restart is quick again. */
const healthyAfterMs = 10_000;

/**
 * Runs the command in place of the shell, beside a watcher that ends the whole process group when the devnet's end of
 * descriptor 3 closes, which it does however the devnet ends: chaincode must not outlive it.
 */
const guardScript = '( cat <&3 >/dev/null; kill -KILL -$$ ) & exec "$@" 3<&-';

/** What to run. */
export interface ProcessSpec {
  readonly name: string;
  readonly command: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** Hears of processes that begin and end, to keep the file of process ids. */
export interface ProcessListener {
  started(processId: number): void;
  ended(processId: number): void;
}

/** Ends a process group: asks first, kills after the grace time. Other processes are never touched. */
export function signalGroup(processId: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-processId, signal);
    return true;
  } catch {
    return false;
  }
}

/** One supervised chaincode process in a process group of its own; it is started again whenever it ends by itself. */
export class SupervisedProcess {
  private child: ChildProcess | undefined;
  private timer: NodeJS.Timeout | undefined;
  private isStopping = false;
  private pauseMs = restartFirstMs;
  private startedAt = 0;
  /** How often the process has been started again. */
  restarts = 0;

  constructor(
    private readonly spec: ProcessSpec,
    private readonly listener: ProcessListener,
    private readonly log: Log,
  ) {}

  /** The id of the running process, if any. */
  get processId(): number | undefined {
    return this.child?.pid;
  }

  start(): void {
    const { command, workingDirectory, environment, logFile } = this.spec;
    const output = openSync(logFile, 'a', 0o600);
    const child = spawn('sh', ['-c', guardScript, 'chaincode', ...command], {
      cwd: workingDirectory,
      env: { ...process.env, ...environment },
      stdio: ['ignore', output, output, 'pipe'],
      detached: true,
    });
    closeSync(output);
    this.child = child;
    this.startedAt = Date.now();
    if (child.pid !== undefined) this.listener.started(child.pid);
    child.once('error', (error) => {
      this.ended(child, messageOf(error));
    });
    child.once('exit', (code, signal) => {
      this.ended(child, `exited with ${String(code ?? signal)}`);
    });
  }

  /** Ends the process and its children; resolves when it is gone. */
  async stop(): Promise<void> {
    this.isStopping = true;
    clearTimeout(this.timer);
    const { child } = this;
    if (child?.pid === undefined) return;
    const isGone = once(child, 'exit');
    signalGroup(child.pid, 'SIGTERM');
    const killer = setTimeout(() => signalGroup(child.pid ?? 0, 'SIGKILL'), stopGraceMs);
    await isGone;
    clearTimeout(killer);
    signalGroup(child.pid, 'SIGKILL');
  }

  private ended(child: ChildProcess, reason: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    if (child.pid !== undefined) {
      signalGroup(child.pid, 'SIGKILL');
      this.listener.ended(child.pid);
    }
    if (this.isStopping) return;
    if (Date.now() - this.startedAt > healthyAfterMs) this.pauseMs = restartFirstMs;
    this.log(
      'warning',
      this.spec.name,
      `${reason}; starting it again in ${String(this.pauseMs)} ms, see ${this.spec.logFile}`,
    );
    this.timer = setTimeout(() => {
      this.restarts += 1;
      this.start();
    }, this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, restartLongestMs);
  }
}
