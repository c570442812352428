import { RuleError, demand } from '../../errors';
import { orderIdCodec } from '../../ids';
import { micro, microPerKwh, wh } from '../../units';
import type { ClearingHint, GridIntervalClearing } from '../grid-clearing/types';
import { deriveInterval } from './derive-interval';
import type { IntervalMarket } from './grid-market';
import type { IntervalAnswer } from './clearing-request';

/** Thousandths of a micro-unit in one. */
const nanoPerMicro = 1_000n;

/** The hint in an oracle's answer. */
export function hintOf({ bindingLimits, marginalOrderIds }: IntervalAnswer): ClearingHint {
  return {
    bindingLimits: bindingLimits.map(({ direction, id }) => ({ direction, id })),
    ...(marginalOrderIds.length === 0 ? {} : { marginalOrderIds }),
  };
}

/** Welfare or rent as it is stated: whole micro-units, rounded down. */
export function statedMicro(nano: bigint): bigint {
  return nano / nanoPerMicro;
}

/**
 * Derives the outcome of an interval from an answer and refuses the answer where it is not proven (the code of the derivation), or where
 * anything that it states differs from what is derived (ORACLE_ANSWER_MISSTATED).
 */
export function provenBy(market: IntervalMarket, answer: IntervalAnswer): GridIntervalClearing {
  const { interval } = answer;
  const derived = deriveInterval(market, hintOf(answer));
  if (derived.kind === 'refused') {
    throw new RuleError(derived.code, { interval });
  }
  const { clearing } = derived;
  const misstated = (what: string, holds: boolean): void => {
    demand(holds, 'ORACLE_ANSWER_MISSTATED', { interval, what });
  };
  misstated('tradedWh', answer.tradedWh === clearing.tradedWh);
  misstated('welfareMicro', answer.welfareMicro === statedMicro(clearing.welfareNano));
  for (const { direction, id, shadowPriceMicroPerKwh } of answer.bindingLimits) {
    const known = clearing.bindingLimits.find((limit) => limit.id === id && limit.direction === direction);
    // A row that had to be named although the outcome stays below it is worth nothing.
    misstated('shadowPriceMicroPerKwh', (known?.shadowPriceMicroPerKwh ?? 0n) === shadowPriceMicroPerKwh);
  }
  return clearing;
}

/** The answer that states an outcome, as an oracle files it. */
export function answerOf(interval: number, hint: ClearingHint, clearing: GridIntervalClearing): IntervalAnswer {
  const { bindingLimits, tradedWh, welfareNano } = clearing;
  const stated = bindingLimits.map(({ direction, id, shadowPriceMicroPerKwh }) => {
    return { direction, id, shadowPriceMicroPerKwh: microPerKwh(shadowPriceMicroPerKwh) };
  });
  const row = hint.bindingLimits.find(({ direction }) => direction === 'row');
  const isComplete = row === undefined || stated.some(({ direction }) => direction === 'row');
  return {
    interval,
    // Where rows decide one has to be named, also where the outcome stays below all of them.
    bindingLimits: isComplete ? stated : [...stated, { ...row, shadowPriceMicroPerKwh: microPerKwh(0n) }],
    marginalOrderIds: (hint.marginalOrderIds ?? []).map((orderId) => orderIdCodec.decode(orderId, '')),
    tradedWh: wh(tradedWh),
    welfareMicro: micro(statedMicro(welfareNano)),
  };
}
