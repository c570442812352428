import {
  fromBase64Url,
  inclusionProof,
  intervalsOf,
  leafOf,
  packBlock,
  profileBlockCodec,
  slot,
  verifyInclusion,
  wh,
  type JsonObject,
  type ProfileBlock,
} from '@flexledger/domain';
import { callers, command, firstSlot, MeterAgent, profilesOf, record, Signer } from '../../testing/actors';
import { meteredLedger, oneMeter as one } from '../../testing/metered-ledger';
import { codeOf } from '../../testing/refusal';

const { community, dso, market, tso } = callers;
const hour = [100n, 200n, 300n, 400n];
const nothing = [0n, 0n, 0n, 0n];

const metered = (...agents: MeterAgent[]) => meteredLedger(new Signer(), ...agents);

async function totals(
  ledger: Awaited<ReturnType<typeof metered>>,
  agent: MeterAgent,
  fromSlot: number,
  toSlot: number,
) {
  const request = { meterIds: [agent.meterId], fromSlot, toSlot };
  const { meters } = await ledger.evaluate(market, 'metering:getIntervalTotals', request);
  return (meters as { totals: { importWh: string; exportWh: string; quality: string }[] }[])[0]?.totals ?? [];
}

describe('a block of readings', () => {
  it('is recorded: totals and commitment on the channel, values and salt in the collection only', async () => {
    const { agent, ledger } = await one();
    const block = agent.next(hour, nothing);
    const { meterId } = agent;
    expect(await record(ledger, '1', [block])).toEqual([{ status: 'recorded' }]);
    const reading = await ledger.evaluate(market, 'metering:getReading', { meterId, slot: firstSlot + 3 });
    expect(reading).toMatchObject({ commitment: block.commitment, quality: ['OK', 'OK', 'OK', 'OK'] });
    expect(reading.salt).toBeUndefined();
    expect(await ledger.evaluate(tso, 'metering:getProfile', { meterId, slot: firstSlot })).toMatchObject({
      salt: block.salt,
      importWh: ['100', '200', '300', '400'],
    });
    expect([...ledger.rows('profile').keys()]).toEqual([]);
    expect(await ledger.evaluate(dso, 'metering:getMeterHead', { meterId })).toMatchObject({
      head: { sequence: 1, link: reading.link, startSlot: firstSlot, nextSlot: firstSlot + 4 },
    });
  });

  it('opens one leaf to who is shown its interval and salt', async () => {
    const { agent } = await one();
    const block = agent.next(hour, nothing);
    const leaves = (intervalsOf(block) ?? []).map((interval, index) => leafOf(block.salt, interval, index));
    const root = fromBase64Url(block.commitment)!;
    const proof = inclusionProof(leaves, 2);
    expect(verifyInclusion({ leaf: leaves[2]!, index: 2, leafCount: 4, proof, root })).toBe(true);
    expect(verifyInclusion({ leaf: leaves[1]!, index: 2, leafCount: 4, proof, root })).toBe(false);
  });

  it('is answered "already" when it comes again, and nothing of it is written', async () => {
    const { agent, ledger } = await one();
    const block = agent.next(hour, nothing);
    await record(ledger, '1', [block]);
    const before = [...ledger.rows('block')];
    expect(await record(ledger, '2', [block])).toMatchObject([{ status: 'already' }]);
    expect([...ledger.rows('block')]).toEqual(before);
    // A second signature over the same content is the same block: what counts is the chain, not the signature's bytes.
    expect(await record(ledger, '3', [{ ...block, signature: new MeterAgent('x').key.sign(Buffer.alloc(1)) }])).toEqual(
      [{ status: 'refused', code: 'READING_SIGNATURE' }],
    );
  });

  it('with the number of another one is a conflict', async () => {
    const { agent, ledger } = await one();
    const forked = agent.peek([100n, 200n, 300n, 401n], nothing);
    await record(ledger, '1', [agent.next(hour, nothing)]);
    expect(await record(ledger, '2', [forked])).toMatchObject([{ status: 'refused', code: 'READING_CONFLICT' }]);
  });

  it('is refused with the first code that applies', async () => {
    const { agent, ledger } = await one();
    const other = new MeterAgent('other');
    const make = (changes: Partial<ProfileBlock>) => agent.peek(hour, nothing, changes);
    const good = make({});
    const cases: readonly [string, ProfileBlock][] = [
      ['READING_METER_UNKNOWN', { ...good, meterId: other.meterId }],
      ['READING_KEY_VERSION', make({ keyVersion: 2, sequence: 3 })],
      ['READING_SHAPE', make({ importWh: hour.slice(0, 3).map(wh), exportWh: nothing.slice(0, 3).map(wh) })],
      ['READING_SHAPE', make({ totals: good.totals.slice(0, 3) })],
      ['READING_SHAPE', make({ resolutionMinutes: 5, totals: good.totals })],
      ['READING_SHAPE', make({ stated: ['OK', 'MISSING', 'OK', 'OK'] })],
      ['READING_SIGNATURE', { ...good, signature: Signer.highS(good.signature) }],
      ['READING_SIGNATURE', { ...good, commitment: other.peek(hour, nothing).commitment }],
      ['READING_SIGNATURE', make({ signature: other.key.sign(Buffer.from('x')) })],
      ['READING_SEQUENCE', make({ sequence: 2 })],
      ['READING_LINK', make({ previousLink: good.commitment, startSlot: slot(firstSlot + 1) })],
      ['READING_NOT_CONTIGUOUS', make({ startSlot: slot(firstSlot + 1) })],
      ['READING_NOT_CONTIGUOUS', make({ startSlot: slot(firstSlot - 4) })],
      ['READING_TOTALS', make({ totals: agent.peek([1n, 2n, 3n, 4n], nothing).totals })],
      ['READING_COMMITMENT', make({ commitment: agent.peek([1n, 2n, 3n, 4n], nothing).commitment })],
    ];
    for (const [index, [code, block]] of cases.entries()) {
      expect(await record(ledger, `case ${index}`, [block])).toMatchObject([{ status: 'refused', code }]);
    }
    expect(ledger.rows('block').size).toBe(0);
    expect(await record(ledger, 'good', [good])).toMatchObject([{ status: 'recorded' }]);
  });

  it('must have ended on the ledger clock', async () => {
    const { agent, ledger } = await one();
    const half = Array.from({ length: 49 }, () => 1n);
    expect(await record(ledger, '1', [agent.peek(half, half)])).toMatchObject([{ code: 'READING_NOT_ENDED' }]);
    expect(await record(ledger, '2', [agent.peek(half.slice(1), half.slice(1))])).toMatchObject([
      { status: 'recorded' },
    ]);
  });

  it('that claims more than the fuse lets through is recorded and flagged', async () => {
    const { agent, ledger } = await one();
    // 43 kW for a quarter hour are 10,750 Wh; a value sent as kWh is a thousand times too large.
    await record(ledger, '1', [agent.next([10_750n, 10_751n, 400_000n, 0n], [0n, 0n, 0n, 10_751n])]);
    const found = await totals(ledger, agent, firstSlot, firstSlot + 3);
    expect(found.map(({ quality }) => quality)).toEqual(['OK', 'BAD', 'BAD', 'BAD']);
  });
});

