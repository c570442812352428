import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { stopRecordedProcesses } from '@flexledger/network';
import { CliError } from '../cli-errors';
import { makeFolder } from './make-folder';
import { PidFiles } from './pid-files';

const MARKER = '.flexledger-day';
const PROCESSES = 'processes';
const OWN_NAME = 'day';
const NETWORK = 'network';
const FREE_BYTES_MIN = 200_000_000;
/** The network's own lists of processes; what is still in them, the network ends when it starts again. */
const NETWORK_PROCESS_LIST = /processes\.json$/;

/** The folder of one day: what its processes write, and which processes run. */
export interface DayFolder {
  readonly root: string;
  readonly logs: string;
  readonly pidFiles: PidFiles;
  /** Names of the processes that an earlier day had left behind and that were ended. */
  readonly leftovers: readonly string[];
  /** A folder inside, made if absent. */
  subfolder(name: string): string;
}

/**
 * Makes the folder ready for a fresh day: ends processes that an earlier day left behind, and wipes what it wrote.
 * Throws DAY_ALREADY_RUNNING while another day uses the folder, and CLI_FOLDER_UNWRITABLE for a folder with other content.
 */
export async function prepareDayFolder(root: string): Promise<DayFolder> {
  makeFolder(root);
  const marker = path.join(root, MARKER);
  if (!existsSync(marker) && readdirSync(root).length > 0) {
    throw new CliError('CLI_FOLDER_UNWRITABLE', `${root} holds other files; name an empty folder with --data`);
  }
  requireRoom(root);
  writeFileSync(marker, 'The data of one day of FlexLedger; wiped at the next start.\n');
  const pidFiles = new PidFiles(path.join(root, PROCESSES));
  const other = pidFiles.running().find((entry) => entry.name === OWN_NAME && entry.pid !== process.pid);
  if (other !== undefined) {
    throw new CliError('DAY_ALREADY_RUNNING', `process ${other.pid} runs a day in ${root}; stop it or use --data`);
  }
  const networkFolder = path.join(root, NETWORK);
  const leftovers = [...(await pidFiles.endLeftovers()), ...(await stopRecordedProcesses(networkFolder))];
  wipe(root, (name) => name === MARKER || name === PROCESSES || name === NETWORK);
  if (existsSync(networkFolder)) wipe(networkFolder, (name) => NETWORK_PROCESS_LIST.test(name));
  pidFiles.record(process.pid, OWN_NAME);
  const subfolder = (name: string): string => {
    const folder = path.join(root, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  return { root, logs: subfolder('logs'), pidFiles, leftovers, subfolder };
}

/** A day writes some tens of megabytes; on a disk with less it would end in its middle. */
function requireRoom(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= FREE_BYTES_MIN) return;
  const megabytes = FREE_BYTES_MIN / 1_000_000;
  throw new CliError('CLI_DISK_FULL', `less than ${megabytes} MB are free in ${folder}; free some space or use --data`);
}

function wipe(folder: string, keep: (name: string) => boolean): void {
  for (const name of readdirSync(folder)) {
    if (!keep(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

/** Forgets that this process runs the day; the data stays for whoever wants to look at it. */
export function releaseDayFolder(folder: DayFolder): void {
  folder.pidFiles.remove(process.pid);
}
