import { array, boolean, integer, object, oneOf, type TypeOf } from '../../decode';
import { eventIdCodec, participantIdCodec } from '../../ids';
import { limits } from '../../limits';
import { slotCodec } from '../../time';
import { whCodec } from '../../units';
import { netEnergyCodec } from '../baseline/net-energy';
import { flexOrderIdCodec } from '../ids';
import { flexDirectionCodec } from '../isps';

/**
 * How well a slot of an event is measured: `MEASURED` by every meter; `SILENT` where a meter has sent nothing; `FLAGGED` where a reading was
 * estimated, substituted or bad. Only the first counts as delivered.
 */
export const measurementCodec = oneOf('MEASURED', 'SILENT', 'FLAGGED');
export type Measurement = TypeOf<typeof measurementCodec>;

/** What a prosumer did in one slot of an order. */
export const performanceCodec = object({
  orderId: flexOrderIdCodec,
  slot: slotCodec,
  participantId: participantIdCodec,
  eventId: eventIdCodec,
  direction: flexDirectionCodec,
  measurement: measurementCodec,
  baseline: netEnergyCodec,
  /** Zeros where it is not measured. */
  actual: netEnergyCodec,
  orderedWh: whCodec,
  deliveredWh: whCodec,
  deficiencyWh: whCodec,
  beyondWh: whCodec,
  /** True where the deficiency is more than the programme's tolerance. */
  isDeviation: boolean,
});
export type Performance = TypeOf<typeof performanceCodec>;

/** What a portfolio did in one slot of an order: those of its prosumers that are measured, together. */
export const portfolioPerformanceCodec = object({
  orderId: flexOrderIdCodec,
  slot: slotCodec,
  direction: flexDirectionCodec,
  prosumers: integer(0, 100_000),
  /** Prosumers that are not measured, and so count with nothing delivered. */
  unmeasured: array(participantIdCodec, limits.listRowsMax),
  baseline: netEnergyCodec,
  actual: netEnergyCodec,
  /** What the order asks for, whatever its prosumers were asked for. */
  orderedWh: whCodec,
  deliveredWh: whCodec,
  deficiencyWh: whCodec,
  beyondWh: whCodec,
});
export type PortfolioPerformance = TypeOf<typeof portfolioPerformanceCodec>;
