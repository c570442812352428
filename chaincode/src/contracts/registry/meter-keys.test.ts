import type { JsonObject } from '@flexledger/domain';
import {
  callers,
  command,
  firstSlot,
  foundedLedger,
  MeterAgent,
  record,
  registerGrid,
  registerMeters,
  registerParticipants,
  Signer,
  stepMeters,
  tick,
} from '../../testing/actors';
import { codeOf } from '../../testing/refusal';

const { community, dso, market, regulator, tso } = callers;
const quarter = [[100n], [0n]] as const;

/** A meter in service with one recorded block, and a key that it might get. */
async function metered() {
  const ledger = await foundedLedger();
  const owner = new Signer();
  await registerParticipants(ledger, [owner]);
  await registerGrid(ledger);
  const agent = new MeterAgent('one');
  await registerMeters(ledger, owner, [agent]);
  await tick(ledger, firstSlot, firstSlot + 8);
  await record(ledger, 'first', [agent.next(...quarter)]);
  const { meterId } = agent;
  const key = new Signer();
  const ask = async (transaction: 'rotateMeterKey' | 'replaceMeterKey', request: JsonObject) => {
    const { response } = await ledger.submit(community, `registry:${transaction}`, request);
    return { meterId, changeDigest: response.changeDigest ?? '' };
  };
  const approve = (caller: { mspId: string; role: string }, named: JsonObject, label = 'approval') =>
    ledger.submit(caller, 'registry:approveMeterKey', { commandId: command(`${label} ${caller.role}`), ...named });
  const sent = async (label: string) => {
    const [result] = await record(ledger, label, [agent.peek(...quarter)]);
    return result?.code ?? result?.status;
  };
  const lost = (label: string): JsonObject => ({
    commandId: command(label),
    meterId,
    keyVersion: 2,
    publicKey: key.publicKey,
    firstSequence: 2,
    reason: 'The device was replaced after a fire',
  });
  return { ledger, owner, agent, key, ask, approve, sent, lost };
}

describe('a rotated key', () => {
  it('signs the blocks from the asked one on, once the system operator has approved what the old key signed', async () => {
    const { ledger, agent, key, ask, approve, sent } = await metered();
    const named = await ask('rotateMeterKey', agent.rotation(key, command('rotate')));
    expect(await ledger.evaluate(market, 'registry:getMeterKeyChange', named)).toMatchObject({
      cause: { kind: 'rotation' },
      requestedBy: 'CommunityMSP',
      state: 'PENDING',
    });
    const oldKey = agent.key;
    agent.useKey(key, 2);
    expect(await sent('too early')).toBe('READING_KEY_VERSION');
    const { event } = await approve(dso, named);
    expect(event?.facts).toMatchObject([{ type: 'MeterKeyChanged', keyVersion: 2, firstSequence: 2 }]);
    agent.useKey(oldKey, 1);
    expect(await sent('old key')).toBe('READING_KEY_VERSION');
    agent.useKey(oldKey, 2);
    expect(await sent('old key under the new version')).toBe('READING_SIGNATURE');
    agent.useKey(key, 2);
    expect(await sent('new key')).toBe('recorded');
    expect(await ledger.evaluate(market, 'registry:getMeterKeyChange', named)).toMatchObject({
      approvedBy: 'DsoMSP',
      state: 'EFFECTIVE',
    });
  });

  it('leaves the old key to the blocks before the asked one', async () => {
    const { agent, key, ask, approve, sent, ledger } = await metered();
    const request = agent.rotation(key, command('rotate'), {});
    const later = agent.peek(...quarter);
    const named = await ask('rotateMeterKey', request);
    expect(await record(ledger, 'queued', [later])).toMatchObject([{ status: 'recorded' }]);
    // The block that was to be the first of the new key is on the ledger now, under the old one.
    expect(await codeOf(ledger, () => approve(dso, named))).toBe('METER_KEY_SEQUENCE');
    agent.next(...quarter);
    const again = await ask('rotateMeterKey', agent.rotation(key, command('rotate again')));
    await approve(dso, again, 'second');
    agent.useKey(key, 2);
    expect(await sent('new key')).toBe('recorded');
  });

  it('is asked for by the old key alone: not by another, not for another content, not again, not too late', async () => {
    const { ledger, agent, key, ask } = await metered();
    const attempt = (request: JsonObject) => codeOf(ledger, () => ask('rotateMeterKey', request));
    const stranger = new MeterAgent('one');
    const signedBy = (who: MeterAgent, label: string, changes: JsonObject = {}) =>
      who.rotation(key, command(label), changes);
    expect(await attempt({ ...signedBy(stranger, 'a'), firstSequence: 2 })).toBe('SIGNATURE_INVALID');
    expect(await attempt(signedBy(agent, 'a', { publicKey: new Signer().publicKey }))).toBe('SIGNATURE_INVALID');
    expect(await attempt(signedBy(agent, 'a', { firstSequence: 3 }))).toBe('SIGNATURE_INVALID');
    expect(await attempt(signedBy(agent, 'a', { commandId: command('b') }))).toBe('SIGNATURE_INVALID');
    const { signature } = agent.rotation(key, command('a'));
    expect(await attempt(signedBy(agent, 'a', { signature: Signer.highS(String(signature)) }))).toBe(
      'SIGNATURE_INVALID',
    );
    await tick(ledger, firstSlot + 9, firstSlot + 90);
    expect(await attempt(signedBy(agent, 'late'))).toBe('SIGNATURE_EXPIRED');
  });

  it('takes effect once, whoever repeats the request or the approval', async () => {
    const { ledger, agent, key, ask, approve } = await metered();
    const request = agent.rotation(key, command('rotate'));
    const named = await ask('rotateMeterKey', request);
    expect(await ask('rotateMeterKey', request)).toEqual(named);
    await approve(dso, named);
    const state = ledger.snapshot();
    expect((await approve(dso, named)).response).toEqual({ keyVersion: 2 });
    expect(await ask('rotateMeterKey', request)).toEqual(named);
    expect(ledger.snapshot()).toBe(state);
    expect(await codeOf(ledger, () => approve(dso, named, 'another'))).toBe('METER_KEY_CHANGE_CLOSED');
    const second = agent.rotation(new Signer(), command('second'));
    expect(await codeOf(ledger, () => ask('rotateMeterKey', second))).toBe('SIGNATURE_INVALID');
  });

  it('is not approved by another authority than the system operator, nor under a digest that nobody asked for', async () => {
    const { ledger, agent, key, ask, approve } = await metered();
    const named = await ask('rotateMeterKey', agent.rotation(key, command('rotate')));
    expect(await codeOf(ledger, () => approve(tso, named))).toBe('METER_KEY_NOT_ENTITLED');
    expect(await codeOf(ledger, () => approve(community, named))).toBe('ACCESS_ROLE_REFUSED');
    const other = { ...named, changeDigest: 'A'.repeat(43) };
    expect(await codeOf(ledger, () => approve(dso, other))).toBe('METER_KEY_CHANGE_UNKNOWN');
    expect(await codeOf(ledger, () => approve(dso, { ...named, meterId: command('none') }))).toBe('METER_UNKNOWN');
  });
});

