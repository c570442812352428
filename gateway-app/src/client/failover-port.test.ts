import { FailoverPort } from './failover-port';
import { GrpcCode } from './gateway-failure';
import type { ContractCall } from './gateway-port';
import { countingContract, failure, MemoryGateway, MemoryLedger } from './testing/memory-ledger';

const CALL: ContractCall = { transaction: 'counter:add', argument: JSON.stringify({ commandId: 'one', key: 'a' }) };

function world(): { readonly peers: readonly [MemoryGateway, MemoryGateway]; readonly port: FailoverPort } {
  const ledger = new MemoryLedger(countingContract);
  const peers = [new MemoryGateway(ledger), new MemoryGateway(ledger)] as const;
  return { peers, port: new FailoverPort(peers) };
}

describe('the peers of one organisation', () => {
  test('are used one at a time: the first, as long as it answers', async () => {
    const { peers, port } = world();
    const used: number[] = [];
    peers.forEach((peer, index) => (peer.faults.beforeEndorse = () => void used.push(index)));
    await port.endorse(CALL);
    await port.endorse(CALL);
    expect([used, port.inUse, port.mspId]).toEqual([[0, 0], 0, 'MarketMSP']);
  });

  test.each([
    ['is gone', GrpcCode.UNAVAILABLE],
    ['hangs', GrpcCode.DEADLINE_EXCEEDED],
    ['breaks off', GrpcCode.CANCELLED],
  ])(
    'stand in for each other when one %s; the call itself fails, its repetition reaches the other',
    async (_what, code) => {
      const { peers, port } = world();
      peers[0].faults.beforeEndorse = () => {
        throw failure('endorse', code, 'no answer');
      };
      await expect(port.endorse(CALL)).rejects.toMatchObject({ grpcCode: code });
      expect(port.inUse).toBe(1);
      const { transactionId, bytes } = await port.endorse(CALL);
      await port.submit(bytes);
      expect(await port.commitStatus(transactionId)).toMatchObject({ code: 0 });
    },
  );

  test('are moved on by one for all calls that fail on one peer together', async () => {
    const { peers, port } = world();
    peers[0].faults.beforeEndorse = () => {
      throw failure('endorse', GrpcCode.UNAVAILABLE, 'no answer');
    };
    await Promise.allSettled([port.endorse(CALL), port.endorse(CALL), port.endorse(CALL)]);
    expect(port.inUse).toBe(1);
  });

  test('are kept when it is others behind the peer that fail, or a commit that takes its time', async () => {
    const { peers, port } = world();
    peers[0].faults.beforeEndorse = () => {
      const details = [{ address: 'peer0.dso:7051', mspId: 'DsoMSP', message: 'connection refused' }];
      throw failure('endorse', GrpcCode.UNAVAILABLE, 'failed to collect', details);
    };
    await expect(port.endorse(CALL)).rejects.toThrow('failed to collect');
    peers[0].faults.beforeCommitStatus = () => {
      throw failure('commitStatus', GrpcCode.DEADLINE_EXCEEDED, 'context deadline exceeded');
    };
    await expect(port.commitStatus('unknown', 5)).rejects.toThrow('context deadline exceeded');
    expect(port.inUse).toBe(0);
  });

  test('the one that is not in use can be asked for a transaction', async () => {
    const { peers, port } = world();
    const asked: number[] = [];
    peers.forEach((peer, index) => (peer.faults.beforeCommitStatus = () => void asked.push(index)));
    const { transactionId, bytes } = await port.endorse(CALL);
    await port.submit(bytes);
    await port.other.commitStatus(transactionId);
    peers[0].faults.beforeSubmit = () => {
      throw failure('submit', GrpcCode.UNAVAILABLE, 'no answer');
    };
    await expect(port.submit(bytes)).rejects.toThrow('no answer');
    await port.other.commitStatus(transactionId);
    expect(asked).toEqual([1, 0]);
  });

  test('a stream that breaks is opened on the other peer the next time', async () => {
    const { peers, port } = world();
    const broken = failure('events', GrpcCode.UNAVAILABLE, 'the connection was lost');
    peers[0].contractEvents = () =>
      Promise.resolve({
        close: () => undefined,
        [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(broken) }),
      });
    const read = async (): Promise<void> => {
      for await (const event of await port.contractEvents(0n)) throw new Error(`no event was due: ${event.eventName}`);
    };
    await expect(read()).rejects.toBe(broken);
    expect(port.inUse).toBe(1);
  });

  test('are at least one', () => {
    expect(() => new FailoverPort([])).toThrow(RangeError);
  });
});
