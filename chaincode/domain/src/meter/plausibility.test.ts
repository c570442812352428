import { slot } from '../time';
import { w, wh } from '../units';
import { intervalsOf, totalsOf } from './block';
import { judge, type Before } from './plausibility';
import type { ProfileBlock, Quality, Reading } from './types';

const load = { fuseLimitW: w(40_000n), deviceType: 'load' } as const;
const nothingBefore: Before = { reading: undefined, hasGap: false };

/** What is judged of a block of these values. */
function judged(values: readonly bigint[], changes: Partial<ProfileBlock> = {}, before = nothingBefore, meter = load) {
  const measured = {
    startSlot: slot(96),
    resolutionMinutes: changes.resolutionMinutes ?? 15,
    importWh: values.map(wh),
    exportWh: values.map(() => wh(0n)),
  } as const;
  const intervals = intervalsOf(measured) ?? [];
  const block = { ...measured, totals: totalsOf(intervals), ...changes } as ProfileBlock;
  return judge(block, intervals, meter, before);
}

/** A block before, of one quarter hour of 100 Wh, at whose beginning the registers showed this. */
function before(importWh: bigint, exportWh = 0n, zeroSlots = 0): Reading {
  const totals = [{ slot: slot(95), importWh: wh(100n), exportWh: wh(0n) }];
  return { registers: { importWh: wh(importWh), exportWh: wh(exportWh) }, totals, zeroSlots } as unknown as Reading;
}

const registers = (importWh: bigint, exportWh = 0n) => ({
  registers: { importWh: wh(importWh), exportWh: wh(exportWh) },
});

describe('the quality of an interval', () => {
  const ok: Quality[] = ['OK', 'OK'];
  const cases: readonly [string, ReturnType<typeof judged>, readonly Quality[], readonly string[]][] = [
    ['is OK where nothing speaks against it', judged([10_000n, 0n]), ok, []],
    ['is BAD above what the fuse lets through', judged([10_001n, 9n]), ['BAD', 'OK'], ['FUSE']],
    ['is BAD where Wh were sent as kWh', judged([300_000n, 250_000n]), ['BAD', 'BAD'], ['FUSE']],
    [
      'is BAD where a minute is above twice the fuse, though the quarter hour is not',
      judged([...Array.from({ length: 29 }, () => 1n), 1_334n], { resolutionMinutes: 1 }),
      ['OK', 'BAD'],
      ['SPIKE'],
    ],
    [
      'is OK at twice the fuse for a minute',
      judged([...Array.from({ length: 29 }, () => 1n), 1_333n], { resolutionMinutes: 1 }),
      ok,
      [],
    ],
    ['is what the meter states', judged([0n, 5n], { stated: ['MISSING', 'BAD'] }), ['MISSING', 'BAD'], []],
    [
      'is never better than what the ledger finds',
      judged([10_001n, 1n], { stated: ['ESTIMATED', 'OK'] }),
      ['BAD', 'OK'],
      ['FUSE'],
    ],
    [
      'is OK where the registers go on',
      judged([1n, 1n], registers(600n), { reading: before(500n), hasGap: false }),
      ok,
      [],
    ],
    [
      'is BAD where a register runs back',
      judged([1n, 1n], registers(599n), { reading: before(500n), hasGap: false }),
      ['BAD', 'BAD'],
      ['REGISTER_BACK'],
    ],
    [
      'is BAD where the other register runs back',
      judged([1n, 1n], registers(600n, 6n), { reading: before(500n, 7n), hasGap: false }),
      ['BAD', 'BAD'],
      ['REGISTER_BACK'],
    ],
    [
      'is ESTIMATED first where energy was counted that no block holds',
      judged([1n, 1n], registers(601n), { reading: before(500n), hasGap: false }),
      ['ESTIMATED', 'OK'],
      ['REGISTER_JUMP'],
    ],
    [
      'is OK where the operator has stated a gap in which it was counted',
      judged([1n, 1n], registers(601n), { reading: before(500n), hasGap: true }),
      ok,
      [],
    ],
    [
      'is OK where a register of nine digits has rolled over',
      judged([1n, 1n], registers(40n), { reading: before(999_999_940n), hasGap: false }),
      ok,
      [],
    ],
    [
      'is BAD where a register was reset long before its end',
      judged([1n, 1n], registers(40n), { reading: before(940_000_000n), hasGap: false }),
      ['BAD', 'BAD'],
      ['REGISTER_BACK'],
    ],
    [
      'is BAD from the 96th quarter hour on in which a load has counted nothing',
      judged([0n, 0n], {}, { reading: before(0n, 0n, 94), hasGap: false }),
      ['OK', 'BAD'],
      ['STUCK'],
    ],
    [
      'is OK where a panel has counted nothing for long',
      judged([0n, 0n], {}, { reading: before(0n, 0n, 1_000), hasGap: false }, { ...load, deviceType: 'pv' } as never),
      ok,
      [],
    ],
    [
      'is ESTIMATED where an hour was split',
      judged([8n], { resolutionMinutes: 60 }),
      ['ESTIMATED', 'ESTIMATED', 'ESTIMATED', 'ESTIMATED'],
      [],
    ],
  ];
  it.each(cases)('%s', (_what, { findings, quality }, expected, found) => {
    expect(quality).toEqual(expected);
    expect(findings).toEqual(found);
  });

  it('remembers for how long nothing was counted', () => {
    expect(judged([0n, 0n], {}, { reading: before(0n, 0n, 7), hasGap: false }).zeroSlots).toBe(9);
    expect(judged([1n, 0n], {}, { reading: before(0n, 0n, 7), hasGap: false }).zeroSlots).toBe(1);
    expect(judged([0n, 0n], {}, { reading: before(0n, 0n, 7), hasGap: true }).zeroSlots).toBe(2);
  });
});
