import { costMicro } from '../market/money';
import { greatest, mulDivFloor, sum } from '../math';
import type { RuleSet } from '../rule-set';
import { micro, type Micro } from '../units';
import { assert } from '../assert';
import { demand } from '../errors';
import { limits } from '../limits';
import type { CurtailmentFund, PostingSet } from '../settlement/rows';
import { limitQuarterWh, quarterWh } from './held-back';
import type { Limitation, SetPoint } from './rows';

type Prices = Pick<RuleSet, 'curtailmentCompensation' | 'imbalanceShortMicroPerKwh' | 'priceCapMicroPerKwh'>;

/** Limits with what is set aside for them, and what all of them take out of the fund. */
export interface CoveredSetPoints<T> {
  readonly setPoints: readonly T[];
  readonly coveredMicro: Micro;
}

/**
 * Sets aside for each limit what a slot of it can cost the system operator at most: each kWh that is held back is either paid to its
 * holder or bought in its place, so the higher of both prices, rounded up. Where the fund has less, every limit gets the same share,
 * rounded down: limits do not wait for money. An imbalance price that is filed above the rule set's own is not covered beyond that.
 */
export function coverSetPoints<T extends Pick<SetPoint, 'presentW' | 'limitW' | 'possible' | 'slots'>>(
  setPoints: readonly T[],
  prices: Prices,
  availableMicro: Micro,
): CoveredSetPoints<T & Pick<SetPoint, 'coverMicro'>> {
  const { curtailmentCompensation } = prices;
  if (curtailmentCompensation === undefined) {
    return { setPoints, coveredMicro: micro(0n) };
  }
  const isFixed = curtailmentCompensation.kind === 'fixed';
  const paid = isFixed ? curtailmentCompensation.priceMicroPerKwh : prices.priceCapMicroPerKwh;
  const price = greatest<bigint>(paid, prices.imbalanceShortMicroPerKwh);
  const wanted = setPoints.map(({ limitW, possible, presentW }) => {
    const mostWh = greatest(quarterWh(possible?.powerW ?? presentW) - limitQuarterWh(limitW), 0n);
    return costMicro(mostWh, price);
  });
  const wantedMicro = sum(setPoints.map(({ slots }, index) => (wanted[index] ?? 0n) * BigInt(slots)));
  const isEnough = wantedMicro <= availableMicro;
  const covered = setPoints.map((setPoint, index) => {
    const whole = wanted[index] ?? micro(0n);
    return { ...setPoint, coverMicro: isEnough ? whole : micro(mulDivFloor(whole, availableMicro, wantedMicro)) };
  });
  return {
    setPoints: covered,
    coveredMicro: micro(sum(covered.map(({ coverMicro, slots }) => coverMicro * BigInt(slots)))),
  };
}

/** The fund, empty where nothing was ever paid in. */
export function fundOf(row: CurtailmentFund | undefined): CurtailmentFund {
  return row ?? { availableMicro: micro(0n) };
}

/** The fund with an amount more. Refuses nothing at all (ACCOUNTS_AMOUNT_ZERO) and a sum of more than 18 digits. */
export function fundCurtailment({ availableMicro }: CurtailmentFund, amountMicro: Micro): CurtailmentFund {
  demand(amountMicro > 0n, 'ACCOUNTS_AMOUNT_ZERO');
  const isBounded = availableMicro + amountMicro < 10n ** BigInt(limits.amountDigitsMax);
  demand(isBounded, 'ACCOUNTS_BALANCE_TOO_HIGH', { account: 'curtailment' });
  return { availableMicro: micro(availableMicro + amountMicro) };
}

/** The quarter hours of a limit, each with the settlements of all buckets in which a limited connection can be; undefined for one missing. */
export interface LimitationUse {
  readonly allEnded: boolean;
  readonly settlements: readonly (PostingSet | undefined)[];
}

/**
 * The limitation and the fund once what was not needed is free. Refuses while a quarter hour is not settled (ACCOUNTS_LIMITATION_OPEN).
 * What connections would have got that took no part in the market is free as well: they are not settled here.
 */
export function releaseCurtailment(
  limitation: Limitation,
  { allEnded, settlements }: LimitationUse,
  fund: CurtailmentFund,
): { readonly limitation: Limitation; readonly fund: CurtailmentFund } {
  const { coveredMicro = micro(0n), limitationId } = limitation;
  const settled = settlements.filter((set) => set !== undefined);
  demand(allEnded && settled.length === settlements.length, 'ACCOUNTS_LIMITATION_OPEN', { limitationId });
  const curtailments = settled.flatMap(({ lines = [] }) => lines.flatMap((line) => line.curtailments ?? []));
  const own = curtailments.filter((one) => one.limitationId === limitationId);
  const usedMicro = sum(own.map((one) => one.compensationMicro + one.takeoverCostMicro));
  assert(usedMicro <= coveredMicro, 'No limit costs more than was set aside for it.');
  const releasedMicro = micro(coveredMicro - usedMicro);
  return {
    limitation: { ...limitation, releasedMicro },
    fund: { availableMicro: micro(fund.availableMicro + releasedMicro) },
  };
}
