import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { StepError, type RoleMessage, type StepArguments, type StepRequest, type StepValue } from '../roles/protocol';
import { endProcess, processStart } from './process-identity';
import type { PidFiles } from './pid-files';

/** How a role process is started. */
export interface RoleProcessOptions {
  readonly name: string;
  /** The script to run, a file of a `dist` folder. */
  readonly script: string;
  readonly arguments: readonly string[];
  /** Where its output goes; appended to. */
  readonly logFile: string;
  readonly pidFiles: PidFiles;
  /** Called when the process ended by itself and is started again. */
  readonly onRestart: (name: string, reason: string) => void;
}

interface PendingStep {
  readonly request: StepRequest;
  readonly resolve: (value: StepValue) => void;
  readonly reject: (error: Error) => void;
}

const RESTARTS_MAX = 10;
const RESTART_PAUSE_MS = 200;
const STOP_GRACE_MS = 4_000;

/**
 * A role process under supervision: it is started again when it dies, and every step that had no answer yet is asked
 * for again. Steps may be repeated because their commands carry ids that depend on seed and step alone.
 */
export class RoleSupervisor {
  private child: ChildProcess | undefined;
  private ready = false;
  private stopping = false;
  private restarts = 0;
  private nextId = 1;
  private readonly pending = new Map<number, PendingStep>();
  private readonly readyWaiters: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(private readonly options: RoleProcessOptions) {}

  /** The process id, while it runs. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts the process and waits until it is connected to the network. */
  async start(): Promise<void> {
    const up = new Promise<void>((resolve, reject) => this.readyWaiters.push({ resolve, reject }));
    this.spawn();
    await up;
  }

  /** Has the role do a step; rejects with a StepError if the role could not. */
  call(step: string, stepArguments: StepArguments = {}): Promise<StepValue> {
    const request: StepRequest = { kind: 'step', id: this.nextId, step, arguments: stepArguments };
    this.nextId += 1;
    return new Promise((resolve, reject) => {
      this.pending.set(request.id, { request, resolve, reject });
      if (this.ready) this.child?.send(request);
    });
  }

  /** Ends the process and waits for it; steps without an answer are rejected. */
  async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    this.rejectAll(new Error(`${this.options.name} is being stopped`));
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const start = processStart(child.pid);
    if (start !== undefined) await endProcess(child.pid, start, STOP_GRACE_MS);
    this.options.pidFiles.remove(child.pid);
  }

  private spawn(): void {
    const log = openSync(this.options.logFile, 'a');
    const child = fork(this.options.script, [...this.options.arguments], {
      stdio: ['ignore', log, log, 'ipc'],
      execArgv: [],
    });
    closeSync(log);
    this.child = child;
    this.ready = false;
    if (child.pid !== undefined) this.options.pidFiles.record(child.pid, this.options.name);
    child.on('message', (message) => this.receive(message as RoleMessage));
    child.on('error', (error) => this.fail(error));
    child.on('exit', (code, signal) => this.ended(child, signal ?? `exit code ${code}`));
  }

  private receive(message: RoleMessage): void {
    if (message.kind === 'ready') {
      this.ready = true;
      for (const waiter of this.readyWaiters.splice(0)) waiter.resolve();
      for (const step of this.pending.values()) this.child?.send(step.request);
      return;
    }
    const step = this.pending.get(message.id);
    if (step === undefined) return;
    this.pending.delete(message.id);
    if (message.kind === 'done') step.resolve(message.result);
    else step.reject(new StepError(this.options.name, step.request.step, message.code, message.message));
  }

  private ended(child: ChildProcess, reason: string): void {
    if (child.pid !== undefined) this.options.pidFiles.remove(child.pid);
    if (this.stopping || child !== this.child) return;
    this.ready = false;
    this.restarts += 1;
    if (this.restarts > RESTARTS_MAX) {
      this.fail(
        new Error(`${this.options.name} ended ${this.restarts} times (${reason}); see ${this.options.logFile}`),
      );
      return;
    }
    this.options.onRestart(this.options.name, reason);
    setTimeout(() => {
      if (!this.stopping) this.spawn();
    }, RESTART_PAUSE_MS);
  }

  private fail(error: Error): void {
    for (const waiter of this.readyWaiters.splice(0)) waiter.reject(error);
    this.rejectAll(error);
  }

  private rejectAll(error: Error): void {
    for (const step of this.pending.values()) step.reject(error);
    this.pending.clear();
  }
}
