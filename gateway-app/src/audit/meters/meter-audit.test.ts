import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitmentOf, intervalsOf, linkOf, totalsOf, wh, type Reading } from '@flexledger/domain';
import type { ReadWriteSet } from '@flexledger/fabric-model';
import { FindingList, type Finding } from '../audit-finding';
import { readCopyFile, writeCopyFile, type CopiedRow } from '../blocks/copy-file';
import { CopyMatcher } from '../blocks/copy-matcher';
import type { FindingCode } from '../finding-codes';
import { MeterAudit } from './meter-audit';
import {
  copiedRow,
  gapWrite,
  METERED_CHANNEL,
  MeteredMeter,
  meteringWrites,
  readingWrite,
  type MeteredBlock,
} from '../testing/metered-ledger';

const HOURS = 5;
const first = new MeteredMeter('a', HOURS);
const second = new MeteredMeter('b', HOURS);
const folder = mkdtempSync(join(tmpdir(), 'flexledger-meter-audit-'));
let files = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** One transaction registers the meters, then each hour has one transaction with the blocks of both. */
function ledger(): ReadWriteSet[] {
  const hours = first.blocks.map((block, hour) => meteringWrites({ blocks: [block, second.blocks[hour]!] }));
  return [meteringWrites({ writes: [first.registration, second.registration] }), ...hours];
}

function copyOfAll(): CopiedRow[] {
  return first.blocks.flatMap((block, hour) => [copiedRow(block), copiedRow(second.blocks[hour]!)]);
}

async function fileOf(rows: readonly CopiedRow[]): Promise<string> {
  const file = join(folder, `${(files += 1)}.copy`);
  await writeCopyFile(file, METERED_CHANNEL, rowsOf(rows));
  return file;
}

async function* rowsOf(rows: readonly CopiedRow[]): AsyncGenerator<CopiedRow> {
  await Promise.resolve();
  yield* rows;
}

interface Audited {
  readonly audit: MeterAudit;
  readonly purged: number;
  readonly findings: readonly Finding[];
}

async function audited(sets: readonly ReadWriteSet[], copyFile?: string): Promise<Audited> {
  const findings = new FindingList();
  const copy = copyFile === undefined ? undefined : new CopyMatcher(readCopyFile(copyFile, METERED_CHANNEL), findings);
  const audit = new MeterAudit({ chaincode: 'flexledger', channel: () => METERED_CHANNEL, findings, copy });
  for (const [block, readWriteSet] of sets.entries()) {
    await audit.feed({ readWriteSet }, { block, transaction: 0, transactionId: `t${block}` });
  }
  const purged = await audit.finish();
  return { audit, purged, findings: findings.all };
}

function codesOf(findings: readonly Finding[]): FindingCode[] {
  return findings.map(({ code }) => code);
}

/** The ledger with the block of an hour of the first meter exchanged. */
function withReading(hour: number, change: (reading: Reading) => Reading): ReadWriteSet[] {
  const { reading, profile } = first.blocks[hour]!;
  const block: MeteredBlock = { reading: change(reading), profile };
  return ledger().map((set, index) =>
    index === hour + 1 ? meteringWrites({ blocks: [block, second.blocks[hour]!] }) : set,
  );
}

/** The blocks of the first meter with one value changed in an hour: totals, commitment and links follow from it. */
function rewrittenFrom(hour: number): readonly MeteredBlock[] {
  let previousLink: string | undefined;
  return first.blocks.map((block, index) => {
    if (index < hour) {
      return block;
    }
    const [one, ...rest] = block.profile.importWh;
    const importWh = index === hour ? [wh(one! + 5n), ...rest] : block.profile.importWh;
    const profile = { ...block.profile, importWh };
    const intervals = intervalsOf(profile)!;
    const changed = { commitment: commitmentOf(profile.salt, intervals), totals: totalsOf(intervals) };
    const reading = { ...block.reading, ...changed, previousLink: previousLink ?? block.reading.previousLink };
    previousLink = linkOf(reading);
    return { reading: { ...reading, link: previousLink }, profile };
  });
}

