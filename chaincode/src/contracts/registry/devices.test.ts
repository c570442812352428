import { exampleAsset, type JsonObject, type MeterId } from '@flexledger/domain';
import {
  callers,
  command,
  firstSlot,
  foundedLedger,
  identitiesOf,
  MeterAgent,
  meterEntry,
  record,
  registerGrid,
  registerMeters,
  registerParticipants,
  Signer,
  stepMeters,
  tick,
} from '../../testing/actors';
import { codeOf } from '../../testing/refusal';

const { regulator, tso, dso, community, aggregator } = callers;

async function prepared() {
  const ledger = await foundedLedger();
  const owner = new Signer();
  await registerParticipants(ledger, [owner]);
  await registerGrid(ledger);
  return { ledger, owner };
}

describe('meters', () => {
  it('are registered with their identities in the confidential collection only', async () => {
    const { ledger, owner } = await prepared();
    const agent = new MeterAgent('one');
    await registerMeters(ledger, owner, [agent]);
    const { rows } = await ledger.evaluate(tso, 'registry:listMeters', {});
    expect(rows).toMatchObject([{ meterId: agent.meterId, keys: [{ version: 1, publicKey: agent.key.publicKey }] }]);
    expect(ledger.rows('identity', 'profiles').size).toBe(1);
    expect(ledger.rows('identity').size).toBe(0);
  });

  it('are refused with a code for every mistake, in the order of the registry', async () => {
    const { ledger, owner } = await prepared();
    const known = new MeterAgent('known');
    await registerMeters(ledger, owner, [known]);
    const meterId = new MeterAgent('new').meterId;
    const key = new Signer();
    const attempt = (changes: JsonObject, identities: JsonObject[] = identitiesOf([meterId])) =>
      codeOf(ledger, () => {
        const request = { commandId: command('m'), meters: [{ ...meterEntry(meterId, owner, key), ...changes }] };
        return ledger.submit(dso, 'registry:registerMeters', request, { transient: { identities } });
      });
    expect(await attempt({ publicKey: Buffer.alloc(91).toString('base64url') })).toBe('SIGNATURE_KEY_INVALID');
    expect(await attempt({ participantId: command('nobody'), gridId: 'none' })).toBe('PARTICIPANT_UNKNOWN');
    expect(await attempt({ gridId: 'none', bus: 'none' })).toBe('GRID_UNKNOWN');
    const held = meterEntry(known.meterId, owner, known.key);
    expect(await attempt({ ...held, bus: 'bus-1' })).toBe('METER_IMMUTABLE');
    expect(await attempt({ ...held, publicKey: key.publicKey })).toBe('METER_IMMUTABLE');
    expect(await attempt(held)).toBe('METER_EXISTS');
    expect(await attempt({ publicKey: known.key.publicKey, bus: 'none' })).toBe('METER_KEY_USED');
    expect(await attempt({ publicKey: owner.publicKey })).toBe('METER_KEY_USED');
    expect(await attempt({ bus: 'none' }, identitiesOf([]))).toBe('INPUT_FIELD_INVALID');
    expect(await attempt({ bus: 'none' })).toBe('METER_BUS_UNKNOWN');
    expect(await attempt({ obisExport: '1-0:1.8.0' }, identitiesOf([known.meterId]))).toBe('METER_REGISTERS_INVALID');
    expect(await attempt({}, identitiesOf([known.meterId]))).toBe('METER_IDENTITIES_MISMATCH');
    expect(await attempt({}, identitiesOf([meterId, known.meterId]))).toBe('METER_IDENTITIES_MISMATCH');
    expect(await attempt({ unit: 'kWh' })).toBe('INPUT_FIELD_INVALID');
    expect(await attempt({ accuracyClass: 'MID-D' })).toBe('INPUT_FIELD_INVALID');
    expect(await attempt({ obisImport: '1-0:256.8.0' })).toBe('INPUT_FIELD_INVALID');
  });

  it('two in one call may share neither id nor key', async () => {
    const { ledger, owner } = await prepared();
    const [one, two] = [new MeterAgent('one'), new MeterAgent('two')];
    const attempt = (meters: JsonObject[], ids: MeterId[]) =>
      codeOf(ledger, () => {
        const request = { commandId: command('m'), meters };
        return ledger.submit(dso, 'registry:registerMeters', request, { transient: { identities: identitiesOf(ids) } });
      });
    const first = meterEntry(one.meterId, owner, one.key);
    expect(await attempt([first, meterEntry(one.meterId, owner, two.key)], [one.meterId])).toBe('METER_EXISTS');
    expect(await attempt([first, meterEntry(two.meterId, owner, one.key)], [one.meterId])).toBe('METER_KEY_USED');
  });
});

