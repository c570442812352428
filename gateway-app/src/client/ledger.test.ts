import { commandIdCodec, contracts, RuleError, slot, type CommandId } from '@flexledger/domain';
import { Ledger } from './ledger';
import { MemoryOutbox } from './outbox';
import { TEST_POLICY, timelessEnvironment } from './testing/environment';
import { failure, MemoryGateway, MemoryLedger, type MemoryContract } from './testing/memory-ledger';

const CONSORTIUM = {
  authorities: ['TsoMSP', 'DsoMSP'],
  collections: { profiles: ['TsoMSP', 'DsoMSP', 'CommunityMSP'] },
};
const COMMAND: CommandId = commandIdCodec.decode('1'.padStart(26, '0'), '');

function ledgerOn(contract: MemoryContract): { readonly ledger: Ledger; readonly gateway: MemoryGateway } {
  const gateway = new MemoryGateway(new MemoryLedger(contract), 'DsoMSP');
  const ledger = new Ledger({
    port: gateway,
    outbox: new MemoryOutbox(),
    consortium: CONSORTIUM,
    policy: TEST_POLICY,
    environment: timelessEnvironment(),
  });
  return { ledger, gateway };
}

describe('a ledger client', () => {
  test('encodes the request canonically, decodes the answer, and counts', async () => {
    const calls: string[] = [];
    const { ledger } = ledgerOn((state, { transaction, argument }) => {
      calls.push(`${transaction} ${argument}`);
      state.put('a', 'b');
      return '{"fromSlot":100,"toSlot":101}';
    });
    const request = { toSlot: slot(101), fromSlot: slot(100), commandId: COMMAND };
    const submitted = await ledger.submit('registry', 'tick', request);
    expect(submitted).toMatchObject({ response: { fromSlot: 100, toSlot: 101 }, blockNumber: 0n, attempts: 1 });
    expect(calls).toEqual([`registry:tick {"commandId":"${COMMAND}","fromSlot":100,"toSlot":101}`]);
    expect(ledger.counters).toMatchObject({ submitted: 1, refused: 0, retried: 0, lastBlock: 0n });
    expect(ledger.counters.latenciesMs.length).toBe(1);
  });

  test('refuses an answer that is not what the manifest says', async () => {
    const { ledger } = ledgerOn(() => '{"fromSlot":"soon"}');
    const request = { fromSlot: slot(100), toSlot: slot(101), commandId: COMMAND };
    await expect(ledger.submit('registry', 'tick', request)).rejects.toThrow(RuleError);
  });

  test('sends confidential values in the transient map and nowhere else', async () => {
    const seen: { readonly argument: string; readonly transient: unknown }[] = [];
    const { ledger } = ledgerOn((_state, { argument, transient }) => {
      seen.push({ argument, transient });
      return '{"count":1}';
    });
    const salt = 'c2FsdHNhbHRzYWx0c2FsdA';
    const identities = [{ meterId: '2'.padStart(26, '0'), meteringPoint: 'DE0001', salt }];
    const { registerMeters } = contracts.registry;
    await ledger.submit('registry', 'registerMeters', registerMeters.request.decode(registerMeters.example, ''), {
      transient: registerMeters.transient.codec.decode(identities, ''),
    });
    expect(seen.map(({ transient }) => transient)).toEqual([
      { identities: `[{"meterId":"${'2'.padStart(26, '0')}","meteringPoint":"DE0001","salt":"${salt}"}]` },
    ]);
    expect(seen[0]?.argument).not.toContain('DE0001');
  });

  test('counts what a rule refuses, and reports it as such', async () => {
    const { ledger } = ledgerOn(() => {
      throw new RuleError('COMMAND_REUSED', { commandId: COMMAND });
    });
    const request = { fromSlot: slot(100), toSlot: slot(101), commandId: COMMAND };
    await expect(ledger.submit('registry', 'tick', request)).rejects.toMatchObject({
      kind: 'rule',
      code: 'COMMAND_REUSED',
      details: { commandId: COMMAND },
    });
    expect(ledger.counters).toMatchObject({ submitted: 0, refused: 1 });
  });

  test('reads with patience, and gives up on what patience does not mend', async () => {
    const { ledger, gateway } = ledgerOn(() => '{"clock":null}');
    const evaluate = gateway.evaluate.bind(gateway);
    let calls = 0;
    gateway.evaluate = (call) => {
      calls += 1;
      return calls < 3 ? Promise.reject(failure('evaluate', 14, 'no connection established')) : evaluate(call);
    };
    expect(await ledger.evaluate('registry', 'getClock', {})).toEqual({ clock: null });
    gateway.evaluate = () => Promise.reject(failure('evaluate', 7, 'permission denied'));
    await expect(ledger.evaluate('registry', 'getClock', {})).rejects.toMatchObject({ kind: 'ledger' });
  });

  test('waits for a transaction of another client on its own peer', async () => {
    const { ledger, gateway } = ledgerOn(() => '{}');
    const endorsed = await gateway.endorse({ transaction: 'registry:tick', argument: '{}' });
    const waiting = ledger.awaitTransaction(endorsed.transactionId);
    await gateway.submit(endorsed.bytes);
    expect(await waiting).toBe(0n);
    await expect(ledger.awaitTransaction('unknown')).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
