import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { recordedProcesses, type NetworkHandle } from '@flexledger/network';

/** Seconds of processor time, by kind of process. */
export type ProcessorTimes = Readonly<Record<string, number>>;

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const MICROSECONDS = 1e6;

interface ProcessFacts {
  readonly parent: number;
  readonly seconds: number;
}

/** What the kernel says about a process: fields 4, 14 and 15 of /proc/PID/stat, behind the name, which may hold anything. */
function factsOf(pid: number): ProcessFacts | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    const ticks = Number(fields[11]) + Number(fields[12]);
    return { parent: Number(fields[1]), seconds: ticks / TICKS_PER_SECOND };
  } catch {
    // It has ended between the listing and the reading.
    return undefined;
  }
}

/** The processor time used so far by peers, orderers, each chaincode, and this client; on the devnet one process plays the nodes. */
export function processorTimes(handle: NetworkHandle, networkFolder: string): ProcessorTimes {
  const own = process.cpuUsage();
  const times: Record<string, number> = { client: (own.user + own.system) / MICROSECONDS };
  const all = allProcesses();
  for (const { name, pid } of recordedProcesses(networkFolder)) {
    add(times, kindOf(name), all.get(pid)?.seconds ?? 0);
    if (handle.mode === 'devnet') addChildren(times, handle, all, pid);
  }
  return times;
}

/** The devnet starts the chaincode processes itself; which is which stands in their environment. */
function addChildren(
  times: Record<string, number>,
  handle: NetworkHandle,
  all: ReadonlyMap<number, ProcessFacts>,
  devnet: number,
): void {
  for (const [pid, { parent, seconds }] of all) {
    if (parent === devnet) {
      const variables = readFileSync(`/proc/${pid}/environ`, 'latin1');
      const isOwn = variables.includes(`CHAINCODE_ID=${handle.chaincodeName}`);
      add(times, isOwn ? 'chaincode' : 'sample chaincode', seconds);
    }
  }
}

function kindOf(name: string): string {
  if (name.startsWith('basic.chaincode.')) return 'sample chaincode';
  if (name.includes('.chaincode.')) return 'chaincode';
  if (name.startsWith('peer')) return 'peers';
  return name.startsWith('orderer') ? 'orderers' : name;
}

function allProcesses(): Map<number, ProcessFacts> {
  const pids = readdirSync('/proc')
    .filter((entry) => /^[0-9]+$/.test(entry))
    .map(Number);
  const facts = pids.map((pid) => [pid, factsOf(pid)] as const);
  return new Map(facts.filter((entry): entry is readonly [number, ProcessFacts] => entry[1] !== undefined));
}

function add(times: Record<string, number>, kind: string, seconds: number): void {
  times[kind] = (times[kind] ?? 0) + seconds;
}

/** What was used between two readings. */
export function used(before: ProcessorTimes, after: ProcessorTimes): ProcessorTimes {
  return Object.fromEntries(Object.entries(after).map(([kind, seconds]) => [kind, seconds - (before[kind] ?? 0)]));
}
