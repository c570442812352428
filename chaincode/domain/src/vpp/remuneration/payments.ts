import { least, mulDivCeil, mulDivFloor } from '../../math';
import { wh, w, micro } from '../../units';
import type { Slot } from '../../time';
import { powerPaymentMicro } from '../service/payment';
import type { Remuneration, RemuneratedSlice } from './rows';

/** What was promised in a slice, what was called of it, and what came of that. */
export interface SliceDelivered {
  readonly firstSlot: Slot;
  readonly slots: number;
  readonly offeredW: bigint;
  readonly askedWh: bigint;
  readonly deliveredWh: bigint;
  /** What is missing beyond the tolerance. */
  readonly shortfallWh: bigint;
}

/** What the buyer has agreed to pay, and to be paid. */
export type ServicePrices = Pick<
  Remuneration,
  'capacityPriceMicroPerKwh' | 'energyPriceMicroPerKwh' | 'penaltyMicroPerKwh'
>;

const WH_PER_KWH = 1_000n;

/**
 * What a slice pays: the capacity that was kept ready, cut in proportion to what is missing of what was called; the energy that was called and
 * delivered; and the penalty for what is missing. Payments are rounded down, the penalty up.
 */
export function paidSlice(slice: SliceDelivered, prices: ServicePrices): RemuneratedSlice {
  const { askedWh, firstSlot, offeredW, shortfallWh, slots } = slice;
  const deliveredWh = least(slice.deliveredWh, askedWh);
  const keptWh = askedWh - least(shortfallWh, askedWh);
  const capacityMicro = powerPaymentMicro(offeredW, slots, prices.capacityPriceMicroPerKwh);
  return {
    firstSlot,
    slots,
    offeredW: w(offeredW),
    askedWh: wh(askedWh),
    deliveredWh: wh(deliveredWh),
    shortfallWh: wh(shortfallWh),
    capacityMicro: micro(askedWh === 0n ? capacityMicro : mulDivFloor(capacityMicro, keptWh, askedWh)),
    energyMicro: micro(mulDivFloor(deliveredWh, prices.energyPriceMicroPerKwh, WH_PER_KWH)),
    penaltyMicro: micro(mulDivCeil(shortfallWh, prices.penaltyMicroPerKwh, WH_PER_KWH)),
  };
}
