import { array, object, type TypeOf } from '../../decode';
import { elementIdCodec } from '../../field-codecs';
import { sessionIdCodec } from '../../ids';
import { limits } from '../../limits';
import { greatest, least, mulDivCeil, sum } from '../../math';
import { intervalSlotsCodec } from '../../rule-set/products';
import { addSlots, slotCodec, slotRange } from '../../time';
import { wh, whCodec } from '../../units';
import type { BranchFlow, ClearingGrid, GridLimitRow } from '../grid-clearing/types';
import { intervalSlotsMax } from '../../settlement/slot-position';
import type { Session } from '../rows';
import type { IntervalSlots, UsedCapacity } from './grid-of-interval';

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

/** Of what cleared sessions carry, what counts beside a session: other sessions, in the quarter hours that it trades. */
export function flowsBeside(session: Session, flows: readonly SessionFlow[]): readonly SessionFlow[] {
  const endSlot = session.firstSlot + session.intervals * session.intervalSlots;
  return flows.filter(
    ({ firstSlot, intervalSlots, sessionId }) =>
      sessionId !== session.sessionId && firstSlot < endSlot && session.firstSlot < firstSlot + intervalSlots,
  );
}

/**
 * What cleared sessions use of the branches in some quarter hours. The energy of an interval is even over its quarter hours. Flows of
 * sessions against each other are set off, since what is cleared stands: nobody withdraws or displaces it, and a participant's plan is the
 * sum of its positions. But a flow only frees what an opposite one has taken, and never makes a branch carry more than its limit. Of several
 * quarter hours the fullest one in each direction counts for all, rounded up.
 */
export function sessionUse(flows: readonly SessionFlow[], period: IntervalSlots): ReadonlyMap<string, UsedCapacity> {
  const quarters = netQuarters(flows, period);
  const branchIds = new Set(quarters.flatMap((quarter) => [...quarter.keys()]));
  return new Map(
    [...branchIds].map((branchId) => {
      const nets = quarters.map((quarter) => quarter.get(branchId) ?? 0n);
      const used = { forwardWh: fullest(nets), backwardWh: fullest(nets.map((net) => -net)) };
      return [branchId, used] as const;
    }),
  );
}

/**
 * General rows, such as voltages, less what cleared sessions bring nearer to their bounds; as with branches, sessions are set off against each
 * other, what they bring away from a bound is not counted, and no bound is left below zero where it was not.
 *
 * @param grid the tree to whose buses the rows belong
 */
export function rowsBesideSessions(
  rows: readonly GridLimitRow[],
  grid: ClearingGrid,
  flows: readonly SessionFlow[],
  period: IntervalSlots,
): readonly GridLimitRow[] {
  const quarters = netQuarters(flows, period).map((quarter) => netExports(grid, quarter));
  return rows.map((row) => {
    const used = quarters.map((exports) =>
      sum([...row.coefficients].map(([busId, c]) => c * (exports.get(busId) ?? 0n))),
    );
    return { ...row, bound: greatest(row.bound - fullest(used), least(row.bound, 0n)) };
  });
}

/** The parts of a quarter hour's Wh in which its flows are whole numbers: an interval has 1, 2 or 4 quarter hours. */
const partsPerWh = BigInt(intervalSlotsMax);

/** What sessions carry over each branch in each quarter hour: forward less backward, in parts of a Wh. */
function netQuarters(
  flows: readonly SessionFlow[],
  { firstSlot, slots }: IntervalSlots,
): readonly ReadonlyMap<string, bigint>[] {
  return slotRange(firstSlot, slots).map((quarter) => {
    const nets = new Map<string, bigint>();
    for (const { branches, firstSlot: start, intervalSlots } of flows) {
      const covers = start <= quarter && quarter < start + intervalSlots;
      for (const { backwardWh, branchId, forwardWh } of covers ? branches : []) {
        const parts = ((forwardWh - backwardWh) * partsPerWh) / BigInt(intervalSlots);
        nets.set(branchId, (nets.get(branchId) ?? 0n) + parts);
      }
    }
    return nets;
  });
}

/** What each bus gives to the grid, less what it takes: what flows off over its branches. */
function netExports({ branches }: ClearingGrid, nets: ReadonlyMap<string, bigint>): ReadonlyMap<string, bigint> {
  const exports = new Map<string, bigint>();
  for (const { fromBus, id, toBus } of branches) {
    const net = nets.get(id) ?? 0n;
    exports.set(fromBus, (exports.get(fromBus) ?? 0n) + net);
    exports.set(toBus, (exports.get(toBus) ?? 0n) - net);
  }
  return exports;
}

/** The Wh that the fullest quarter hour comes to in all of them, from parts of a Wh in each; at least nothing. */
function fullest(parts: readonly bigint[]): bigint {
  const most = parts.reduce(greatest, 0n);
  return mulDivCeil(most, BigInt(parts.length), partsPerWh);
}
