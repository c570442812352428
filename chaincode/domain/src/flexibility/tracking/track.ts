import { demand } from '../../errors';
import { mulDivFloor, sum } from '../../math';
import type { Quality } from '../../meter/types';
import type { Slot } from '../../time';
import { ppmWhole, wh, type Ppm, type Wh } from '../../units';
import { netEnergyOf, netWhOf } from '../baseline/net-energy';
import { ispsOfEvent } from '../event/plan';
import type { FlexEvent } from '../event/rows';
import type { FlexOrderId } from '../ids';
import type { FlexDirection } from '../isps';
import { deliveryOf } from './delivered';
import type { Measurement, Performance, PortfolioPerformance } from './rows';

/** What one meter told of a slot. */
export interface MeterTotal {
  readonly importWh: bigint;
  readonly exportWh: bigint;
  readonly quality: Quality;
}

/** How well the meters of a prosumer measured a slot together; without a meter it is silent. */
export function measurementOf(totals: readonly MeterTotal[]): Measurement {
  if (totals.length === 0 || totals.some(({ quality }) => quality === 'MISSING')) {
    return 'SILENT';
  }
  return totals.every(({ quality }) => quality === 'OK') ? 'MEASURED' : 'FLAGGED';
}

/** What a slot of an event is tracked by. */
export interface TrackAsked {
  readonly event: FlexEvent;
  readonly slot: Slot;
  readonly totals: readonly MeterTotal[];
  /** Import less export that is expected without the event, in Wh. */
  readonly baselineWh: bigint;
  readonly tolerancePpm: Ppm;
}

/**
 * What a prosumer did in a slot of its event, against baseline and order. Without a measurement that counts nothing is delivered and
 * everything is deficient (B43). Refuses a slot in which nothing is ordered (FLEX_EVENT_SLOT).
 */
export function trackSlot({ baselineWh, event, slot, tolerancePpm, totals }: TrackAsked): Performance {
  const { eventId, orderId, participantId } = event;
  const isp = ispsOfEvent(event).find((one) => one.slot === slot);
  demand(isp !== undefined, 'FLEX_EVENT_SLOT', { participantId, slot });
  const { direction, energyWh: orderedWh } = isp;
  const measurement = measurementOf(totals);
  const actualWh = measurement === 'MEASURED' ? sum(totals.map(netWhOf)) : undefined;
  const delivery =
    actualWh === undefined
      ? { deliveredWh: wh(0n), deficiencyWh: orderedWh, beyondWh: wh(0n) }
      : deliveryOf({ direction, orderedWh, baselineWh, actualWh });
  return {
    orderId,
    slot,
    participantId,
    eventId,
    direction,
    measurement,
    baseline: netEnergyOf(baselineWh),
    actual: netEnergyOf(actualWh ?? 0n),
    orderedWh,
    ...delivery,
    isDeviation: delivery.deficiencyWh > mulDivFloor(orderedWh, tolerancePpm, ppmWhole),
  };
}

/** What an order asks for in a slot: the energy of its power in a quarter hour, rounded down to whole Wh. */
export interface OrderedSlotEnergy {
  readonly orderId: FlexOrderId;
  readonly slot: Slot;
  readonly direction: FlexDirection;
  readonly orderedWh: Wh;
}

/**
 * What a portfolio did in a slot: the sums of those of its prosumers that are measured, judged against the order as one. So one prosumer's
 * help beyond its part makes up for another's deficiency.
 */
export function trackPortfolio(ordered: OrderedSlotEnergy, lines: readonly Performance[]): PortfolioPerformance {
  const measured = lines.filter(({ measurement }) => measurement === 'MEASURED');
  const baselineWh = sum(measured.map(({ baseline }) => netWhOf(baseline)));
  const actualWh = sum(measured.map(({ actual }) => netWhOf(actual)));
  const { direction, orderedWh } = ordered;
  return {
    ...ordered,
    prosumers: lines.length,
    unmeasured: lines.filter((line) => !measured.includes(line)).map(({ participantId }) => participantId),
    baseline: netEnergyOf(baselineWh),
    actual: netEnergyOf(actualWh),
    ...deliveryOf({ direction, orderedWh, baselineWh, actualWh }),
  };
}
