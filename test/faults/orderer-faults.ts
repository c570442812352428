import {
  acknowledgedBetween,
  currentLeader,
  seconds,
  timeUntil,
  timeUntilOtherLeader,
  type Bench,
  type Fault,
} from './bench';
import { ordererNames } from './fault-network';
import { sleep, STREAMS } from './load';

/** Shorter than in a drill of a real operator, long enough for several elections. */
const DOWN_MS = 20_000;
const FOLLOWER_DOWN_MS = 20_000;
const CATCH_UP_MS = 60_000;
/** What was acknowledged by the peers before the orderers stopped may still be on its way to the clients. */
const DRAIN_MS = 3_000;

/** F01: the leader is killed; another one is elected, the old one comes back and follows. */
const killLeader: Fault = {
  id: 'F01',
  title: 'leader of the orderers killed',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const leader = await currentLeader(bench);
    await bench.faults.kill(leader);
    const electedMs = await timeUntilOtherLeader(bench, leader);
    await sleep(5_000);
    await bench.faults.start(leader);
    return { notes: [`new leader after ${seconds(electedMs)} s`], problems: await catchUpProblems(bench, leader) };
  },
};

/** F02: a follower is killed and started again later. */
const killFollower: Fault = {
  id: 'F02',
  title: 'follower killed for 20 s',
  goesOn: STREAMS,
  gapMaxSeconds: 3,
  run: async (bench) => {
    const [follower = ''] = await followers(bench);
    await bench.faults.kill(follower);
    await sleep(FOLLOWER_DOWN_MS);
    await bench.faults.start(follower);
    return { notes: [], problems: await catchUpProblems(bench, follower) };
  },
};

/** F03: the leader hangs; when it goes on it follows the new one. */
const pauseLeader: Fault = {
  id: 'F03',
  title: 'leader halted for 20 s',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const leader = await currentLeader(bench);
    bench.faults.pause(leader);
    const electedMs = await timeUntilOtherLeader(bench, leader);
    await sleep(Math.max(0, DOWN_MS - electedMs));
    bench.faults.resume(leader);
    await sleep(2_000);
    const now = await currentLeader(bench);
    const problems = await catchUpProblems(bench, leader);
    if (now === leader) problems.push(`${leader} still says that it leads`);
    return { notes: [`new leader after ${seconds(electedMs)} s`], problems };
  },
};

/** F04: two of three orderers are killed: nothing is committed, reads go on, then both come back. */
const loseMajority: Fault = {
  id: 'F04',
  title: 'majority of the orderers killed for 20 s',
  goesOn: [],
  resumeMaxSeconds: 20,
  run: async (bench) => {
    const leader = await currentLeader(bench);
    const [follower = ''] = await followers(bench);
    await Promise.all([bench.faults.kill(leader), bench.faults.kill(follower)]);
    const stopped = await whileNothingIsOrdered(bench, DOWN_MS);
    await Promise.all([bench.faults.start(leader), bench.faults.start(follower)]);
    return { ...stopped, healedMs: performance.now() };
  },
};

/** F05: all orderers are killed at once and started again. */
const killAllOrderers: Fault = {
  id: 'F05',
  title: 'all orderers killed at once',
  goesOn: [],
  resumeMaxSeconds: 30,
  run: async (bench) => {
    const all = ordererNames(bench.handle);
    await Promise.all(all.map((name) => bench.faults.kill(name)));
    const stopped = await whileNothingIsOrdered(bench, DOWN_MS / 2);
    await Promise.all(all.map((name) => bench.faults.start(name)));
    return { ...stopped, healedMs: performance.now() };
  },
};

/** F06: the leader loses its disk and joins again with the genesis block. */
const wipeOrderer: Fault = {
  id: 'F06',
  title: 'disk of the leader wiped, rejoined',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const leader = await currentLeader(bench);
    await bench.faults.kill(leader);
    // Only then: a leader that still counts on what a follower had stored would ask it for more than it has.
    await timeUntilOtherLeader(bench, leader);
    bench.nodes.wipe(leader, 'everything');
    await bench.faults.start(leader);
    const startMs = performance.now();
    await bench.nodes.rejoin(leader);
    const problems = await catchUpProblems(bench, leader);
    const height = await bench.nodes.ordererHeight(leader);
    return { notes: [`${height} blocks again after ${seconds(performance.now() - startMs)} s`], problems };
  },
};

/** F10: both followers hang, so that the leader stands alone while clients still reach it. */
const isolateLeader: Fault = {
  id: 'F10',
  title: 'leader cut from both followers for 20 s',
  goesOn: [],
  resumeMaxSeconds: 20,
  run: async (bench) => {
    const others = await followers(bench);
    others.forEach((name) => bench.faults.pause(name));
    const stopped = await whileNothingIsOrdered(bench, DOWN_MS);
    others.forEach((name) => bench.faults.resume(name));
    return { ...stopped, healedMs: performance.now() };
  },
};

/** The faults of the ordering service. */
export const ordererFaults: readonly Fault[] = [
  killLeader,
  killFollower,
  pauseLeader,
  loseMajority,
  killAllOrderers,
  wipeOrderer,
  isolateLeader,
];

async function followers(bench: Bench): Promise<string[]> {
  const leader = await currentLeader(bench);
  return ordererNames(bench.handle).filter((name) => name !== leader);
}

/** Waits without a majority: nothing may be acknowledged, and reads must be answered. */
async function whileNothingIsOrdered(bench: Bench, forMs: number): Promise<{ notes: string[]; problems: string[] }> {
  const startMs = performance.now();
  await sleep(DRAIN_MS);
  const problems: string[] = [];
  let reads = 0;
  while (performance.now() - startMs < forMs) {
    for (const { ledger, organization } of Object.values(bench.scene.parties)) {
      try {
        await ledger.evaluate('registry', 'getClock', {});
        reads += 1;
      } catch (error) {
        problems.push(`${organization} could not read: ${String(error)}`);
      }
    }
    await sleep(500);
  }
  const acknowledged = acknowledgedBetween(bench, startMs + DRAIN_MS, performance.now());
  if (acknowledged > 0) problems.push(`${acknowledged} commands were acknowledged although nothing can be ordered`);
  const open = Object.values(await bench.invariants.openCommands()).reduce((sum, count) => sum + count, 0);
  return { notes: [`${reads} reads answered, ${open} commands waited in outboxes`], problems };
}

/** An orderer has all blocks of the others within a time. */
async function catchUpProblems({ nodes, handle }: Bench, name: string): Promise<string[]> {
  const other = ordererNames(handle).find((one) => one !== name) ?? '';
  try {
    await timeUntil(
      `${name} with all blocks`,
      async () => {
        const goal = await nodes.ordererHeight(other);
        return (await nodes.ordererHeight(name).catch(() => -1)) >= goal - 2;
      },
      CATCH_UP_MS,
    );
    return [];
  } catch (error) {
    return [String(error)];
  }
}
