import { acceptAmendment, addSlots, slotAfterAmendment, type Amendment, type AmendmentCause } from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { amendments, loadAmendments } from '../../store/metering/amendment-store';
import { loadReadings } from '../../store/metering/chain-store';
import { hasBegun } from '../../store/clock-store';
import { found } from '../../store/found';
import { meters } from '../../store/registry/registry-store';

/** Gives some totals of a meter a new version, and answers which one it is. */
export async function amend(
  context: GridContext,
  asked: Pick<Amendment, 'meterId' | 'fromSlot' | 'totals' | 'reason'>,
  cause: AmendmentCause,
): Promise<{ readonly version: number }> {
  const { caller, session } = context;
  const { fromSlot, meterId } = asked;
  const end = slotAfterAmendment(asked);
  const last = addSlots(end, -1);
  const { firstSlot } = found(await meters.load(session, meterId), 'METER_UNKNOWN', { meterId });
  const [readings, earlier, hasEnded] = await Promise.all([
    loadReadings(session, meterId, fromSlot, last),
    loadAmendments(session, meterId, fromSlot, last),
    hasBegun(session, end),
  ]);
  const known = { firstSlot, readings, amendments: earlier, hasEnded, mspId: caller.mspId };
  const amendment = acceptAmendment(asked, cause, known);
  amendments.save(session, amendment, meterId, fromSlot, amendment.version);
  const { version } = amendment;
  context.record({ type: 'ReadingsAmended', meterId, fromSlot, slots: asked.totals.length, version, cause });
  return { version };
}