describe('the life of a meter', () => {
  const quarter = [[100n], [0n]] as const;

  async function living() {
    const { ledger, owner } = await prepared();
    const agent = new MeterAgent('one');
    const { meterId } = agent;
    const meters = [meterEntry(meterId, owner, agent.key)];
    const transient = { identities: identitiesOf([meterId]) };
    await ledger.submit(dso, 'registry:registerMeters', { commandId: command('m'), meters }, { transient });
    await tick(ledger, firstSlot, firstSlot + 8);
    const status = async () => {
      const { rows } = await ledger.evaluate(tso, 'registry:listMeters', {});
      return (rows as JsonObject[])[0]?.status;
    };
    let sent = 0;
    const send = async () => {
      sent += 1;
      const results = await record(ledger, `block ${sent}`, [agent.peek(...quarter)]);
      return results[0]?.code ?? results[0]?.status;
    };
    return { ledger, agent, status, send };
  }

  it('lets its blocks be recorded only while it is in service', async () => {
    const { ledger, agent, status, send } = await living();
    expect([await status(), await send()]).toEqual(['REGISTERED', 'METER_NOT_COMMISSIONED']);
    await stepMeters(ledger, 'commission', [agent]);
    await stepMeters(ledger, 'freeze', [agent]);
    expect([await status(), await send()]).toEqual(['FROZEN', 'METER_FROZEN']);
    await stepMeters(ledger, 'unfreeze', [agent]);
    expect([await status(), await send()]).toEqual(['COMMISSIONED', 'recorded']);
    agent.next(...quarter);
    await stepMeters(ledger, 'retire', [agent]);
    expect([await status(), await send()]).toEqual(['RETIRED', 'METER_RETIRED']);
  });

  it('harms no other meter: the blocks of a call that come from meters in service are recorded', async () => {
    const { ledger, owner } = await prepared();
    const agents = [new MeterAgent('one'), new MeterAgent('two')];
    const [one, two] = agents;
    await registerMeters(ledger, owner, agents);
    await tick(ledger, firstSlot, firstSlot + 8);
    await stepMeters(ledger, 'freeze', agents.slice(0, 1));
    expect(await record(ledger, 'both', [one!.next(...quarter), two!.next(...quarter)])).toEqual([
      { status: 'refused', code: 'METER_FROZEN' },
      { status: 'recorded' },
    ]);
  });

  it('takes each step from where it is allowed, and says with a code from where it is not', async () => {
    const { ledger, agent } = await living();
    const attempt = (step: 'commission' | 'freeze' | 'unfreeze' | 'retire', label: string) =>
      codeOf(ledger, () => stepMeters(ledger, step, [agent], label));
    expect(await attempt('freeze', '1')).toBe('METER_NOT_COMMISSIONED');
    expect(await attempt('unfreeze', '1')).toBe('METER_NOT_FROZEN');
    await stepMeters(ledger, 'commission', [agent]);
    expect(await attempt('commission', '2')).toBe('METER_ALREADY_COMMISSIONED');
    expect(await attempt('unfreeze', '2')).toBe('METER_NOT_FROZEN');
    await stepMeters(ledger, 'freeze', [agent]);
    expect(await attempt('commission', '3')).toBe('METER_ALREADY_COMMISSIONED');
    expect(await attempt('freeze', '3')).toBe('METER_FROZEN');
    await stepMeters(ledger, 'retire', [agent]);
    for (const step of ['commission', 'freeze', 'unfreeze', 'retire'] as const) {
      expect(await attempt(step, '4')).toBe('METER_RETIRED');
    }
    const stranger = new MeterAgent('stranger');
    expect(await codeOf(ledger, () => stepMeters(ledger, 'retire', [stranger]))).toBe('METER_UNKNOWN');
  });

  it('is decided by the system operator; the regulator may freeze and unfreeze as well', async () => {
    const { ledger, agent } = await living();
    const attempt = (caller: typeof dso | typeof regulator | typeof community, step: string) =>
      codeOf(ledger, () => {
        const request = { commandId: command(`${caller.role} ${step}`), meterIds: [agent.meterId], reason: 'Doubt' };
        return ledger.submit(caller, `registry:${step}Meters`, request);
      });
    expect(await attempt(regulator, 'commission')).toBe('ACCESS_ROLE_REFUSED');
    await stepMeters(ledger, 'commission', [agent]);
    expect(await attempt(community, 'freeze')).toBe('ACCESS_ROLE_REFUSED');
    const doubt = (label: string) => ({ commandId: command(label), meterIds: [agent.meterId], reason: 'Doubt' });
    await ledger.submit(regulator, 'registry:freezeMeters', doubt('freeze'));
    await ledger.submit(regulator, 'registry:unfreezeMeters', doubt('unfreeze'));
    expect(await attempt(regulator, 'retire')).toBe('ACCESS_ROLE_REFUSED');
  });
});

