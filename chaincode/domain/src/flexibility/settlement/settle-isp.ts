import { assert } from '../../assert';
import { greatest, least, mulDivFloor } from '../../math';
import type { FlexDirection } from '../isps';

/** What was ordered and what happened in one settlement period. Baseline and actual are import less export, in Wh. */
export interface IspInput {
  readonly direction: FlexDirection;
  readonly baselineWh: bigint;
  readonly actualWh: bigint;
  /** How far to be below (reduce) or above (increase) the baseline, in Wh. */
  readonly orderedWh: bigint;
}

/** What a settlement period comes to, in Wh. */
export interface IspOutcome {
  /** Baseline and order together: what should have been measured, import less export. */
  readonly adjustedWh: bigint;
  /** What counts as delivered: never more than ordered. */
  readonly deliveredWh: bigint;
  /** What was measured on the wrong side of baseline and order; it can be more than ordered. */
  readonly deficiencyWh: bigint;
}

const WH_PER_KWH = 1_000n;

/**
 * The rule of UFTP for one settlement period, mirrored for an increase: delivered = max(0, min(ordered, baseline − actual)), deficiency
 * = max(0, actual − adjusted). It is one-sided: help beyond the order is neither paid nor punished. Source: Shapeshifter UFTP, settle.
 */
export function settleIsp({ direction, baselineWh, actualWh, orderedWh }: IspInput): IspOutcome {
  assert(orderedWh >= 0n, 'The direction of an order stands in its name.');
  const sign = direction === 'reduce' ? -1n : 1n;
  const towardsOrderWh = sign * (actualWh - baselineWh);
  return {
    adjustedWh: baselineWh + sign * orderedWh,
    deliveredWh: greatest(0n, least(orderedWh, towardsOrderWh)),
    deficiencyWh: greatest(0n, orderedWh - towardsOrderWh),
  };
}

/** What is paid for delivery and charged for deficiency, in micro-units per kWh. */
export interface IspPrices {
  readonly priceMicroPerKwh: bigint;
  readonly penaltyMicroPerKwh: bigint;
}

/** Payment and penalty of a settlement period in micro-units, each rounded down. */
export function ispMoney(
  { deliveredWh, deficiencyWh }: Omit<IspOutcome, 'adjustedWh'>,
  { priceMicroPerKwh, penaltyMicroPerKwh }: IspPrices,
): { readonly paidMicro: bigint; readonly penaltyMicro: bigint } {
  return {
    paidMicro: mulDivFloor(deliveredWh, priceMicroPerKwh, WH_PER_KWH),
    penaltyMicro: mulDivFloor(deficiencyWh, penaltyMicroPerKwh, WH_PER_KWH),
  };
}

/**
 * A position without the flexibility that was delivered from it, so that no kWh is paid twice: what was bought is reduced by a delivered
 * reduction and raised by a delivered increase. Positions are import less export, in Wh.
 */
export function correctedPosition(direction: FlexDirection, positionWh: bigint, deliveredWh: bigint): bigint {
  return direction === 'reduce' ? positionWh - deliveredWh : positionWh + deliveredWh;
}

/** What the transferred energy costs at the transfer price of the rule set, in micro-units, rounded down. */
export function transferMicro(deliveredWh: bigint, transferPriceMicroPerKwh: bigint): bigint {
  return mulDivFloor(deliveredWh, transferPriceMicroPerKwh, WH_PER_KWH);
}
