import { connect } from 'node:net';
import { chaincodeAddress, findOrganization } from '@flexledger/topology';
import type { FaultNetwork } from './fault-network';
import type { InvariantCheck, Verdict } from './invariants';
import { sleep, type Load, type StreamName } from './load';
import type { Scene } from './scene';

/** What a fault works with. */
export interface Bench extends FaultNetwork {
  readonly scene: Scene;
  readonly load: Load;
  readonly invariants: InvariantCheck;
  readonly say: (line: string) => void;
  /** Whether a time that is longer than its limit is a failure. */
  readonly limited: boolean;
}

/** What came out of a fault besides the gaps. */
export interface FaultOutcome {
  /** What was seen, for the line of the fault. */
  readonly notes: readonly string[];
  /** What should have been otherwise. */
  readonly problems: readonly string[];
  /** From here on the network was whole again, when the time to resume is what counts; on the clock of `performance.now`. */
  readonly healedMs?: number;
  /** Checks of its own, to be listed with the invariants. */
  readonly verdicts?: () => Promise<readonly Verdict[]>;
}

/** One fault of the list. */
export interface Fault {
  readonly id: string;
  readonly title: string;
  /** Work that must go on; its longest gap is measured against `gapMaxSeconds`. */
  readonly goesOn: readonly StreamName[];
  readonly gapMaxSeconds?: number;
  /** Where everything stops by intention: the longest time from the healing to the first commit. */
  readonly resumeMaxSeconds?: number;
  /** Causes the fault and heals it. */
  readonly run: (bench: Bench) => Promise<FaultOutcome>;
}

const POLL_MS = 25;

/** Milliseconds until a condition holds. @throws Error after the limit. */
export async function timeUntil(
  what: string,
  condition: () => Promise<boolean> | boolean,
  limitMs: number,
): Promise<number> {
  const startMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startMs > limitMs) {
      throw new Error(`${what} did not come about within ${limitMs} ms`);
    }
    await sleep(POLL_MS);
  }
  return performance.now() - startMs;
}

/** The present leader of the orderers; waits for one. */
export async function currentLeader({ nodes }: Bench): Promise<string> {
  let leader: string | undefined;
  await timeUntil('a Raft leader', async () => (leader = await nodes.leader()) !== undefined, 60_000);
  return leader ?? '';
}

/** Milliseconds until another orderer than this one says that it leads. */
export async function timeUntilOtherLeader({ nodes }: Bench, former: string): Promise<number> {
  const isOther = async (): Promise<boolean> => {
    const leader = await nodes.leader();
    return leader !== undefined && leader !== former;
  };
  return timeUntil('another Raft leader', isOther, 60_000);
}

/** Whether an organisation's chaincode service accepts connections. */
export async function serviceListens({ handle }: Bench, organization: string): Promise<boolean> {
  const address = chaincodeAddress(
    handle.topology,
    findOrganization(handle.topology, organization),
    handle.chaincodeName,
  );
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Acknowledgements between two times, on the clock of `performance.now`. */
export function acknowledgedBetween({ load }: Bench, fromMs: number, toMs: number): number {
  return load.journal.endsOf().filter((endMs) => endMs > fromMs && endMs < toMs).length;
}

/** Seconds with one decimal. */
export function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(1);
}
