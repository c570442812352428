import { oneOf, type TypeOf } from '../decode';
import { addSlots, type Slot } from '../time';
import type { Session } from './rows';

/**
 * Where a session is: its state, made finer by the ledger clock and by what is settled. PLANNED before its gate opens, OPEN while it
 * takes orders, GATE_CLOSED until `closeSession`, CLOSED while orders are published, CLEARED while the clearing is applied, APPLIED until
 * its first slot, DELIVERY up to its last, DELIVERED until every quarter hour is settled, then SETTLED.
 */
export const sessionPhaseCodec = oneOf(
  'PLANNED',
  'OPEN',
  'GATE_CLOSED',
  'CLOSED',
  'CLEARED',
  'APPLIED',
  'DELIVERY',
  'DELIVERED',
  'SETTLED',
);
export type SessionPhase = TypeOf<typeof sessionPhaseCodec>;

/** The first slot after the delivery of a session. */
export function deliveryEnd({ firstSlot, intervals, intervalSlots }: Session): Slot {
  return addSlots(firstSlot, intervals * intervalSlots);
}

/**
 * The phase of a session. It says nothing that the rows do not say, so that nobody has to write it.
 *
 * @param lastSlot the last slot that has begun on the ledger clock; undefined before the first
 */
export function sessionPhase(session: Session, lastSlot: Slot | undefined, isSettled: boolean): SessionPhase {
  const hasBegun = (slot: Slot): boolean => lastSlot !== undefined && slot <= lastSlot;
  const { firstSlot, gateCloseSlot, gateOpenSlot, state } = session;
  if (state === 'OPEN') {
    const opened = gateOpenSlot === undefined || hasBegun(gateOpenSlot);
    return hasBegun(gateCloseSlot) ? 'GATE_CLOSED' : opened ? 'OPEN' : 'PLANNED';
  }
  if (state !== 'APPLIED' || !hasBegun(firstSlot)) {
    return state;
  }
  if (!hasBegun(deliveryEnd(session))) {
    return 'DELIVERY';
  }
  return isSettled ? 'SETTLED' : 'DELIVERED';
}
