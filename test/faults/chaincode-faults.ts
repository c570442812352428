import { join } from 'node:path';
import { canonicalJson } from '@flexledger/domain';
import { Conflict, LedgerError } from '@flexledger/gateway-app';
import { seconds, serviceListens, timeUntil, type Bench, type Fault } from './bench';
import { repositoryRoot, serviceName } from './fault-network';
import { sleep, smallPayment, STREAMS } from './load';
import { openPort, submitPlain } from './party';
import { commandIdOf } from './scene';

const KILLS = 20;
const BACK_MAX_MS = 5_000;
const BACK_LIMIT_MS = 30_000;
const ALTERED_MS = 20_000;
const ENDORSEMENT_POLICY_FAILURE = 10;
const ALTERED_BUILD = join(repositoryRoot, 'test', 'faults', 'altered-build.js');

/** F18: the chaincode process of an authority dies 20 times while calls are under way. */
const killChaincode: Fault = {
  id: 'F18',
  title: `chaincode of an authority killed mid-call x ${KILLS}`,
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const name = serviceName(bench.handle, 'Dso');
    const backMs: number[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      await timeUntil('a call under way', () => bench.load.inFlight > 0, BACK_LIMIT_MS);
      await bench.faults.crash(name);
      backMs.push(await timeUntil('the chaincode back', () => serviceListens(bench, 'Dso'), BACK_LIMIT_MS));
      await sleep(500);
    }
    const longest = Math.max(...backMs);
    const problems = bench.limited && longest > BACK_MAX_MS ? [`it was back only after ${seconds(longest)} s`] : [];
    return { notes: [`back after at most ${seconds(longest)} s`], problems };
  },
};

/** F20: an authority runs another build: it is found out, cannot commit anything, and the others go on. */
const alteredBuild: Fault = {
  id: 'F20',
  title: 'one authority runs an altered chaincode',
  goesOn: STREAMS,
  gapMaxSeconds: 15,
  run: async (bench) => {
    const name = serviceName(bench.handle, 'Dso');
    const before = mismatches(bench);
    await bench.nodes.startServiceWith(name, ['--require', ALTERED_BUILD]);
    const problems = [...(await jointProblems(bench)), ...(await aloneProblems(bench))];
    await sleep(ALTERED_MS);
    const found = mismatches(bench) - before;
    await bench.nodes.startServiceWith(name, []);
    if (found === 0) problems.push('the load met no mismatch');
    return {
      notes: [`named LEDGER_ENDORSEMENT_MISMATCH, ${found} times in the load, which went on without it`],
      problems,
    };
  },
};

/** The faults of chaincode processes. */
export const chaincodeFaults: readonly Fault[] = [killChaincode, alteredBuild];

function mismatches({ scene }: Bench): number {
  return Object.values(scene.parties).reduce(
    (sum, { retries }) => sum + (retries.get('LEDGER_ENDORSEMENT_MISMATCH') ?? 0),
    0,
  );
}

/** Endorsed by the altered organisation together with two others: the answers differ, and that is said. */
async function jointProblems({ scene, load }: Bench): Promise<string[]> {
  const request = smallPayment(commandIdOf(scene.seed, `altered/${load.journal.lastBlock}`), load.fundedIds[0] ?? '');
  try {
    await submitPlain(scene.parties.market, 'accounts', 'fund', request, {
      endorsingOrganizations: ['TsoMSP', 'DsoMSP', 'MarketMSP'],
    });
    return ['a transaction with an altered endorsement was committed'];
  } catch (error) {
    const isNamed = error instanceof Conflict && error.code === 'LEDGER_ENDORSEMENT_MISMATCH';
    return isNamed ? [] : [`the mismatch was told as: ${error instanceof LedgerError ? error.code : String(error)}`];
  }
}

/** Endorsed by the altered organisation alone and sent to the orderers all the same: every peer refuses it. */
async function aloneProblems({ handle, scene, load }: Bench): Promise<string[]> {
  const request = smallPayment(commandIdOf(scene.seed, `alone/${load.journal.lastBlock}`), load.fundedIds[0] ?? '');
  const port = openPort(handle, { organization: 'Market', identity: 'market' }, 'Dso', 0);
  try {
    const call = { transaction: 'accounts:fund', argument: canonicalJson(request) };
    const endorsed = await port.endorse(call, ['DsoMSP']);
    await port.submit(endorsed.bytes);
    const { code } = await port.commitStatus(endorsed.transactionId);
    return code === ENDORSEMENT_POLICY_FAILURE ? [] : [`its own transaction ended with code ${code}`];
  } finally {
    port.close();
  }
}
