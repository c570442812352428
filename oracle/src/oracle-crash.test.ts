import { fork } from 'node:child_process';
import { join } from 'node:path';
import { forecastMean, type CommandId, type Computation, type RequestId } from '@flexledger/domain';
import type { AnswerRequest, RefuseRequest } from './ports';
import { flatHistory, MemoryOracleLedger, testId } from './testing/memory-oracle-ledger';
import type { LedgerAnswer, LedgerCall } from './testing/oracle-child';

/** The child is a process of its own and therefore runs what was built. */
const CHILD = join(__dirname, '..', 'dist', 'testing', 'oracle-child.js');
const REQUEST = testId(1);

/** The call at which the process dies, before or after the ledger has carried it out. */
interface DeathPoint {
  readonly call: number;
  readonly when: 'before' | 'after';
}

function serve(ledger: MemoryOracleLedger, { method, values }: LedgerCall): Promise<unknown> {
  switch (method) {
    case 'getRequest':
      return ledger.getRequest(values[0] as RequestId);
    case 'openRequests':
      return ledger.openRequests();
    case 'history':
      return ledger.history(values[0] as Computation);
    case 'publications':
      return ledger.publications();
    case 'answer':
      return ledger.answer(values[0] as AnswerRequest);
    case 'refuse':
      return ledger.refuse(values[0] as RefuseRequest);
    case 'expire':
      return ledger.expire(values[0] as CommandId, values[1] as RequestId);
  }
}

/** Runs an oracle process to its end, or to its death. Answers whether it was killed. */
function runOracle(ledger: MemoryOracleLedger, death?: DeathPoint): Promise<boolean> {
  const child = fork(CHILD, [], { serialization: 'advanced', stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  let calls = 0;
  let killed = false;
  const take = async (call: LedgerCall): Promise<void> => {
    calls += 1;
    const isHere = death?.call === calls;
    if (!isHere || death.when === 'after') {
      const value = await serve(ledger, call);
      if (!isHere) {
        child.send({ id: call.id, value } satisfies LedgerAnswer);
        return;
      }
    }
    killed = true;
    child.kill('SIGKILL');
  };
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('message', (call: LedgerCall) => void take(call).catch(reject));
    child.on('exit', (code) => {
      if (killed || code === 0) {
        resolve(killed);
      } else {
        reject(new Error(`the oracle ended with code ${code}`));
      }
    });
  });
}

describe('an oracle process that is killed', () => {
  // Calls 1 to 3 read the open requests, the request and its inputs; 4 to 6 send the three chunks. To die before a call
  // is to die after the one before it, so that only the first has both.
  const deaths: readonly (readonly [number, 'before' | 'after'])[] = [
    [1, 'before'],
    [1, 'after'],
    [2, 'after'],
    [3, 'after'],
    [4, 'after'],
    [5, 'after'],
    [6, 'after'],
  ];

  test.each(deaths)(
    'at its call %i, %s the ledger has acted, leaves one answer once it is back',
    async (call, when) => {
      const ledger = new MemoryOracleLedger();
      const history = [flatHistory(1, 30n), flatHistory(2, 7n), flatHistory(3, 5n)];
      const request = ledger.request(REQUEST, history);
      expect(await runOracle(ledger, { call, when })).toBe(true);
      expect(await runOracle(ledger)).toBe(false);
      expect(ledger.stateOf(REQUEST)).toBe('ANSWERED');
      expect(ledger.answersTo(REQUEST)).toEqual([forecastMean(history, request)]);
      expect(ledger.effects).toBe(3);
    },
  );

  // Calls 1 and 2 read; 3 refuses, 4 looks whether the request is still open, 5 lets it expire.
  test.each([2, 3, 4, 5])(
    'at its call %i, after the ledger has acted, leaves one refusal once it is back',
    async (call) => {
      const ledger = new MemoryOracleLedger();
      ledger.oracles = ['DsoMSP'];
      ledger.request(REQUEST, [flatHistory(1, 30n)], { service: 'forecast-of-nobody' });
      expect(await runOracle(ledger, { call, when: 'after' })).toBe(true);
      expect(await runOracle(ledger)).toBe(false);
      expect(ledger.stateOf(REQUEST)).toBe('EXPIRED');
      expect(ledger.refusalOf(REQUEST)).toBe('ORACLE_SERVICE_NOT_OFFERED');
      expect(ledger.effects).toBe(2);
    },
  );

  test('two at once leave one answer', async () => {
    const ledger = new MemoryOracleLedger();
    const history = [flatHistory(1, 30n), flatHistory(2, 7n), flatHistory(3, 5n)];
    const request = ledger.request(REQUEST, history);
    await Promise.all([runOracle(ledger), runOracle(ledger)]);
    expect(ledger.answersTo(REQUEST)).toEqual([forecastMean(history, request)]);
    expect(ledger.effects).toBe(3);
  }, 30_000);
});
