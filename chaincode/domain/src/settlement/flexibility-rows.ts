import { object, type TypeOf } from '../decode';
import { flexOrderIdCodec } from '../flexibility/ids';
import { flexDirectionCodec } from '../flexibility/isps';
import { sum } from '../math';
import { whCodec } from '../units';
import type { Correction } from './curtailment';

/** What a participant delivered under an order of flexibility in a quarter hour, as its event was tracked. */
export const lineFlexibilityCodec = object({
  orderId: flexOrderIdCodec,
  direction: flexDirectionCodec,
  deliveredWh: whCodec,
});
export type LineFlexibility = TypeOf<typeof lineFlexibilityCodec>;

/**
 * By how much delivered flexibility corrects a position: what was not taken because somebody ordered so is no longer bought, and what was
 * taken for the same reason need not have been bought. So neither is a deviation, and no kWh is paid twice.
 */
export function withFlexibility(correction: Correction, flexibility: readonly LineFlexibility[] = []): Correction {
  const part = (wanted: LineFlexibility['direction']): bigint =>
    sum(flexibility.filter(({ direction }) => direction === wanted).map(({ deliveredWh }) => deliveredWh));
  return { importWh: correction.importWh + part('reduce'), exportWh: correction.exportWh + part('increase') };
}
