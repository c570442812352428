import { slot, verifySignature, blockBytes, type JsonObject, type MeterId } from '@flexledger/domain';
import { callers, channel, command, firstSlot, record, type MeterAgent } from '../../testing/actors';
import type { MemoryLedger } from '../../testing/memory-ledger';
import { oneMeter as one } from '../../testing/metered-ledger';
import { codeOf } from '../../testing/refusal';

const { community, dso, market, tso } = callers;
const hour = [100n, 200n, 300n, 400n];
const nothing = [0n, 0n, 0n, 0n];

interface Total {
  readonly importWh: string;
  readonly quality: string;
  readonly version?: number;
}

async function totals(ledger: MemoryLedger, meterId: MeterId, fromSlot: number, toSlot: number) {
  const request = { meterIds: [meterId], fromSlot, toSlot };
  const { meters } = await ledger.evaluate(market, 'metering:getIntervalTotals', request);
  const [found] = meters as unknown as { totals: Total[] }[];
  return found!.totals.map(({ importWh, quality, version = 0 }) => [importWh, quality, version]);
}

function amendment(agent: MeterAgent, label: string, fromSlot: number, imports: readonly string[]): JsonObject {
  const stated = imports.map((importWh) => ({ importWh, exportWh: '0' }));
  return { commandId: command(label), meterId: agent.meterId, fromSlot, totals: stated, reason: 'Read at the meter' };
}

describe('the totals of a meter', () => {
  it('get new versions, and nothing is overwritten', async () => {
    const { agent, ledger } = await one();
    const { meterId } = agent;
    await record(ledger, '1', [agent.next(hour, nothing)]);
    const signed = await ledger.evaluate(dso, 'metering:getReading', { meterId, slot: firstSlot });
    const correct = async (label: string, from: number, imports: string[]) =>
      (
        await ledger.submit(dso, 'metering:correct', {
          ...amendment(agent, label, from, imports),
          cause: 'correction',
        })
      ).response;
    expect(await correct('one', firstSlot + 1, ['201', '301'])).toEqual({ version: 1 });
    expect(await correct('two', firstSlot + 2, ['302', '402'])).toEqual({ version: 2 });
    expect(await totals(ledger, meterId, firstSlot, firstSlot + 3)).toEqual([
      ['100', 'OK', 0],
      ['201', 'OK', 1],
      ['302', 'OK', 2],
      ['402', 'OK', 2],
    ]);
    expect(await ledger.evaluate(dso, 'metering:getReading', { meterId, slot: firstSlot })).toEqual(signed);
    const query = { meterId, fromSlot: firstSlot + 2, toSlot: firstSlot + 2 };
    expect(await ledger.evaluate(tso, 'metering:listAmendments', query)).toMatchObject({
      rows: [
        { version: 1, fromSlot: firstSlot + 1, mspId: 'DsoMSP', cause: 'correction', supersedes: [true, true] },
        { version: 2, fromSlot: firstSlot + 2 },
      ],
    });
  });

  it('are estimated where they are missing or bad, and a reading that comes later is newer than the estimate', async () => {
    const { agent, ledger } = await one();
    const { meterId } = agent;
    await record(ledger, '1', [agent.next([100n, 99_999n], [0n, 0n])]);
    await ledger.submit(dso, 'metering:substitute', amendment(agent, 'guess', firstSlot + 1, ['150', '150', '150']));
    expect(await totals(ledger, meterId, firstSlot, firstSlot + 3)).toEqual([
      ['100', 'OK', 0],
      ['150', 'ESTIMATED', 1],
      ['150', 'ESTIMATED', 1],
      ['150', 'ESTIMATED', 1],
    ]);
    await record(ledger, '2', [agent.next([77n], [0n])]);
    expect(await totals(ledger, meterId, firstSlot, firstSlot + 3)).toEqual([
      ['100', 'OK', 0],
      ['150', 'ESTIMATED', 1],
      ['77', 'OK', 0],
      ['150', 'ESTIMATED', 1],
    ]);
  });

  it('that come too late for the chain are a new version of a gap', async () => {
    const { agent, ledger } = await one();
    const { meterId } = agent;
    const gap = { fromSlot: firstSlot, toSlot: firstSlot + 3, reason: 'Nothing came' };
    await ledger.submit(dso, 'metering:recordGap', { commandId: command('gap'), meterId, ...gap });
    agent.skipTo(firstSlot + 4);
    await record(ledger, '1', [agent.next(hour, nothing)]);
    const late = { ...amendment(agent, 'late', firstSlot, ['1', '2', '3', '4']), cause: 'late' };
    await ledger.submit(dso, 'metering:correct', late);
    expect((await totals(ledger, meterId, firstSlot, firstSlot + 4)).map(([value]) => value)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '100',
    ]);
  });

  it('are amended by the system operator only, where there is something to amend', async () => {
    const { agent, ledger } = await one();
    await record(ledger, '1', [agent.next(hour, nothing)]);
    const attempt = (
      transaction: 'correct' | 'substitute',
      changes: JsonObject,
      caller: typeof dso | typeof market = dso,
    ) =>
      codeOf(ledger, () =>
        ledger.submit(caller, `metering:${transaction}`, {
          ...amendment(agent, 'attempt', firstSlot, ['1']),
          ...(transaction === 'correct' ? { cause: 'correction' } : {}),
          ...changes,
        }),
      );
    expect(await attempt('correct', {}, market)).toBe('ACCESS_ROLE_REFUSED');
    expect(await attempt('correct', { meterId: command('none') })).toBe('METER_UNKNOWN');
    expect(await attempt('correct', { fromSlot: firstSlot - 1, cause: 'late' })).toBe('AMENDMENT_BEFORE_METER');
    expect(await attempt('correct', { fromSlot: firstSlot + 48, cause: 'late' })).toBe('AMENDMENT_NOT_ENDED');
    expect(await attempt('correct', { fromSlot: firstSlot + 4 })).toBe('AMENDMENT_NOTHING_TO_CORRECT');
    expect(await attempt('substitute', {})).toBe('AMENDMENT_READING_GOOD');
    expect(await attempt('substitute', { totals: [] })).toBe('INPUT_FIELD_INVALID');
    expect(await attempt('substitute', { totals: [{ importWh: '-1', exportWh: '0' }] })).toBe('INPUT_FIELD_INVALID');
    const good = { ...amendment(agent, 'attempt', firstSlot, ['1']), cause: 'correction' };
    expect((await ledger.submit(dso, 'metering:correct', good)).response).toEqual({ version: 1 });
  });
});

