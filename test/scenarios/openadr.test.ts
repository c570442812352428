import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exampleFlexibilityRules,
  exampleMeter,
  slotsPerDay,
  type AssetId,
  type FlexOrderId,
  type JsonObject,
  type JsonValue,
  type MeterId,
  type ProgrammeId,
  type ResponseAt,
  type SubmitName,
} from '@flexledger/domain';
import { deriveBytes, deriveId, signCommand, SigningKey } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openParty, submitPlain, type Party } from '../faults/party';
import { commandIdOf, registerTraders } from '../faults/scene';
import { runVen, type VenLogin } from './support/openadr-ven';
import { openScenario } from './support/scenario-network';
import { TrickScene } from './support/trick-scene';

/*
 * Demand response for a home that knows nothing of the ledger, from the programme to what it reports: an order becomes the home's event, its VEN
 * reads that from the VTN, declines it, and reports what it took and when it cannot be called. The VEN is the Python package openadr3 where that
 * is installed (OPENADR_PYTHON), and a plain client of HTTP elsewhere. The embedded Fabric by default; NETWORK=native does it on real Fabric.
 */

const PROGRAM = join(__dirname, '..', '..', 'gateway-app', 'dist', 'cli.js');
const SEED = 'openadr';
const TIME_ZONE = 'Africa/Abidjan';
const METER = deriveId(SEED, 'meter') as MeterId;
const ASSET = deriveId(SEED, 'asset') as AssetId;

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-openadr-'));
const data = join(folder, 'vtn');
let handle: NetworkHandle;
let scene: TrickScene;
let aggregator: Party;
let aggregatorKey: SigningKey;
let home: SigningKey;
let login: VenLogin;
let vtn: ChildProcess | undefined;
/** The last slot that has begun, the first one of the day of the event, and the event's first one: 18:00. */
let clockSlot: number;
let periodSlot: number;
let peakSlot: number;

beforeAll(async () => {
  handle = await openScenario(folder, 33);
  scene = await TrickScene.create(handle, folder, SEED, {
    flexibility: { ...exampleFlexibilityRules, timeZone: TIME_ZONE, prognosisRequired: false },
    priorityClasses: [{ name: 'grid', rank: 40, purposes: ['flexibility'] }],
  });
  aggregator = await openParty(handle, { organization: 'Aggregator', identity: 'aggregator' }, join(folder, 'agg'));
  const trader = { ...scene.trader('agg'), kind: 'aggregator' as const };
  aggregatorKey = trader.key;
  await registerTraders(aggregator, handle.channelName, SEED, 'agg', [trader]);
  const { clock } = await scene.party('dso').ledger.evaluate('registry', 'getClock', {});
  clockSlot = clock?.lastSlot ?? 0;
  periodSlot = (Math.floor(clockSlot / slotsPerDay) + 2) * slotsPerDay;
  peakSlot = periodSlot + 72;
  await openHome();
});

afterAll(async () => {
  if (vtn?.kill('SIGINT') === true) await once(vtn, 'exit');
  await aggregator?.close();
  await scene?.close();
  await handle?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const place = () => ['--topology', join(folder, 'consortium.yaml'), '--crypto', handle.cryptoDirectory];

/** `flexledger ...` in a process of its own; answers the lines that it has printed. */
function flexledger(...parameters: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [PROGRAM, ...parameters], (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim().split('\n'));
      else reject(new Error(`${stdout}${stderr}`));
    });
  });
}

/** A custodial home with its meter and heating, all of whose keys are with the VTN, which then serves. */
async function openHome(): Promise<void> {
  const added = await flexledger('openadr', 'client', 'add', 'home-1', '--key', 'home-1', '--data', data);
  const [, , , id = '', secret = ''] = added.map((line) => line.split(/\s+/).at(-1) ?? '');
  await flexledger('openadr', 'register', 'home-1', '--limit', '10000', '--data', data, ...place());
  home = SigningKey.fromPem(readFileSync(join(data, 'keys', 'home-1.pem'), 'utf8'));
  const [publicKey = ''] = await flexledger('meter', 'keys', METER, '--keys', join(data, 'meter-keys'));
  const meter = { ...exampleMeter, meterId: METER, participantId: home.address, firstSlot: clockSlot - 8, publicKey };
  const salt = deriveBytes(SEED, 'identity-salt', 16).toString('base64url');
  const identity = { meterId: METER, meteringPoint: 'HOME-1', salt };
  const dso = scene.party('dso');
  await send(dso, 'registry', 'registerMeters', { meters: [meter] }, [identity]);
  await send(dso, 'registry', 'commissionMeters', { meterIds: [METER], reason: 'installed' });
  const asset = { assetId: ASSET, participantId: home.address, meterId: METER, kind: 'heat-pump', phases: 3 };
  const assets = [{ ...asset, gridId: 'rural-1', bus: 'bus-2', ratedPowerW: '6000' }];
  await send(aggregator, 'registry', 'registerAssets', { assets });
  await send(dso, 'registry', 'commissionAssets', { assetIds: [ASSET], reason: 'installed' });
  login = { base: await serve(), id, secret };
}