describe('the chains of meters', () => {
  test('are followed block by block, and every value is opened against its commitment', async () => {
    const { audit, findings, purged } = await audited(ledger(), await fileOf(copyOfAll()));
    expect(findings).toEqual([]);
    expect(purged).toBe(0);
    expect(audit.summary).toEqual({ meters: 2, blocks: 2 * HOURS, copied: 2 * HOURS, readings: 2 * HOURS * 60 });
    expect(audit.invariants.map(({ id, holds, checked }) => [id, holds, checked])).toEqual([
      ['I5', true, 2 * HOURS],
      ['I6', true, 2 * HOURS],
    ]);
  });

  test('with a missing block name the meter, the blocks and the slots that are missing', async () => {
    const without = ledger().map((set, index) => (index === 3 ? meteringWrites({ blocks: [second.blocks[2]!] }) : set));
    const { findings, audit } = await audited(without);
    expect(codesOf(findings)).toEqual(['READING_MISSING', 'READING_MISSING', 'READING_LINK_WRONG']);
    expect(findings[0]).toMatchObject({ block: 4, meter: first.meterId, what: 'block 3 is missing' });
    expect(findings[1]?.what).toContain('slots 1625208 to 1625211 have no readings');
    expect(audit.invariants.map(({ holds }) => holds)).toEqual([false, false]);
  });

  test('may go on behind a gap that the operator has stated, and not without it', async () => {
    const silent = new MeteredMeter('c', [0, 2]);
    const blocks = silent.blocks.map((block) => meteringWrites({ blocks: [block] }));
    const sets = [meteringWrites({ writes: [silent.registration] }), blocks[0]!];
    const gap = meteringWrites({ writes: [gapWrite(silent.meterId, 1)] });
    expect((await audited([...sets, gap, blocks[1]!])).findings).toEqual([]);
    const { findings } = await audited([...sets, blocks[1]!]);
    expect(findings).toMatchObject([{ code: 'READING_MISSING', block: 2, meter: silent.meterId }]);
  });

  test('with a block that comes twice name it once', async () => {
    const again = [...ledger(), meteringWrites({ blocks: [first.blocks[2]!] })];
    const { findings } = await audited(again);
    expect(findings).toMatchObject([{ code: 'READING_DOUBLED', block: HOURS + 1, meter: first.meterId }]);
  });

  test.each<[string, (reading: Reading) => Reading, FindingCode]>([
    [
      'a total',
      (reading) => ({ ...reading, totals: reading.totals.map((total) => ({ ...total, importWh: wh(1n) })) }),
      'READING_SIGNATURE_WRONG',
    ],
    ['the link before', (reading) => ({ ...reading, previousLink: reading.link }), 'READING_LINK_WRONG'],
    ['a commitment', (reading) => ({ ...reading, commitment: reading.link }), 'READING_SIGNATURE_WRONG'],
    ['a key version', (reading) => ({ ...reading, keyVersion: 2 }), 'READING_SIGNATURE_WRONG'],
  ])('with %s changed name the block', async (_what, change, code) => {
    const { findings } = await audited(withReading(2, change));
    expect(findings.filter(({ block }) => block === 3).map((finding) => finding.code)).toContain(code);
  });

  test('that an insider has written anew with the copy, every hash computed again, lack the signatures of their meter', async () => {
    const forged = rewrittenFrom(2);
    const sets = ledger().map((set, index) =>
      index === 0 ? set : meteringWrites({ blocks: [forged[index - 1]!, second.blocks[index - 1]!] }),
    );
    const copy = forged.flatMap((block, hour) => [copiedRow(block), copiedRow(second.blocks[hour]!)]);
    const { findings } = await audited(sets, await fileOf(copy));
    expect(codesOf(findings)).toEqual(Array.from({ length: HOURS - 2 }, () => 'READING_SIGNATURE_WRONG'));
    expect(findings.map(({ block, meter }) => [block, meter])).toEqual(
      [3, 4, 5].map((block) => [block, first.meterId]),
    );
  });

  test('with a row that was deleted or cannot be read name it', async () => {
    const write = readingWrite(first.blocks[1]!.reading);
    for (const value of [undefined, write.value?.subarray(0, 20)]) {
      const { findings } = await audited([...ledger(), meteringWrites({ writes: [{ ...write, value }] })]);
      expect(findings).toMatchObject([{ code: 'READING_UNREADABLE', meter: first.meterId, block: HOURS + 1 }]);
    }
  });

  test('of a meter that was never registered are findings', async () => {
    const { findings } = await audited(ledger().slice(1));
    expect(new Set(codesOf(findings))).toEqual(new Set(['READING_METER_UNKNOWN']));
  });
});

