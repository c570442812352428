import { mulDivFloor, sum } from '../math';
import type { Meter } from '../registry/device-types';
import { slotsPerDay, slotsPerHour } from '../time';
import { wh } from '../units';
import type { IntervalValues } from './block';
import {
  plausibilityFindings,
  type IntervalTotal,
  type PlausibilityFinding,
  type ProfileBlock,
  type Quality,
  type Reading,
  type Registers,
} from './types';

/** A single value may claim this many times what the fuse lets through for long: fuses bear short overloads. */
const spikeTimes = 2n;
/** A load that has counted nothing for a day is stuck: even an empty home has something that runs. */
const stuckSlots = slotsPerDay;
/** Digits of the registers that are built: they roll over from their largest number to 0. */
const registerDigits = [6, 7, 8, 9, 10, 11, 12] as const;

/** What the rules say about a block's plausibility. */
export type Judgement = Pick<Reading, 'quality' | 'findings' | 'zeroSlots'>;

/** The block before, and whether the operator has stated a gap between the two. */
export interface Before {
  readonly reading: Reading | undefined;
  readonly hasGap: boolean;
}

/**
 * How good each interval is: the worse of what the meter states and of what is plausible.
 *
 * FUSE: more energy in a quarter hour than the fuse lets through: BAD. SPIKE: one value of a finer resolution is above twice what the
 * fuse lets through in its time: its quarter hour is BAD. REGISTER_BACK: the registers show less than at the end of the block before, and
 * have not rolled over: all intervals are BAD. REGISTER_JUMP: they show more, so that energy is missing between the blocks: the first
 * interval is ESTIMATED. STUCK: the meter of a load has counted nothing for a day: the intervals from there on are BAD. A value coarser
 * than a quarter hour was split: ESTIMATED.
 */
export function judge(
  block: ProfileBlock,
  intervals: readonly IntervalValues[],
  meter: Pick<Meter, 'fuseLimitW' | 'deviceType'>,
  before: Before,
): Judgement {
  const compared = compareRegisters(block.registers, before.reading);
  // In a gap energy is counted that no block holds.
  const registers = compared === 'JUMP' && before.hasGap ? 'SAME' : compared;
  let zeroSlots = before.hasGap ? 0 : (before.reading?.zeroSlots ?? 0);
  const found = block.totals.map((total, index): readonly PlausibilityFinding[] => {
    zeroSlots = total.importWh === 0n && total.exportWh === 0n ? zeroSlots + 1 : 0;
    const is: Readonly<Record<PlausibilityFinding, boolean>> = {
      FUSE: isAboveFuse(total, meter.fuseLimitW),
      SPIKE: hasSpike(intervals[index], block.resolutionMinutes, meter.fuseLimitW),
      REGISTER_BACK: registers === 'BACK',
      REGISTER_JUMP: registers === 'JUMP' && index === 0,
      STUCK: meter.deviceType === 'load' && zeroSlots >= stuckSlots,
    };
    return plausibilityFindings.filter((finding) => is[finding]);
  });
  const isSplit = block.resolutionMinutes > 15;
  return {
    quality: found.map((findings, index) => worst(block.stated?.[index] ?? 'OK', qualityOf(findings, isSplit))),
    findings: plausibilityFindings.filter((finding) => found.some((findings) => findings.includes(finding))),
    zeroSlots,
  };
}

function qualityOf(findings: readonly PlausibilityFinding[], isSplit: boolean): Quality {
  if (findings.some((finding) => finding !== 'REGISTER_JUMP')) {
    return 'BAD';
  }
  return isSplit || findings.length > 0 ? 'ESTIMATED' : 'OK';
}

/** What the registers show at the end of a block, where its meter tells what they showed at its beginning. */
export function registersAfter(reading: Pick<Reading, 'registers' | 'totals'>): Registers | undefined {
  const { registers, totals } = reading;
  if (registers === undefined) {
    return undefined;
  }
  return {
    importWh: wh(registers.importWh + sum(totals.map((total) => total.importWh))),
    exportWh: wh(registers.exportWh + sum(totals.map((total) => total.exportWh))),
  };
}

function isAboveFuse(total: IntervalTotal, fuseLimitW: bigint): boolean {
  const fuseWh = mulDivFloor(fuseLimitW, 1n, BigInt(slotsPerHour));
  return total.importWh > fuseWh || total.exportWh > fuseWh;
}

function hasSpike(interval: IntervalValues | undefined, resolutionMinutes: number, fuseLimitW: bigint): boolean {
  if (interval === undefined || resolutionMinutes >= 15) {
    return false;
  }
  const spikeWh = mulDivFloor(fuseLimitW, spikeTimes * BigInt(resolutionMinutes), 60n);
  return [...interval.importWh, ...interval.exportWh].some((value) => value > spikeWh);
}

function compareRegisters(registers: Registers | undefined, before: Reading | undefined): 'SAME' | 'BACK' | 'JUMP' {
  const expected = before === undefined ? undefined : registersAfter(before);
  if (registers === undefined || expected === undefined) {
    return 'SAME';
  }
  const both = [
    compareRegister(registers.importWh, expected.importWh),
    compareRegister(registers.exportWh, expected.exportWh),
  ];
  return both.includes('BACK') ? 'BACK' : both.includes('JUMP') ? 'JUMP' : 'SAME';
}

function compareRegister(shown: bigint, expected: bigint): 'SAME' | 'BACK' | 'JUMP' {
  if (shown === expected || registerDigits.some((digits) => shown === expected - 10n ** BigInt(digits))) {
    return 'SAME';
  }
  return shown > expected || registerDigits.some((digits) => rolledOver(shown, expected, 10n ** BigInt(digits)))
    ? 'JUMP'
    : 'BACK';
}

/** Within a hundredth of the register's end on both sides, so that a register that was reset is not taken for one that rolled over. */
function rolledOver(shown: bigint, expected: bigint, size: bigint): boolean {
  const margin = size / 100n;
  return expected < size && expected >= size - margin && shown < margin;
}

const badness: Readonly<Record<Quality, number>> = { OK: 0, ESTIMATED: 1, BAD: 2, MISSING: 3 };

function worst(left: Quality, right: Quality): Quality {
  return badness[left] >= badness[right] ? left : right;
}
