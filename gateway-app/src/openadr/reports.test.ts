import { RuleRejected, Unavailable } from '../client/errors';
import { failure } from '../client/testing/memory-ledger';
import { AGGREGATOR, EVENT, eventRow, FIRST_SLOT, idOf, PROGRAMME, supportRow } from './testing/memory-flexibility';
import { VtnScene } from './testing/vtn-scene';
import { reportSchema } from './testing/wire-schemas';

let scene: VtnScene;
let home: { readonly key: { readonly address: string }; readonly token: string };

beforeEach(async () => {
  scene = new VtnScene();
  await scene.start();
  home = await scene.prosumer('home-1');
  scene.ledger.eventRows.push(eventRow(home.key.address, { kind: 'SIMPLE', level: 2 }));
});
afterEach(() => scene.close());

/** A report with the same payloads in one interval. */
function report(payloads: readonly unknown[], changes: object = {}): object {
  const resources = [{ resourceName: 'boiler', intervals: [{ id: 0, payloads }] }];
  return { objectType: 'REPORT', eventID: EVENT, clientName: 'home-1', resources, ...changes };
}
const state = (value: string) => report([{ type: 'OPERATING_STATE', values: [value] }]);
const usage = report([
  { type: 'USAGE', values: [0.25] },
  { type: 'DATA_QUALITY', values: ['OK'] },
]);
const post = (body: object, token = home.token) => scene.send('POST', '/reports', token, body);
const transactions = () => scene.ledger.sent.map(({ transaction }) => transaction);
const refusal = (code: string) =>
  new RuleRejected(
    { code, sentence: 'The event has begun.', details: {}, transient: false, broken: false },
    failure('endorse', 2, ''),
  );

test('a VEN opts out by its report: the custodial key of its prosumer signs', async () => {
  const { body, status } = await post(state('RUNNING_OPTED_OUT'));
  expect(status).toBe(201);
  expect(reportSchema.parse(body)).toMatchObject({ eventID: EVENT, clientName: 'home-1' });
  expect(scene.ledger.sent).toMatchObject([
    { transaction: 'optOut', request: { transaction: 'optOut', reason: 'DECLINED', eventId: EVENT } },
  ]);
});

test.each([
  ['IDLE_OPTED_OUT', 'optOut'],
  ['ERROR', 'optOut'],
  ['SGD_ERROR_CONDITION', 'optOut'],
  ['RUNNING_CURTAILED', 'optIn'],
  ['IDLE_HEIGHTENED', 'optIn'],
  ['NORMAL', 'acknowledgeEvent'],
] as const)('a resource that is %s before the event means %s', async (value, transaction) => {
  await post(state(value));
  expect(transactions()).toEqual([transaction]);
});

test('who follows an event that has begun does not opt in by it, and an event that is closed is not answered', async () => {
  scene.ledger.slot = FIRST_SLOT;
  await post(state('RUNNING_CURTAILED'));
  scene.ledger.eventRows.splice(0, 1, eventRow(home.key.address, { kind: 'SIMPLE', level: 2 }, { state: 'COMPLETED' }));
  await post(state('RUNNING_OPTED_OUT'));
  expect(transactions()).toEqual(['acknowledgeEvent']);
});

test('readings are kept with their quality, and the aggregator of the event reads them', async () => {
  const { body } = await post(usage);
  const { token } = await scene.logIn({ kind: 'business', name: 'aggregator', participantId: AGGREGATOR });
  for (const reader of [home.token, token]) {
    expect((await scene.get('/reports', reader)).body).toEqual([body]);
    expect((await scene.get(`/reports/${body.id}`, reader)).body).toEqual(body);
  }
  const found = async (query: string) => (await scene.get(`/reports?${query}`, token)).body.length;
  expect(await found(`eventID=${EVENT}&programID=${PROGRAMME}&clientName=home-1`)).toBe(1);
  expect([await found('eventID=x'), await found('programID=x'), await found('clientName=x')]).toEqual([0, 0, 0]);
  expect(body.resources[0].intervals[0].payloads[0]).toEqual({ type: 'USAGE', values: [0.25] });
});

test('a report that is sent twice, also at once, is one report with one effect', async () => {
  const [first, second] = await Promise.all([post(state('IDLE_OPTED_OUT')), post(state('IDLE_OPTED_OUT'))]);
  const third = await post(state('IDLE_OPTED_OUT'));
  expect([first.status, second.status, third.status]).toEqual([201, 201, 201]);
  expect(new Set([first.body.id, second.body.id, third.body.id]).size).toBe(1);
  expect(scene.ledger.sent).toHaveLength(1);
});

test('what the ledger refuses is a conflict, and is not kept', async () => {
  scene.ledger.failures.push(refusal('FLEX_EVENT_BEGUN'));
  const { body, status } = await post(state('RUNNING_OPTED_OUT'));
  expect([status, body.detail]).toEqual([409, 'FLEX_EVENT_BEGUN: The event has begun.']);
  expect((await scene.get('/reports', home.token)).body).toEqual([]);
});

