import type { ParticipantId } from '../ids';

/** What a rule set says about the balancing supplier and the prices of the market. */
export interface BackstopRules {
  readonly backstop?: boolean;
  readonly balancingParticipantId?: ParticipantId;
  readonly retailPriceMicroPerKwh: bigint;
  readonly feedInPriceMicroPerKwh: bigint;
  readonly priceFloorMicroPerKwh: bigint;
  readonly priceCapMicroPerKwh: bigint;
  readonly tickMicroPerKwh: bigint;
}

/** What contradicts itself in the backstop of a rule set, or undefined: its orders must be ones that the market takes. */
export function findBackstopProblem(rules: BackstopRules): string | undefined {
  if (rules.backstop !== true) {
    return undefined;
  }
  if (rules.balancingParticipantId === undefined) {
    return 'a backstop needs a balancing participant';
  }
  const { feedInPriceMicroPerKwh, retailPriceMicroPerKwh } = rules;
  const isOffered = (price: bigint): boolean =>
    price >= rules.priceFloorMicroPerKwh && price <= rules.priceCapMicroPerKwh && price % rules.tickMicroPerKwh === 0n;
  if (!isOffered(retailPriceMicroPerKwh) || !isOffered(feedInPriceMicroPerKwh)) {
    return 'the retail or the feed-in price is one that the market does not take';
  }
  return feedInPriceMicroPerKwh < retailPriceMicroPerKwh
    ? undefined
    : 'a backstop sells at a retail price above its feed-in price';
}

/** True where an order of the balancing participant stands at the price that the rule set names for its side. */
export function isBackstopPrice(rules: BackstopRules, side: 'buy' | 'sell', limitPriceMicroPerKwh: bigint): boolean {
  const price = side === 'sell' ? rules.retailPriceMicroPerKwh : rules.feedInPriceMicroPerKwh;
  return limitPriceMicroPerKwh === price;
}
