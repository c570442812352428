import { packBlock, slot, wh, type JsonObject, type ProfileBlock } from '@flexledger/domain';
import {
  callers,
  command,
  firstSlot,
  MeterAgent,
  meterEntry,
  identitiesOf,
  profilesOf,
  record,
  Signer,
  stepMeters,
} from '../../testing/actors';
import { meteredLedger, oneMeter as one } from '../../testing/metered-ledger';
import { codeOf } from '../../testing/refusal';

const { community, dso } = callers;
const hour = [100n, 200n, 300n, 400n];
const nothing = [0n, 0n, 0n, 0n];

describe('bad input to the registry of meters (B10)', () => {
  it('registers no meter twice, none for another owner, and no key twice', async () => {
    const { agent, ledger, owner } = await one();
    const attempt = (meter: MeterAgent, of: Signer, key: Signer) =>
      codeOf(ledger, () => {
        const request = { commandId: command('again'), meters: [meterEntry(meter.meterId, of, key)] };
        const transient = { identities: identitiesOf([meter.meterId]) };
        return ledger.submit(dso, 'registry:registerMeters', request, { transient });
      });
    expect(await attempt(agent, owner, agent.key)).toBe('METER_EXISTS');
    expect(await attempt(agent, owner, new Signer())).toBe('METER_IMMUTABLE');
    expect(await attempt(agent, new Signer(), new Signer())).toBe('PARTICIPANT_UNKNOWN');
    expect(await attempt(new MeterAgent('two'), owner, agent.key)).toBe('METER_KEY_USED');
  });
});

