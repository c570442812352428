import { integer, object, oneOf, optional, type TypeOf } from '../decode';
import { demand, RuleError } from '../errors';
import { participantIdCodec, requestIdCodec, type ParticipantId } from '../ids';
import { limits } from '../limits';
import { greatest, least, mulDivFloor } from '../math';
import { balanced, move } from '../settlement/post';
import { participantAccount, type PostingSet } from '../settlement/rows';
import { addSlots, type Slot } from '../time';
import { micro, microCodec, type Micro } from '../units';
import type { Computation } from './rows';
import type { ForecastPayRules } from './rules';
import { addMeasures, forecastEnd } from './score';
import type { Score } from './score-rows';

/** What a participant has set aside for a forecast: HELD until it is paid, or the request has expired. */
export const forecastCoverCodec = object({
  requestId: requestIdCodec,
  payerId: participantIdCodec,
  /** The terms in force when it was set aside. */
  feeMicro: microCodec,
  fullSkillPpm: integer(1, 1_000_000),
  state: oneOf('HELD', 'PAID', 'RELEASED'),
  /** What the answer has got of it, and whom; absent until then, or where nobody got anything. */
  paidMicro: optional(microCodec),
  payeeId: optional(participantIdCodec),
});
export type ForecastCover = TypeOf<typeof forecastCoverCodec>;

/** Sets the fee of a forecast aside before anybody has answered; refuses with the first code in precedence order. */
export function coverForecast(
  request: Computation | undefined,
  payerId: ParticipantId,
  rules: ForecastPayRules | undefined,
  known: ForecastCover | undefined,
): ForecastCover {
  if (request === undefined) {
    throw new RuleError('ORACLE_REQUEST_UNKNOWN');
  }
  const { requestId, state } = request;
  demand(state === 'OPEN', 'ORACLE_REQUEST_CLOSED', { state });
  if (rules === undefined) {
    throw new RuleError('ORACLE_PAY_OFF');
  }
  demand(known === undefined, 'ORACLE_COVERED', { requestId });
  const { feeMicro, fullSkillPpm } = rules;
  return { requestId, payerId, feeMicro, fullSkillPpm, state: 'HELD' };
}

/** The slot from which a forecast is paid: as long as readings count for imbalances, they count for its score. */
export function forecastPaySlot(request: Computation): Slot {
  return addSlots(forecastEnd(request), limits.imbalancePriceWaitSlots);
}

/** The cover that is to be paid; refuses with the first code in precedence order. An expired request needs no waiting. */
export function payableCover(
  request: Computation | undefined,
  cover: ForecastCover | undefined,
  isDue: boolean,
): { readonly request: Computation; readonly cover: ForecastCover } {
  if (request === undefined) {
    throw new RuleError('ORACLE_REQUEST_UNKNOWN');
  }
  if (cover?.state !== 'HELD') {
    throw new RuleError('ORACLE_NOT_COVERED', { requestId: request.requestId });
  }
  const isOver = request.state === 'EXPIRED' || (request.state === 'ANSWERED' && isDue);
  demand(isOver, 'ORACLE_PAY_HELD', { fromSlot: forecastPaySlot(request) });
  return { request, cover };
}

/**
 * What an answer gets: the fee times its skill by the full skill, from nothing to the whole fee, rounded down. The skill is that of all meters
 * one by one, imports and exports together, against the day before; without one there is nothing.
 */
export function forecastFee(
  { feeMicro, fullSkillPpm }: Pick<ForecastCover, 'feeMicro' | 'fullSkillPpm'>,
  { single: { exported, imported } }: Pick<Score, 'single'>,
): Micro {
  const { skillPpm = 0 } = addMeasures(imported, exported);
  const full = BigInt(fullSkillPpm);
  return micro(mulDivFloor(feeMicro, least(greatest(BigInt(skillPpm), 0n), full), full));
}

/** What paying comes to: the cover after it, the posting set where anything is paid, and what goes back to the payer. */
export interface ForecastPaid {
  readonly cover: ForecastCover;
  readonly set: PostingSet | undefined;
  readonly backMicro: Micro;
}

/**
 * Pays the answer that counts by its score. Nothing is paid for a request that expired, to an organisation that the rules name no payee for, or
 * to the payer itself.
 */
export function payForecast(
  cover: ForecastCover,
  score: Score | undefined,
  payees: ForecastPayRules['payees'],
): ForecastPaid {
  const { feeMicro, payerId, requestId } = cover;
  const payee = payees.find(({ mspId }) => mspId === score?.mspId)?.participantId;
  const paidMicro = score === undefined || payee === undefined ? micro(0n) : forecastFee(cover, score);
  if (payee === undefined || payee === payerId || paidMicro === 0n) {
    return { cover: { ...cover, state: 'RELEASED' }, set: undefined, backMicro: feeMicro };
  }
  const entries = move(participantAccount(payerId), participantAccount(payee), paidMicro, 'service');
  return {
    cover: { ...cover, state: 'PAID', paidMicro, payeeId: payee },
    set: balanced({ cause: { kind: 'forecast', requestId }, entries }),
    backMicro: micro(feeMicro - paidMicro),
  };
}
