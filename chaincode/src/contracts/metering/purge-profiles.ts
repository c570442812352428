import { acceptPurge, demandPurgeRange, type Purge } from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadStartsBetween } from '../../store/metering/chain-store';
import { found } from '../../store/found';
import { purgeProfile, purges } from '../../store/metering/meter-store';
import { meters } from '../../store/registry/registry-store';

/**
 * Purges the values and salts of the blocks that begin in some slots from the private collection of every member. Commitments, links, signatures and totals stay on the channel.
 */
export async function purge(context: GridContext, asked: Omit<Purge, 'blocks'>): Promise<{ readonly blocks: number }> {
  const { commandId, session } = context;
  const { cause, fromSlot, meterId, toSlot } = asked;
  demandPurgeRange(asked);
  found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
  const starts = await loadStartsBetween(session, meterId, fromSlot, toSlot);
  const done = acceptPurge(asked, starts.length);
  for (const startSlot of starts) {
    purgeProfile(session, meterId, startSlot);
  }
  purges.save(session, done, meterId, fromSlot, commandId);
  context.record({ type: 'ProfilesPurged', meterId, fromSlot, toSlot, blocks: done.blocks, cause });
  return { blocks: done.blocks };
}