describe('bad blocks', () => {
  it('exactly repeated are answered "already", and write nothing but the command (B13)', async () => {
    const { agent, ledger } = await one();
    const block = agent.next(hour, nothing);
    await record(ledger, 'first', [block]);
    const request = { commandId: command('replay'), count: 1 };
    const { writes } = await ledger.submit(community, 'metering:recordProfiles', request, {
      transient: profilesOf([block]),
    });
    expect(writes.map(({ key }) => key.split('\u0000')[1])).toEqual(['command']);
  });

  it('with a number of no block that can come next are refused (B15)', async () => {
    const { agent, ledger } = await one();
    const first = agent.next(hour, nothing);
    await record(ledger, 'first', [first]);
    expect(await record(ledger, 'gap', [agent.peek(hour, nothing, { sequence: 3 })])).toMatchObject([
      { code: 'READING_SEQUENCE' },
    ]);
    const packed = (sequence: number) => packBlock(agent.peek(hour, nothing, { sequence }));
    for (const sequence of [0, 10_000_000_000, 2 ** 48]) {
      const request = { commandId: command(`sequence ${sequence}`), count: 1 };
      const transient = { profiles: { blocks: [packed(sequence)] } };
      const { response } = await ledger.submit(community, 'metering:recordProfiles', request, { transient });
      expect(response.exceptions).toEqual([{ index: 0, status: 'refused', code: 'READING_FORMAT' }]);
    }
  });

  it('whose signature is mirrored, empty, cut or of another encoding are refused (B16)', async () => {
    const { agent, ledger } = await one();
    const block = agent.peek(hour, nothing);
    const der = Buffer.concat([Buffer.from('3045022100', 'hex'), Buffer.from(block.signature, 'base64url')]);
    const cases: readonly [string, string][] = [
      [Signer.highS(block.signature), 'READING_SIGNATURE'],
      ['', 'READING_FORMAT'],
      [block.signature.slice(0, 40), 'READING_FORMAT'],
      [der.toString('base64url'), 'READING_FORMAT'],
      [Buffer.alloc(64).toString('base64url'), 'READING_SIGNATURE'],
    ];
    for (const [index, [signature, code]] of cases.entries()) {
      expect(await record(ledger, `signature ${index}`, [{ ...block, signature }])).toMatchObject([{ code }]);
    }
  });

  it('signed by another meter or for another channel are refused (B17)', async () => {
    const { agent, ledger } = await one();
    const block = agent.peek(hour, nothing);
    const other = new MeterAgent('other');
    expect(
      await record(ledger, 'other', [agent.peek(hour, nothing, { signature: other.key.sign(Buffer.from('x')) })]),
    ).toMatchObject([{ code: 'READING_SIGNATURE' }]);
    expect(await record(ledger, 'version', [agent.peek(hour, nothing, { keyVersion: 2 })])).toMatchObject([
      { code: 'READING_KEY_VERSION' },
    ]);
    expect(await record(ledger, 'itself', [block])).toEqual([{ status: 'recorded' }]);
  });

  it('with a wrong link, or the right link and a wrong slot, are refused (B18)', async () => {
    const { agent, ledger } = await one();
    const first = agent.next(hour, nothing);
    await record(ledger, 'first', [first]);
    const attempt = async (label: string, changes: Partial<ProfileBlock>) =>
      (await record(ledger, label, [agent.peek(hour, nothing, changes)]))[0]?.code;
    expect(await attempt('link', { previousLink: first.commitment })).toBe('READING_LINK');
    expect(await attempt('later', { startSlot: slot(firstSlot + 5) })).toBe('READING_NOT_CONTIGUOUS');
    expect(await attempt('place', { previousStartSlot: slot(firstSlot + 1) })).toBe('READING_SEQUENCE');
  });

  it('of the future or of before the meter are refused (B20)', async () => {
    const { agent, ledger } = await one();
    const day = Array.from({ length: 96 }, () => 1n);
    expect(await record(ledger, 'future', [agent.peek(day, day)])).toMatchObject([{ code: 'READING_NOT_ENDED' }]);
    expect(
      await record(ledger, 'before', [agent.peek(hour, nothing, { startSlot: slot(firstSlot - 4) })]),
    ).toMatchObject([{ code: 'READING_NOT_CONTIGUOUS' }]);
  });

  it('cannot state an hour twice: a slot is a quarter hour of UTC, and its block is there or not (B20)', async () => {
    const { agent, ledger } = await one();
    await record(ledger, 'first', [agent.next(hour, nothing)]);
    const again = agent.peek(hour, nothing, { startSlot: slot(firstSlot) });
    expect(await record(ledger, 'again', [again])).toMatchObject([{ code: 'READING_SEQUENCE' }]);
  });

  it('are counted: none, one too many, and the same one twice in one call (B23)', async () => {
    const { agent, ledger } = await one();
    const block = agent.next(hour, nothing);
    const attempt = (count: number) =>
      codeOf(ledger, () => {
        const blocks = Array.from({ length: count }, () => packBlock(block));
        const request = { commandId: command('count'), count: Math.min(Math.max(count, 1), 200) };
        return ledger.submit(community, 'metering:recordProfiles', request, { transient: { profiles: { blocks } } });
      });
    expect(await attempt(0)).toBe('INPUT_FIELD_INVALID');
    expect(await attempt(201)).toBe('INPUT_FIELD_INVALID');
    const twoHundred = Array.from({ length: 200 }, () => block);
    const results = await record(ledger, 'many', twoHundred);
    expect(results.filter(({ status }) => status === 'recorded')).toHaveLength(1);
    expect(results.filter(({ status }) => status === 'already')).toHaveLength(199);
  });

  it('that are one of fifty harm none of the others (B23)', async () => {
    const agents = Array.from({ length: 50 }, (_, index) => new MeterAgent(`meter ${index}`));
    const ledger = await meteredLedger(new Signer(), ...agents);
    const blocks = agents.map((agent) => agent.next(hour, nothing));
    const results = await record(ledger, 'fifty', [
      ...blocks.slice(0, 49),
      { ...blocks[49]!, importWh: [...hour.slice(0, 3), 401n].map(wh) },
    ]);
    expect(results.filter(({ status }) => status === 'recorded')).toHaveLength(49);
    expect(results.at(-1)).toEqual({ status: 'refused', code: 'READING_TOTALS' });
  });

  it('never travel in the arguments, and never without their confidential part (B24)', async () => {
    const { agent, ledger } = await one();
    const blocks = [packBlock(agent.peek(hour, nothing))];
    const attempt = (request: JsonObject, transient: Record<string, JsonObject>) =>
      codeOf(ledger, () => ledger.submit(community, 'metering:recordProfiles', request, { transient }));
    const request = { commandId: command('arguments'), count: 1 };
    expect(await attempt({ ...request, blocks }, {})).toBe('INPUT_FIELD_UNKNOWN');
    expect(await attempt({ ...request, profiles: { blocks } }, {})).toBe('INPUT_FIELD_UNKNOWN');
    expect(await attempt(request, {})).toBe('INPUT_TRANSIENT_MISSING');
    expect(await attempt(request, { profiles: {} })).toBe('INPUT_FIELD_MISSING');
  });
});

describe('a meter that was offline for a day (F37)', () => {
  it('has all its 48 blocks on the ledger once, in whatever order they come', async () => {
    const { agent, ledger } = await one();
    const blocks = Array.from({ length: 48 }, (_, index) => agent.next([BigInt(index)], [0n]));
    const order = blocks.map((_, index) => (index * 29) % 48);
    const mixed = order.map((index) => blocks[index]!);
    const results = await record(ledger, 'all', mixed);
    expect(results.every(({ status }) => status === 'recorded')).toBe(true);
    expect(await record(ledger, 'again', [...mixed].reverse())).toEqual(mixed.map(() => ({ status: 'already' })));
    const { rows } = await ledger.evaluate(dso, 'metering:listReadings', { meterId: agent.meterId });
    const listed = rows as JsonObject[];
    expect(listed.map(({ sequence }) => sequence)).toEqual(blocks.map(({ sequence }) => sequence));
    expect(listed.map(({ totals }) => (totals as JsonObject[])[0]?.importWh)).toEqual(
      blocks.map((_, at) => String(at)),
    );
  });

  it('is told of each block that comes before its predecessor that it may come again', async () => {
    const { agent, ledger } = await one();
    const [first, second, third] = [agent.next(hour, nothing), agent.next(hour, nothing), agent.next(hour, nothing)];
    expect(await record(ledger, 'third', [third])).toMatchObject([{ code: 'READING_SEQUENCE' }]);
    expect(await record(ledger, 'two', [second, first])).toMatchObject([
      { status: 'recorded' },
      { status: 'recorded' },
    ]);
    expect(await record(ledger, 'third again', [third])).toMatchObject([{ status: 'recorded' }]);
  });
});

