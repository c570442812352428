import { CommandRunner, type Command } from './commands';
import type { LedgerError } from './errors';
import { GrpcCode } from './gateway-failure';
import { MemoryOutbox, type OpenCommand, type Outbox } from './outbox';
import { TEST_POLICY, timelessEnvironment } from './testing/environment';
import { countingContract, failure, MemoryGateway, MemoryLedger } from './testing/memory-ledger';

const CONSORTIUM = {
  authorities: ['TsoMSP', 'DsoMSP', 'RegulatorMSP'],
  members: ['AggregatorMSP', 'CommunityMSP', 'MarketMSP'],
  collections: { orders: ['TsoMSP', 'DsoMSP', 'RegulatorMSP', 'MarketMSP'] },
};

interface World {
  readonly ledger: MemoryLedger;
  readonly gateway: MemoryGateway;
  readonly outbox: Outbox;
  readonly runner: CommandRunner;
  readonly retried: LedgerError[];
}

function world(
  options: { readonly mspId?: string; readonly secondary?: (ledger: MemoryLedger) => MemoryGateway } = {},
): World {
  const ledger = new MemoryLedger(countingContract);
  const gateway = new MemoryGateway(ledger, options.mspId);
  const outbox = new MemoryOutbox();
  const retried: LedgerError[] = [];
  const runner = new CommandRunner({
    port: gateway,
    secondary: options.secondary?.(ledger),
    outbox,
    consortium: CONSORTIUM,
    policy: TEST_POLICY,
    environment: timelessEnvironment(),
    onRetry: (error) => retried.push(error),
  });
  return { ledger, gateway, outbox, runner, retried };
}

function add(commandId: string, key = 'a', transaction = 'add'): Command {
  return { commandId, contract: 'counter', transaction, argument: JSON.stringify({ commandId, key }) };
}

function once(act: () => void): () => void {
  let done = false;
  return () => {
    if (!done) {
      done = true;
      act();
    }
  };
}

describe('a command', () => {
  test('is committed, answered, and forgotten by the outbox', async () => {
    const { ledger, outbox, runner } = world();
    const outcome = await runner.run(add('one'));
    expect(Buffer.from(outcome.result).toString()).toBe('{"count":1}');
    expect(outcome).toMatchObject({ attempts: 1, blockNumber: 0n });
    expect(ledger.codes()).toEqual([0]);
    expect(await outbox.list()).toEqual([]);
  });

  test('is on the disk before it is endorsed, and its signed transaction before it is submitted', async () => {
    const { gateway, outbox, runner } = world();
    const seen: (OpenCommand | undefined)[] = [];
    gateway.faults.beforeEndorse = async () => void seen.push(await outbox.get('one'));
    gateway.faults.beforeSubmit = async () => void seen.push(await outbox.get('one'));
    await runner.run(add('one'));
    expect(seen.map((command) => command?.sent !== undefined)).toEqual([false, true]);
    expect(seen[0]).toMatchObject({ contract: 'counter', transaction: 'add' });
  });

  test('given ten times at once has one effect and ten equal answers', async () => {
    const { ledger, runner } = world();
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => runner.run(add('one'))));
    expect(new Set(outcomes.map(({ transactionId }) => transactionId)).size).toBe(1);
    expect(ledger.value('a')).toBe('1');
  });

  test('given again later has one effect and the same answer', async () => {
    const { ledger, runner } = world();
    const first = await runner.run(add('one'));
    await runner.run(add('two'));
    const again = await runner.run(add('one'));
    expect(Buffer.from(again.result)).toEqual(Buffer.from(first.result));
    expect(ledger.value('a')).toBe('2');
  });

  test('refused by a rule is not tried again', async () => {
    const { gateway, outbox, runner, retried } = world();
    let endorsements = 0;
    gateway.faults.beforeEndorse = () => void (endorsements += 1);
    await expect(runner.run(add('one', 'a', 'refuse'))).rejects.toMatchObject({ kind: 'rule', code: 'COMMAND_REUSED' });
    expect([endorsements, retried.length, (await outbox.list()).length]).toEqual([1, 0, 0]);
  });

  test('that loses against others is endorsed again under the same command id', async () => {
    const { ledger, gateway, runner, retried } = world();
    const rival = new MemoryGateway(ledger);
    gateway.faults.afterEndorse = async () => {
      delete gateway.faults.afterEndorse;
      await order(rival, add('rival'));
    };
    const outcome = await runner.run(add('one'));
    expect(retried.map(({ code }) => code)).toEqual(['MVCC_READ_CONFLICT']);
    expect(outcome.attempts).toBe(2);
    expect(ledger.value('a')).toBe('2');
    expect(ledger.codes()).toEqual([0, 11, 0]);
  });

  test('that always loses is given up after a bounded number of tries, with nothing written', async () => {
    const { ledger, gateway, outbox, runner } = world();
    const rival = new MemoryGateway(ledger);
    let rivals = 0;
    gateway.faults.afterEndorse = async () => {
      rivals += 1;
      await order(rival, add(`rival${rivals}`));
    };
    await expect(runner.run(add('one'))).rejects.toMatchObject({ kind: 'conflict', code: 'MVCC_READ_CONFLICT' });
    expect(rivals).toBe(TEST_POLICY.conflictAttempts);
    expect(ledger.value('a')).toBe(String(rivals));
    expect(await outbox.list()).toEqual([]);
  });

  test('waits while nobody endorses, and gives up when that lasts', async () => {
    const { gateway, outbox, runner } = world();
    let calls = 0;
    gateway.faults.beforeEndorse = () => {
      calls += 1;
      if (calls <= 3) throw failure('endorse', GrpcCode.UNAVAILABLE, 'no connection established');
    };
    expect((await runner.run(add('one'))).attempts).toBe(4);
    gateway.faults.beforeEndorse = () => {
      throw failure('endorse', GrpcCode.UNAVAILABLE, 'no connection established');
    };
    await expect(runner.run(add('two'))).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await outbox.list()).toEqual([]);
  });
});

