import {
  AGGREGATOR,
  CURRENT_SLOT,
  enrolmentRow,
  EVENT,
  eventRow,
  FIRST_SLOT,
  idOf,
  OTHER_AGGREGATOR,
  OTHER_PROGRAMME,
  PROGRAMME,
  programmeRow,
  supportRow,
} from './testing/memory-flexibility';
import { VtnScene } from './testing/vtn-scene';
import { eventSchema, problemSchema, programSchema, resourceSchema, venSchema } from './testing/wire-schemas';

let scene: VtnScene;
let home: { readonly key: { readonly address: string }; readonly token: string };
let neighbour: typeof home;

beforeEach(async () => {
  scene = new VtnScene();
  await scene.start();
  home = await scene.prosumer('home-1');
  neighbour = await scene.prosumer('home-2');
  const { ledger } = scene;
  ledger.programmeRows.push(programmeRow(), programmeRow(OTHER_PROGRAMME, OTHER_AGGREGATOR, 'Noon'));
  ledger.enrolmentRows.push(
    enrolmentRow(home.key.address, idOf('asset1')),
    enrolmentRow(neighbour.key.address, idOf('asset2')),
  );
  ledger.eventRows.push(eventRow(home.key.address, { kind: 'SIMPLE', level: 2 }));
});
afterEach(() => scene.close());

const idsOf = (body: readonly { readonly id: string }[]) => body.map(({ id }) => id);
const businessOf = (participantId: string, name: string) => scene.logIn({ kind: 'business', name, participantId });

test('a VEN reads the programmes in which it is enrolled, and no other', async () => {
  const { body, status } = await scene.get('/programs', home.token);
  expect([status, idsOf(body)]).toEqual([200, [PROGRAMME]]);
  const program = programSchema.parse(body[0]);
  expect(program).toMatchObject({ programName: 'Evening peak', targets: [PROGRAMME] });
  expect(program.intervalPeriod).toEqual({ start: '2026-06-21T00:00:00Z', duration: 'P30D' });
  expect((await scene.get(`/programs/${PROGRAMME}`, home.token)).body).toEqual(body[0]);
  const { body: problem, status: refused } = await scene.get(`/programs/${OTHER_PROGRAMME}`, home.token);
  expect([refused, problemSchema.parse(problem).status]).toEqual([404, 404]);
});

test('programmes of one name are told apart by their ids', async () => {
  scene.ledger.programmeRows.push(programmeRow(idOf('tw1n')));
  const { body } = await scene.get('/programs', home.token);
  expect(body[0].programName).toBe(`Evening peak (${PROGRAMME})`);
});

test('a VEN reads the events of its own prosumer, and nobody else does', async () => {
  const { body } = await scene.get('/events', home.token);
  const event = eventSchema.parse(body[0]);
  expect(event).toMatchObject({ id: EVENT, programID: PROGRAMME, targets: [home.key.address] });
  expect(event.intervals.map(({ id }) => id)).toEqual([0, 1, 2, 3]);
  expect(event.intervals[1]).toEqual({
    id: 1,
    intervalPeriod: { start: '2026-06-21T04:15:00Z', duration: 'PT15M' },
    payloads: [{ type: 'SIMPLE', values: [2] }],
  });
  expect(await scene.get(`/events/${EVENT}`, home.token)).toMatchObject({ status: 200, body: { id: EVENT } });
  expect((await scene.get('/events', neighbour.token)).body).toEqual([]);
  expect(await scene.get(`/events/${EVENT}`, neighbour.token)).toMatchObject({ status: 404 });
  expect((await scene.get(`/events?targets=${home.key.address}`, neighbour.token)).body).toEqual([]);
});

test.each([
  [
    { kind: 'DISPATCH_SETPOINT', values: [{ slot: FIRST_SLOT, importW: 0n, exportW: 1_250n }] },
    [
      { type: 'DISPATCH_SETPOINT', values: [0] },
      { type: 'EXPORT_SETPOINT', values: [1.25] },
    ],
  ],
  [
    { kind: 'DISPATCH_SETPOINT', values: [{ slot: FIRST_SLOT, importW: 2_001n, exportW: 0n }] },
    [{ type: 'DISPATCH_SETPOINT', values: [2.001] }],
  ],
  [
    { kind: 'IMPORT_CAPACITY_LIMIT', values: [{ slot: FIRST_SLOT, powerW: 3_000n }] },
    [{ type: 'IMPORT_CAPACITY_LIMIT', values: [3] }],
  ],
  [
    { kind: 'EXPORT_CAPACITY_LIMIT', values: [{ slot: FIRST_SLOT, powerW: 0n }] },
    [{ type: 'EXPORT_CAPACITY_LIMIT', values: [0] }],
  ],
  [{ kind: 'PRICE', priceMicroPerKwh: 123_456n }, [{ type: 'PRICE', values: [0.123456] }]],
] as const)('a signal %p goes out in the units of the standard, no power below zero', async (signal, payloads) => {
  scene.ledger.eventRows.splice(0, 1, eventRow(home.key.address, signal));
  const { body } = await scene.get('/events', home.token);
  const event = eventSchema.parse(body[0]);
  expect(event.intervals[0]?.payloads).toEqual(payloads);
  expect(event.payloadDescriptors[0]).toMatchObject(
    signal.kind === 'PRICE' ? { units: 'KWH', currency: 'EUR' } : { units: 'KW' },
  );
});

