import { quartersWh, type Position } from '@flexledger/domain';
import { allPages } from './all-pages';
import { participantIdOfLabel } from './registration-steps';
import type { RoleContext } from './role-context';

/** What a participant has bought less what it has sold in each quarter hour, in all sessions together, as settlement will split it. */
export async function bookedBySlot(context: RoleContext, label: string): Promise<ReadonlyMap<number, bigint>> {
  const participantId = participantIdOfLabel(context, label);
  return positionsBySlot(
    await allPages((page) => context.evaluate('market', 'getPositions', { participantId, ...page })),
  );
}

/** The same from positions of one participant in all sessions. */
function positionsBySlot(positions: readonly Position[]): ReadonlyMap<number, bigint> {
  const bySlot = new Map<number, bigint>();
  for (const { boughtWh, firstSlot, intervalSlots, soldWh } of positions) {
    const sold = quartersWh(soldWh, intervalSlots);
    quartersWh(boughtWh, intervalSlots).forEach((quarterWh, quarter) => {
      const slot = firstSlot + quarter;
      bySlot.set(slot, (bySlot.get(slot) ?? 0n) + quarterWh - (sold[quarter] ?? 0n));
    });
  }
  return bySlot;
}