describe('a purge', () => {
  const asked = { fromSlot: firstSlot, toSlot: firstSlot + 3, cause: 'request' } as const;

  it('takes values and salts; commitments, links, signatures and totals remain, and the chain goes on', async () => {
    const { agent, ledger } = await one();
    const { meterId } = agent;
    const [first, second] = [agent.next(hour, nothing), agent.next(hour, nothing)];
    await record(ledger, '1', [first, second]);
    const before = await ledger.evaluate(dso, 'metering:getReading', { meterId, slot: firstSlot });
    const outcome = await ledger.submit(community, 'metering:purge', {
      commandId: command('purge'),
      meterId,
      ...asked,
    });
    expect(outcome.response).toEqual({ blocks: 1 });
    expect(ledger.rows('profile', 'profiles').size).toBe(1);
    const profile = (at: number) =>
      codeOf(ledger, () => ledger.evaluate(tso, 'metering:getProfile', { meterId, slot: at }));
    expect(await profile(firstSlot + 2)).toBe('READING_PURGED');
    expect(await profile(firstSlot + 4)).toBe('ACCEPTED');
    expect(await ledger.evaluate(dso, 'metering:getReading', { meterId, slot: firstSlot })).toEqual(before);
    expect(verifySignature(agent.key.publicKey, blockBytes(channel, first), String(before.signature))).toBe(true);
    expect(await ledger.evaluate(market, 'metering:listPurges', { meterId })).toMatchObject({
      rows: [{ meterId, ...asked, blocks: 1 }],
    });
    expect(await record(ledger, 'again', [first])).toEqual([{ status: 'already' }]);
    expect(ledger.rows('profile', 'profiles').size).toBe(1);
    expect(await record(ledger, '3', [agent.next(hour, nothing)])).toEqual([{ status: 'recorded' }]);
  });

  it('is refused where it names too much, nothing or nobody', async () => {
    const { agent, ledger } = await one();
    const attempt = (changes: JsonObject) =>
      codeOf(ledger, () =>
        ledger.submit(dso, 'metering:purge', { commandId: command('x'), meterId: agent.meterId, ...asked, ...changes }),
      );
    expect(await attempt({ meterId: command('none') })).toBe('METER_UNKNOWN');
    expect(await attempt({ toSlot: firstSlot - 1 })).toBe('PURGE_RANGE');
    expect(await attempt({ toSlot: slot(firstSlot + 2_976) })).toBe('PURGE_RANGE');
    expect(await attempt({})).toBe('PURGE_NOTHING');
  });
});
