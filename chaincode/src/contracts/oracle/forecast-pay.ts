import {
  contracts,
  coverForecast,
  forecastPaySlot,
  micro,
  payableCover,
  payForecast,
  receive,
  spend,
  type Computation,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { loadLimit, post, saveLimit } from '../../store/accounts/account-store';
import { hasBegun } from '../../store/clock-store';
import { computations } from '../../store/oracle/oracle-store';
import { forecastCovers } from '../../store/oracle/score-store';
import { ScoreContract, scoreOf } from './scores';

const specs = contracts.oracle;

/** The part of the contract `oracle` that pays for forecasts by their scores. */
export abstract class ForecastPayContract extends ScoreContract {
  /** Sets the fee of a forecast aside, out of what its payer can dispose of. */
  @Transaction()
  @Returns('string')
  public async coverForecast(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.coverForecast, request, async (asked) => {
      const { rules, session: store } = context;
      const { participantId, requestId } = asked;
      await signingParticipant(context, 'oracle', 'coverForecast', asked);
      const terms = rules.ruleSet.oracle?.forecastPay;
      const limit = spend(await loadLimit(store, participantId), terms?.feeMicro ?? micro(0n));
      const known = await forecastCovers.load(store, requestId);
      const cover = coverForecast(await computations.load(store, requestId), participantId, terms, known);
      saveLimit(store, limit);
      forecastCovers.save(store, cover, requestId);
      context.record({ type: 'ForecastCovered', requestId, participantId, feeMicro: cover.feeMicro.toString() });
      return cover;
    });
  }

  /** Pays the answer that counts by its score, as readings are now. */
  @Transaction()
  @Returns('string')
  public async payForecast(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.payForecast, request, async ({ requestId }) => {
      const { rules, session: store } = context;
      const asked = await computations.load(store, requestId);
      const isDue = asked !== undefined && (await isPayDue(context, asked));
      const known = payableCover(asked, await forecastCovers.load(store, requestId), isDue);
      const score = known.request.state === 'EXPIRED' ? undefined : await scoreOf(context, requestId, undefined);
      const { backMicro, cover, set } = payForecast(
        known.cover,
        score,
        rules.ruleSet.oracle?.forecastPay?.payees ?? [],
      );
      saveLimit(store, receive(await loadLimit(store, cover.payerId), backMicro));
      if (set !== undefined) {
        await post(store, set);
      }
      forecastCovers.save(store, cover, requestId);
      const { paidMicro = micro(0n) } = cover;
      context.record({
        type: 'ForecastPaid',
        requestId,
        paidMicro: paidMicro.toString(),
        backMicro: backMicro.toString(),
      });
      return cover;
    });
  }

  /** What is set aside for a forecast, or null. */
  @Transaction(false)
  @Returns('string')
  public async getForecastCover(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getForecastCover, request, async ({ requestId }) => {
      return { cover: (await forecastCovers.load(context.session, requestId)) ?? null };
    });
  }
}

function isPayDue({ session }: GridContext, asked: Computation): Promise<boolean> {
  return hasBegun(session, forecastPaySlot(asked));
}
