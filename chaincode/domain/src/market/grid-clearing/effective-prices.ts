import { assert } from '../../assert';
import { floorQuotient } from '../../math';
import { ppmWhole } from '../../units';
import type { Side } from '../types';

/** What a bus adds to a price, fixed before the gate: grid fees in micro-units per kWh, the loss factor in millionths. */
export interface BusCharges {
  readonly buyFeeMicroPerKwh: bigint;
  readonly sellFeeMicroPerKwh: bigint;
  /** Energy lost on the way to or from the reference bus, as a share of what flows; below 1,000,000. */
  readonly lossPpm: bigint;
}

/**
 * The limit price of an order as it counts at the reference bus, in micro-units per kWh: what is left of a buyer's limit after fee and
 * losses, rounded down; what a seller must get there to be left with its limit, rounded up. Whatever the price turns out to be,
 * `buyerPrice` and `sellerPrice` then never go beyond the limit. May be below zero.
 */
export function effectiveLimit(side: Side, limitMicroPerKwh: bigint, charges: BusCharges): bigint {
  assert(charges.lossPpm >= 0n && charges.lossPpm < ppmWhole, 'A loss factor is from 0 to less than the whole.');
  return side === 'buy'
    ? floorQuotient((limitMicroPerKwh - charges.buyFeeMicroPerKwh) * ppmWhole, ppmWhole + charges.lossPpm)
    : divCeil((limitMicroPerKwh + charges.sellFeeMicroPerKwh) * ppmWhole, ppmWhole - charges.lossPpm);
}

/** What a buyer at the bus pays where this is the price at the reference, in micro-units per kWh: rounded up, with its fee. */
export function buyerPrice(priceMicroPerKwh: bigint, charges: BusCharges): bigint {
  return divCeil(priceMicroPerKwh * (ppmWhole + charges.lossPpm), ppmWhole) + charges.buyFeeMicroPerKwh;
}

/** What a seller at the bus gets where this is the price at the reference, in micro-units per kWh: rounded down, less its fee. */
export function sellerPrice(priceMicroPerKwh: bigint, charges: BusCharges): bigint {
  return floorQuotient(priceMicroPerKwh * (ppmWhole - charges.lossPpm), ppmWhole) - charges.sellFeeMicroPerKwh;
}

function divCeil(value: bigint, divisor: bigint): bigint {
  return -floorQuotient(-value, divisor);
}