describe('the identity behind a meter', () => {
  const request = (agent: MeterAgent, label: string) => ({
    commandId: command(label),
    meterIds: [agent.meterId],
    reason: 'The customer has moved out and has asked for it',
  });

  /** All values of the channel and of the collections, as text. */
  function kept(ledger: Awaited<ReturnType<typeof foundedLedger>>): string {
    const values = ledger.snapshot().split('\n');
    return values.map((line) => Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString()).join('\n');
  }

  it('is known to the system operator and the regulator until it is purged, and to nobody afterwards', async () => {
    const { ledger, owner } = await prepared();
    const agents = [new MeterAgent('one'), new MeterAgent('two')];
    const [gone, stays] = agents;
    await registerMeters(ledger, owner, agents);
    const identityOf = ({ meterId }: MeterAgent, caller: typeof dso | typeof regulator | typeof community = dso) =>
      ledger.evaluate(caller, 'registry:getMeterIdentity', { meterId });
    const { meteringPoint = '', salt = '' } = await identityOf(gone!, regulator);
    expect(meteringPoint).toBe(`DE ${gone!.meterId}`);
    expect(await codeOf(ledger, () => identityOf(gone!, community))).toBe('ACCESS_ROLE_REFUSED');
    expect(kept(ledger)).toContain(salt);
    await stepMeters(ledger, 'retire', [gone!]);
    const { event } = await ledger.submit(dso, 'registry:purgeIdentities', request(gone!, 'purge'));
    expect(event?.facts).toMatchObject([{ type: 'IdentitiesPurged', meterIds: [gone!.meterId] }]);
    expect(await codeOf(ledger, () => identityOf(gone!))).toBe('METER_IDENTITY_UNKNOWN');
    for (const secret of [String(meteringPoint), String(salt)]) {
      expect(kept(ledger)).not.toContain(secret);
    }
    expect(await identityOf(stays!)).toMatchObject({ meteringPoint: `DE ${stays!.meterId}` });
  });

  it('is purged of retired meters only, all of a call or none, and once more without harm', async () => {
    const { ledger, owner } = await prepared();
    const agents = [new MeterAgent('one'), new MeterAgent('two')];
    await registerMeters(ledger, owner, agents);
    await stepMeters(ledger, 'retire', agents.slice(0, 1));
    const meterIds = agents.map(({ meterId }) => meterId);
    const attempt = (changes: JsonObject) =>
      codeOf(ledger, () =>
        ledger.submit(dso, 'registry:purgeIdentities', { ...request(agents[0]!, 'purge'), ...changes }),
      );
    expect(await attempt({ meterIds })).toBe('METER_NOT_RETIRED');
    expect(await attempt({ meterIds: [command('none')] })).toBe('METER_UNKNOWN');
    expect(ledger.rows('identity', 'profiles').size).toBe(2);
    await ledger.submit(dso, 'registry:purgeIdentities', request(agents[0]!, 'first'));
    await ledger.submit(dso, 'registry:purgeIdentities', request(agents[0]!, 'again'));
    expect(ledger.rows('identity', 'profiles').size).toBe(1);
  });
});

