import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  exampleGrid,
  exampleMeter,
  exampleServiceRequest,
  exampleTechnicalData,
  exampleVppRules,
  requestDigestOf,
  signedCommandBytes,
  slot,
  type AssetId,
  type CommandId,
  type JsonObject,
  type SubmitName,
} from '@flexledger/domain';
import { auditChannel, deriveBytes, deriveId, derivePrivateKey, MeterAgent, SigningKey } from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { fileBands, LedgerPort, segmentation } from '@flexledger/oracle';
import { openParty, openPort, submitPlain, type Party } from '../faults/party';
import { commandIdOf, registerTraders, type Trader } from '../faults/scene';
import { openScenario } from './support/scenario-network';
import { codeOf, TrickScene } from './support/trick-scene';

/*
 * A battery comes into a virtual power plant: its owner states what it can do and gives a mandate, the oracle makes its bands over the network, the
 * system operator publishes a catalogue from a file and asks for 1 MW, and the battery is tested by its meter. The embedded Fabric by default;
 * NETWORK=native does it on real Fabric.
 */

const SEED = 'vpp-assets';
const ROOT = join(dirname(require.resolve('@flexledger/network')), '..', '..');

jest.setTimeout(600_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-vpp-assets-'));
const assetId = deriveId(SEED, 'battery') as AssetId;
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
let handle: NetworkHandle;
let scene: TrickScene;
let aggregator: Party;
let oracle: Party;
let operator: Trader;
/** The first slot of the battery's meter; the clock has not come to it. */
let base: number;
let meter: MeterAgent;

beforeAll(async () => {
  handle = await openScenario(folder, 37);
  scene = await TrickScene.create(handle, folder, SEED, { vpp: exampleVppRules });
  await scene.admit(['bob']);
  aggregator = await openParty(handle, { organization: 'Aggregator', identity: 'aggregator' }, join(folder, 'agg'));
  oracle = await openParty(handle, { organization: 'Dso', identity: 'oracle' }, join(folder, 'oracle'));
  operator = { ...scene.trader('operator'), kind: 'aggregator' };
  const made = await registerTraders(aggregator, handle.channelName, SEED, 'operator', [operator]);
  await awaitAll(made.transactionId);
  base = scene.planSession('any').gateCloseSlot;
  await installBattery();
});

afterAll(async () => {
  await Promise.all([aggregator, oracle].map((party) => party?.close()));
  await scene?.close();
  await handle?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function awaitAll(transactionId: string): Promise<void> {
  const roles = (['tso', 'dso', 'regulator', 'community', 'market'] as const).map((role) => scene.party(role));
  await Promise.all([...roles, aggregator, oracle].map(({ ledger }) => ledger.awaitTransaction(transactionId)));
}

/** A battery of bob behind a meter of its own: idle, and from the ninth quarter hour of the meter on it gives 8 kW. */
async function installBattery(): Promise<void> {
  const key = new SigningKey(derivePrivateKey(SEED, 'meter-key'));
  meter = new MeterAgent({
    seed: SEED,
    channel: handle.channelName,
    meterId: deriveId(SEED, 'meter'),
    key,
    spans: [{ startSlot: base, slots: 10 }],
    measure: (at) => ({ importWh: 0n, exportWh: at < base + 8 ? 0n : at === base + 8 ? 1_166n : 2_000n }),
  });
  const participantId = scene.trader('bob').key.address;
  const { meterId } = meter;
  const place = { participantId, gridId: exampleGrid.gridId };
  const described = { ...(exampleMeter as unknown as JsonObject), ...place, firstSlot: base };
  const meters = [{ ...described, meterId, publicKey: key.publicKey }];
  const salt = deriveBytes(SEED, 'identity', 16).toString('base64url');
  const identities = [{ meterId, meteringPoint: 'METERING-POINT-BATTERY', salt }];
  await scene.submit('dso', 'registry', 'registerMeters', 'meter', { meters }, identities);
  const reason = 'installed and sealed';
  await scene.submit('dso', 'registry', 'commissionMeters', 'meter in service', { meterIds: [meterId], reason });
  const battery = { kind: 'storage', bus: 'bus-2', phases: 3, ratedPowerW: '10000', energyWh: '20000' };
  const assets = [{ assetId, meterId, ...place, ...battery }];
  const commandId = commandIdOf(SEED, 'asset');
  const { transactionId } = await submitPlain(aggregator, 'registry', 'registerAssets', { commandId, assets });
  await awaitAll(transactionId);
  await scene.submit('dso', 'registry', 'commissionAssets', 'asset in service', { assetIds: [assetId], reason });
}

/** Sends a command that a participant has signed, and answers what the ledger says. */
async function say(
  party: Party,
  { key }: Trader,
  transaction: SubmitName<'vpp'>,
  label: string,
  fields: JsonObject,
): Promise<JsonObject> {
  const commandId = commandIdOf(SEED, label) as CommandId;
  const request = { commandId, participantId: key.address, expirySlot: base + 96, ...fields };
  const bytes = signedCommandBytes({
    channel: handle.channelName,
    commandId,
    contract: 'vpp',
    transaction,
    expirySlot: slot(base + 96),
    requestDigest: requestDigestOf(request),
  });
  const submitted = await submitPlain(party, 'vpp', transaction, { ...request, signature: key.sign(bytes) });
  await awaitAll(submitted.transactionId);
  return submitted.response as JsonObject;
}

/** `flexledger ...` in a process of its own. */
function run(...parameters: readonly string[]): Promise<readonly string[]> {
  const place = ['--topology', join(folder, 'consortium.yaml'), '--crypto', handle.cryptoDirectory];
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(ROOT, 'gateway-app', 'dist', 'cli.js'), ...parameters, ...place],
      (error, stdout) => {
        if (error === null) resolve(stdout.trim().split('\n'));
        else reject(new Error('the command has failed', { cause: error }));
      },
    );
  });
}

