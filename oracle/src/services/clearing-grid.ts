import {
  answerOf,
  deriveInterval,
  intervalMarkets,
  present,
  provenBy,
  searchInterval,
  type ClearingHint,
  type FoundInterval,
  type GridIntervalClearing,
  type IntervalAnswer,
  type IntervalMarket,
  type JsonObject,
  type SessionInputs,
} from '@flexledger/domain';
import type { Solver } from '@flexledger/solver';
import { sessionInputsCodec } from '../codecs';
import { ClearingModel } from '../clearing-model';
import type { ClearingAnswer, ClearingService } from '../service';

/** The share by which the welfare that the solver states may differ from the proven one: doubles, and its tolerances. */
const WELFARE_ROUNDING = 1e-6;

/**
 * Names the limits that bind in each interval of a session. The solver finds them by the worth of one more Wh; where several outcomes
 * have equal welfare its choice need not be that of the rule, and then the domain's own search names them. Either way the answer is
 * derived and proven as the contract does it before anything is sent, and its welfare is held against the solver's bound.
 *
 * @throws SolverError, and Error where no limits are found or the welfare is not the solver's optimum
 */
export function clearingGrid(solver: Pick<Solver, 'solve'>): ClearingService {
  return {
    name: 'clearing-grid',
    version: '1',
    input: sessionInputsCodec,
    async run(inputs: SessionInputs): Promise<ClearingAnswer> {
      const intervals: IntervalAnswer[] = [];
      let name = 'highs';
      for (const [interval, market] of intervalMarkets(inputs).entries()) {
        const model = new ClearingModel(market);
        const solution = await solver.solve(model.model);
        name = solution.solver;
        const found = derive(market, model.hint(solution));
        demandOptimal(interval, found.clearing, solution.certificate.bound, market);
        intervals.push(answerOf(interval, found.hint, found.clearing));
      }
      return { solver: name, intervals };
    },
    certificate: certifyClearing,
  };
}

/** How many intervals are proven as the contract will do it; throws where one is not. */
export function certifyClearing(inputs: SessionInputs, { intervals }: ClearingAnswer): JsonObject {
  const markets = intervalMarkets(inputs);
  for (const answer of intervals) {
    provenBy(present(markets[answer.interval], 'An answer is about an interval of the session.'), answer);
  }
  return { provenIntervals: intervals.length };
}

function derive(market: IntervalMarket, hint: ClearingHint): FoundInterval {
  const derived = deriveInterval(market, hint);
  if (derived.kind === 'cleared') {
    return { hint, clearing: derived.clearing };
  }
  const found = searchInterval(market);
  if (found === undefined) {
    throw new Error(`no limits lead to an outcome that is proven (${derived.code})`);
  }
  return found;
}

/** Rounding to whole Wh costs at most a Wh for each order that is at the margin, and never more than all of them. */
function demandOptimal(
  interval: number,
  { welfareNano }: GridIntervalClearing,
  bound: number,
  { orders, rules }: IntervalMarket,
): void {
  const roundingNano = orders.length * Number(rules.priceCapMicroPerKwh);
  const allowed = roundingNano + WELFARE_ROUNDING * Math.abs(bound);
  if (Math.abs(Number(welfareNano) - bound) > allowed) {
    throw new Error(`the welfare of interval ${interval} is not the optimum that the solver has proven`);
  }
}
