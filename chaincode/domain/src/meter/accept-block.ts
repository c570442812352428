import { demand, RuleError } from '../errors';
import type { Meter } from '../registry/device-types';
import { demandInService } from '../registry/life-cycle';
import { verifySignature } from '../signature';
import { addSlots, type Slot } from '../time';
import { blockBytes, commitmentOf, genesisLink, intervalsOf, linkOf, totalsOf, type IntervalValues } from './block';
import { cloneOf, type Clone } from './clone';
import { judge } from './plausibility';
import type { Gap, IntervalTotal, ProfileBlock, Reading } from './types';

/** What a block is judged by. */
export interface BlockContext {
  readonly channel: string;
  readonly meter: Meter;
  /** The block that begins where this one says that its predecessor does; undefined for the first block of a meter. */
  readonly predecessor: Reading | undefined;
  /** The gaps that the operator has stated from the predecessor's end on, each beginning where the one before ends. */
  readonly gaps: readonly Gap[];
  /** Every recorded block that could have this block's number: the one at its first slot, at those gaps, and behind them. */
  readonly rivals: readonly Reading[];
  /** Whether the slot after the block's last one has begun on the ledger clock. */
  readonly hasEnded: boolean;
}

/**
 * A block that is new, with the gaps that it leaves behind; one that is already recorded with the same content; or one whose meter
 * has signed another block with the same number.
 */
export type Accepted =
  | { readonly status: 'recorded'; readonly reading: Reading; readonly passedGaps: readonly Gap[] }
  | { readonly status: 'already' }
  | { readonly status: 'clone'; readonly clone: Clone };

/** The slot after the last one that a block names, which tells whether the block has ended. */
export function slotAfterBlock(block: Pick<ProfileBlock, 'startSlot' | 'totals'>): Slot {
  return addSlots(block.startSlot, block.totals.length);
}

/**
 * Judges one block of a meter, which must be in service (METER_NOT_COMMISSIONED, METER_FROZEN, METER_RETIRED) unless the block is
 * already recorded. It must be signed (low S) by the key that is in force, be the next of its chain, begin where the
 * last one ended (or where the operator's gap behind it does), have ended on the ledger clock, sum up to its totals and open its
 * commitment. The same block again is answered "already"; a signed one that differs from the recorded one of its number is a clone.
 * What is signed but not plausible is recorded and flagged.
 */
export function acceptBlock(block: ProfileBlock, context: BlockContext): Accepted {
  const { channel, gaps, meter, predecessor, rivals } = context;
  const at = { meterId: block.meterId, sequence: block.sequence };
  const link = linkOf(block);
  const isRecorded = rivals.some((rival) => rival.link === link);
  if (!isRecorded) {
    demandInService('METER', meter.status, at);
  }
  const publicKey = keyFor(block, meter);
  const intervals = shaped(block, meter);
  demand(verifySignature(publicKey, blockBytes(channel, block), block.signature), 'READING_SIGNATURE', at);
  if (isRecorded) {
    return { status: 'already' };
  }
  const signed = { ...signedPartOf(block), link, signature: block.signature };
  const rival = rivals.find(({ sequence }) => sequence === block.sequence);
  if (rival !== undefined) {
    return { status: 'clone', clone: cloneOf(rival, signed) };
  }
  demand((predecessor?.sequence ?? 0) === block.sequence - 1, 'READING_SEQUENCE', at);
  demand((predecessor?.link ?? genesisLink) === block.previousLink, 'READING_LINK', at);
  const passedGaps = demandContiguous(
    block,
    predecessor === undefined ? meter.firstSlot : slotAfterBlock(predecessor),
    gaps,
  );
  demand(context.hasEnded, 'READING_NOT_ENDED', at);
  demand(sameTotals(block.totals, totalsOf(intervals)), 'READING_TOTALS', at);
  demand(commitmentOf(block.salt, intervals) === block.commitment, 'READING_COMMITMENT', at);
  const judgement = judge(block, intervals, meter, { reading: predecessor, hasGap: passedGaps.length > 0 });
  return {
    status: 'recorded',
    reading: { ...signed, ...judgement },
    passedGaps,
  };
}

/** The key that signs a block: the version in force at its sequence number. */
function keyFor(block: ProfileBlock, meter: Meter): string {
  const inForce = meter.keys.findLast((key) => key.firstSequence <= block.sequence);
  if (inForce?.version !== block.keyVersion) {
    throw new RuleError('READING_KEY_VERSION', { meterId: block.meterId, sequence: block.sequence });
  }
  return inForce.publicKey;
}

function shaped(block: ProfileBlock, meter: Meter): readonly IntervalValues[] {
  const intervals = intervalsOf(block);
  const { resolutionMinutes, stated, totals } = block;
  const isMissingEmpty = totals.every(
    ({ importWh, exportWh }, index) => stated?.[index] !== 'MISSING' || (importWh === 0n && exportWh === 0n),
  );
  if (intervals?.length !== totals.length || resolutionMinutes !== meter.resolutionMinutes || !isMissingEmpty) {
    throw new RuleError('READING_SHAPE', { meterId: block.meterId, sequence: block.sequence });
  }
  return intervals;
}

/** The gaps between the end of the block before and this one's first slot; refuses where they do not join the two. */
function demandContiguous(block: ProfileBlock, end: Slot, gaps: readonly Gap[]): readonly Gap[] {
  const passed: Gap[] = [];
  let next = end;
  for (const gap of gaps) {
    if (next >= block.startSlot || gap.fromSlot !== next) {
      break;
    }
    passed.push(gap);
    next = addSlots(gap.toSlot, 1);
  }
  const { meterId, sequence } = block;
  demand(next === block.startSlot, 'READING_NOT_CONTIGUOUS', { meterId, sequence, expected: next });
  return passed;
}

function signedPartOf(block: ProfileBlock) {
  const { meterId, keyVersion, sequence, startSlot, resolutionMinutes, totals, commitment, previousLink } = block;
  const registers = block.registers === undefined ? {} : { registers: block.registers };
  const stated = block.stated === undefined ? {} : { stated: block.stated };
  const signed = { meterId, keyVersion, sequence, startSlot, resolutionMinutes, totals, commitment, previousLink };
  return { ...signed, ...registers, ...stated };
}

function sameTotals(given: readonly IntervalTotal[], expected: readonly IntervalTotal[]): boolean {
  return expected.every((total, index) => {
    const other = given[index];
    return other?.slot === total.slot && other.importWh === total.importWh && other.exportWh === total.exportWh;
  });
}
