import { siteReportCodec, type SlotSpan } from '@flexledger/domain';
import { SigningKey } from '../client/keys';
import { RuleRejected, Unavailable } from '../client/errors';
import { failure } from '../client/testing/memory-ledger';
import {
  CURRENT_SLOT,
  enrolmentRow,
  EVENT,
  eventRow,
  idOf,
  METER,
  meterRow,
  programmeRow,
} from './testing/memory-flexibility';
import { VtnScene } from './testing/vtn-scene';

/** The first of two quarter hours that are over: 23:30 of the day before. */
const START_SLOT = CURRENT_SLOT - 2;
const START = new Date(START_SLOT * 900_000).toISOString();
const ASSET = idOf('asset');

let scene: VtnScene;
let home: { readonly key: SigningKey; readonly token: string };
let meterKey: SigningKey;

beforeEach(async () => {
  scene = new VtnScene();
  await scene.start();
  home = await scene.prosumer('home-1');
  meterKey = SigningKey.generate();
  const { ledger } = scene;
  ledger.programmeRows.push(programmeRow());
  ledger.enrolmentRows.push(enrolmentRow(home.key.address, ASSET));
  ledger.eventRows.push(eventRow(home.key.address, { kind: 'SIMPLE', level: 2 }, { state: 'ACKNOWLEDGED' }));
  ledger.meterRows.push(meterRow(home.key.address, meterKey));
  scene.meterKeys.set(METER, meterKey);
});
afterEach(() => scene.close());

interface Told {
  readonly type?: string;
  readonly values?: readonly number[];
  readonly resourceName?: string;
  readonly more?: readonly object[];
  readonly intervalPeriod?: object | undefined;
  readonly payloadDescriptors?: readonly object[];
}

/** A report of one resource with one value in each quarter hour from the first. */
function report(told: Told = {}): object {
  const { more = [], resourceName = ASSET, type = 'USAGE', values = [0.25, 0.5], ...fields } = told;
  const { intervalPeriod = { start: START, duration: 'PT15M' }, payloadDescriptors } = fields;
  const intervals = values.map((value, id) => ({ id, payloads: [{ type, values: [value] }, ...more] }));
  return {
    objectType: 'REPORT',
    eventID: EVENT,
    clientName: 'home-1',
    ...(payloadDescriptors === undefined ? {} : { payloadDescriptors }),
    resources: [{ resourceName, intervalPeriod, intervals }],
  };
}

const post = (body: object, token = home.token) => scene.send('POST', '/reports', token, body);
const outcome = async (body: object) => {
  const { headers, status } = await post(body);
  return [status, headers.get('flexledger-on-ledger'), headers.get('flexledger-kept')];
};
const filed = () =>
  scene.ledger.sent
    .filter(({ transaction }) => transaction === 'fileSiteReport')
    .map(({ confidential }) => siteReportCodec.decode(confidential ?? null, ''));

test.each([
  ['USAGE', [0.25, 0.5], [250n, 500n]],
  ['DEMAND', [1, 0.0021], [250n, 1n]],
] as const)('%s of a resource is filed by the key of its meter, in whole Wh', async (type, values, importWh) => {
  expect(await outcome(report({ type, values }))).toEqual([201, 'fileSiteReport', null]);
  const devices = [{ assetId: ASSET, importWh, exportWh: [0n, 0n] }];
  expect(filed()).toMatchObject([{ meterId: METER, keyVersion: 1, startSlot: START_SLOT, slots: 2, devices }]);
  expect((await scene.get('/reports', home.token)).body).toHaveLength(1);
});

test('each quarter hour may have its own time, and what a resource gave has a type of its own', async () => {
  const intervals = [1, 0].map((index) => ({
    id: index,
    intervalPeriod: { start: new Date((START_SLOT + index) * 900_000).toISOString(), duration: 'PT900S' },
    payloads: [
      { type: 'USAGE', values: [0] },
      { type: 'EXPORT_USAGE', values: [index + 1] },
    ],
  }));
  const resources = [{ resourceName: ASSET, intervals }];
  await post({ ...report(), resources });
  expect(filed()[0]?.devices).toEqual([{ assetId: ASSET, importWh: [0n, 0n], exportWh: [1_000n, 2_000n] }]);
});

test.each<[string, Told]>([
  ['a resource is no enrolled asset', { resourceName: 'boiler' }],
  ['the intervals are not quarter hours of the ledger', { intervalPeriod: {} }],
  ['the intervals are not quarter hours of the ledger', { intervalPeriod: { start: START, duration: 'PT5M' } }],
  ['a READING is a point in time, and no energy of a quarter hour', { type: 'READING' }],
  ['a quarter hour is not over yet', { values: [1, 1, 1] }],
  ['the quality is not OK', { more: [{ type: 'DATA_QUALITY', values: ['ESTIMATED'] }] }],
  [
    'what was taken is not said of every quarter hour as measured in kWh or kW',
    {
      payloadDescriptors: [
        { objectType: 'REPORT_PAYLOAD_DESCRIPTOR', payloadType: 'USAGE', readingType: 'FORECAST', units: 'KWH' },
      ],
    },
  ],
])('what cannot be told for certain is kept and not filed: %s', async (reason, told) => {
  expect(await outcome(report(told))).toEqual([201, 'nothing', reason]);
  expect(scene.ledger.sent).toEqual([]);
  expect((await scene.get('/reports', home.token)).body).toHaveLength(1);
});

