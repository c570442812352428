import { parseDecimal, type Decimal } from '../grid/decimal';

/** Units in which an input may give energy. */
export const energyUnits = ['Wh', 'kWh', 'MWh'] as const;

/** A unit of energy. */
export type EnergyUnit = (typeof energyUnits)[number];

const MICRO_DIGITS: Readonly<Record<EnergyUnit, number>> = { Wh: 6, kWh: 9, MWh: 12 };
const DIGITS_MAX = 24;

/**
 * Energy in millionths of a watt-hour from a decimal text, which may be negative. Undefined for a text that is no number, is
 * finer than a millionth of a watt-hour or has more than 24 digits.
 */
export function parseEnergy(text: string, unit: EnergyUnit, decimal: '.' | ',' = '.'): bigint | undefined {
  const trimmed = text.trim();
  if (trimmed.length > DIGITS_MAX || (decimal === ',' && trimmed.includes('.'))) return undefined;
  const value = decimalOf(decimal === ',' ? trimmed.replace(',', '.') : trimmed);
  if (value === undefined) return undefined;
  const missing = MICRO_DIGITS[unit] - value.scale;
  if (missing >= 0) return value.digits * 10n ** BigInt(missing);
  const divisor = 10n ** BigInt(-missing);
  return value.digits % divisor === 0n ? value.digits / divisor : undefined;
}

function decimalOf(text: string): Decimal | undefined {
  return /^-?\d+(\.\d+)?$/.test(text) ? parseDecimal(text) : undefined;
}
