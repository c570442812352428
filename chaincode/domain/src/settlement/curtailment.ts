import { revenueMicro } from '../market/money';
import { greatest, least, sum } from '../math';
import { correctedWh, heldBackWh } from '../set-points/held-back';
import { micro, wh, type Micro } from '../units';
import type { LineCurtailment, CurtailmentInput } from './curtailment-rows';
import type { DeviationEnergy } from './delivery';
import { deviationMoney, type DirectionPrices } from './imbalance';
import { move } from './post';
import type { Account, Entry, Line, MeterInput } from './rows';

/** What a limit held back in a quarter hour, and by how much that corrects the position. */
export type HeldBack = Pick<LineCurtailment, 'heldBackWh' | 'correctedWh'>;

/** By how much a position is corrected: energy that its holder could not give, and that it could not take. */
export interface Correction {
  readonly exportWh: bigint;
  readonly importWh: bigint;
}

/** No limit held. */
export const noCorrection: Correction = { exportWh: 0n, importWh: 0n };

/**
 * What limits held back, and the part of it that corrects the holder's position, so that no kWh is paid twice: held back export makes a
 * shortfall smaller (the energy was sold, its buyer pays for it), held back import a surplus (it was bought). The correction never goes
 * further than the deviation; several limits correct it in their order.
 *
 * @param deviation what the meters deviate from the uncorrected position; all zero where a reading is missing
 */
export function heldBackBy(
  curtailments: readonly CurtailmentInput[],
  meters: readonly MeterInput[],
  deviation: Pick<DeviationEnergy, 'shortWh' | 'longWh'>,
): readonly HeldBack[] {
  const left = { export: BigInt(deviation.shortWh), import: BigInt(deviation.longWh) };
  return curtailments.map(({ direction, limitWh, meterIds, possibleWh }) => {
    const own = meters.filter(({ meterId }) => meterIds.includes(meterId));
    const netWh = sum(own.map(({ exportWh, importWh }) => importWh - exportWh));
    const meteredWh = greatest(direction === 'import' ? netWh : -netWh, 0n);
    const heldBack = heldBackWh({ possibleWh, limitWh, meteredWh });
    const corrected = correctedWh(heldBack, left[direction]);
    left[direction] -= corrected;
    return { heldBackWh: heldBack, correctedWh: corrected };
  });
}

/** The sum of what limits correct, by direction. */
export function correctionOf(
  curtailments: readonly Pick<CurtailmentInput, 'direction'>[],
  heldBack: readonly HeldBack[],
): Correction {
  const part = (wanted: CurtailmentInput['direction']) =>
    sum(curtailments.map(({ direction }, at) => (direction === wanted ? (heldBack[at]?.correctedWh ?? 0n) : 0n)));
  return { exportWh: part('export'), importWh: part('import') };
}

/**
 * The money of limits. Paid is export that had not been sold, and import that had been bought: at the price of the limit, rounded down.
 * The rest of what was held back has its money already: its buyer pays for export that was sold, and import that was not bought has
 * cost nothing. The system operator takes over the corrected energy at the imbalance price: it buys what its limit made the position
 * short of, and sells what it left over. All of that at most up to what is set aside, the holder first.
 */
export function curtailmentsOf(
  curtailments: readonly CurtailmentInput[],
  heldBack: readonly HeldBack[],
  prices: DirectionPrices,
): readonly LineCurtailment[] {
  return curtailments.map((input, at) => {
    const { correctedWh: corrected, heldBackWh: held } = heldBack[at] ?? nothingHeldBack;
    const isExport = input.direction === 'export';
    const compensatedWh = wh(isExport ? held - corrected : corrected);
    const dueMicro = revenueMicro(compensatedWh, input.priceMicroPerKwh);
    const money = isExport ? deviationMoney(corrected, 0n, prices) : deviationMoney(0n, corrected, prices);
    const costDueMicro = money.shortMicro + money.longCostMicro;
    const compensationMicro = least<bigint>(dueMicro, input.coverMicro);
    const takeoverCostMicro = least(costDueMicro, input.coverMicro - compensationMicro);
    return {
      ...input,
      heldBackWh: held,
      correctedWh: corrected,
      compensatedWh,
      compensationMicro: micro(compensationMicro),
      takeoverCostMicro: micro(takeoverCostMicro),
      takeoverGainMicro: micro(money.longMicro + money.shortGainMicro),
      uncoveredMicro: micro(dueMicro + costDueMicro - compensationMicro - takeoverCostMicro),
    };
  });
}

/** What settlement had found of a limit, without what the rule made of it. */
export function curtailmentInputOf(curtailment: LineCurtailment): CurtailmentInput {
  const { bus, coverMicro, direction, limitWh, limitationId, meterIds, possibleWh, priceMicroPerKwh } = curtailment;
  return { limitationId, bus, direction, meterIds, possibleWh, limitWh, priceMicroPerKwh, coverMicro };
}

const nothingHeldBack: HeldBack = { heldBackWh: wh(0n), correctedWh: wh(0n) };

/** The sum of an amount over the limits of a line. */
export function curtailmentMicro(
  { curtailments = [] }: Pick<Line, 'curtailments'>,
  key: 'compensationMicro' | 'takeoverCostMicro' | 'takeoverGainMicro',
): Micro {
  return micro(sum(curtailments.map((curtailment) => curtailment[key])));
}

/** What the limits of a line move: out of the system operator's fund to the holder and for energy, and back into it. */
export function curtailmentEntries(line: Line, account: Account): readonly Entry[] {
  return [
    ...move('curtailment', account, curtailmentMicro(line, 'compensationMicro'), 'compensation'),
    ...move('curtailment', 'imbalance', curtailmentMicro(line, 'takeoverCostMicro'), 'deviation'),
    ...move('imbalance', 'curtailment', curtailmentMicro(line, 'takeoverGainMicro'), 'deviation'),
  ];
}
