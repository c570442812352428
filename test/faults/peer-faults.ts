import { Ledger, LedgerError, MemoryOutbox, consortiumOf } from '@flexledger/gateway-app';
import { acknowledgedBetween, seconds, timeUntil, type Bench, type Fault } from './bench';
import { askPeer, signCall } from './direct-peer';
import { ordererName, peerName, serviceName } from './fault-network';
import { verdict } from './invariants';
import { sleep, smallPayment, STREAMS } from './load';
import { submitPlain } from './party';
import { commandIdOf, registerTraders, traderOf } from './scene';

const DOWN_MS = 20_000;
/** The client gives an endorsement 15 s: only then it can find out that its peer hangs. */
const HALTED_MS = 30_000;
const BEHIND_BLOCKS = 100;
const BEHIND_LIMIT_MS = 180_000;
const ANSWER_MS = 30_000;

/** F11: the peer that a command was sent through dies after the orderers have taken it, before its status is known. */
const killGatewayPeer: Fault = {
  id: 'F11',
  title: 'gateway peer killed between submit and status',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const { community } = bench.scene.parties;
    let killed = '';
    await new Promise<void>((resolve, reject) => {
      community.hooks.afterSubmit = async (index) => {
        community.hooks.afterSubmit = undefined;
        killed = peerName(bench.handle, 'Community', index);
        await bench.faults.kill(killed).then(resolve, reject);
      };
    });
    const killedMs = performance.now();
    await sleep(DOWN_MS / 2);
    const open = bench.load.journal.acknowledged.filter(
      ({ stream, startMs, endMs }) => stream !== 'payments' && startMs < killedMs && endMs > killedMs,
    );
    const again = open.filter(({ attempts }) => attempts > 1).length;
    const problems =
      open.length > 0 ? [] : ['no command that was open at the kill was acknowledged while the peer was down'];
    await bench.faults.start(killed);
    const found = `${open.length} open commands found their status through the second peer, ${again} were endorsed again`;
    return { notes: [found], problems };
  },
};

/** F12: a peer of an authority, one of those that endorse, is killed. */
const killEndorser: Fault = {
  id: 'F12',
  title: 'endorsing peer of an authority killed for 20 s',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const name = peerName(bench.handle, 'Dso');
    await bench.faults.kill(name);
    await sleep(DOWN_MS);
    await bench.faults.start(name);
    return { notes: [], problems: [] };
  },
};

/** F13, policy met: one authority is gone with its peer, its orderer and its chaincode. */
const authorityDown: Fault = {
  id: 'F13a',
  title: 'one authority gone for 20 s',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const { handle, faults } = bench;
    const names = [peerName(handle, 'Dso'), ordererName(handle, 'Dso'), serviceName(handle, 'Dso')];
    await Promise.all(names.map((name) => faults.kill(name)));
    await sleep(DOWN_MS);
    await Promise.all(names.map((name) => faults.start(name)));
    return { notes: [], problems: [] };
  },
};

/** F13, policy not met: the only member that shares the orders with the authorities is gone; readings go on. */
const memberDown: Fault = {
  id: 'F13b',
  title: 'the member that orders need gone for 20 s',
  goesOn: ['readings'],
  gapMaxSeconds: 10,
  run: async (bench) => {
    const { handle, faults } = bench;
    const names = [peerName(handle, 'Market', 0), peerName(handle, 'Market', 1), serviceName(handle, 'Market')];
    await Promise.all(names.map((name) => faults.kill(name)));
    const goneMs = performance.now();
    const refusal = await refusalOfImpatientClient(bench);
    await sleep(Math.max(0, DOWN_MS - (performance.now() - goneMs)));
    const waiting = await bench.invariants.openCommands();
    const readings = acknowledgedBetween(bench, goneMs + 3_000, performance.now());
    await Promise.all(names.map((name) => faults.start(name)));
    const problems = [
      ...(refusal.startsWith('unavailable') ? [] : [`an impatient client was told: ${refusal}`]),
      ...((waiting['community'] ?? 0) > 0 ? [] : ['no order waited in the outbox']),
      ...(readings > 0 ? [] : ['no reading was recorded meanwhile']),
    ];
    const held = Object.entries(waiting).map(([role, count]) => `${count} of ${role}`);
    return { notes: [`waited in outboxes: ${held.join(', ')}; refusal: ${refusal.slice(0, 40)}`], problems };
  },
};

/** F14: the gateway peer loses its disk and comes back from block 0, private values included. */
const wipePeer: Fault = {
  id: 'F14',
  title: 'peer wiped, rejoined from block 0',
  goesOn: STREAMS,
  // Until the others have noticed that it is gone, they try to send private values to it, and endorsements fail.
  gapMaxSeconds: 25,
  run: async (bench) => {
    const index = bench.scene.parties.community.port.inUse;
    const name = peerName(bench.handle, 'Community', index);
    await bench.faults.kill(name);
    bench.nodes.wipe(name, 'everything');
    bench.invariants.forget(name);
    await bench.faults.start(name);
    const startMs = performance.now();
    await bench.nodes.rejoin(name);
    await answersAgain(bench, 'Community', index);
    const notes = [`answers from its own state again after ${seconds(performance.now() - startMs)} s`];
    const verdicts = async () => {
      let last = verdict('private values', ['not asked yet'], '');
      const pulled = async (): Promise<boolean> =>
        (last = await bench.invariants.privateValuesOn('Community', index)).holds;
      await timeUntil('private values', pulled, 90_000).catch(() => undefined);
      return [last];
    };
    return { notes, problems: [], verdicts };
  },
};

