import { remunerationCodec, rowCodec, type CoalitionId, type Remuneration } from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

/** The versions of the remuneration of a coalition, each written once. */
export const remunerations = new RowKeeper(rowCodec(remunerationCodec), keys.remuneration);

/** The last version of the remuneration of a coalition; undefined while it is not paid. */
export async function lastRemuneration(
  store: StoreSession,
  coalitionId: CoalitionId,
): Promise<Remuneration | undefined> {
  let last: Remuneration | undefined;
  for (;;) {
    const next = await remunerations.load(store, coalitionId, (last?.version ?? 0) + 1);
    if (next === undefined) {
      return last;
    }
    last = next;
  }
}