function technicalData(changes: JsonObject = {}): JsonObject {
  const storage = { ...exampleTechnicalData.storage, atSlot: base - 96 };
  return { ...exampleTechnicalData, assetId, storage, ...changes };
}

describe('a battery in a virtual power plant', () => {
  test('is described by its owner and nobody else, and never above its rating', async () => {
    const community = scene.party('community');
    const file = (who: Trader, label: string, changes: JsonObject = {}) =>
      say(community, who, 'fileTechnicalData', label, technicalData(changes));
    expect(await codeOf(() => file(operator, 'of another'))).toBe('VPP_ASSET_NOT_OWN');
    expect(await codeOf(() => file(scene.trader('bob'), 'above', { exportMaxW: '10001' }))).toBe('VPP_RATING_EXCEEDED');
    expect(await file(scene.trader('bob'), 'good')).toMatchObject({ version: 1, kind: 'storage' });
    const mandate = {
      aggregatorId: operator.key.address,
      assetIds: [assetId],
      services: ['mfrr'],
      capacityPriceMinMicroPerKwh: '4000',
      energyPriceMinMicroPerKwh: '60000',
      firstSlot: base,
      lastSlot: base + 960,
      standing: true,
      constraints: { localDemandFirst: true },
    };
    expect(await say(community, scene.trader('bob'), 'grantMandate', 'mandate', mandate)).toMatchObject({
      state: 'GRANTED',
    });
  });

  test('has bands that the oracle makes over the network, once', async () => {
    const parts = { ledger: new LedgerPort(oracle.ledger), service: segmentation };
    expect(await fileBands(parts, log, [assetId])).toMatchObject({ kind: 'answered', chunks: 1 });
    expect(await fileBands(parts, log, [assetId])).toEqual({ kind: 'closed', state: 'FILED' });
    const { bands } = await scene.party('dso').ledger.evaluate('vpp', 'getBands', { assetId });
    expect(bands?.bands.map(({ direction, maxW }) => [direction, maxW])).toEqual([
      ['up', 10_000n],
      ['down', 10_000n],
    ]);
  });

  test('can be asked for mFRR, which is published from a file and sold by the megawatt', async () => {
    const catalogue = join(ROOT, 'data', 'service-catalogue', 'services.json');
    const lines = await run('vpp', 'services', 'publish', catalogue, '--role', 'tso');
    expect(lines).toContain('mfrr is published, version 1');
    expect(await run('vpp', 'services', 'publish', catalogue, '--role', 'tso')).toContain(
      'mfrr is published already, version 1',
    );
    const times = { firstSlot: base + 48, answerBySlot: base + 40 };
    const ask = (label: string, changes: JsonObject = {}) =>
      scene.submit('tso', 'vpp', 'requestService', label, { ...exampleServiceRequest, ...times, ...changes });
    const less = { volumeMaxW: '999000', bidMinW: '999000' };
    expect(await codeOf(() => ask('999 kW', less))).toBe('VPP_BID_BELOW_MINIMUM');
    expect(await ask('1 MW')).toMatchObject({ state: 'OPEN', kind: 'mfrr' });
  });

  test('is tested by its meter, and the oracle learns from it', async () => {
    const shares = [{ assetId, powerW: '8000' }];
    const test = { subjectKind: 'asset', serviceId: 'mfrr', direction: 'up', firstSlot: base + 8, slots: 2, shares };
    await say(aggregator, operator, 'startTest', 'test', test);
    const again = { ...test, direction: 'down' };
    expect(await codeOf(() => say(aggregator, operator, 'startTest', 'twice', again))).toBe('VPP_TEST_PROMISED');
    await scene.tickTo(base + 10);
    const contents = meter.blocksBetween(base, base + 10).map(({ content }) => content);
    const readings = { count: contents.length };
    await scene.submit('community', 'metering', 'recordProfiles', 'readings', readings, { blocks: contents });
    const judged = { subjectId: assetId, kind: 'mfrr', direction: 'up' };
    const passed = await scene.submit('tso', 'vpp', 'completeTest', 'judged', judged);
    expect(passed).toMatchObject({ state: 'PREQUALIFIED', powerMaxW: 8_000n });
    const parts = { ledger: new LedgerPort(oracle.ledger), service: segmentation };
    expect(await fileBands(parts, log, [assetId])).toMatchObject({ kind: 'answered' });
  });

  test('leaves a ledger on which every invariant holds, its bands made again by the audit', async () => {
    const port = openPort(handle, { organization: 'Regulator', identity: 'regulator' }, 'Regulator', 0);
    const { lastBlock } = oracle.ledger.counters;
    const { invariants, summary } = await auditChannel(port, lastBlock).finally(() => port.close());
    expect([...summary.problems, ...invariants.filter(({ holds }) => !holds)]).toEqual([]);
    expect(invariants.find(({ id }) => id === 'I10')?.checked).toBe(2);
  });
});
