import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalGroup } from './chaincode/process';
import { DevnetError, explainFileError } from './errors';

/** A process as it is remembered: its id alone may be given to another process later, id and start together are not. */
interface RememberedProcess {
  readonly id: number;
  readonly started: string;
}

interface Contents {
  readonly devnet: RememberedProcess;
  readonly chaincode: readonly RememberedProcess[];
}

/** When a process began, in the system's own notation; undefined when it is gone or only waits to be reaped. */
function startOf(id: number): string | undefined {
  try {
    if (existsSync('/proc/self/stat')) {
      const stat = readFileSync(`/proc/${String(id)}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
    }
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(id)], { encoding: 'utf8' }).trim();
    return line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
  } catch {
    return undefined;
  }
}

function isAlive({ id, started }: RememberedProcess): boolean {
  return startOf(id) === started;
}

function isContents(value: unknown): value is Contents {
  return typeof value === 'object' && value !== null && 'devnet' in value && 'chaincode' in value;
}

function endAll(contents: Contents | undefined): void {
  for (const child of contents?.chaincode ?? []) {
    if (isAlive(child)) signalGroup(child.id, 'SIGKILL');
  }
}

/** The file that remembers which processes belong to a data folder, so that the next start can clean up after a crash. */
export class ProcessFile {
  private readonly file: string;
  private readonly children = new Map<number, RememberedProcess>();

  constructor(private readonly folder: string) {
    this.file = join(folder, 'devnet-processes.json');
  }

  /** Ends chaincode processes that a crashed devnet left behind. @throws DevnetError DEVNET_ALREADY_RUNNING. */
  claim(): void {
    const before = this.read();
    if (before !== undefined && before.devnet.id !== process.pid && isAlive(before.devnet)) {
      throw new DevnetError(
        'DEVNET_ALREADY_RUNNING',
        `a devnet with process id ${String(before.devnet.id)} uses ${this.folder}; stop it or choose another folder with --data`,
      );
    }
    endAll(before);
    this.write();
  }

  /** Ends chaincode processes that a devnet left behind when it was killed; does nothing while it runs. */
  endLeftovers(): void {
    const before = this.read();
    if (before !== undefined && !isAlive(before.devnet)) endAll(before);
  }

  started(id: number): void {
    this.children.set(id, { id, started: startOf(id) ?? '' });
    this.write();
  }

  ended(id: number): void {
    this.children.delete(id);
    this.write();
  }

  /** Forgets everything, after a clean stop. */
  release(): void {
    rmSync(this.file, { force: true });
  }

  private read(): Contents | undefined {
    if (!existsSync(this.file)) return undefined;
    try {
      const contents: unknown = JSON.parse(readFileSync(this.file, 'utf8'));
      return isContents(contents) ? contents : undefined;
    } catch {
      return undefined;
    }
  }

  private write(): void {
    const devnet = { id: process.pid, started: startOf(process.pid) ?? '' };
    const contents: Contents = { devnet, chaincode: [...this.children.values()] };
    try {
      writeFileSync(`${this.file}.new`, JSON.stringify(contents));
      renameSync(`${this.file}.new`, this.file);
    } catch (error) {
      throw explainFileError(error, this.folder);
    }
  }
}

/** Ends the chaincode processes that a killed devnet has left behind in this data folder; a devnet that runs is left alone. */
export function endLeftChaincode(dataFolder: string): void {
  new ProcessFile(dataFolder).endLeftovers();
}