describe('assets', () => {
  it('belong to participants, connections and meters that exist, and never change', async () => {
    const { ledger, owner } = await prepared();
    const agent = new MeterAgent('one');
    await registerMeters(ledger, owner, [agent]);
    const asset = { ...exampleAsset, participantId: owner.participantId };
    const attempt = (changes: JsonObject, label = 'a') =>
      codeOf(ledger, () => {
        const request = { commandId: command(label), assets: [{ ...asset, ...changes }] };
        return ledger.submit(aggregator, 'registry:registerAssets', request);
      });
    expect(await attempt({ participantId: command('nobody') })).toBe('PARTICIPANT_UNKNOWN');
    expect(await attempt({ gridId: 'none' })).toBe('GRID_UNKNOWN');
    expect(await attempt({ meterId: command('nothing') })).toBe('METER_UNKNOWN');
    expect(await attempt({ bus: 'none' })).toBe('METER_BUS_UNKNOWN');
    expect(await attempt({ kind: 'pv' })).toBe('ASSET_CAPACITY');
    expect(await attempt({ meterId: agent.meterId, bus: 'bus-1' })).toBe('ASSET_METER_ELSEWHERE');
    await ledger.submit(aggregator, 'registry:registerAssets', { commandId: command('ok'), assets: [asset] });
    expect(await attempt({}, 'b')).toBe('ASSET_EXISTS');
    expect(await attempt({ energyWh: '1' }, 'b')).toBe('ASSET_IMMUTABLE');
    const rows = [{ ...asset, status: 'REGISTERED' }];
    expect(await ledger.evaluate(dso, 'registry:listAssets', {})).toEqual({ rows, bookmark: null });
  });

  it('live as meters do: the system operator commissions them, their aggregator may retire them', async () => {
    const { ledger, owner } = await prepared();
    const { assetId } = exampleAsset;
    const asset = { ...exampleAsset, participantId: owner.participantId };
    let steps = 0;
    const step = (caller: { mspId: string; role: string }, name: string) => {
      steps += 1;
      const request = { commandId: command(`step ${steps}`), assetIds: [assetId], reason: 'Seen' };
      return ledger.submit(caller, `registry:${name}Assets`, request);
    };
    const attempt = (caller: { mspId: string; role: string }, name: string) => codeOf(ledger, () => step(caller, name));
    expect(await attempt(dso, 'commission')).toBe('ASSET_UNKNOWN');
    await ledger.submit(aggregator, 'registry:registerAssets', { commandId: command('ok'), assets: [asset] });
    expect(await attempt(aggregator, 'commission')).toBe('ACCESS_ROLE_REFUSED');
    expect(await attempt(dso, 'freeze')).toBe('ASSET_NOT_COMMISSIONED');
    expect((await step(dso, 'commission')).event?.facts).toEqual([
      { type: 'AssetsCommissioned', assetIds: [assetId], reason: 'Seen' },
    ]);
    expect(await attempt(dso, 'commission')).toBe('ASSET_ALREADY_COMMISSIONED');
    expect(await attempt(dso, 'unfreeze')).toBe('ASSET_NOT_FROZEN');
    await step(regulator, 'freeze');
    expect(await attempt(dso, 'freeze')).toBe('ASSET_FROZEN');
    await step(regulator, 'unfreeze');
    await step(aggregator, 'retire');
    expect(await attempt(dso, 'freeze')).toBe('ASSET_RETIRED');
  });
});