describe('one call', () => {
  it('records the good blocks of many and answers the code of each bad one', async () => {
    const agents = Array.from({ length: 5 }, (_, index) => new MeterAgent(`meter ${index}`));
    const ledger = await metered(...agents);
    const packed = agents.map((agent) => packBlock(agent.next(hour, nothing)));
    const spoilt = [packed[0]!, packed[1]!.slice(0, -4), packed[2]!, {}, packed[4]!];
    const request = { commandId: command('five'), count: 5 };
    const outcome = await ledger.submit(community, 'metering:recordProfiles', request, {
      transient: { profiles: { blocks: spoilt } },
    });
    expect(outcome.response).toEqual({
      recorded: 3,
      exceptions: [
        { index: 1, status: 'refused', code: 'READING_FORMAT' },
        { index: 3, status: 'refused', code: 'INPUT_FIELD_INVALID' },
      ],
    });
    expect(outcome.event).toMatchObject({ facts: [{ type: 'ProfilesRecorded', recorded: 3, refused: 2 }] });
  });

  it('may carry several blocks of one meter, and the same one twice', async () => {
    const { agent, ledger } = await one();
    const first = agent.next(hour, nothing);
    const second = agent.next(hour, nothing);
    expect((await record(ledger, '1', [first, first, second])).map(({ status }) => status)).toEqual([
      'recorded',
      'already',
      'recorded',
    ]);
  });

  it('is refused as a whole only where its envelope is wrong', async () => {
    const { agent, ledger } = await one();
    const block = agent.peek(hour, nothing);
    const attempt = (count: number, transient: Record<string, JsonObject>, caller: typeof community | typeof dso) =>
      codeOf(ledger, () => {
        const request = { commandId: command('envelope'), count };
        return ledger.submit(caller, 'metering:recordProfiles', request, { transient });
      });
    expect(await attempt(2, profilesOf([block]), community)).toBe('METERING_COUNT');
    expect(await attempt(1, {}, community)).toBe('INPUT_TRANSIENT_MISSING');
    expect(await attempt(1, { ...profilesOf([block]), other: {} }, community)).toBe('INPUT_TRANSIENT_UNKNOWN');
    expect(await attempt(0, profilesOf([]), community)).toBe('INPUT_FIELD_INVALID');
    expect(await attempt(201, profilesOf(Array.from({ length: 201 }, () => block)), community)).toBe(
      'INPUT_FIELD_INVALID',
    );
    expect(await attempt(1, profilesOf([block]), dso)).toBe('ACCESS_ROLE_REFUSED');
  });

  it('refuses confidential values among its arguments, and does not repeat them', async () => {
    const { agent, ledger } = await one();
    const blocks = [profileBlockCodec.encode(agent.peek([987_654n, 0n, 0n, 0n], nothing))];
    const request = { commandId: command('x'), count: 1, profiles: { blocks } };
    const attempt = ledger.submit(community, 'metering:recordProfiles', request);
    await expect(attempt).rejects.toMatchObject({ code: 'INPUT_FIELD_UNKNOWN' });
    await expect(attempt).rejects.not.toThrow(/987654/);
  });

  it('needs an endorsing peer that is a member of the collection', async () => {
    const { agent, ledger } = await one();
    const { meterId } = agent;
    await record(ledger, '1', [agent.next(hour, nothing)]);
    const read = () => ledger.evaluate(tso, 'metering:getProfile', { meterId, slot: firstSlot }, { collections: [] });
    expect(await codeOf(ledger, read)).toBe('LEDGER_REFUSED');
  });
});

