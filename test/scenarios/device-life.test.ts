import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  exampleMeter,
  requestDigestOf,
  signedCommandBytes,
  slot,
  wh,
  type CommandId,
  type JsonObject,
  type JsonValue,
  type SubmitName,
} from '@flexledger/domain';
import {
  auditChannel,
  closeBlock,
  deriveBytes,
  deriveId,
  derivePrivateKey,
  signBlock,
  SigningKey,
  type UnsignedBlock,
} from '@flexledger/gateway-app';
import type { NetworkHandle } from '@flexledger/network';
import { openPort, submitPlain, type Party } from '../faults/party';
import { closeScene, commandIdOf, prepareScene, traderOf, type Scene } from '../faults/scene';
import { openScenario } from './support/scenario-network';
import { codeOf } from './support/trick-scene';

/*
 * One meter from its registration to the day on which nobody knows any more who was behind it, through the real client on the
 * embedded Fabric. NETWORK=native lives the same life on real Fabric.
 */

const SEED = 'device-life';
const METERING_POINT = 'DE0001234567890000000000000098765';
const SLOTS_PER_BLOCK = 4;

jest.setTimeout(300_000);

const folder = mkdtempSync(join(tmpdir(), 'flexledger-device-life-'));
const meterId = deriveId(SEED, 'meter/life');
const keys = [1, 2, 3].map((version) => new SigningKey(derivePrivateKey(SEED, `life-key/${version}`)));

let handle: NetworkHandle;
let scene: Scene;
let previous: UnsignedBlock | undefined;
let lastBlock = 0n;

beforeAll(async () => {
  handle = await openScenario(folder, 26);
  scene = await prepareScene(handle, join(folder, 'clients'), SEED);
});

