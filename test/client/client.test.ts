import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  CommandRunner,
  connectGateway,
  consortiumOf,
  DEFAULT_RETRY_POLICY,
  FactFeed,
  LevelCheckpoint,
  LevelOutbox,
  readBlocks,
  SYSTEM_ENVIRONMENT,
  type Command,
  type GatewayPort,
  type LedgerError,
} from '@flexledger/gateway-app';
import { parseTransaction } from '@flexledger/fabric-model';
import { openNetwork, type NetworkHandle } from '@flexledger/network';
import { msp } from '@hyperledger/fabric-protos';

/*
 * The ledger client on a whole network: the consortium of this repository with a contract that counts. The devnet by
 * default; NETWORK=native runs the same on real Fabric.
 */

const REPOSITORY = path.join(__dirname, '..', '..');
const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-client-'));
let network: NetworkHandle;
const opened: { close(): unknown }[] = [];

/** The consortium on other ports and with the counting contract. */
function writeTopology(): string {
  const text = readFileSync(path.join(REPOSITORY, 'network', 'consortium.yaml'), 'utf8')
    .replaceAll(/\b17(\d{3})\b/g, '28$1')
    .replace('command: [node, dist/main.js]', 'command: [node, main.js]')
    .replace('workingDirectory: ../chaincode', `workingDirectory: ${path.join(__dirname, 'chaincode')}`);
  const file = path.join(folder, 'consortium.yaml');
  writeFileSync(file, text);
  return file;
}

function portOf(organization: string, identity: string): GatewayPort {
  const port = connectGateway({
    endpoint: network.peerEndpoint(organization),
    identity: network.identity(organization, identity),
    channel: network.channelName,
    chaincode: network.chaincodeName,
  });
  opened.push(port);
  return port;
}

interface Client {
  readonly port: GatewayPort;
  readonly runner: CommandRunner;
  readonly outbox: LevelOutbox;
  readonly retried: LedgerError[];
}

async function clientOf(organization: string, identity: string, name = identity): Promise<Client> {
  const port = portOf(organization, identity);
  const outbox = await LevelOutbox.open(path.join(folder, `outbox-${name}`));
  opened.push(outbox);
  const retried: LedgerError[] = [];
  const runner = new CommandRunner({
    port,
    secondary: portOf('Tso', 'tso'),
    outbox,
    consortium: consortiumOf(network),
    policy: DEFAULT_RETRY_POLICY,
    environment: SYSTEM_ENVIRONMENT,
    onRetry: (error) => retried.push(error),
  });
  return { port, runner, outbox, retried };
}

function id(number: number): string {
  return String(number).padStart(26, '0');
}

function add(number: number, key: string, transaction = 'add'): Command {
  const commandId = id(number);
  return { commandId, contract: 'counter', transaction, argument: JSON.stringify({ commandId, key }) };
}

async function valueOf({ port }: Client, key: string): Promise<string> {
  const value = await port.evaluate({ transaction: 'counter:read', argument: JSON.stringify({ key }) });
  return Buffer.from(value).toString();
}

/** The organisations that endorsed a transaction, from its block. */
async function endorsersOf(transactionId: string, blockNumber: bigint): Promise<readonly string[]> {
  const port = portOf('Regulator', 'regulator');
  for await (const block of readBlocks({ port, startBlock: blockNumber, lastBlock: blockNumber })) {
    const transactions = (block.getData()?.getDataList_asU8() ?? []).map((envelope) => parseTransaction(envelope));
    const found = transactions.find((transaction) => transaction.transactionId === transactionId);
    const endorsers = (found?.endorsements ?? []).map(({ endorser }) =>
      msp.SerializedIdentity.deserializeBinary(endorser),
    );
    return endorsers.map((endorser) => endorser.getMspid()).sort();
  }
  return [];
}