describe('a block at the end of time', () => {
  it('harms no other block of its call', async () => {
    const { agent, ledger } = await one();
    const late = { ...agent.peek(hour, nothing), startSlot: slot(99_999_999) };
    expect(await record(ledger, '1', [late, agent.next(hour, nothing)])).toMatchObject([
      { status: 'refused', code: 'READING_FORMAT' },
      { status: 'recorded' },
    ]);
  });
});

describe('a gap', () => {
  const gap = { fromSlot: firstSlot, toSlot: firstSlot + 7, reason: 'Meter was replaced' };

  it('lets the chain of a meter go on, and its slots are missing', async () => {
    const { agent, ledger } = await one();
    const { meterId } = agent;
    await ledger.submit(dso, 'metering:recordGap', { commandId: command('gap'), meterId, ...gap });
    agent.skipTo(firstSlot + 8);
    expect(await record(ledger, '1', [agent.next(hour, nothing)])).toMatchObject([{ status: 'recorded' }]);
    const found = await totals(ledger, agent, firstSlot + 6, firstSlot + 9);
    expect(found.map(({ quality, importWh }) => [quality, importWh])).toEqual([
      ['MISSING', '0'],
      ['MISSING', '0'],
      ['OK', '100'],
      ['OK', '200'],
    ]);
    expect(await ledger.evaluate(tso, 'metering:listGaps', { meterId })).toMatchObject({
      rows: [{ ...gap, meterId, afterSequence: 0 }],
    });
  });

  it('is refused where it does not continue the chain, has not ended or is no range', async () => {
    const { agent, ledger } = await one();
    const attempt = (changes: JsonObject) =>
      codeOf(ledger, () => {
        const request = { commandId: command('gap'), meterId: agent.meterId, ...gap, ...changes };
        return ledger.submit(dso, 'metering:recordGap', request);
      });
    expect(await attempt({ meterId: command('nothing') })).toBe('METER_UNKNOWN');
    expect(await attempt({ toSlot: firstSlot - 1 })).toBe('GAP_RANGE');
    expect(await attempt({ toSlot: firstSlot + 672 })).toBe('GAP_RANGE');
    expect(await attempt({ fromSlot: firstSlot + 1 })).toBe('GAP_NOT_CONTIGUOUS');
    expect(await attempt({ toSlot: firstSlot + 48 })).toBe('GAP_NOT_ENDED');
    expect(await attempt({ reason: 'r\u0065\u0301paration' })).toBe('INPUT_FIELD_INVALID');
  });
});