/** Starts the VTN; answers its address. */
function serve(): Promise<string> {
  const child = spawn(process.execPath, [PROGRAM, 'openadr', 'vtn', '--port', '0', '--data', data, ...place()]);
  vtn = child;
  return new Promise((resolve, reject) => {
    let said = '';
    const hear = (part: Buffer): void => {
      said += part.toString();
      const address = /listens on (\S+);/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', () => reject(new Error(said)));
  });
}

type Contract = 'registry' | 'flexibility';

/** Sends a command that no participant signs, and waits until every party's peer has it. */
async function send<C extends Contract, N extends SubmitName<C>>(
  party: Party,
  contract: C,
  transaction: N,
  fields: object,
  confidential?: JsonValue,
): Promise<ResponseAt<C, N>> {
  const commandId = commandIdOf(SEED, `${transaction} once`);
  const more = confidential === undefined ? {} : { confidential };
  const request = { commandId, ...fields } as JsonObject;
  const { response, transactionId } = await submitPlain(party, contract, transaction, request, more);
  const parties = [aggregator, ...(['dso', 'community', 'market', 'tso'] as const).map((role) => scene.party(role))];
  await Promise.all(parties.map(({ ledger }) => ledger.awaitTransaction(transactionId)));
  return response;
}

/** Sends a command of the contract `flexibility` that a participant signs. */
function sendSigned<N extends SubmitName<'flexibility'>>(
  party: Party,
  key: SigningKey,
  transaction: N,
  fields: JsonObject,
): Promise<ResponseAt<'flexibility', N>> {
  const commandId = commandIdOf(SEED, `${transaction} once`);
  const request = { commandId, participantId: key.address, expirySlot: periodSlot + 90, ...fields };
  const signed = signCommand({ channel: handle.channelName, key }, 'flexibility', transaction, request);
  return send(party, 'flexibility', transaction, signed);
}

async function tick(slots: number): Promise<void> {
  clockSlot += slots;
  await scene.tickTo(clockSlot);
}

/** The home's part in a programme that is paid by the kWh, from the day of the event on. */
async function enrolHome(): Promise<ProgrammeId> {
  const terms = {
    name: 'Evening peak',
    direction: 'reduce',
    gridIds: ['rural-1'],
    baseline: { method: 'declared', adjustment: 'none' },
    rewardMicroPerKwh: '250000',
    penaltyMicroPerKwh: '100000',
    aggregatorSharePpm: '200000',
    tolerancePpm: '100000',
    noticeSlots: 8,
    callsPerMonthMax: 10,
    firstSlot: periodSlot,
    lastSlot: periodSlot + slotsPerDay - 1,
  };
  const { programmeId } = await sendSigned(aggregator, aggregatorKey, 'createProgramme', { terms });
  const band = { noticeSlots: 1, runSlotsMax: 8, restSlots: 4, reboundPpm: '0' };
  await sendSigned(scene.party('community'), home, 'enrol', {
    programmeId,
    assets: [{ assetId: ASSET, reduceMaxW: '4000', increaseMaxW: '0', ...band }],
    comfort: { eventsPerDayMax: 1, slotsPerDayMax: 12 },
  });
  return programmeId;
}

/** The system operator orders 2 kW less for an hour from the aggregator. */
async function orderHour(): Promise<FlexOrderId> {
  const dso = scene.party('dso');
  const congestion = { gridId: 'rural-1', congestionPointId: 'transformer' };
  const header = { ...congestion, periodSlot, ispMinutes: 15, timeZone: TIME_ZONE };
  const run = { startSlot: peakSlot, slots: 4, direction: 'reduce' };
  const { requestId } = await send(dso, 'flexibility', 'requestFlexibility', {
    ...header,
    revision: 1,
    isps: [{ ...run, disposition: 'requested', minW: '1000', maxW: '6000' }],
    answerBySlot: periodSlot - 8,
  });
  const option = { optionRef: 'all', priceMicro: '5000000', minActivationFactorPpm: '500000' };
  const { offerId } = await sendSigned(aggregator, aggregatorKey, 'offerFlexibility', {
    ...header,
    requestId,
    options: [{ ...option, isps: [{ ...run, powerW: '2000' }] }],
    orderBySlot: periodSlot + 60,
  });
  const { orderId } = await send(dso, 'flexibility', 'orderFlexibility', {
    offerId,
    optionRef: 'all',
    activationFactorPpm: '1000000',
    isps: [0, 1, 2, 3].map((index) => ({ slot: peakSlot + index, direction: 'reduce', powerW: '2000' })),
    priceMicro: '5000000',
  });
  return orderId;
}

/** Splits the order by the rule that holds where no oracle answers, and calls the home by a price. */
async function callHome(programmeId: ProgrammeId, orderId: FlexOrderId): Promise<void> {
  const usual = { importWh: '1500', exportWh: '0' };
  await sendSigned(aggregator, aggregatorKey, 'declareSchedule', {
    programmeId,
    prosumerId: home.address,
    meterId: METER,
    declaredSlot: clockSlot,
    firstSlot: peakSlot,
    intervals: [usual, usual, usual, usual],
  });
  await sendSigned(aggregator, aggregatorKey, 'requestDisaggregation', {
    orderId,
    programmeIds: [programmeId],
    excludedIds: [],
    fairnessMicroPerKwh: '0',
    answerBySlot: clockSlot + 2,
  });
  await tick(2);
  await send(aggregator, 'flexibility', 'planDisaggregation', { orderId, revision: 1 });
  await sendSigned(aggregator, aggregatorKey, 'signalEvents', {
    orderId,
    revision: 1,
    programmeId,
    signalKind: 'PRICE',
    noticeSlot: clockSlot,
    participantIds: [home.address],
  });
}

const time = (slot: number): string => new Date(slot * 900_000).toISOString();

/** A report of the heating about an event: one payload in each quarter hour from a slot. */
function report(eventID: string, type: string, fromSlot: number, values: readonly (number | string)[]): object {
  const intervals = values.map((value, id) => ({ id, payloads: [{ type, values: [value] }] }));
  const intervalPeriod = { start: time(fromSlot), duration: 'PT15M' };
  const resources = [{ resourceName: ASSET, intervalPeriod, intervals }];
  return { objectType: 'REPORT', eventID, clientName: 'home-1', resources };
}

test('an order reaches a home by OpenADR, and what the home answers and reports reaches the ledger', async () => {
  const programmeId = await enrolHome();
  const orderId = await orderHour();
  await callHome(programmeId, orderId);

  const [programs, events] = await runVen(login, ['programs', 'events']);
  expect(programs?.body).toMatchObject([{ id: programmeId, programName: 'Evening peak' }]);
  expect(events?.body).toMatchObject([
    {
      programID: programmeId,
      priority: 59,
      payloadDescriptors: [{ payloadType: 'PRICE', units: 'KWH', currency: 'EUR' }],
      intervalPeriod: { start: time(peakSlot).replace('.000Z', 'Z'), duration: 'PT1H' },
    },
  ]);
  expect(events?.body[0].intervals[0].payloads).toEqual([{ type: 'PRICE', values: [0.25] }]);

  const event = String(events?.body[0].id);
  const readings = report(event, 'USAGE', clockSlot - 2, [0.25, 0.4]);
  const answers = await runVen(login, [
    report(event, 'OPERATING_STATE', peakSlot, ['RUNNING_OPTED_OUT']),
    readings,
    report(event, 'UP_REGULATION_AVAILABLE', peakSlot, [0, 0, 3]),
    readings,
    report(event, 'READING', clockSlot - 2, [0.25]),
  ]);
  expect(answers.map(({ headers, status }) => [status, headers['flexledger-on-ledger']])).toEqual([
    [201, 'optOut'],
    [201, 'fileSiteReport'],
    [201, 'setAvailability'],
    [201, 'fileSiteReport'],
    [201, 'nothing'],
  ]);
  expect(answers[3]?.body.id).toBe(answers[1]?.body.id);

  const { ledger } = scene.party('community');
  const participant = { participantId: home.address };
  const { event: row } = await ledger.evaluate('flexibility', 'getFlexEvent', { orderId, ...participant });
  expect(row).toMatchObject({ state: 'OPTED_OUT', reason: 'DECLINED', answer: { transaction: 'optOut' } });
  const startSlot = (clockSlot - 2) as never;
  const site = await ledger.evaluate('flexibility', 'getSiteReport', { meterId: METER, startSlot });
  expect(site).toMatchObject({ slots: 2, devices: [{ assetId: ASSET, importWh: [250n, 400n], exportWh: [0n, 0n] }] });
  const { enrolment } = await ledger.evaluate('flexibility', 'getEnrolment', { programmeId, ...participant });
  expect(enrolment?.unavailable).toEqual([{ fromSlot: peakSlot, toSlot: peakSlot + 1 }]);
});
