import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { AGGREGATOR, idOf } from './testing/memory-flexibility';
import { VtnScene } from './testing/vtn-scene';
import { VtnServer } from './server';

let scene: VtnScene;

beforeEach(async () => {
  scene = new VtnScene();
  await scene.start();
});
afterEach(() => scene.close());

test('the server says where tokens are fetched', async () => {
  expect((await scene.get('/auth/server')).body).toEqual({ tokenURL: `${scene.base}/auth/token` });
});

test('a client has the scopes that it asks for, as far as its kind can have them', async () => {
  const { clientId, clientSecret } = await scene.clients.add({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const credentials = { client_id: clientId, client_secret: clientSecret };
  const { body, headers } = await scene.token({ ...credentials, scope: 'read_all read_targets write_reports' });
  expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3_600, scope: 'read_targets write_reports' });
  expect(headers.get('cache-control')).toBe('no-store');
  expect((await scene.get('/vens', body.access_token)).status).toBe(403);
  expect((await scene.get('/programs', body.access_token)).status).toBe(200);
  expect(await scene.token({ ...credentials, scope: 'read_all' })).toMatchObject({
    status: 400,
    body: { error: 'invalid_scope', status: 400 },
  });
});

test('wrong credentials, other grants and half a form are refused as OAuth says', async () => {
  const { clientId, clientSecret } = await scene.clients.add({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const right = { client_id: clientId, client_secret: clientSecret };
  const refused = async (form: Record<string, string>) => {
    const { body, status } = await scene.token(form);
    return [status, body.error];
  };
  expect(await refused({ ...right, client_secret: 'wrong' })).toEqual([401, 'invalid_client']);
  expect(await refused({ ...right, client_id: 'nobody' })).toEqual([401, 'invalid_client']);
  expect(await refused({ ...right, grant_type: 'password' })).toEqual([400, 'unsupported_grant_type']);
  expect(await refused({ client_id: clientId })).toEqual([400, 'invalid_request']);
});

test('credentials may stand in HTTP Basic as well', async () => {
  const { clientId, clientSecret } = await scene.clients.add({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const response = await fetch(`${scene.base}/auth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  });
  expect(response.status).toBe(200);
});

test('without a token, with a wrong one, with an old one and with that of a removed client there is nothing to see', async () => {
  const { clientId, token } = await scene.logIn({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const statusOf = async (given?: string) => (await scene.get('/events', given)).status;
  expect(await statusOf(token)).toBe(200);
  const anonymous = await scene.get('/events');
  expect([anonymous.status, anonymous.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="openadr"']);
  expect(await statusOf('wrong')).toBe(401);
  scene.nowMs += 3_600_000;
  expect(await statusOf(token)).toBe(401);
  const again = await scene.logIn({ kind: 'ven', name: 'home-2', participantId: idOf('b') });
  scene.clients.remove(again.clientId);
  expect(await statusOf(again.token)).toBe(401);
  scene.clients.remove(clientId);
  expect(scene.clients.list()).toEqual([]);
});

test('a client has eight tokens at most: the ninth ends the first', async () => {
  const { clientId, clientSecret } = await scene.clients.add({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const tokens: string[] = [];
  for (let index = 0; index < 9; index += 1) {
    tokens.push((await scene.token({ client_id: clientId, client_secret: clientSecret })).body.access_token);
  }
  const statuses = await Promise.all(tokens.map(async (token) => (await scene.get('/events', token)).status));
  expect(statuses).toEqual([401, 200, 200, 200, 200, 200, 200, 200, 200]);
});

test('whoever guesses secrets is stopped after 20 tries in a minute', async () => {
  const statuses: number[] = [];
  for (let index = 0; index < 21; index += 1) {
    statuses.push((await scene.token({ client_id: 'x', client_secret: 'y' })).status);
  }
  expect(statuses.slice(19)).toEqual([401, 429]);
});

test('a request beyond 64 KiB, one that is no JSON and one of another kind are refused', async () => {
  const { token } = await scene.logIn({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const post = async (body: string, type = 'application/json') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': type };
    return (await fetch(`${scene.base}/reports`, { method: 'POST', headers, body })).status;
  };
  expect(await post(`"${'x'.repeat(65_536)}"`)).toBe(413);
  expect(await post('{')).toBe(400);
  expect(await post('<a/>', 'text/xml')).toBe(415);
});

test('no file holds a secret, and only its owner reads the file of the clients', async () => {
  const { clientSecret } = await scene.clients.add({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const file = path.join(scene.folder, 'clients.json');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readFileSync(file, 'utf8')).not.toContain(clientSecret);
});

test('names are given once, and a prosumer has one VEN', async () => {
  await scene.clients.add({ kind: 'ven', name: 'home-1', participantId: idOf('a') });
  const add = (kind: 'ven' | 'business', name: string, participantId: string) =>
    scene.clients.add({ kind, name, participantId });
  await expect(add('ven', 'home-1', idOf('b'))).rejects.toThrow('OPENADR_CLIENT_TWICE');
  await expect(add('ven', 'home-9', idOf('a'))).rejects.toThrow('OPENADR_CLIENT_TWICE');
  await expect(add('business', 'aggregator', AGGREGATOR)).resolves.toBeDefined();
  expect(() => scene.clients.remove('nobody')).toThrow('OPENADR_CLIENT_UNKNOWN');
});

test('without a certificate nobody else than this machine is served', async () => {
  const options = { host: '0.0.0.0', port: 0 } as Parameters<typeof VtnServer.start>[0];
  await expect(VtnServer.start(options)).rejects.toThrow(RangeError);
});
