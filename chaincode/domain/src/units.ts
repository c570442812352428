import { assert } from './assert';
import { mapped, text, type Codec } from './decode';
import { limits } from './limits';

declare const unit: unique symbol;
type Unit<Name extends string> = bigint & { readonly [unit]: Name };

/** Energy in watt-hours. */
export type Wh = Unit<'Wh'>;
/** Tenths of a watt-hour, which the pinball losses at 10 and 90 percent are whole numbers of. */
export type DeciWh = Unit<'DeciWh'>;
/** Active power in watts. */
export type W = Unit<'W'>;
/** Apparent power in volt-amperes. */
export type Va = Unit<'Va'>;
/** Reactive power in var. */
export type Var = Unit<'Var'>;
/** Reactive energy in var-hours. */
export type Varh = Unit<'Varh'>;
/** Voltage in tenths of a volt. */
export type Decivolt = Unit<'Decivolt'>;
/** Money in millionths of the currency. */
export type Micro = Unit<'Micro'>;
/** Money in billionths of the currency, which prices per kilowatt-hour times watt-hours are whole numbers of. */
export type Nano = Unit<'Nano'>;
/** A price in millionths of the currency per kilowatt-hour. */
export type MicroPerKwh = Unit<'MicroPerKwh'>;
/** A price in millionths of the currency per kilowatt-hour that may be below zero, as prices of imbalance are. */
export type SignedMicroPerKwh = Unit<'SignedMicroPerKwh'>;
/** A share in millionths. */
export type Ppm = Unit<'Ppm'>;

/** One more than the largest amount of any unit: 18 digits. */
const amountEnd = 10n ** BigInt(limits.amountDigitsMax);

/** The whole, as a share. */
export const ppmWhole = 1_000_000n as Ppm;

function amount(value: bigint): bigint {
  assert(value >= 0n && value < amountEnd, 'An amount is not negative and has at most 18 digits.');
  return value;
}

/** Energy of this many watt-hours. Throws InvariantError when negative or above 18 digits. */
export function wh(value: bigint): Wh {
  return amount(value) as Wh;
}

/** Energy of this many tenths of a watt-hour. Throws InvariantError when negative or above 18 digits. */
export function deciWh(value: bigint): DeciWh {
  return amount(value) as DeciWh;
}

/** Power of this many watts. Throws InvariantError when negative or above 18 digits. */
export function w(value: bigint): W {
  return amount(value) as W;
}

/** Apparent power of this many volt-amperes. Throws InvariantError when negative or above 18 digits. */
export function va(value: bigint): Va {
  return amount(value) as Va;
}

/** Reactive power of this many var. Throws InvariantError when negative or above 18 digits. */
export function reactive(value: bigint): Var {
  return amount(value) as Var;
}

/** Reactive energy of this many var-hours. Throws InvariantError when negative or above 18 digits. */
export function varh(value: bigint): Varh {
  return amount(value) as Varh;
}

/** A voltage of this many tenths of a volt. Throws InvariantError when negative or above 18 digits. */
export function decivolt(value: bigint): Decivolt {
  return amount(value) as Decivolt;
}

/** Money of this many micro-units. Throws InvariantError when negative or above 18 digits. */
export function micro(value: bigint): Micro {
  return amount(value) as Micro;
}

/** Money of this many thousandths of a micro-unit. Throws InvariantError when negative or above 18 digits. */
export function nano(value: bigint): Nano {
  return amount(value) as Nano;
}

/** A price of this many micro-units per kWh. Throws InvariantError when negative or above 18 digits. */
export function microPerKwh(value: bigint): MicroPerKwh {
  return amount(value) as MicroPerKwh;
}

/**
 * A price of this many micro-units per kWh, below zero too. The sign of a price is no direction of energy or money: these stand in
 * the names of the amounts that are worked out with it. Throws InvariantError above 18 digits.
 */
export function signedMicroPerKwh(value: bigint): SignedMicroPerKwh {
  assert(-amountEnd < value && value < amountEnd, 'A price has at most 18 digits.');
  return value as SignedMicroPerKwh;
}

/** A share of this many millionths. Throws InvariantError when not from 0 to 1,000,000. */
export function ppm(value: bigint): Ppm {
  assert(value >= 0n && value <= ppmWhole, 'A share is from 0 to 1,000,000 ppm.');
  return value as Ppm;
}

const decimal = text(/^(0|[1-9][0-9]{0,17})$/, 'a decimal string of at most 18 digits', limits.amountDigitsMax);

function amountCodec<T extends bigint>(make: (value: bigint) => T, maximum = amountEnd - 1n): Codec<T> {
  return mapped(
    decimal,
    `a decimal string up to ${maximum}`,
    (digits) => {
      const value = BigInt(digits);
      return value <= maximum ? make(value) : undefined;
    },
    (value) => {
      assert(value >= 0n && value <= maximum, 'An encoded amount is inside its bounds.');
      return value.toString();
    },
  );
}

/** Energy in JSON: a decimal string of watt-hours. */
export const whCodec = amountCodec(wh);
/** Energy in JSON: a decimal string of tenths of a watt-hour. */
export const deciWhCodec = amountCodec(deciWh);
/** Power in JSON: a decimal string of watts. */
export const wCodec = amountCodec(w);
/** Apparent power in JSON: a decimal string of volt-amperes. */
export const vaCodec = amountCodec(va);
/** Reactive power in JSON: a decimal string of var. */
export const varCodec = amountCodec(reactive);
/** Reactive energy in JSON: a decimal string of var-hours. */
export const varhCodec = amountCodec(varh);
/** Voltage in JSON: a decimal string of tenths of a volt. */
export const decivoltCodec = amountCodec(decivolt);
/** Money in JSON: a decimal string of micro-units. */
export const microCodec = amountCodec(micro);
/** Money in JSON: a decimal string of thousandths of a micro-unit. */
export const nanoCodec = amountCodec(nano);
/** A price in JSON: a decimal string of micro-units per kWh. */
export const microPerKwhCodec = amountCodec(microPerKwh);
/** A price that may be below zero in JSON: a decimal string of micro-units per kWh, with a minus sign where it is. */
export const signedMicroPerKwhCodec: Codec<SignedMicroPerKwh> = mapped(
  text(
    /^(0|-?[1-9][0-9]{0,17})$/,
    'a decimal string of at most 18 digits, which may have a minus sign',
    limits.amountDigitsMax + 1,
  ),
  'a price that may be below zero',
  (digits) => signedMicroPerKwh(BigInt(digits)),
  (value) => value.toString(),
);
/** A multiplier of a proof in JSON: a decimal string of millionths of a micro-unit per kWh, with a minus sign where it is below zero. */
export const signedPicoPerKwhCodec: Codec<bigint> = mapped(
  text(/^(0|-?[1-9][0-9]{0,23})$/, 'a decimal string of at most 24 digits, which may have a minus sign', 25),
  'a multiplier',
  (digits) => BigInt(digits),
  (value) => value.toString(),
);
/** A share in JSON: a decimal string of millionths, at most 1000000. */
export const ppmCodec = amountCodec(ppm, ppmWhole);
