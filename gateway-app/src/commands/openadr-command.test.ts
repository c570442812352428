import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createProgram } from '../cli';
import { ClientFile } from '../openadr/clients';

const folder = mkdtempSync(path.join(os.tmpdir(), 'flexledger-openadr-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(...parameters: string[]): Promise<string[]> {
  const lines: string[] = [];
  await createProgram((line) => lines.push(line)).parseAsync(['node', 'flexledger', 'openadr', ...parameters]);
  return lines;
}
const client = (...parameters: string[]) => run('client', ...parameters, '--data', folder);

test('a client is added with its secret, listed without it, and removed', async () => {
  const added = await client('add', 'home-1', '--key', 'home-1');
  const [participantId, , , clientId, secret] = added.map((line) => line.split(/\s+/).at(-1) ?? '');
  expect(await new ClientFile(folder).verify(clientId ?? '', secret ?? '')).toMatchObject({
    name: 'home-1',
    participantId,
  });
  const listed = await client('list');
  expect(listed).toEqual([`${clientId}  home-1  ${participantId}  signed by home-1`]);
  expect(await client('remove', clientId ?? '')).toEqual([`${clientId} is removed`]);
  expect(await client('list')).toEqual([]);
  const again = await client('add', 'home-1', '--key', 'home-1');
  expect(again[0]).toBe(added[0]);
});

test('business logic and prosumers with an agent of their own have no key here', async () => {
  const id = '0'.repeat(26);
  await client('add', 'aggregator', '--business', '--participant', id);
  await client('add', 'home-2', '--participant', id);
  const listed = await client('list');
  expect(listed.filter((line) => line.includes(id)).map((line) => line.split('  ').at(-1))).toEqual([
    'reads only',
    'its own agent signs',
  ]);
});

test.each([
  [['add', 'x']],
  [['add', 'x', '--key', 'x', '--participant', '0'.repeat(26)]],
  [['add', 'x', '--key', 'x', '--business']],
  [['add', 'x', '--participant', 'nobody']],
  [['remove', 'nobody']],
])('client %j is refused', async (parameters) => {
  await expect(client(...parameters)).rejects.toThrow(/CLI_USAGE|OPENADR_CLIENT_UNKNOWN/);
});

test('a certificate without its key is refused before anything is read', async () => {
  const options = ['--tls-cert', 'cert.pem', '--data', folder];
  await expect(run('vtn', ...options)).rejects.toThrow('CLI_USAGE');
});
