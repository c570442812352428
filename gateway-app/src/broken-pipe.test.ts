import { spawn } from 'node:child_process';
import path from 'node:path';
import { deriveId } from './agents/seed';
import { FileKeyStore, SigningKey } from './client/keys';
import { TestFolder } from './meter-agent/testing/input-items';

/** The command line is a process of its own and therefore runs what was built. */
const PROGRAM = path.join(__dirname, '..', 'dist', 'cli.js');

const folder = new TestFolder();
afterAll(() => folder.remove());

/** How the command line ends when nobody reads what it prints, and what it says of that. */
function runUnread(...parameters: string[]): Promise<{ readonly code: number | null; readonly errors: string }> {
  const child = spawn(process.execPath, [PROGRAM, ...parameters], { stdio: ['ignore', 'pipe', 'pipe'] });
  // Closed long before Node has started in the child, so that already its first line has no reader.
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (text) => (errors += String(text)));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, errors }));
  });
}

test.each([[['ledger', 'list']], [['--help']]])(
  '%j that nobody reads ends as a broken pipe ends a program, and says nothing',
  async (parameters) => {
    expect(await runUnread(...parameters)).toEqual({ code: 141, errors: '' });
  },
);

test('an agent that waits for its gateway is stopped as by a request when nobody reads it', async () => {
  new FileKeyStore(folder.path('keys')).save('north', SigningKey.generate());
  folder.write('values.csv', ['time,north', '2024-05-01T00:00:00Z,1', ''].join('\n'));
  const csv = { file: 'values.csv', unit: 'Wh', time: { column: 'time' }, import: 'north' };
  const meters = [{ meter: deriveId('broken-pipe', 'north'), key: 'north', input: { csv } }];
  folder.write('agent.yaml', JSON.stringify({ gateway: 'http://127.0.0.1:1', meters }));
  const asked = runUnread('meter', 'agent', '--config', folder.path('agent.yaml'));
  expect(await asked).toEqual({ code: 0, errors: '' });
});
