import { recordedProcesses, type NetworkHandle } from '@flexledger/network';
import { processStart } from './process-identity';

/** What is watched and who is told. */
export interface NetworkSupervisorOptions {
  readonly handle: NetworkHandle;
  /** The network's data folder, where it lists its processes. */
  readonly dataDirectory: string;
  readonly onRestart: (name: string) => void;
  /** Told when a start did not succeed; it is tried again. */
  readonly onTrouble: (name: string, error: unknown) => void;
  /** Told when a process cannot be kept running; nothing is watched any more then. */
  readonly onFailure: (error: unknown) => void;
}

const LOOK_EVERY_MS = 250;
/** A process that dies more often is ill: starting it again does not help. */
const RESTARTS_MAX = 5;

/**
 * Starts a process of the network again when it has died, on the same data. The clients of the roles wait meanwhile and
 * send again what had no answer.
 */
export class NetworkSupervisor {
  private readonly starts = new Map<string, { readonly pid: number; readonly start: string | undefined }>();
  private readonly missing = new Set<string>();
  private readonly restarts = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;
  private busy: Promise<void> = Promise.resolve();

  constructor(private readonly options: NetworkSupervisorOptions) {}

  /** Begins to watch. */
  watch(): void {
    this.remember();
    this.timer = setInterval(() => {
      this.busy = this.busy
        .then(() => this.look())
        .catch((error: unknown) => {
          clearInterval(this.timer);
          this.timer = undefined;
          this.options.onFailure(error);
        });
    }, LOOK_EVERY_MS);
  }

  /** Ends watching; nothing is started again afterwards. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.busy;
  }

  /** The process id of a process of the network, while it is known. */
  pid(name: string): number | undefined {
    return this.starts.get(name)?.pid;
  }

  private remember(): void {
    for (const { name, pid } of recordedProcesses(this.options.dataDirectory)) {
      this.starts.set(name, { pid, start: processStart(pid) });
    }
  }

  private async look(): Promise<void> {
    for (const [name, { pid, start }] of this.starts) {
      if (this.timer === undefined) return;
      if (start !== undefined && processStart(pid) === start) {
        this.missing.delete(name);
        continue;
      }
      // The operating system may know of an end before Node has told the network's handle: look twice.
      if (this.missing.has(name)) await this.startAgain(name);
      else this.missing.add(name);
    }
  }

  private async startAgain(name: string): Promise<void> {
    const restarts = (this.restarts.get(name) ?? 0) + 1;
    if (restarts > RESTARTS_MAX) throw new Error(`${name} has ended ${restarts} times; see its log in the data folder`);
    this.restarts.set(name, restarts);
    this.missing.delete(name);
    this.options.onRestart(name);
    try {
      await this.options.handle.faults?.start(name);
    } catch (error) {
      this.options.onTrouble(name, error);
    }
    this.remember();
  }
}
