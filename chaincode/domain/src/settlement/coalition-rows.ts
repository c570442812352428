import { integer, object, oneOf, type TypeOf } from '../decode';
import { limits } from '../limits';
import { sum } from '../math';
import { whCodec } from '../units';
import { coalitionIdCodec } from '../vpp/formation/ids';
import type { Correction } from './curtailment';
import { withFlexibility } from './flexibility-rows';
import type { Line } from './rows';

/** What the assets of a participant delivered in a quarter hour for a coalition of a virtual power plant, as it was verified. */
export const lineCoalitionCodec = object({
  coalitionId: coalitionIdCodec,
  /** The slice of the coalition in which the quarter hour lies. */
  slice: integer(0, limits.slicesPerRequestMax - 1),
  direction: oneOf('up', 'down'),
  deliveredWh: whCodec,
});
export type LineCoalition = TypeOf<typeof lineCoalitionCodec>;

/** Everything that a participant delivered to others than those with whom it traded. */
export type DeliveredElsewhere = Pick<Line, 'coalitions' | 'flexibility'>;

/**
 * By how much delivered flexibility and what coalitions delivered correct a position. Energy that was given up (taken less, or given more) is no
 * longer bought, or not sold to somebody else; energy that was taken up need not have been bought. So neither is a deviation, and no kWh is paid
 * twice.
 */
export function withDelivered(
  correction: Correction,
  { coalitions = [], flexibility }: DeliveredElsewhere,
): Correction {
  const { exportWh, importWh } = withFlexibility(correction, flexibility);
  const part = (wanted: LineCoalition['direction']): bigint =>
    sum(coalitions.filter(({ direction }) => direction === wanted).map(({ deliveredWh }) => deliveredWh));
  return { importWh: importWh + part('up'), exportWh: exportWh + part('down') };
}

/** How far that raises what may be taken, in Wh: below zero where energy was given up. */
export function raisedByDelivered(delivered: DeliveredElsewhere): bigint {
  const { exportWh, importWh } = withDelivered({ exportWh: 0n, importWh: 0n }, delivered);
  return exportWh - importWh;
}