/** F15: a peer's state database is gone; it is made again from the blocks. */
const loseStateDatabase: Fault = {
  id: 'F15',
  title: 'state database of a peer removed',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const name = peerName(bench.handle, 'Regulator');
    await bench.faults.kill(name);
    bench.nodes.wipe(name, 'state');
    const startMs = performance.now();
    await bench.faults.start(name);
    await answersAgain(bench, 'Regulator', 0);
    return { notes: [`rebuilt and answering after ${seconds(performance.now() - startMs)} s`], problems: [] };
  },
};

/** F16: the gateway peer hangs: deadlines fire, and the client goes to the second peer. */
const pauseGatewayPeer: Fault = {
  id: 'F16',
  title: 'gateway peer halted for 30 s',
  goesOn: STREAMS,
  gapMaxSeconds: 25,
  run: async (bench) => {
    const { community } = bench.scene.parties;
    const before = community.port.inUse;
    const name = peerName(bench.handle, 'Community', before);
    bench.faults.pause(name);
    await sleep(HALTED_MS);
    const after = community.port.inUse;
    bench.faults.resume(name);
    const problems = before === after ? ['the client stayed with the peer that hung'] : [];
    return { notes: [], problems };
  },
};

/** F17: a peer that is many blocks behind is asked to endorse before it can catch up. */
const endorseBehind: Fault = {
  id: 'F17',
  title: `peer ${BEHIND_BLOCKS} blocks behind asked to endorse`,
  goesOn: STREAMS,
  gapMaxSeconds: 25,
  run: async (bench) => {
    const { handle, faults, load, scene } = bench;
    const name = peerName(handle, 'Regulator');
    const participantId = load.fundedIds[0] ?? '';
    const first = load.journal.lastBlock;
    faults.pause(name);
    await submitPlain(
      scene.parties.market,
      'accounts',
      'fund',
      smallPayment(commandIdOf(scene.seed, `behind/${first}`), participantId),
    );
    const behind = (): boolean => load.journal.lastBlock - first >= BigInt(BEHIND_BLOCKS);
    await timeUntil(`${BEHIND_BLOCKS} blocks`, behind, BEHIND_LIMIT_MS);
    const request = smallPayment(commandIdOf(scene.seed, `stale/${first}`), participantId);
    const call = await signCall(handle, { organization: 'Market', identity: 'market' }, 'accounts:fund', request);
    // Sent while the peer hangs: it is the first thing that it finds when it goes on.
    const late = askPeer(handle, 'Regulator', 0, call, ANSWER_MS);
    await sleep(500);
    const current = await askPeer(handle, 'Tso', 0, call, ANSWER_MS);
    faults.resume(name);
    const stale = await late;
    const agrees = stale.endorsedDigest === current.endorsedDigest;
    const notes = [
      agrees
        ? 'it had caught up when it answered'
        : 'its answer deviates from that of the others, so that nothing can be committed with it',
    ];
    return { notes, problems: current.status === 200 ? [] : [`a current peer refused: ${current.message}`] };
  },
};

/** The faults of peers and of whole organisations. */
export const peerFaults: readonly Fault[] = [
  killGatewayPeer,
  killEndorser,
  authorityDown,
  memberDown,
  wipePeer,
  loseStateDatabase,
  pauseGatewayPeer,
  endorseBehind,
];

/** Waits until a peer answers from its own chaincode and state. */
async function answersAgain({ handle }: Bench, organization: string, index: number): Promise<void> {
  const who = { organization: 'Regulator', identity: 'regulator' };
  const answers = async (): Promise<boolean> => {
    const call = await signCall(handle, who, 'registry:getClock', {});
    const answer = await askPeer(handle, organization, index, call, 5_000).catch(() => undefined);
    return answer?.status === 200 && !answer.payload.includes('"clock":null');
  };
  await timeUntil(`${organization} ${index} answering`, answers, 120_000);
}

/** What a client is told that gives up after a few seconds. */
async function refusalOfImpatientClient({ handle, scene, load }: Bench): Promise<string> {
  const { community } = scene.parties;
  const ledger = new Ledger({
    port: community.port,
    secondary: community.port.other,
    outbox: new MemoryOutbox(),
    consortium: consortiumOf(handle),
    policy: { unavailableMs: 3_000 },
  });
  const label = `impatient/${load.journal.lastBlock}`;
  const needed = ['TsoMSP', 'DsoMSP', 'MarketMSP'];
  try {
    const traders = [traderOf(scene.seed, label)];
    await registerTraders({ ledger }, handle.channelName, scene.seed, label, traders, needed);
    return 'it was committed';
  } catch (error) {
    return error instanceof LedgerError ? `${error.kind} ${error.code}` : String(error);
  }
}
