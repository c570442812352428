import { array, integer, object, oneOf, optional, type TypeOf } from '../decode';
import { limits } from '../limits';
import { greatest, least, sum } from '../math';
import { slotCodec, type Slot } from '../time';
import { wh, whCodec, type Wh } from '../units';
import type { Line, MeterInput } from './rows';
import { correctionOf, heldBackBy, noCorrection, type Correction } from './curtailment';
import type { CurtailmentInput } from './curtailment-rows';
import { lineCoalitionCodec, withDelivered, type DeliveredElsewhere } from './coalition-rows';
import { lineFlexibilityCodec } from './flexibility-rows';
import { countedTrade, coversSlot, slotPositionCodec, type SlotPosition } from './slot-position';

/** How far a participant's quarter hour is from its plan, as far as its meters have told. */
export const deliveryCodec = object({
  slot: slotCodec,
  /** OK: all meters have told. MISSING: a reading is missing or refused. SCHEDULED: a supplier without meters. */
  status: oneOf('OK', 'MISSING', 'SCHEDULED'),
  /** The plan: all trades of the quarter hour, and the sums of what counts of them. */
  positions: array(slotPositionCodec, limits.positionsPerSlotMax + 1),
  boughtWh: whCodec,
  soldWh: whCodec,
  meters: integer(0, limits.metersPerParticipantMax),
  /** What the meters counted; 0 unless all have told. */
  importWh: whCodec,
  exportWh: whCodec,
  shortWh: whCodec,
  longWh: whCodec,
  deliveredWh: whCodec,
  shortfallWh: whCodec,
  /** What compensated limits of the system operator held back, as far as meters have told; absent where none held. */
  heldBackWh: optional(whCodec),
  /** What was delivered of flexibility, which corrects the plan, as far as it was tracked; absent for nothing. */
  flexibility: optional(array(lineFlexibilityCodec, limits.flexOrdersPerSlotMax)),
  /** What its assets delivered for coalitions, as far as it was verified; absent for nothing. */
  coalitions: optional(array(lineCoalitionCodec, limits.coalitionsPerSlotMax)),
});
export type Delivery = TypeOf<typeof deliveryCodec>;

/** What was metered and how it differs from the position. */
export interface DeviationEnergy {
  readonly importWh: Wh;
  readonly exportWh: Wh;
  readonly shortWh: Wh;
  readonly longWh: Wh;
  readonly deliveredWh: Wh;
  readonly shortfallWh: Wh;
}

/**
 * What was metered, what that deviates from the position, and how much of the sold energy was delivered. What limits of the system
 * operator held back of the position counts as given or taken.
 */
export function deviationEnergy(
  status: Line['status'],
  meters: readonly MeterInput[],
  boughtWh: bigint,
  soldWh: bigint,
  correction: Correction = noCorrection,
): DeviationEnergy {
  const measured = status === 'OK' ? meters : [];
  const importWh = sum(measured.map((meter) => meter.importWh));
  const exportWh = sum(measured.map((meter) => meter.exportWh));
  const takenWh = importWh + soldWh + correction.importWh;
  const givenWh = exportWh + boughtWh + correction.exportWh;
  const shortWh = status === 'OK' ? greatest(takenWh - givenWh, 0n) : 0n;
  const longWh = status === 'OK' ? greatest(givenWh - takenWh, 0n) : 0n;
  const soldSettledWh = status === 'MISSING' ? 0n : soldWh;
  const shortfallWh = least(shortWh, soldSettledWh);
  return {
    importWh: wh(importWh),
    exportWh: wh(exportWh),
    shortWh: wh(shortWh),
    longWh: wh(longWh),
    deliveredWh: wh(soldSettledWh - shortfallWh),
    shortfallWh: wh(shortfallWh),
  };
}

/** Whether the meters of a participant tell what it took and gave. */
export function meteredStatus(scheduled: boolean, meters: readonly MeterInput[]): Delivery['status'] {
  if (scheduled && meters.length === 0) {
    return 'SCHEDULED';
  }
  const unusable = meters.some((meter) => meter.quality === 'MISSING' || meter.quality === 'BAD');
  return unusable ? 'MISSING' : 'OK';
}

/**
 * Plan against meters of one quarter hour, by the same rule as settlement, at any time: before the slot is settled it is what
 * settlement would make of the readings that are there.
 *
 * @param positions positions of the participant; those that do not cover the slot count for nothing
 * @param curtailments limits of its connections that held in the slot and are compensated
 * @param elsewhere what it delivered under orders of flexibility and for coalitions, as far as that was tracked and verified
 */
export function deliveryOf(
  slot: Slot,
  positions: readonly SlotPosition[],
  scheduled: boolean,
  meters: readonly MeterInput[],
  curtailments: readonly CurtailmentInput[],
  elsewhere: DeliveredElsewhere = {},
): Delivery {
  const covering = positions.filter((position) => coversSlot(position, slot));
  const parts = covering.map((one) => countedTrade(one, slot));
  const boughtWh = wh(sum(parts.map((part) => part.boughtWh)));
  const soldWh = wh(sum(parts.map((part) => part.soldWh)));
  const status = meteredStatus(scheduled, meters);
  const deviation = deviationEnergy(status, meters, boughtWh, soldWh, withDelivered(noCorrection, elsewhere));
  const heldBack = status === 'OK' ? heldBackBy(curtailments, meters, deviation) : [];
  const correction = withDelivered(correctionOf(curtailments, heldBack), elsewhere);
  const energy = deviationEnergy(status, meters, boughtWh, soldWh, correction);
  const heldBackWh = wh(sum(heldBack.map((one) => one.heldBackWh)));
  const limited = curtailments.length === 0 ? {} : { heldBackWh };
  return {
    slot,
    status,
    positions: covering,
    boughtWh,
    soldWh,
    meters: meters.length,
    ...energy,
    ...limited,
    ...elsewhere,
  };
}