describe('a lost key', () => {
  it('is replaced by the community and one authority together', async () => {
    const { agent, key, ask, approve, sent, lost } = await metered();
    const named = await ask('replaceMeterKey', lost('lost'));
    await approve(regulator, named);
    expect(await sent('whoever found the old key')).toBe('READING_KEY_VERSION');
    agent.useKey(key, 2);
    expect(await sent('new key')).toBe('recorded');
  });

  it('is refused with a code for every mistake', async () => {
    const { ledger, owner, agent, key, ask, lost } = await metered();
    const attempt = (changes: JsonObject) =>
      codeOf(ledger, () => ask('replaceMeterKey', { ...lost('wrong'), ...changes }));
    const notAKey = Buffer.alloc(91, 1).toString('base64url');
    expect(await attempt({ publicKey: notAKey })).toBe('SIGNATURE_KEY_INVALID');
    expect(await attempt({ meterId: command('none') })).toBe('METER_UNKNOWN');
    expect(await attempt({ publicKey: agent.key.publicKey, keyVersion: 3 })).toBe('METER_KEY_USED');
    expect(await attempt({ publicKey: owner.publicKey })).toBe('METER_KEY_USED');
    expect(await attempt({ keyVersion: 3, firstSequence: 1 })).toBe('METER_KEY_VERSION');
    expect(await attempt({ firstSequence: 1 })).toBe('METER_KEY_SEQUENCE');
    expect(await attempt({ reason: '' })).toBe('INPUT_FIELD_INVALID');
    expect(key.publicKey).toBe(lost('wrong').publicKey);
    await stepMeters(ledger, 'retire', [agent]);
    expect(await attempt({})).toBe('METER_RETIRED');
  });

  it('of two that are asked for at once only one takes effect', async () => {
    const { ledger, ask, approve, lost } = await metered();
    const first = await ask('replaceMeterKey', lost('first'));
    const second = await ask('replaceMeterKey', { ...lost('second'), publicKey: new Signer().publicKey });
    await approve(tso, second);
    expect(await codeOf(ledger, () => approve(regulator, first, 'late'))).toBe('METER_KEY_VERSION');
  });
});
