import { revenueMicro } from '../../market/money';
import { greatest, least, mulDivFloor, sum } from '../../math';
import { micro, ppmWhole, wh } from '../../units';
import type { ProsumerIsp, ProsumerLine, RewardTerms } from './rows';

/** What a prosumer did under an order, and by which terms it is paid. */
export type ProsumerInput = Pick<
  ProsumerLine,
  'participantId' | 'terms' | 'isps' | 'isBound' | 'isFlagged' | 'reboundWh'
>;

/**
 * What an event brings a prosumer by the terms of its programme, before anybody pays. A slot counts where it is measured; nothing counts
 * where the baseline is not trusted. The reward is rounded down, what the aggregator keeps of it too. Penalties and rebound cost at most
 * what the reward brings: no event leaves a prosumer with a debt.
 */
export function prosumerLine(input: ProsumerInput, transferPriceMicroPerKwh: bigint): ProsumerLine {
  const { isBound, isFlagged, reboundWh, terms } = input;
  const counted = isFlagged ? { reduce: 0n, increase: 0n } : countedWh(input.isps, terms);
  const countedSumWh = counted.reduce + counted.increase;
  const deficientWh = isBound ? sum(input.isps.map((isp) => beyondTolerance(isp, terms.tolerancePpm))) : 0n;
  const grossMicro = revenueMicro(countedSumWh, terms.rewardMicroPerKwh);
  const aggregatorMicro = mulDivFloor(grossMicro, terms.aggregatorSharePpm, ppmWhole);
  const penaltyMicro = revenueMicro(deficientWh, terms.penaltyMicroPerKwh);
  const reboundMicro = revenueMicro(reboundWh, terms.reboundMicroPerKwh ?? 0n);
  const dueMicro = grossMicro - aggregatorMicro - penaltyMicro - reboundMicro;
  return {
    ...input,
    countedWh: wh(countedSumWh),
    deficientWh: wh(deficientWh),
    grossMicro,
    aggregatorMicro: micro(aggregatorMicro),
    penaltyMicro,
    reboundMicro,
    transferGainMicro: revenueMicro(counted.reduce, transferPriceMicroPerKwh),
    transferCostMicro: revenueMicro(counted.increase, transferPriceMicroPerKwh),
    rewardMicro: micro(greatest(dueMicro, 0n)),
    transferReceivedMicro: micro(0n),
    transferPaidMicro: micro(0n),
    uncoveredMicro: micro(greatest(-dueMicro, 0n)),
  };
}

/**
 * What counts in either direction. Of a shift the larger side counts only so far that both differ by no more than the tolerance: what is
 * moved has to come back.
 */
export function countedWh(
  isps: readonly ProsumerIsp[],
  { direction, shiftTolerancePpm }: Pick<RewardTerms, 'direction' | 'shiftTolerancePpm'>,
): { readonly reduce: bigint; readonly increase: bigint } {
  const part = (wanted: ProsumerIsp['direction']): bigint =>
    sum(isps.filter((isp) => isp.isMeasured && isp.direction === wanted).map((isp) => isp.deliveredWh));
  const [reduce, increase] = [part('reduce'), part('increase')];
  if (direction !== 'shift') {
    return { reduce, increase };
  }
  const restPpm = ppmWhole - (shiftTolerancePpm ?? 0n);
  const most = restPpm === 0n ? undefined : mulDivFloor(least(reduce, increase), ppmWhole, restPpm);
  const within = (energyWh: bigint): bigint => (most === undefined ? energyWh : least(energyWh, most));
  return { reduce: within(reduce), increase: within(increase) };
}

/** The deficiency of a slot; nothing up to the tolerated share of what was ordered, and where it was not measured. */
function beyondTolerance({ deficiencyWh, isMeasured, orderedWh }: ProsumerIsp, tolerancePpm: bigint): bigint {
  return isMeasured && deficiencyWh * ppmWhole > orderedWh * tolerancePpm ? deficiencyWh : 0n;
}
