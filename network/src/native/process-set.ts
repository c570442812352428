import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { NetworkError } from '../network-error';

/** How to start one process of the network. */
export interface ProcessSpec {
  /** Unique in the network, for example `peer0.tso.example`. */
  readonly name: string;
  readonly program: string;
  readonly parameters: readonly string[];
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where it listens once it works. */
  readonly listensOn: { readonly host: string; readonly port: number };
  /** Whether it is started again when it ends by itself. */
  readonly keptAlive?: boolean;
}

interface RecordedProcess {
  readonly name: string;
  readonly pid: number;
  readonly program: string;
}

interface RunningProcess {
  readonly spec: ProcessSpec;
  readonly child: ChildProcess;
  readonly ended: Promise<void>;
  expectedToEnd: boolean;
}

const STOP_TIMEOUT_MS = 8000;
const START_TIMEOUT_MS = 30_000;
const POLL_MS = 50;
const LOG_TAIL_LINES = 6;

/**
 * The processes of one network. Their pids stand in `processes.json`, so that a later run can stop what a killed run left
 * behind; a process is stopped only by a pid that still runs the recorded program.
 */
export class ProcessSet {
  readonly #recordFile: string;
  readonly #logDirectory: string;
  readonly #running = new Map<string, RunningProcess>();
  #onUnexpectedEnd: (name: string) => void = () => undefined;

  public constructor(dataDirectory: string) {
    this.#recordFile = join(dataDirectory, 'processes.json');
    this.#logDirectory = join(dataDirectory, 'logs');
  }