test('of a generator a report says how much it gave, or is kept', async () => {
  const [row] = scene.ledger.enrolmentRows;
  const [asset] = row!.assets;
  scene.ledger.enrolmentRows.splice(0, 1, { ...row!, assets: [{ ...asset!, kind: 'pv' }] });
  expect((await outcome(report()))[2]).toMatch(/^what was given is not said/);
  await post(report({ more: [{ type: 'EXPORT_USAGE', values: [2] }] }));
  expect(filed()[0]?.devices[0]).toMatchObject({ exportWh: [2_000n, 2_000n] });
});

const unsigned = 'no key of the meter of a resource is kept here';
test.each<[string, string, () => void]>([
  ['no key of its meter is kept here', unsigned, () => scene.meterKeys.clear()],
  ['the key is another one', unsigned, () => scene.meterKeys.set(METER, SigningKey.generate())],
  [
    'the meter is somebody else’s',
    unsigned,
    () => scene.ledger.meterRows.splice(0, 1, meterRow(SigningKey.generate().address, meterKey)),
  ],
  [
    'the prosumer is not custodial',
    "the prosumer's own agent reports from the site",
    () => {
      const row = scene.ledger.participantRows.get(home.key.address)!;
      scene.ledger.participantRows.set(home.key.address, { ...row, custodial: false });
    },
  ],
])('nothing is signed where %s', async (_why, reason, change) => {
  change();
  expect(await outcome(report())).toEqual([201, 'nothing', reason]);
  expect(scene.ledger.sent).toEqual([]);
});

test('a report from the site that the ledger refuses is kept; one that it does not answer to is finished later', async () => {
  const record = { code: 'FLEX_REPORT_EXISTS', sentence: 'It exists.', details: {}, transient: false, broken: false };
  scene.ledger.failures.push(new RuleRejected(record, failure('endorse', 2, '')));
  const refused = [201, 'nothing', 'fileSiteReport is refused: FLEX_REPORT_EXISTS'];
  expect(await outcome(report())).toEqual(refused);
  expect(await outcome(report())).toEqual(refused);
  scene.ledger.failures.push(new Unavailable({ code: 'LEDGER_UNAVAILABLE', message: 'no peer answers' }));
  expect((await post(report({ values: [1] }))).status).toBe(503);
  await scene.end();
  await scene.start();
  expect(filed()).toMatchObject([{ slots: 1 }]);
});

const times = (from: number) => ({
  start: new Date((CURRENT_SLOT + from) * 900_000).toISOString(),
  duration: 'PT15M',
});
const availability = (values: readonly number[], from = 4, type = 'UP_REGULATION_AVAILABLE') =>
  report({ type, values, intervalPeriod: times(from) });
const span = (from: number, to: number) => ({ fromSlot: CURRENT_SLOT + from, toSlot: CURRENT_SLOT + to });

test('where no asset has power for a call, its prosumer says that it cannot be called', async () => {
  expect(await outcome(availability([0, 0, 2.5, 0]))).toEqual([201, 'setAvailability', null]);
  const unavailable = [span(4, 5), span(7, 7)];
  expect(scene.ledger.sent).toMatchObject([{ transaction: 'setAvailability', request: { unavailable } }]);
});

test('what was said before stands for other quarter hours, and the same again is not said', async () => {
  const [row] = scene.ledger.enrolmentRows;
  const unavailable = [span(-9, -5), span(2, 9)] as unknown as readonly SlotSpan[];
  scene.ledger.enrolmentRows.splice(0, 1, { ...row!, unavailable });
  await post(availability([3, 3, 0]));
  expect(scene.ledger.sent[0]?.request['unavailable']).toEqual([span(2, 3), span(6, 9)]);
  scene.ledger.enrolmentRows.splice(0, 1, row!);
  expect(await outcome(availability([1]))).toEqual([201, 'nothing', null]);
});

test('availability in the other direction, of the past or without a key is kept', async () => {
  const uncounted = 'availability counts where every enrolled asset tells it of a quarter hour to come';
  expect(await outcome(availability([0], 4, 'DOWN_REGULATION_AVAILABLE'))).toEqual([201, 'nothing', uncounted]);
  expect(await outcome(availability([0], -4))).toEqual([201, 'nothing', uncounted]);
  const row = scene.ledger.participantRows.get(home.key.address)!;
  scene.ledger.participantRows.set(home.key.address, { ...row, custodial: false });
  const reason = "the prosumer's own agent says when it can be called";
  expect(await outcome(availability([0, 0]))).toEqual([201, 'nothing', reason]);
  expect(scene.ledger.sent).toEqual([]);
});