describe('a command whose submit was answered with an error', () => {
  test('was taken all the same: its status is asked for and nothing is sent twice', async () => {
    const { ledger, gateway, runner } = world();
    gateway.faults.afterSubmit = once(() => {
      throw failure('submit', GrpcCode.UNAVAILABLE, 'the orderer went away');
    });
    expect((await runner.run(add('one'))).attempts).toBe(1);
    expect(ledger.codes()).toEqual([0]);
  });

  test('was lost: the same bytes are sent again', async () => {
    const { ledger, gateway, runner } = world();
    const sent: string[] = [];
    let calls = 0;
    gateway.faults.beforeSubmit = (transactionId) => {
      sent.push(transactionId);
      calls += 1;
      if (calls < 3) throw failure('submit', GrpcCode.DEADLINE_EXCEEDED, 'submit timeout expired');
    };
    await runner.run(add('one'));
    expect(sent.length).toBe(3);
    expect(new Set(sent).size).toBe(1);
    expect(ledger.codes()).toEqual([0]);
  });

  test('was taken and then lost by an orderer that died: the same bytes are sent again after a while', async () => {
    const { ledger, gateway, runner } = world();
    const order = gateway.submit.bind(gateway);
    const sent: string[] = [];
    const waits: (number | undefined)[] = [];
    gateway.faults.beforeCommitStatus = (_transactionId, deadlineMs) => void waits.push(deadlineMs);
    gateway.submit = async (bytes) => {
      sent.push(Buffer.from(bytes).toString());
      if (sent.length > 1) await order(bytes);
    };
    expect((await runner.run(add('one'))).attempts).toBe(1);
    expect([sent.length, new Set(sent).size]).toEqual([2, 1]);
    const { firstPeerMs, resendMs } = TEST_POLICY;
    expect(waits).toEqual([firstPeerMs, resendMs - firstPeerMs, firstPeerMs]);
    expect(ledger.codes()).toEqual([0]);
  });

  test('is sent again into a duplicate when the status was late, and still has one effect', async () => {
    const { ledger, gateway, runner } = world();
    let asked = 0;
    gateway.faults.beforeCommitStatus = () => {
      asked += 1;
      if (asked <= 2) throw failure('commitStatus', GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded');
    };
    await runner.run(add('one'));
    expect(ledger.codes()).toEqual([0, 9]);
    expect(ledger.value('a')).toBe('1');
  });

  test('is found through the second peer when its own peer is gone', async () => {
    const { ledger, gateway, runner } = world({ secondary: (shared) => new MemoryGateway(shared) });
    const gone = (): never => {
      throw failure('commitStatus', GrpcCode.UNAVAILABLE, 'no connection established');
    };
    gateway.faults.beforeCommitStatus = gone;
    const submits: string[] = [];
    gateway.faults.beforeSubmit = (transactionId) => void submits.push(transactionId);
    await runner.run(add('one'));
    expect(submits.length).toBe(1);
    expect(ledger.codes()).toEqual([0]);
  });

  test('is found through the second peer when its own peer hangs, without waiting for its end', async () => {
    const { ledger, gateway, runner } = world({ secondary: (shared) => new MemoryGateway(shared) });
    const never = new Promise<void>(() => undefined);
    gateway.faults.beforeCommitStatus = (_transactionId, deadlineMs) => {
      if (deadlineMs === TEST_POLICY.firstPeerMs) {
        throw failure('commitStatus', GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded');
      }
      return never;
    };
    expect((await runner.run(add('one'))).attempts).toBe(1);
    expect(ledger.codes()).toEqual([0]);
  });

  test('stays in the outbox when its fate remains unknown, and is finished by resume', async () => {
    const { ledger, gateway, outbox, runner } = world();
    gateway.faults.beforeSubmit = () => {
      throw failure('submit', GrpcCode.UNAVAILABLE, 'no orderer nodes available');
    };
    await expect(runner.run(add('one'))).rejects.toMatchObject({ kind: 'uncertain', code: 'LEDGER_OUTCOME_UNKNOWN' });
    expect((await outbox.list()).map(({ commandId }) => commandId)).toEqual(['one']);
    delete gateway.faults.beforeSubmit;
    const [resumed] = await runner.resume();
    expect(resumed?.outcome).toMatchObject({ attempts: 1 });
    expect(ledger.value('a')).toBe('1');
    expect(await outbox.list()).toEqual([]);
  });
});

describe('a command with another content under an id that is still open', () => {
  test('waits for the fate of the first, and the contract decides about it', async () => {
    const { ledger, runner } = world();
    const [first, second] = await Promise.all([runner.run(add('one', 'a')), runner.run(add('one', 'b'))]);
    expect(Buffer.from(second.result)).toEqual(Buffer.from(first.result));
    expect([ledger.value('a'), ledger.value('b')]).toEqual(['1', undefined]);
  });

  test('also when the first is of an earlier process', async () => {
    const { ledger, outbox, runner } = world();
    await outbox.put({ format: 1, ...add('one', 'a') });
    await runner.run(add('one', 'b'));
    expect([ledger.value('a'), ledger.value('b')]).toEqual(['1', undefined]);
    expect(await outbox.list()).toEqual([]);
  });
});

describe('a command with private values', () => {
  const withCollection = { ...add('one'), collection: 'orders' };

  test('is planned by the gateway when the organisation is a member of the collection', async () => {
    const { gateway, runner } = world();
    const named: (readonly string[] | undefined)[] = [];
    gateway.faults.beforeEndorse = (_call, endorsers) => void named.push(endorsers);
    await runner.run(withCollection);
    expect(named).toEqual([undefined]);
  });

  test('walks through the pairs of authorities when it is not', async () => {
    const { gateway, runner } = world({ mspId: 'CommunityMSP' });
    const named: (readonly string[] | undefined)[] = [];
    gateway.faults.beforeEndorse = (_call, endorsers) => {
      named.push(endorsers);
      if (named.length < 4) throw failure('endorse', GrpcCode.UNAVAILABLE, 'failed to collect');
    };
    await runner.run(withCollection);
    expect(named).toEqual([
      ['TsoMSP', 'DsoMSP', 'MarketMSP'],
      ['TsoMSP', 'RegulatorMSP', 'MarketMSP'],
      ['DsoMSP', 'RegulatorMSP', 'MarketMSP'],
      ['TsoMSP', 'DsoMSP', 'MarketMSP'],
    ]);
  });

  test('is refused before anything is sent when nobody knows the collection', async () => {
    const { ledger, outbox, runner } = world();
    await expect(runner.run({ ...add('one'), collection: 'unknown' })).rejects.toThrow('knows no collection unknown');
    expect([ledger.codes(), await outbox.list()]).toEqual([[], []]);
  });
});

describe('a command whose endorsers do not agree', () => {
  const mismatch = (): never => {
    throw failure('endorse', GrpcCode.ABORTED, 'failed to assemble transaction: ProposalResponsePayloads do not match');
  };

  test('is tried with the other pairs of authorities, own organisation first, until the deviating one is left out', async () => {
    const { ledger, gateway, runner, retried } = world();
    const named: (readonly string[] | undefined)[] = [];
    gateway.faults.beforeEndorse = (_call, endorsers) => {
      named.push(endorsers);
      if (endorsers?.includes('DsoMSP') ?? true) mismatch();
    };
    await runner.run(add('one'));
    expect(named).toEqual([undefined, ['TsoMSP', 'RegulatorMSP', 'MarketMSP']]);
    expect(retried.map(({ code }) => code)).toEqual(['LEDGER_ENDORSEMENT_MISMATCH']);
    expect(ledger.codes()).toEqual([0]);
  });

  test('reaches another member when the deviating one is a member', async () => {
    const { gateway, runner } = world();
    const named: (readonly string[] | undefined)[] = [];
    gateway.faults.beforeEndorse = (_call, endorsers) => {
      named.push(endorsers);
      if (endorsers?.includes('MarketMSP') ?? true) mismatch();
    };
    await runner.run(add('one'));
    expect(named.at(-1)).toContain('AggregatorMSP');
  });

  test('is a conflict that names the mismatch when they never agree', async () => {
    const { gateway, outbox, runner } = world();
    gateway.faults.beforeEndorse = mismatch;
    await expect(runner.run(add('one'))).rejects.toMatchObject({
      kind: 'conflict',
      code: 'LEDGER_ENDORSEMENT_MISMATCH',
    });
    expect(await outbox.list()).toEqual([]);
  });
});

async function order(gateway: MemoryGateway, { contract, transaction, argument }: Command): Promise<void> {
  const endorsed = await gateway.endorse({ transaction: `${contract}:${transaction}`, argument });
  await gateway.submit(endorsed.bytes);
}