test('an event has the priority of its class in the rule set, 0 for the highest, and a programme the currency of its prices', async () => {
  const priority = async () => eventSchema.parse((await scene.get(`/events/${EVENT}`, home.token)).body).priority;
  expect(await priority()).toBe(79);
  scene.ledger.terms = { currency: 'CHF', eventRank: 99 };
  expect(await priority()).toBe(0);
  const { body } = await scene.get('/programs', home.token);
  const [program] = programSchema.array().parse(body);
  expect(program?.payloadDescriptors).toContainEqual({
    objectType: 'EVENT_PAYLOAD_DESCRIPTOR',
    payloadType: 'PRICE',
    units: 'KWH',
    currency: 'CHF',
  });
});

test('voltage support is an event with a curve of V and kvar, injection above zero', async () => {
  scene.ledger.eventRows.length = 0;
  scene.ledger.supportRows.push(supportRow(home.key.address));
  const { body } = await scene.get('/events', home.token);
  const event = eventSchema.parse(body[0]);
  expect(event).toMatchObject({ id: idOf('supp0rt'), payloadDescriptors: [{ payloadType: 'CURVE', units: 'KVAR' }] });
  const values = [
    { x: 218.5, y: 4 },
    { x: 230, y: 0 },
    { x: 242, y: -2.5 },
  ];
  expect(event.intervals).toEqual([
    {
      id: 0,
      intervalPeriod: { start: '2026-06-21T04:00:00Z', duration: 'PT1H' },
      payloads: [{ type: 'CURVE', values }],
    },
  ]);
  expect((await scene.get('/events', neighbour.token)).body).toEqual([]);
  const { token } = await businessOf(AGGREGATOR, 'aggregator');
  expect((await scene.get('/events', token)).body).toHaveLength(1);
});

test('an event that was cancelled or never signalled is not told any more', async () => {
  const row = eventRow(home.key.address, { kind: 'SIMPLE', level: 1 });
  scene.ledger.eventRows.splice(
    0,
    1,
    { ...row, state: 'CANCELLED' },
    { ...row, signal: undefined, state: 'FAILED' },
    { ...row, eventId: idOf('declined'), state: 'OPTED_OUT' },
  );
  expect(idsOf((await scene.get('/events', home.token)).body)).toEqual([idOf('declined')]);
});

test('active events are those that are not over; a programme narrows them', async () => {
  const past = { eventId: idOf('past'), firstSlot: CURRENT_SLOT - 8, lastSlot: CURRENT_SLOT - 1 };
  scene.ledger.eventRows.push(eventRow(home.key.address, { kind: 'SIMPLE', level: 1 }, past));
  const ids = async (query: string) => idsOf((await scene.get(`/events?${query}`, home.token)).body);
  expect(await ids('active=true')).toEqual([EVENT]);
  expect(await ids('active=false')).toEqual([EVENT, idOf('past')]);
  expect(await ids(`programID=${PROGRAMME}`)).toHaveLength(2);
  expect(await ids(`programID=${OTHER_PROGRAMME}`)).toEqual([]);
});

test('lists go by pages of at most 50', async () => {
  scene.ledger.eventRows.splice(0, 1);
  for (let index = 0; index < 60; index += 1) {
    const eventId = idOf(`e${String(index).padStart(2, '0')}`);
    scene.ledger.eventRows.push(eventRow(home.key.address, { kind: 'SIMPLE', level: 1 }, { eventId }));
  }
  const ids = async (query: string) => idsOf((await scene.get(`/events?${query}`, home.token)).body);
  expect(await ids('')).toHaveLength(50);
  expect(await ids('skip=50')).toHaveLength(10);
  expect(await ids('skip=58&limit=1')).toEqual([idOf('e58')]);
  expect(await ids('limit=0')).toEqual([]);
});

test.each(['limit=51', 'limit=-1', 'limit=x', 'skip=1&skip=2', 'active=yes', 'programID=a%2Fb', 'targets='])(
  'a query %s is refused with its member named',
  async (query) => {
    const { body, status } = await scene.get(`/events?${query}`, home.token);
    expect(status).toBe(400);
    expect(problemSchema.parse(body).detail).toContain(query.slice(0, query.indexOf('=')));
  },
);

