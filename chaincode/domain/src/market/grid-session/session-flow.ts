import { array, object, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { sessionIdCodec } from '../../ids';
import { limits } from '../../limits';
import { mulDivCeil } from '../../math';
import { intervalSlotsCodec } from '../../rule-set/products';
import { addSlots, slotCodec, type Slot } from '../../time';
import { wh, whCodec } from '../../units';
import type { BranchFlow } from '../grid-clearing/types';
import type { Session } from '../rows';
import type { UsedCapacity } from './grid-of-interval';

/** What the clearing of a session with limits carries through its grid in one interval; branches without a flow are not named. */
export const sessionFlowCodec = object({
  sessionId: sessionIdCodec,
  firstSlot: slotCodec,
  intervalSlots: intervalSlotsCodec,
  branches: array(
    object({ branchId: elementIdCodec, forwardWh: whCodec, backwardWh: whCodec }),
    limits.linesPerGridMax + 1,
    1,
  ),
});
export type SessionFlow = TypeOf<typeof sessionFlowCodec>;

/** The flows of a session's intervals as rows; an interval without any flow has none. */
export function sessionFlowRows(session: Session, flows: readonly (readonly BranchFlow[])[]): readonly SessionFlow[] {
  const { firstSlot, intervalSlots, sessionId } = session;
  return flows.flatMap((branches, interval) => {
    const carried = branches
      .filter(({ backwardWh, forwardWh }) => forwardWh + backwardWh > 0n)
      .map(({ backwardWh, forwardWh, id }) => {
        return { branchId: id, forwardWh: wh(forwardWh), backwardWh: wh(backwardWh) };
      });
    const start = addSlots(firstSlot, interval * intervalSlots);
    return carried.length === 0 ? [] : [{ sessionId, firstSlot: start, intervalSlots, branches: carried }];
  });
}

/**
 * What cleared sessions use of the branches in one quarter hour: the energy of an interval evenly over its quarter hours, rounded up. Both
 * directions are counted for themselves.
 */
export function sessionUse(flows: readonly SessionFlow[], slot: Slot): ReadonlyMap<string, UsedCapacity> {
  const used = new Map<string, UsedCapacity>();
  for (const { branches, firstSlot, intervalSlots } of flows) {
    const covers = firstSlot <= slot && slot < firstSlot + intervalSlots;
    for (const { backwardWh, branchId, forwardWh } of covers ? branches : []) {
      const known = used.get(branchId) ?? { forwardWh: 0n, backwardWh: 0n };
      used.set(branchId, {
        forwardWh: known.forwardWh + mulDivCeil(forwardWh, 1n, BigInt(intervalSlots)),
        backwardWh: known.backwardWh + mulDivCeil(backwardWh, 1n, BigInt(intervalSlots)),
      });
    }
  }
  return used;
}