describe('a copy of private values', () => {
  test('in another order than the ledger is as good', async () => {
    const { findings } = await audited(ledger(), await fileOf(copyOfAll().reverse()));
    expect(findings).toEqual([]);
  });

  test('with a changed value names the block, its slot and the commitment', async () => {
    const { reading, profile } = first.blocks[2]!;
    const importWh = profile.importWh.map((value, minute) => (minute === 20 ? wh(value + 1n) : value));
    const rows = copyOfAll().map((row, index) =>
      index === 4 ? copiedRow({ reading, profile: { ...profile, importWh } }) : row,
    );
    const { findings } = await audited(ledger(), await fileOf(rows));
    expect(codesOf(findings)).toEqual(['COPY_CHANGED', 'COPY_TOTALS_WRONG', 'COPY_COMMITMENT_WRONG']);
    expect(findings[1]).toMatchObject({ meter: first.meterId, block: 3 });
    expect(findings[1]?.what).toContain(`slot ${reading.startSlot + 1} `);
  });

  test('whose values were moved within a quarter hour is found though the totals are right', async () => {
    const { reading, profile } = first.blocks[2]!;
    const [one, two, ...rest] = profile.importWh;
    const changed = { reading, profile: { ...profile, importWh: [wh(one! - 1n), wh(two! + 1n), ...rest] } };
    const rows = copyOfAll().map((row, index) => (index === 4 ? copiedRow(changed) : row));
    const { findings } = await audited(ledger(), await fileOf(rows));
    expect(codesOf(findings)).toEqual(['COPY_CHANGED', 'COPY_COMMITMENT_WRONG']);
  });

  test('without a row, with one too many and with one twice names each of them', async () => {
    const [, gone, ...rest] = copyOfAll();
    const stranger = copiedRow(new MeteredMeter('c', 1).blocks[0]!);
    const { findings } = await audited(
      ledger(),
      await fileOf([...copyOfAll().slice(0, 1), ...rest, stranger, rest[0]!]),
    );
    expect(findings).toMatchObject([
      { code: 'COPY_DOUBLED', meter: rest[0]!.meterId },
      { code: 'COPY_NOT_ON_LEDGER', meter: stranger.meterId },
      { code: 'COPY_MISSING', meter: gone!.meterId, block: 1 },
    ]);
  });

  test('without values that the ledger has purged is clean, and says how many', async () => {
    const rows = copyOfAll().filter((_, index) => index !== 2);
    const purge = meteringWrites({ purged: [first.blocks[1]!] });
    const { findings, purged, audit } = await audited([...ledger(), purge], await fileOf(rows));
    expect(findings).toEqual([]);
    expect(purged).toBe(1);
    expect(audit.summary.blocks).toBe(2 * HOURS);
  });

  test('whose line feeds were changed into other ends of a line is not as it was written', async () => {
    const file = await fileOf(copyOfAll());
    writeFileSync(file, readFileSync(file, 'latin1').replaceAll('\n', '\r'));
    expect((await audited(ledger(), file)).findings.length).toBeGreaterThan(0);
  });

  test('with any one byte changed has a finding', async () => {
    const file = await fileOf(copyOfAll().slice(0, 4));
    const whole = readFileSync(file);
    const seed = Date.now() % 100_000;
    for (let run = 0; run < 60; run += 1) {
      const position = (seed * 7_919 + run * 104_729) % whole.length;
      const changed = Buffer.from(whole);
      changed[position] = (changed[position] ?? 0) ^ (1 + (run % 127));
      writeFileSync(file, changed);
      const sets = [ledger()[0]!, ledger()[1]!, ledger()[2]!];
      const { findings } = await audited(sets, file);
      expect({ seed, position, found: findings.length > 0 }).toEqual({ seed, position, found: true });
    }
  });
});
