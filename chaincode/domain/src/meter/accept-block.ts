import { demand, RuleError } from '../errors';
import { mulDivFloor } from '../math';
import type { Meter } from '../registry/device-types';
import { demandInService } from '../registry/life-cycle';
import { verifySignature } from '../signature';
import { addSlots, slotsPerHour, type Slot } from '../time';
import { blockBytes, commitmentOf, intervalsOf, linkOf, totalsOf, type IntervalValues } from './block';
import type { IntervalTotal, MeterHead, ProfileBlock, Quality, Reading } from './types';

/** What a block is judged by. */
export interface BlockContext {
  readonly channel: string;
  readonly meter: Meter;
  readonly head: MeterHead;
  /** The reading that already has the block's sequence number, if any. */
  readonly recorded: Reading | undefined;
  /** Whether the slot after the block's last one has begun on the ledger clock. */
  readonly hasEnded: boolean;
}

/** A block that is new, or one that is already recorded with the same content. */
export type Accepted =
  { readonly status: 'recorded'; readonly reading: Reading; readonly head: MeterHead } | { readonly status: 'already' };

/** The slot after the last one that a block names, which tells whether the block has ended. */
export function slotAfterBlock(block: ProfileBlock): Slot {
  return addSlots(block.startSlot, block.totals.length);
}

/**
 * Judges one block of a meter, which must be in service (METER_NOT_COMMISSIONED, METER_FROZEN, METER_RETIRED). It must be signed (low S) by the key that is in force, be the next of its chain, begin where the
 * last one ended, have ended on the ledger clock, sum up to its totals and open its commitment. The same block again is answered
 * "already"; another one with a recorded number is READING_CONFLICT. Energy above the fuse limit is recorded and flagged BAD.
 */
export function acceptBlock(block: ProfileBlock, context: BlockContext): Accepted {
  const { meter, head, channel } = context;
  const { meterId, sequence } = block;
  const at = { meterId, sequence };
  demandInService('METER', meter.status, at);
  const publicKey = keyFor(block, meter);
  const intervals = shaped(block, meter);
  demand(verifySignature(publicKey, blockBytes(channel, block), block.signature), 'READING_SIGNATURE', at);
  const link = linkOf(block);
  if (sequence <= head.sequence) {
    demand(isSame(context.recorded, link, block), 'READING_CONFLICT', at);
    return { status: 'already' };
  }
  demand(sequence === head.sequence + 1, 'READING_SEQUENCE', { ...at, expected: head.sequence + 1 });
  demand(block.previousLink === head.link, 'READING_LINK', at);
  demand(block.startSlot === head.nextSlot, 'READING_NOT_CONTIGUOUS', { ...at, expected: head.nextSlot });
  demand(context.hasEnded, 'READING_NOT_ENDED', at);
  demand(sameTotals(block.totals, totalsOf(intervals)), 'READING_TOTALS', at);
  demand(commitmentOf(block.salt, intervals) === block.commitment, 'READING_COMMITMENT', at);
  const quality = block.totals.map((total) => qualityOf(total, meter, block.resolutionMinutes));
  const { importWh: _imports, exportWh: _exports, salt: _salt, ...shown } = block;
  return {
    status: 'recorded',
    reading: { ...shown, quality, link },
    head: { sequence, link, nextSlot: slotAfterBlock(block) },
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
  const at = { meterId: block.meterId, sequence: block.sequence };
  const intervals = intervalsOf(block);
  if (intervals?.length !== block.totals.length || block.resolutionMinutes !== meter.resolutionMinutes) {
    throw new RuleError('READING_SHAPE', at);
  }
  return intervals;
}

/** The link fixes the values; the totals are signed beside it and must be the recorded ones too. */
function isSame(recorded: Reading | undefined, link: string, block: ProfileBlock): boolean {
  return recorded?.link === link && sameTotals(block.totals, recorded.totals);
}

function sameTotals(given: readonly IntervalTotal[], expected: readonly IntervalTotal[]): boolean {
  return expected.every((total, index) => {
    const other = given[index];
    return other?.slot === total.slot && other.importWh === total.importWh && other.exportWh === total.exportWh;
  });
}

/** BAD where more energy is claimed than the fuse lets through in a quarter hour; ESTIMATED where it was split from a longer value. */
function qualityOf(total: IntervalTotal, meter: Meter, resolutionMinutes: number): Quality {
  const fuseWh = mulDivFloor(meter.fuseLimitW, 1n, BigInt(slotsPerHour));
  if (total.importWh > fuseWh || total.exportWh > fuseWh) {
    return 'BAD';
  }
  return resolutionMinutes > 15 ? 'ESTIMATED' : 'OK';
}