describe('interval totals', () => {
  it('are found through blocks of every length', async () => {
    const { agent, ledger } = await one();
    const values = (count: number, from: number) => Array.from({ length: count }, (_, index) => BigInt(from + index));
    let next = 0;
    for (const [index, length] of [1, 3, 24, 9, 2, 4].entries()) {
      await record(ledger, `block ${index}`, [agent.next(values(length, next), values(length, 0))]);
      next += length;
    }
    const found = await totals(ledger, agent, firstSlot, firstSlot + next);
    expect(found.map(({ importWh }) => importWh)).toEqual([...values(next, 0).map(String), '0']);
    expect(found.at(-1)?.quality).toBe('MISSING');
    expect((await totals(ledger, agent, firstSlot + 30, firstSlot + 30)).map(({ importWh }) => importWh)).toEqual([
      '30',
    ]);
    const listed = await ledger.evaluate(tso, 'metering:listReadings', { meterId: agent.meterId });
    expect((listed.rows as JsonObject[]).map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('of finer values are sums, of coarser ones an even split that is flagged', async () => {
    const fine = new MeterAgent('fine', { resolutionMinutes: 1 });
    const coarse = new MeterAgent('coarse', { resolutionMinutes: 60 });
    const ledger = await metered(fine, coarse);
    const minutes = Array.from({ length: 30 }, (_, index) => BigInt(index));
    const zeros = minutes.map(() => 0n);
    const blocks = [
      fine.next(minutes, zeros, { resolutionMinutes: 1 }),
      coarse.next([10n], [3n], { resolutionMinutes: 60 }),
    ];
    expect(await record(ledger, '1', blocks)).toMatchObject([{ status: 'recorded' }, { status: 'recorded' }]);
    const sums = await totals(ledger, fine, firstSlot, firstSlot + 1);
    expect(sums.map(({ importWh }) => importWh)).toEqual(['105', '330']);
    const split = await totals(ledger, coarse, firstSlot, firstSlot + 3);
    expect(split.map(({ importWh, exportWh, quality }) => [importWh, exportWh, quality])).toEqual([
      ['3', '1', 'ESTIMATED'],
      ['3', '1', 'ESTIMATED'],
      ['2', '1', 'ESTIMATED'],
      ['2', '0', 'ESTIMATED'],
    ]);
  });

  it('are asked for at most a day at once', async () => {
    const { agent, ledger } = await one();
    const attempt = (toSlot: number) => codeOf(ledger, () => totals(ledger, agent, firstSlot, toSlot));
    expect(await attempt(firstSlot + 96)).toBe('METERING_RANGE');
    expect(await attempt(firstSlot - 1)).toBe('METERING_RANGE');
    expect(await attempt(firstSlot + 95)).toBe('ACCEPTED');
  });
});