test('targets narrow what a VEN may read and never widen it, and it learns no target that is not its own', async () => {
  const ids = async (query: string, token: string) => idsOf((await scene.get(`/programs?${query}`, token)).body);
  expect(await ids(`targets=${PROGRAMME}&targets=else`, home.token)).toEqual([PROGRAMME]);
  expect(await ids('targets=else', home.token)).toEqual([]);
  expect(await ids(`targets=${OTHER_PROGRAMME}`, home.token)).toEqual([]);
});

test('a VEN reads itself and its assets, and nobody else', async () => {
  const { body: vens } = await scene.get('/vens', home.token);
  expect(venSchema.array().parse(vens)).toMatchObject([
    { id: home.key.address, venName: 'home-1', targets: [home.key.address, PROGRAMME] },
  ]);
  const { body: resources } = await scene.get('/resources', home.token);
  expect(resourceSchema.array().parse(resources)).toMatchObject([{ id: idOf('asset1'), venID: home.key.address }]);
  expect(await scene.get(`/vens/${neighbour.key.address}`, home.token)).toMatchObject({ status: 404 });
  expect(await scene.get(`/resources/${idOf('asset2')}`, home.token)).toMatchObject({ status: 404 });
  expect((await scene.get('/vens?venName=home-2', home.token)).body).toEqual([]);
  expect((await scene.get('/vens?venName=home-1', home.token)).body).toHaveLength(1);
  expect((await scene.get(`/resources?resourceName=${idOf('asset1')}`, home.token)).body).toHaveLength(1);
  expect((await scene.get(`/resources?venID=${neighbour.key.address}`, home.token)).body).toEqual([]);
});

test('the business logic of an aggregator reads its own programmes with their VENs and events, and those of no other one', async () => {
  const own = await businessOf(AGGREGATOR, 'aggregator');
  expect(idsOf((await scene.get('/programs', own.token)).body)).toEqual([PROGRAMME]);
  expect(idsOf((await scene.get('/events', own.token)).body)).toEqual([EVENT]);
  expect((await scene.get('/vens', own.token)).body).toHaveLength(2);
  expect((await scene.get('/vens?venName=home-2', own.token)).body).toHaveLength(1);
  expect((await scene.get('/resources', own.token)).body).toHaveLength(2);
  const other = await businessOf(OTHER_AGGREGATOR, 'other aggregator');
  expect(idsOf((await scene.get('/programs', other.token)).body)).toEqual([OTHER_PROGRAMME]);
  for (const place of ['/events', '/vens', '/resources', '/reports']) {
    expect((await scene.get(place, other.token)).body).toEqual([]);
  }
});

test('an object keeps its times until it changes', async () => {
  const times = async () => {
    const { createdDateTime, modificationDateTime } = (await scene.get(`/events/${EVENT}`, home.token)).body;
    return [createdDateTime, modificationDateTime];
  };
  expect(await times()).toEqual(['2026-07-01T12:00:00Z', '2026-07-01T12:00:00Z']);
  scene.nowMs += 60_000;
  expect(await times()).toEqual(['2026-07-01T12:00:00Z', '2026-07-01T12:00:00Z']);
  scene.ledger.eventRows.splice(0, 1, eventRow(home.key.address, { kind: 'SIMPLE', level: 3 }));
  expect(await times()).toEqual(['2026-07-01T12:00:00Z', '2026-07-01T12:01:00Z']);
});

test.each(['/programs', '/events', '/vens', '/resources'])(
  'what stands on the ledger is not written at %s',
  async (place) => {
    const { token } = await businessOf(AGGREGATOR, 'aggregator');
    for (const [method, path] of [
      ['POST', place],
      ['PUT', `${place}/x`],
      ['DELETE', `${place}/x`],
    ] as const) {
      const body = method === 'DELETE' ? undefined : {};
      const refused = await scene.send(method, path, token, body);
      expect(refused.status).toBe(403);
      expect(problemSchema.parse(refused.body).detail).toMatch(/flexledger openadr client add|flexibility:/);
      expect((await scene.send(method, path, undefined, body)).status).toBe(401);
    }
  },
);

test('there are no subscriptions and no notifiers, and other paths are unknown', async () => {
  for (const place of ['/subscriptions', '/subscriptions/x', '/notifiers', '/notifiers/mqtt/topics/programs']) {
    expect((await scene.get(place, home.token)).status).toBe(501);
    expect((await scene.get(place)).status).toBe(401);
  }
  expect((await scene.send('POST', '/subscriptions', home.token, {})).status).toBe(501);
  const { body, status } = await scene.get('/else', home.token);
  expect([status, problemSchema.parse(body).status]).toEqual([404, 404]);
});

test('the log has one line per request, without query, headers or body', async () => {
  scene.lines.length = 0;
  await scene.get('/events?limit=1', home.token);
  expect(scene.lines).toHaveLength(1);
  expect(scene.lines[0]).toMatchObject({ method: 'GET', path: '/openadr3/3.1.0/events', status: 200 });
  expect(JSON.stringify(scene.lines)).not.toContain(home.token);
});