  /** Names of the processes that were started, in that order. */
  public names(): string[] {
    return [...this.#running.keys()];
  }

  /** Whether a started process still runs. */
  public isRunning(name: string): boolean {
    const child = this.#running.get(name)?.child;
    return child?.exitCode === null && child.signalCode === null;
  }

  /** Starts a process; its output is appended to `logs/NAME.log`. */
  public start(spec: ProcessSpec): void {
    mkdirSync(this.#logDirectory, { recursive: true });
    const log = openSync(this.#logFile(spec.name), 'a', 0o600);
    const child = spawn(spec.program, [...spec.parameters], {
      cwd: spec.workingDirectory,
      env: spec.environment,
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const ended = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    });
    const running: RunningProcess = { spec, child, ended, expectedToEnd: false };
    this.#running.set(spec.name, running);
    void ended.then(() => this.#hasEnded(running));
    this.#record();
  }

  /** Names who is told of every process that ends although nobody has ended it; there is one listener. */
  public onUnexpectedEnd(listener: (name: string) => void): void {
    this.#onUnexpectedEnd = listener;
  }

  /** Starts a process again that ended by itself; does nothing when it runs, was ended on purpose or is not known. */
  public startAgain(name: string): void {
    const running = this.#running.get(name);
    if (running !== undefined && !running.expectedToEnd && !this.isRunning(name)) {
      this.start(running.spec);
    }
  }

  /** Ends a process at once as a crash would: it counts as ended by itself. */
  public async crash(name: string): Promise<void> {
    const running = this.#find(name);
    running.child.kill('SIGKILL');
    await running.ended;
  }

  /** Halts a process where it is (SIGSTOP): its ports stay open and nothing answers. */
  public pause(name: string): void {
    this.#find(name).child.kill('SIGSTOP');
  }

  /** Lets a halted process go on (SIGCONT). */
  public resume(name: string): void {
    this.#find(name).child.kill('SIGCONT');
  }

  /** How a process was started. @throws NetworkError NETWORK_UNKNOWN_PROCESS. */
  public specification(name: string): ProcessSpec {
    return this.#find(name).spec;
  }

  /** Ends a process at once; the others do not notice before it is gone. */
  public async kill(name: string): Promise<void> {
    const running = this.#find(name);
    running.expectedToEnd = true;
    running.child.kill('SIGKILL');
    await running.ended;
    this.#record();
  }

  /** Stops a process and forgets it; one that is not known is stopped already. */
  public async stop(name: string): Promise<void> {
    const running = this.#running.get(name);
    if (running !== undefined) {
      running.expectedToEnd = true;
      running.child.kill('SIGTERM');
      running.child.kill('SIGCONT');
      await stopWithin(running);
      this.#running.delete(name);
      this.#record();
    }
  }

  /**
   * Starts a process again that was killed, and waits until it listens.
   *
   * @throws NetworkError NETWORK_PROCESS_EXITED, NETWORK_NOT_READY.
   */
  public async restart(name: string): Promise<void> {
    const { spec } = this.#find(name);
    if (!this.isRunning(name)) {
      this.start(spec);
    }
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await accepts(spec.listensOn))) {
      if (!this.isRunning(name)) {
        throw new NetworkError('NETWORK_PROCESS_EXITED', `${name} ended by itself; ${this.#logTail(name)}`);
      }
      if (Date.now() > deadline) {
        throw new NetworkError('NETWORK_NOT_READY', `${name} does not listen yet; ${this.#logTail(name)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** @throws NetworkError NETWORK_PROCESS_EXITED when a process ended by itself, with the end of its log. */
  public assertAllRun(): void {
    for (const [name, running] of this.#running) {
      if (!running.expectedToEnd && !this.isRunning(name)) {
        throw new NetworkError('NETWORK_PROCESS_EXITED', `${name} ended by itself; ${this.#logTail(name)}`);
      }
    }
  }

  /** Stops all processes, last started first, and forgets them. */
  public async stopAll(): Promise<void> {
    const all = [...this.#running.values()].reverse();
    for (const running of all) {
      running.expectedToEnd = true;
      running.child.kill('SIGTERM');
      // A halted process would take the signal only when it goes on.
      running.child.kill('SIGCONT');
    }
    await Promise.all(all.map(stopWithin));
    this.#running.clear();
    this.#record();
  }

  #hasEnded(running: RunningProcess): void {
    const { name } = running.spec;
    if (!running.expectedToEnd && this.#running.get(name) === running) {
      this.#onUnexpectedEnd(name);
    }
  }

  #find(name: string): RunningProcess {
    const running = this.#running.get(name);
    if (running === undefined) {
      const known = this.names().join(', ');
      throw new NetworkError('NETWORK_UNKNOWN_PROCESS', `there is no process ${name}; there are ${known || 'none'}.`);
    }
    return running;
  }

  #logFile(name: string): string {
    return join(this.#logDirectory, `${name}.log`);
  }

  #logTail(name: string): string {
    const lines = readFileSync(this.#logFile(name), 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
    return `its log ${this.#logFile(name)} ends with:\n${lines.join('\n')}`;
  }

  #record(): void {
    const records: RecordedProcess[] = [...this.#running.entries()].flatMap(([name, { spec, child }]) =>
      child.pid === undefined || !this.isRunning(name) ? [] : [{ name, pid: child.pid, program: spec.program }],
    );
    writeRecords(this.#recordFile, records);
  }
}

/** What a data directory says about processes, and whether they still run. */
export function recordedProcesses(dataDirectory: string): { name: string; pid: number; running: boolean }[] {
  return readRecords(join(dataDirectory, 'processes.json')).map((record) => ({
    name: record.name,
    pid: record.pid,
    running: stillRuns(record),
  }));
}

/**
 * Stops the processes that an earlier run recorded and left behind.
 *
 * @returns the names of those that were stopped.
 */
export async function stopRecordedProcesses(dataDirectory: string): Promise<string[]> {
  const file = join(dataDirectory, 'processes.json');
  const left = readRecords(file).filter(stillRuns);
  left.forEach(({ pid }) => process.kill(pid, 'SIGTERM'));
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (left.some(stillRuns) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  left.filter(stillRuns).forEach(({ pid }) => process.kill(pid, 'SIGKILL'));
  rmSync(file, { force: true });
  return left.map(({ name }) => name);
}

async function accepts({ host, port }: ProcessSpec['listensOn']): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function stopWithin(running: RunningProcess): Promise<void> {
  const timer = setTimeout(() => running.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await running.ended;
  clearTimeout(timer);
}

function writeRecords(file: string, records: readonly RecordedProcess[]): void {
  if (records.length === 0) {
    rmSync(file, { force: true });
    return;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${JSON.stringify(records, null, 2)}\n`);
  renameSync(`${file}.new`, file);
}

function readRecords(file: string): RecordedProcess[] {
  if (!existsSync(file)) {
    return [];
  }
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return Array.isArray(parsed) ? parsed.filter(isRecord) : [];
  } catch {
    // A damaged record names no process for certain, and a wrong pid must never be stopped.
    return [];
  }
}

function isRecord(value: unknown): value is RecordedProcess {
  return (
    typeof value === 'object' &&
    value !== null &&
    'name' in value &&
    typeof value.name === 'string' &&
    'pid' in value &&
    typeof value.pid === 'number' &&
    'program' in value &&
    typeof value.program === 'string'
  );
}

/** A pid is used again after a while; only one that still runs the recorded program is ours. */
function stillRuns(record: RecordedProcess): boolean {
  return commandOf(record.pid)?.includes(record.program) ?? false;
}

/** The command line of a process; undefined when it has ended, also when only its parent has not noticed yet. */
function commandOf(pid: number): string | undefined {
  try {
    if (existsSync('/proc/self/cmdline')) {
      // Empty for a process that has ended and waits for its parent. Small systems have no ps.
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command === '' ? undefined : command;
    }
    const parameters = ['-ww', '-o', 'stat=,args=', '-p', String(pid)];
    const output = execFileSync('ps', parameters, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    return output.startsWith('Z') ? undefined : output;
  } catch {
    // There is no such process: its folder is absent, and ps ends with an error.
    return undefined;
  }
}