afterAll(async () => {
  await closeScene(scene);
  await handle.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Submits, and goes on when all parties' peers have it: an endorsement on older state would be refused. */
async function submit<C extends 'registry' | 'metering', N extends SubmitName<C>>(
  party: Party,
  contract: C,
  transaction: N,
  label: string,
  request: JsonObject,
  confidential?: JsonValue,
) {
  const commandId = commandIdOf(SEED, `life/${label}`);
  const more = confidential === undefined ? {} : { confidential };
  const submitted = await submitPlain(party, contract, transaction, { commandId, ...request }, more);
  const { transactionId, blockNumber } = submitted;
  await Promise.all(Object.values(scene.parties).map(({ ledger }) => ledger.awaitTransaction(transactionId)));
  lastBlock = blockNumber;
  return submitted.response;
}

/** Sends the next block under a key; only a recorded one is followed by the next. Answers what became of it. */
async function send(label: string, keyVersion: number): Promise<string> {
  const startSlot = slot(scene.firstSlot + (previous?.sequence ?? 0) * SLOTS_PER_BLOCK);
  const values = (value: bigint) => Array.from({ length: SLOTS_PER_BLOCK }, () => wh(value));
  const measured = { startSlot, resolutionMinutes: 15, importWh: values(250n), exportWh: values(0n) } as const;
  const salt = deriveBytes(SEED, `life-salt/${startSlot}`, 16).toString('base64url');
  const block = closeBlock({ meterId, keyVersion, previous, measured, salt });
  const { content } = signBlock(handle.channelName, keys[keyVersion - 1]!, block);
  const confidential = { blocks: [content] };
  const { community } = scene.parties;
  const { recorded, exceptions } = await submit(
    community,
    'metering',
    'recordProfiles',
    label,
    { count: 1 },
    confidential,
  );
  if (recorded === 1) previous = block;
  return recorded === 1 ? 'recorded' : (exceptions[0]?.code ?? exceptions[0]?.status ?? 'nothing');
}

const step = (party: Party, name: 'commission' | 'freeze' | 'unfreeze' | 'retire') =>
  submit(party, 'registry', `${name}Meters`, name, { meterIds: [meterId], reason: 'As agreed' });

const approve = (party: Party, changeDigest: string, label: string) =>
  submit(party, 'registry', 'approveMeterKey', label, { meterId, changeDigest });

const identity = (party: Party) => party.ledger.evaluate('registry', 'getMeterIdentity', { meterId: meterId as never });

describe('a meter', () => {
  test('is registered, and records nothing before it is commissioned', async () => {
    const { dso } = scene.parties;
    const { participantId: _owner, ...entry } = exampleMeter;
    const owner = traderOf(SEED, 'owner').key.address;
    const meter = {
      ...entry,
      meterId,
      participantId: owner,
      firstSlot: scene.firstSlot,
      publicKey: keys[0]!.publicKey,
    };
    const salt = deriveBytes(SEED, 'life-identity-salt', 16).toString('base64url');
    const confidential = [{ meterId, meteringPoint: METERING_POINT, salt }];
    await submit(dso, 'registry', 'registerMeters', 'life', { meters: [meter] }, confidential);
    const again = { meters: [{ ...meter, accuracyClass: 'MID-A' }] };
    expect(await codeOf(() => submit(dso, 'registry', 'registerMeters', 'other life', again, confidential))).toBe(
      'METER_IMMUTABLE',
    );
    expect(await send('too early', 1)).toBe('METER_NOT_COMMISSIONED');
    await step(dso, 'commission');
    expect(await send('first', 1)).toBe('recorded');
  });

  test('gets a new key that the old one has signed and the system operator has approved', async () => {
    const { community, dso, tso } = scene.parties;
    const commandId = commandIdOf(SEED, 'life/rotate') as CommandId;
    const expirySlot = scene.firstSlot + 5_000;
    const change = { meterId, keyVersion: 2, publicKey: keys[1]!.publicKey, firstSequence: 2, expirySlot };
    const command = {
      channel: handle.channelName,
      commandId,
      contract: 'registry',
      expirySlot: slot(expirySlot),
      requestDigest: requestDigestOf({ commandId, ...change }),
      transaction: 'rotateMeterKey',
    };
    const rotate = (signer: SigningKey) => ({ ...change, signature: signer.sign(signedCommandBytes(command)) });
    const ask = (request: JsonObject) => submit(community, 'registry', 'rotateMeterKey', 'rotate', request);
    expect(await codeOf(() => ask(rotate(keys[1]!)))).toBe('SIGNATURE_INVALID');
    const { changeDigest } = await ask(rotate(keys[0]!));
    expect(await send('not yet', 2)).toBe('READING_KEY_VERSION');
    expect(await codeOf(() => approve(tso, changeDigest, 'rotate by tso'))).toBe('METER_KEY_NOT_ENTITLED');
    await approve(dso, changeDigest, 'rotate by dso');
    expect(await send('old key', 1)).toBe('READING_KEY_VERSION');
    expect(await send('second', 2)).toBe('recorded');
  });

  test('is silent while it is frozen, and goes on with a key that the community and the regulator have replaced', async () => {
    const { community, dso, regulator } = scene.parties;
    await step(regulator, 'freeze');
    expect(await send('frozen', 2)).toBe('METER_FROZEN');
    const lost = { meterId, keyVersion: 3, publicKey: keys[2]!.publicKey, firstSequence: 3, reason: 'Stolen' };
    const { changeDigest } = await submit(community, 'registry', 'replaceMeterKey', 'replace', lost);
    await approve(regulator, changeDigest, 'replace by regulator');
    await step(dso, 'unfreeze');
    expect(await send('thief', 2)).toBe('READING_KEY_VERSION');
    expect(await send('third', 3)).toBe('recorded');
  });

  test('is retired, and then nobody can find who was behind it, while the ledger still verifies', async () => {
    const { dso, regulator } = scene.parties;
    const purge = (label: string) =>
      submit(dso, 'registry', 'purgeIdentities', label, { meterIds: [meterId], reason: 'The customer asked for it' });
    expect(await codeOf(() => purge('too early to purge'))).toBe('METER_NOT_RETIRED');
    await step(dso, 'retire');
    expect(await send('retired', 3)).toBe('METER_RETIRED');
    expect(await identity(regulator)).toMatchObject({ meteringPoint: METERING_POINT });
    await purge('purge');
    for (const party of [dso, regulator]) {
      expect(await codeOf(() => identity(party))).toBe('METER_IDENTITY_UNKNOWN');
    }
    const port = openPort(handle, { organization: 'Regulator', identity: 'regulator' }, 'Regulator', 0);
    const { invariants, summary } = await auditChannel(port, lastBlock).finally(() => port.close());
    expect(summary.problems).toEqual([]);
    expect(invariants.filter(({ holds }) => !holds)).toEqual([]);
    expect(invariants.find(({ id }) => id === 'I19')?.checked).toBeGreaterThan(3);
  });
});
