import { assert } from '../../assert';
import { mulDivFloor } from '../../math';

/** Watts times quarter hours of a kilowatt-hour. */
const WATT_QUARTERS_PER_KWH = 4_000n;

/**
 * What a power comes to over some quarter hours, in micro-units, rounded down: by a capacity price per kW and hour what keeping it ready
 * pays, by an energy price per kWh what calling it pays. 15 EUR/MW/h are 15,000 micro-units, so 10 MW kept ready for 4 hours pay 600 EUR, and
 * 7 MW called for an hour at 70 EUR/MWh pay 490 EUR (FAQ of regelleistung.net).
 */
export function powerPaymentMicro(powerW: bigint, quarterHours: number, priceMicroPerKwh: bigint): bigint {
  assert(Number.isSafeInteger(quarterHours) && quarterHours >= 0, 'A time has a whole number of quarter hours.');
  return mulDivFloor(powerW * BigInt(quarterHours), priceMicroPerKwh, WATT_QUARTERS_PER_KWH);
}