test('while the ledger does not answer, the same report finishes the same signed command', async () => {
  const unavailable = () => new Unavailable({ code: 'LEDGER_UNAVAILABLE', message: 'no peer answers' });
  scene.ledger.failures.push(unavailable(), unavailable());
  const refused = await post(state('RUNNING_OPTED_OUT'));
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect((await post(state('RUNNING_OPTED_OUT'))).status).toBe(503);
  expect((await post(state('RUNNING_OPTED_OUT'))).status).toBe(201);
  expect(scene.ledger.sent).toHaveLength(1);
});

test('a process that is killed between disk and ledger finishes the report when it comes back', async () => {
  scene.ledger.failures.push(new Unavailable({ code: 'LEDGER_UNAVAILABLE', message: 'no peer answers' }));
  await post(state('RUNNING_OPTED_OUT'));
  await scene.end();
  await scene.start();
  expect(transactions()).toEqual(['optOut']);
});

test('where no key is held, or its prosumer is not custodial, only its own agent opts out; readings pass', async () => {
  const other = await scene.prosumer('home-2', false);
  const row = eventRow(other.key.address, { kind: 'SIMPLE', level: 2 }, { eventId: idOf('event2') });
  scene.ledger.eventRows.push(row);
  const about = { eventID: idOf('event2') };
  const { body, status } = await post({ ...state('RUNNING_OPTED_OUT'), ...about }, other.token);
  expect([status, body.detail]).toEqual([403, expect.stringContaining('its own agent signs')]);
  expect((await post({ ...usage, ...about }, other.token)).status).toBe(201);
  expect(scene.ledger.sent).toEqual([]);
});

test('a key that is not the one on the ledger signs nothing', async () => {
  scene.keys.set('home-1', (await scene.prosumer('home-3')).key);
  const { body, status } = await post(state('RUNNING_OPTED_OUT'));
  expect([status, body.detail]).toEqual([403, expect.stringContaining('not its key on the ledger')]);
});

test("nobody reports about another one's event, reads another one's report, or reports as business logic", async () => {
  const { body } = await post(usage);
  const other = await scene.prosumer('home-2');
  expect((await post(usage, other.token)).status).toBe(409);
  expect((await scene.get(`/reports/${body.id}`, other.token)).status).toBe(404);
  expect((await scene.send('DELETE', `/reports/${body.id}`, other.token)).status).toBe(404);
  const { token } = await scene.logIn({ kind: 'business', name: 'aggregator', participantId: AGGREGATOR });
  expect((await post(usage, token)).status).toBe(403);
});

test('a VEN replaces its report, which may answer the event, and deletes it', async () => {
  const { body } = await post(usage);
  const place = `/reports/${body.id}`;
  scene.nowMs += 60_000;
  const replaced = await scene.send('PUT', place, home.token, state('IDLE_OPTED_OUT'));
  expect(replaced.status).toBe(200);
  expect(replaced.body).toMatchObject({ id: body.id, createdDateTime: body.createdDateTime });
  expect(replaced.body.modificationDateTime).toBe('2026-07-01T12:01:00Z');
  expect(transactions()).toEqual(['acknowledgeEvent', 'optOut']);
  scene.ledger.eventRows.splice(0, 1, eventRow(home.key.address, { kind: 'SIMPLE', level: 2 }));
  scene.ledger.failures.push(refusal('FLEX_EVENT_BEGUN'));
  expect((await scene.send('PUT', place, home.token, state('ERROR'))).status).toBe(409);
  expect((await scene.get(place, home.token)).body).toEqual(replaced.body);
  expect((await scene.send('DELETE', place, home.token)).status).toBe(200);
  expect((await scene.get(place, home.token)).status).toBe(404);
});

test.each([
  [{ ...usage, eventID: 'a/b' }, 'eventID'],
  [{ ...usage, clientName: undefined }, 'clientName'],
  [{ ...usage, resources: 'x' }, 'resources'],
  [report([{ type: 'USAGE', values: [-1] }]), 'resources.0.intervals.0.payloads.0.values'],
  [report([{ type: 'DATA_QUALITY', values: ['GOOD'] }]), 'resources.0.intervals.0.payloads.0.values'],
  [state('OPTED_OUT'), 'resources.0.intervals.0.payloads.0.values'],
])('a report %# that the standard does not allow is refused with its member named', async (body, member) => {
  const answer = await post(body);
  expect([answer.status, answer.body.detail]).toEqual([400, expect.stringContaining(`${member}: `)]);
});

test('a report about a volt-var curve is kept and answers nothing; one that declines it is refused', async () => {
  scene.ledger.supportRows.push(supportRow(home.key.address));
  const about = { eventID: idOf('supp0rt') };
  expect((await post({ ...usage, ...about })).status).toBe(201);
  expect((await post({ ...state('IDLE_OPTED_OUT'), ...about })).status).toBe(409);
  expect(scene.ledger.sent).toEqual([]);
});

test('payload types of others pass as they are', async () => {
  const own = report([{ type: 'INDOOR_TEMPERATURE', values: [20.5] }]);
  const { body, status } = await post(own);
  expect([status, body.resources]).toEqual([201, (own as { resources: unknown }).resources]);
});
