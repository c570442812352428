import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LevelCheckpoint, MemoryCheckpoint } from './checkpoint';
import { FactFeed, type FactsEvent } from './events';
import { GrpcCode } from './gateway-failure';
import type { ClosableStream, ContractEvent, GatewayPort } from './gateway-port';
import { TEST_POLICY, timelessEnvironment } from './testing/environment';
import { countingContract, failure, MemoryGateway, MemoryLedger } from './testing/memory-ledger';

async function count(gateway: MemoryGateway, commandId: string): Promise<void> {
  const argument = JSON.stringify({ commandId, key: 'a' });
  await gateway.submit((await gateway.endorse({ transaction: 'counter:add', argument })).bytes);
}

const [ONE, TWO, THREE, FOUR] = ['1', '2', '3', '4'].map((digit) => digit.padStart(26, '0')) as [
  string,
  string,
  string,
  string,
];

/** Takes `wanted` events, then leaves; the last one was not dealt with, as after a crash. */
async function take(feed: FactFeed, wanted: number): Promise<string[]> {
  const commandIds: string[] = [];
  for await (const event of feed) {
    commandIds.push(event.commandId);
    if (commandIds.length === wanted) break;
  }
  feed.close();
  return commandIds;
}

function options(port: Pick<GatewayPort, 'contractEvents'>) {
  return { port, policy: TEST_POLICY, environment: timelessEnvironment() };
}

describe('a feed of facts', () => {
  test('gives every fact in order, with block, transaction and content', async () => {
    const gateway = new MemoryGateway(new MemoryLedger(countingContract));
    await count(gateway, ONE);
    await count(gateway, TWO);
    const feed = await FactFeed.open({ ...options(gateway), checkpoint: new MemoryCheckpoint() });
    const events: FactsEvent[] = [];
    for await (const event of feed) {
      events.push(event);
      if (events.length === 2) feed.close();
    }
    expect(events.map(({ blockNumber, commandId, facts }) => [blockNumber, commandId, facts])).toEqual([
      [0n, ONE, [{ type: 'Counted', key: 'a', count: 1 }]],
      [1n, TWO, [{ type: 'Counted', key: 'a', count: 2 }]],
    ]);
    expect(feed.counters).toEqual({ received: 2, lastBlock: 1n, reopened: 0 });
  });

  test('goes on after its checkpoint on the disk, and repeats what was not dealt with', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'flexledger-events-'));
    try {
      const gateway = new MemoryGateway(new MemoryLedger(countingContract));
      for (const commandId of [ONE, TWO, THREE]) await count(gateway, commandId);
      const first = await LevelCheckpoint.open(directory);
      expect(await take(await FactFeed.open({ ...options(gateway), checkpoint: first }), 2)).toEqual([ONE, TWO]);
      await first.close();
      const second = await LevelCheckpoint.open(directory);
      expect(await take(await FactFeed.open({ ...options(gateway), checkpoint: second }), 2)).toEqual([TWO, THREE]);
      await second.close();
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test('opens the stream again when it breaks, without loss or repetition', async () => {
    const gateway = new MemoryGateway(new MemoryLedger(countingContract));
    for (const commandId of [ONE, TWO, THREE, FOUR]) await count(gateway, commandId);
    const starts: bigint[] = [];
    const breaking: Pick<GatewayPort, 'contractEvents'> = {
      async contractEvents(startBlock) {
        starts.push(startBlock);
        if (starts.length === 2) throw failure('events', GrpcCode.UNAVAILABLE, 'no connection established');
        return breakAfter(await gateway.contractEvents(startBlock), 2);
      },
    };
    const feed = await FactFeed.open({ ...options(breaking), checkpoint: new MemoryCheckpoint() });
    expect(await take(feed, 4)).toEqual([ONE, TWO, THREE, FOUR]);
    expect(starts).toEqual([0n, 1n, 1n, 2n, 3n].slice(0, starts.length));
    expect(feed.counters.reopened).toBe(starts.length - 1);
  });

  test('refuses a checkpoint of another chain instead of going on with a gap', async () => {
    const gateway = new MemoryGateway(new MemoryLedger(countingContract));
    await count(gateway, ONE);
    await count(gateway, TWO);
    const checkpoint = new MemoryCheckpoint();
    await checkpoint.save({ blockNumber: 0n, transactionId: 'of another chain' });
    const feed = await FactFeed.open({ ...options(gateway), checkpoint });
    await expect(take(feed, 1)).rejects.toMatchObject({ code: 'EVENTS_GAP' });
  });

  test('skips events of other names and refuses a broken list of facts', async () => {
    const events: ContractEvent[] = [
      { blockNumber: 3n, transactionId: 'x', eventName: 'other', payload: Buffer.from('anything') },
      { blockNumber: 4n, transactionId: 'y', eventName: 'facts.v1', payload: Buffer.from('{"v":1,"facts":[{}]}') },
    ];
    const port = { contractEvents: () => Promise.resolve(streamOf(events)) };
    const checkpoint = new MemoryCheckpoint();
    const feed = await FactFeed.open({ ...options(port), checkpoint });
    await expect(take(feed, 1)).rejects.toMatchObject({ code: 'EVENTS_PAYLOAD' });
    expect(await checkpoint.load()).toEqual({ blockNumber: 3n, transactionId: 'x' });
  });

  test('refuses a peer that goes back', async () => {
    const payload = Buffer.from('x');
    const events: ContractEvent[] = [4n, 3n].map((blockNumber) => ({
      blockNumber,
      transactionId: `t${blockNumber}`,
      eventName: 'other',
      payload,
    }));
    const port = { contractEvents: () => Promise.resolve(streamOf(events)) };
    const feed = await FactFeed.open({ ...options(port), checkpoint: new MemoryCheckpoint() });
    await expect(take(feed, 1)).rejects.toMatchObject({ code: 'EVENTS_ORDER' });
  });
});

function streamOf(events: readonly ContractEvent[]): ClosableStream<ContractEvent> {
  return {
    close: () => undefined,
    async *[Symbol.asyncIterator]() {
      yield* events;
      await Promise.resolve();
    },
  };
}

/** A stream that breaks after some events, as when the peer is restarted. */
function breakAfter(stream: ClosableStream<ContractEvent>, limit: number): ClosableStream<ContractEvent> {
  return {
    close: () => {
      stream.close();
    },
    async *[Symbol.asyncIterator]() {
      let given = 0;
      for await (const event of stream) {
        if (given === limit) throw failure('events', GrpcCode.UNAVAILABLE, 'the peer went away');
        given += 1;
        yield event;
      }
    },
  };
}