describe('a ledger client on a network', () => {
  let market: Client;
  let community: Client;

  beforeAll(async () => {
    const mode = process.env['NETWORK'] === 'native' ? 'native' : 'devnet';
    network = await openNetwork({ mode, topologyFile: writeTopology(), dataDirectory: path.join(folder, 'network') });
    market = await clientOf('Market', 'market');
    community = await clientOf('Community', 'community');
  }, 180_000);

  afterAll(async () => {
    for (const resource of opened) await resource.close();
    await network?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  test('counts exactly, however many write the same key at once', async () => {
    const runs = [1, 2, 3].flatMap((number) => [
      market.runner.run(add(number, 'shared')),
      community.runner.run(add(number + 10, 'shared')),
    ]);
    const outcomes = await Promise.all(runs);
    await Promise.all(outcomes.map(({ transactionId }) => market.port.commitStatus(transactionId)));
    expect(await valueOf(market, 'shared')).toBe('6');
    expect([...market.retried, ...community.retried].every(({ kind }) => kind === 'conflict')).toBe(true);
    expect(await market.outbox.list()).toEqual([]);
  }, 60_000);

  test('gets the same answer again for the same command', async () => {
    const first = await market.runner.run(add(20, 'again'));
    const second = await market.runner.run(add(20, 'again'));
    expect(Buffer.from(second.result)).toEqual(Buffer.from(first.result));
    expect(await valueOf(market, 'again')).toBe('1');
  }, 60_000);

  test('reads the refusal of a rule with its code, and does not repeat the command', async () => {
    const before = market.retried.length;
    await expect(market.runner.run(add(21, 'refused', 'refuse'))).rejects.toMatchObject({
      kind: 'rule',
      code: 'COMMAND_REUSED',
      details: { commandId: 'x' },
    });
    expect(market.retried.length).toBe(before);
  }, 60_000);

  test('names the endorsers for private values of a collection that its organisation is no member of', async () => {
    const aggregator = await clientOf('Aggregator', 'aggregator');
    const outcome = await aggregator.runner.run({
      ...add(30, 'private', 'addPrivately'),
      transient: { secret: 'known to members only' },
      collection: 'orders',
    });
    expect(Buffer.from(outcome.result).toString()).toBe('{"count":1}');
    const endorsers = await endorsersOf(outcome.transactionId, outcome.blockNumber);
    expect(endorsers).toEqual(['DsoMSP', 'MarketMSP', 'TsoMSP']);
  }, 60_000);

  test('asks in vain for a transaction that nobody has sent, until its deadline', async () => {
    await expect(market.port.commitStatus('0'.repeat(64), 300)).rejects.toMatchObject({
      stage: 'commitStatus',
      grpcCode: 4,
    });
  }, 60_000);

  test('goes on when the network is killed under it: every command once, every fact once and in order', async () => {
    const checkpoint = await LevelCheckpoint.open(path.join(folder, 'checkpoint'));
    opened.push(checkpoint);
    const feed = await FactFeed.open({ port: community.port, checkpoint });
    const counts: unknown[] = [];
    const numbers = Array.from({ length: 8 }, (_, index) => 40 + index);
    const following = (async () => {
      for await (const { facts } of feed) {
        counts.push(...facts.filter(({ key }) => key === 'killed').map(({ count }) => count));
        if (counts.length === numbers.length) return;
      }
    })();
    const killed = network.mode === 'devnet' ? 'devnet' : 'peer0.market.flexledger.example';
    const running = (async () => {
      for (const [index, number] of numbers.entries()) {
        const command = market.runner.run(add(number, 'killed'));
        if (index === 3) {
          await network.faults?.kill(killed);
          await network.faults?.start(killed);
        }
        await command;
      }
    })();
    await Promise.all([running, following]);
    feed.close();
    expect(counts).toEqual(numbers.map((_, index) => index + 1));
    expect(await valueOf(market, 'killed')).toBe(String(numbers.length));
    expect(await market.outbox.list()).toEqual([]);
  }, 180_000);

  test('reads all blocks of the channel without a gap', async () => {
    const { blockNumber } = await market.runner.run(add(60, 'last'));
    const numbers: (number | undefined)[] = [];
    for await (const block of readBlocks({ port: market.port, lastBlock: blockNumber })) {
      numbers.push(block.getHeader()?.getNumber());
    }
    expect(numbers).toEqual(Array.from({ length: Number(blockNumber) + 1 }, (_, index) => index));
  }, 60_000);
});
