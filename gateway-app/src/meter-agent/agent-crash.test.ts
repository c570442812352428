import { fork } from 'node:child_process';
import path from 'node:path';
import { deriveId, deriveInteger } from '../agents/seed';
import { FileKeyStore, SigningKey } from '../client/keys';
import { BlockBatcher } from '../meter-gateway/block-batcher';
import { GatewayServer } from '../meter-gateway/gateway-server';
import { BlockLedger } from './testing/block-ledger';
import { seconds, TestFolder } from './testing/input-items';

/** The agent is a process of its own and therefore runs what was built. */
const PROGRAM = path.join(__dirname, '..', '..', 'dist', 'cli.js');

const SEED = process.env['AGENT_CRASH_SEED'] ?? String(Date.now());
const KILLS = Number(process.env['AGENT_CRASH_KILLS'] ?? '4');
const FIRST = seconds('2024-05-01T00:00:00Z');
const HOURS = 240;
const METERS = ['north', 'south'].map((name) => deriveId('agent-crash', name));

const folder = new TestFolder();
afterAll(() => folder.remove());

/** The process of an agent, and how it ends. */
function startAgent(): { readonly kill: () => void; readonly ended: Promise<string> } {
  const child = fork(PROGRAM, ['meter', 'agent', '--config', folder.path('agent.yaml')], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let errors = '';
  child.stderr?.on('data', (text) => (errors += String(text)));
  const ended = new Promise<string>((resolve) =>
    child.once('exit', (code, signal) => resolve(signal ?? `${code} ${errors}`)),
  );
  return { kill: () => child.kill('SIGKILL'), ended };
}

function writeScene(ledger: BlockLedger, address: string): void {
  const rows = Array.from({ length: HOURS * 4 }, (_, index) => {
    return `${new Date((FIRST + index * 900) * 1000).toISOString()},${index},${index * 2}`;
  });
  folder.write('values.csv', ['time,north,south', ...rows, ''].join('\n'));
  const keys = new FileKeyStore(folder.path('keys'));
  const meters = ['north', 'south'].map((name, index) => {
    const key = SigningKey.generate();
    keys.save(name, key);
    ledger.register(METERS[index]!, key.publicKey, FIRST);
    const csv = { file: 'values.csv', unit: 'Wh', time: { column: 'time' }, import: name };
    return { meter: METERS[index], key: name, input: { csv } };
  });
  folder.write('agent.yaml', JSON.stringify({ gateway: address, meters }));
}

test(`an agent that is killed again and again brings every value to the ledger once (AGENT_CRASH_SEED=${SEED})`, async () => {
  const ledger = new BlockLedger();
  const batcher = new BlockBatcher({ record: (blocks) => ledger.record(blocks), gatherMs: 1 });
  const server = await GatewayServer.start({ host: '127.0.0.1', port: 0, batcher, facts: (id) => ledger.facts(id) });
  writeScene(ledger, server.address);
  for (let kill = 0; kill < KILLS; kill += 1) {
    const agent = startAgent();
    // The agent dies while the ledger has some of its blocks, before or after it hears of them.
    let untilDeath = 1 + deriveInteger(SEED, `kill/${kill}`, 3);
    const die = (): void => {
      untilDeath -= 1;
      if (untilDeath === 0) agent.kill();
    };
    const when = deriveInteger(SEED, `when/${kill}`, 2) === 0 ? 'beforeRecord' : 'afterRecord';
    ledger[when] = die;
    expect(await agent.ended).toBe('SIGKILL');
    ledger[when] = () => undefined;
  }
  expect(await startAgent().ended).toBe('0 ');
  await server.stop();
  METERS.forEach((meterId, number) => {
    const expected = Array.from(
      { length: HOURS * 4 },
      (_, index) => `${FIRST / 900 + index}: ${index * (number + 1)}/0`,
    );
    expect(ledger.values(meterId)).toEqual(expected);
  });
}, 120_000);
