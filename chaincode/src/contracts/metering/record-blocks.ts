import {
  acceptBlock,
  profilesAnswer,
  refusalCode,
  RuleError,
  slotAfterBlock,
  statusAfter,
  type BlockException,
  type Clone,
  type Meter,
  type ProfileBlock,
  type ProfilesAnswer,
  type ReadBlock,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadPlace, readAround, saveReading } from '../../store/metering/chain-store';
import { hasBegun } from '../../store/clock-store';
import { clones, saveProfile } from '../../store/metering/meter-store';
import { meters } from '../../store/registry/registry-store';

/** What became of one block; undefined where it was recorded. */
type Exception = Omit<BlockException, 'index'> | undefined;

/** Judges and saves blocks one after the other, because a call may carry several of one meter; what they need is read together. */
export async function recordBlocks(context: GridContext, blocks: readonly ReadBlock[]): Promise<ProfilesAnswer> {
  const readable = blocks.map(({ block }) => block).filter((block) => block !== undefined);
  await Promise.all(readable.map((block) => load(context, block)));
  const exceptions: BlockException[] = [];
  for (const { index, block, refused } of blocks) {
    const exception: Exception =
      block === undefined ? { status: 'refused', code: refused } : await record(context, block);
    if (exception !== undefined) {
      exceptions.push({ index, ...exception });
    }
  }
  return profilesAnswer(blocks.length, exceptions);
}

/** Reads in one go what judging the blocks will ask for where nothing is unusual. */
export async function readBlocksAhead({ session }: GridContext, blocks: readonly ReadBlock[]): Promise<void> {
  const readable = blocks.map(({ block }) => block).filter((block) => block !== undefined);
  await Promise.all(
    readable.flatMap((block): readonly Promise<unknown>[] => [
      meters.load(session, block.meterId),
      hasBegun(session, slotAfterBlock(block)),
      readAround(session, block),
    ]),
  );
}

async function record(context: GridContext, block: ProfileBlock): Promise<Exception> {
  try {
    const { hasEnded, meter, place } = await load(context, block);
    if (meter === undefined || place === undefined) {
      throw new RuleError('READING_METER_UNKNOWN', { meterId: block.meterId });
    }
    const accepted = acceptBlock(block, { channel: context.channel, meter, hasEnded, ...place });
    if (accepted.status === 'already') {
      return { status: 'already' };
    }
    if (accepted.status === 'clone') {
      freezeClone(context, meter, accepted.clone);
      return { status: 'refused', code: 'READING_CONFLICT' };
    }
    saveReading(context.session, accepted.reading, accepted.passedGaps);
    saveProfile(context.session, block);
    return undefined;
  } catch (error) {
    return { status: 'refused', code: refusalCode(error) };
  }
}

/** Keeps both blocks as evidence and takes the meter out of service: from here on nobody knows which of the two it is. */
function freezeClone(context: GridContext, meter: Meter, clone: Clone): void {
  const { session } = context;
  const { meterId, other, sequence } = clone;
  clones.save(session, clone, meterId, other.startSlot, other.link);
  const status = statusAfter('METER', meter.status, 'freeze', { meterId });
  meters.save(session, { ...meter, status }, meterId);
  context.record({ type: 'CloneFound', meterId, sequence, slots: [clone.recorded.startSlot, other.startSlot] });
}

async function load({ session }: GridContext, block: ProfileBlock) {
  const [meter, hasEnded] = await Promise.all([
    meters.load(session, block.meterId),
    hasBegun(session, slotAfterBlock(block)),
  ]);
  const place = meter === undefined ? undefined : await loadPlace(session, block, meter.firstSlot);
  return { meter, hasEnded, place };
}
