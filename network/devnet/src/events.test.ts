import { status as StatusCode } from '@grpc/grpc-js';
import { transactionsFilter } from '@flexledger/fabric-model';
import type { ChaincodeEvent, CloseableAsyncIterable } from '@hyperledger/fabric-gateway';
import { failureOf } from './testing/failure';
import { TestNetwork, textOf } from './testing/test-network';

async function take<T>(events: CloseableAsyncIterable<T>, count: number): Promise<readonly T[]> {
  const taken: T[] = [];
  try {
    for await (const event of events) {
      taken.push(event);
      if (taken.length === count) break;
    }
  } finally {
    events.close();
  }
  return taken;
}

function payloads(events: readonly ChaincodeEvent[]): readonly string[] {
  return events.map(({ payload }) => textOf(payload));
}

describe('events of the embedded network', () => {
  let network: TestNetwork;

  beforeAll(async () => {
    network = await TestNetwork.start();
    const { contract } = network.connect('Alpha');
    for (const value of ['one', 'two', 'three'])
      await contract.submitTransaction('emit', 'Said', value, `key-${value}`);
  }, 60_000);

  afterAll(async () => {
    await network.remove();
  });

  it('are replayed from a block, in order, to another organisation', async () => {
    const { network: channel } = network.connect('Beta');
    const events = await channel.getChaincodeEvents('ledger', { startBlock: 0n });
    expect(payloads(await take(events, 3))).toEqual(['one', 'two', 'three']);
  });

  it('begin with the next block when no start is given', async () => {
    const { network: channel, contract } = network.connect('Alpha');
    const events = await channel.getChaincodeEvents('ledger');
    const taken = take(events, 1);
    await contract.submitTransaction('emit', 'Said', 'four', 'key-four');
    expect(payloads(await taken)).toEqual(['four']);
  });

  it('go on behind the transaction of a checkpoint', async () => {
    const { network: channel } = network.connect('Alpha');
    const [first] = await take(await channel.getChaincodeEvents('ledger', { startBlock: 0n }), 1);
    const checkpoint = {
      getBlockNumber: () => first?.blockNumber,
      getTransactionId: () => first?.transactionId,
    };
    const events = await channel.getChaincodeEvents('ledger', { checkpoint });
    expect(payloads(await take(events, 2))).toEqual(['two', 'three']);
  });

  it('leave out transactions that are invalid', async () => {
    const { contract, network: channel } = network.connect('Alpha');
    await contract.submitTransaction('put', 'race', '');
    const one = await contract.newProposal('append', { arguments: ['race', 'x'] }).endorse();
    await contract.submitTransaction('append', 'race', 'y');
    expect(await (await one.submit()).getStatus()).toMatchObject({ code: 11 });
    await contract.submitTransaction('emit', 'Said', 'five', 'key-five');
    const events = await channel.getChaincodeEvents('ledger', { startBlock: 0n });
    expect(payloads(await take(events, 5))).toEqual(['one', 'two', 'three', 'four', 'five']);
  });

  it('deliver every block with its validation codes, from the first on', async () => {
    const { network: channel } = network.connect('Gamma');
    const height = network.devnet.height('trial');
    const blocks = await take(await channel.getBlockEvents({ startBlock: 0n }), height);
    expect(blocks.map((block) => block.getHeader()?.getNumber())).toEqual(
      Array.from({ length: height }, (_, index) => index),
    );
    expect(blocks.flatMap((block) => transactionsFilter(block))).toContain(11);
  });

  it('deliver filtered blocks without payloads of events', async () => {
    const { network: channel } = network.connect('Gamma');
    const blocks = await take(await channel.getFilteredBlockEvents({ startBlock: 0n }), network.devnet.height('trial'));
    const actions = blocks.flatMap((block) =>
      block
        .getFilteredTransactionsList()
        .flatMap((one) => one.getTransactionActions()?.getChaincodeActionsList() ?? []),
    );
    expect(actions.map((action) => action.getChaincodeEvent()?.getEventName())).toContain('Said');
    expect(actions.every((action) => (action.getChaincodeEvent()?.getPayload_asU8().length ?? 0) === 0)).toBe(true);
    expect(blocks[1]?.getChannelId()).toBe('trial');
  });

  it('refuse block and private data together, which the embedded network does not have', async () => {
    const { network: channel } = network.connect('Alpha');
    const events = await channel.getBlockAndPrivateDataEvents({ startBlock: 0n });
    const error = await failureOf(take(events, 1));
    expect(error).toMatchObject({ code: StatusCode.UNIMPLEMENTED });
  });

  it('refuse a reader whose signature is of another key', async () => {
    const forged = network.connect('Alpha', { privateKeyPem: network.identity('Beta').privateKeyPem });
    const events = await forged.network.getChaincodeEvents('ledger', { startBlock: 0n });
    expect(await failureOf(take(events, 1))).toMatchObject({ code: StatusCode.PERMISSION_DENIED });
    const blocks = await forged.network.getBlockEvents({ startBlock: 0n });
    expect((await failureOf(take(blocks, 1))).message).toContain('403');
  });

  it('end when a fault drops the stream, and can be opened again behind the last one seen', async () => {
    const { network: channel } = network.connect('Alpha');
    network.devnet.faults.options = { loseCommitStatus: 0, dropStream: 1 };
    const dropped = await failureOf(take(await channel.getChaincodeEvents('ledger', { startBlock: 0n }), 5));
    expect(dropped).toMatchObject({ code: StatusCode.UNAVAILABLE });
    network.devnet.faults.options = { loseCommitStatus: 0, dropStream: 0 };
    expect(await take(await channel.getChaincodeEvents('ledger', { startBlock: 0n }), 5)).toHaveLength(5);
  });
});