describe('a clone (B14, B19, F38)', () => {
  it('freezes the meter; the block that came first stays, and both are kept as evidence', async () => {
    const { agent, ledger } = await one();
    const other = agent.peek([100n, 200n, 300n, 401n], nothing);
    const original = agent.next(hour, nothing);
    await record(ledger, 'original', [original]);
    const { meterId } = agent;
    const request = { commandId: command('other'), count: 1 };
    const outcome = await ledger.submit(community, 'metering:recordProfiles', request, {
      transient: profilesOf([other]),
    });
    expect(outcome.response.exceptions).toEqual([{ index: 0, status: 'refused', code: 'READING_CONFLICT' }]);
    expect(outcome.event).toMatchObject({
      facts: [
        { type: 'CloneFound', meterId, sequence: 1 },
        { type: 'ProfilesRecorded', refused: 1 },
      ],
    });
    expect(await ledger.evaluate(dso, 'metering:listClones', { meterId })).toMatchObject({
      rows: [
        {
          sequence: 1,
          recorded: { startSlot: firstSlot, signature: original.signature },
          other: { startSlot: firstSlot, signature: other.signature },
        },
      ],
    });
    const reading = await ledger.evaluate(dso, 'metering:getReading', { meterId, slot: firstSlot });
    expect(reading.signature).toBe(original.signature);
    expect(await record(ledger, 'next', [agent.next(hour, nothing)])).toMatchObject([{ code: 'METER_FROZEN' }]);
    expect(await record(ledger, 'again', [original])).toEqual([{ status: 'already' }]);
    expect(await record(ledger, 'other again', [other])).toMatchObject([{ code: 'METER_FROZEN' }]);
  });

  it('is found where both blocks come in one call, whatever their order', async () => {
    const { agent, ledger } = await one();
    const other = agent.peek([1n, 1n], [0n, 0n]);
    const original = agent.next(hour, nothing);
    expect(await record(ledger, 'both', [original, other])).toMatchObject([
      { status: 'recorded' },
      { status: 'refused', code: 'READING_CONFLICT' },
    ]);
    expect(ledger.rows('clone').size).toBe(1);
  });

  it('is no clone without the signature of the meter', async () => {
    const { agent, ledger } = await one();
    const forged = { ...agent.peek([100n, 200n, 300n, 401n], nothing), signature: new Signer().sign(Buffer.alloc(1)) };
    await record(ledger, 'original', [agent.next(hour, nothing)]);
    expect(await record(ledger, 'forged', [forged])).toMatchObject([{ code: 'READING_SIGNATURE' }]);
    expect(ledger.rows('clone').size).toBe(0);
  });

  it('is found on either side of a gap that the operator has stated', async () => {
    for (const lateFirst of [true, false]) {
      const { agent, ledger } = await one();
      const { meterId } = agent;
      await record(ledger, 'first', [agent.next(hour, nothing)]);
      const gap = { fromSlot: firstSlot + 4, toSlot: firstSlot + 11, reason: 'Nothing came' };
      await ledger.submit(dso, 'metering:recordGap', { commandId: command('gap'), meterId, ...gap });
      const inGap = agent.peek(hour, nothing);
      const behindGap = agent.peek(hour, nothing, { startSlot: slot(firstSlot + 12) });
      const [one_, two] = lateFirst ? [inGap, behindGap] : [behindGap, inGap];
      expect(await record(ledger, 'one', [one_])).toEqual([{ status: 'recorded' }]);
      expect(await record(ledger, 'two', [two])).toMatchObject([{ code: 'READING_CONFLICT' }]);
      expect(ledger.rows('clone').size).toBe(1);
    }
  });

  it('leaves a meter that was put back into service to go on', async () => {
    const { agent, ledger } = await one();
    const other = agent.peek([1n, 1n, 1n, 1n], nothing);
    await record(ledger, 'original', [agent.next(hour, nothing)]);
    await record(ledger, 'other', [other]);
    await stepMeters(ledger, 'unfreeze', [agent]);
    expect(await record(ledger, 'next', [agent.next(hour, nothing)])).toEqual([{ status: 'recorded' }]);
  });
});
