import {
  contracts,
  declareGreen,
  declareOrange,
  demand,
  flexibilityRulesOf,
  localDaySlots,
  regimeEndSlot,
  RuleError,
  shortfallsOf,
  type AnsweringOffer,
  type FlexOffer,
  type FlexRequest,
  type Regime,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { changeRegime, demandOperator, knownRequest } from './flexibility-steps';
import { GridContext } from '../../grid-context';
import { hasCome } from '../../store/clock-store';
import { flexOrders, knownRegime, listOffersTo, loadRegime } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { FlexOrderContract } from './orders';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` about the regimes of congestion points. */
export abstract class RegimeContract extends FlexOrderContract {
  /** Declares that offers do not suffice. */
  @Transaction()
  @Returns('string')
  public async declareOrange(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.declareOrange, request, async ({ requestId }) => {
      const { session } = context;
      const asked = await knownRequest(context, requestId);
      await demandOperator(context, asked.gridId);
      demand(asked.requesterId === undefined, 'FLEX_NOT_PARTY', { requestId });
      demand(asked.state !== 'REVOKED', 'FLEX_REFERENCE_REVOKED', { requestId });
      // Only then the list of its offers cannot grow any more.
      demand(await hasEnded(context, asked), 'FLEX_STILL_ANSWERABLE', { requestId });
      const offers = await listOffersTo(session, requestId);
      const answers = await Promise.all(offers.map((offer) => answering(context, offer)));
      const before = await loadRegime(session, asked);
      return changeRegime(context, before, declareOrange(before, shortfallsOf(asked, answers)));
    });
  }

  /** Declares that a congestion point is free again. */
  @Transaction()
  @Returns('string')
  public async declareGreen(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.declareGreen, request, async ({ commandId: _command, ...place }) => {
      const { session } = context;
      const { gridId, periodSlot } = place;
      await demandOperator(context, gridId);
      const before = found(await knownRegime(session, place), 'FLEX_REFERENCE_UNKNOWN', { periodSlot });
      const isRequestOpen = await anyOpen(context, before);
      const isOver = await hasCome(session, regimeEndSlot(before));
      const isUsed = before.orderedEndSlot !== undefined || before.shortfalls.length > 0;
      return changeRegime(context, before, declareGreen(before, { isRequestOpen, hasEnded: isOver || !isUsed }));
    });
  }

  /** The regime of a place. */
  @Transaction(false)
  @Returns('string')
  public async getRegime(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getRegime, request, async (place) => {
      const { timeZone } = flexibilityRulesOf(context.rules.ruleSet);
      const periodIsps = localDaySlots(timeZone, place.periodSlot);
      if (periodIsps === undefined) {
        throw new RuleError('FLEX_PERIOD_OUT_OF_BOUNDS', { periodSlot: place.periodSlot });
      }
      return loadRegime(context.session, { ...place, periodIsps });
    });
  }
}

/** True where no offer to a request can be made any more. */
async function hasEnded({ session }: GridContext, { answerBySlot, state }: FlexRequest): Promise<boolean> {
  return state !== 'OPEN' || hasCome(session, answerBySlot);
}

async function answering({ session }: GridContext, offer: FlexOffer): Promise<AnsweringOffer> {
  const { orderBySlot, orderId, state } = offer;
  const [order, expired] = await Promise.all([
    orderId === undefined ? undefined : flexOrders.load(session, orderId),
    hasCome(session, orderBySlot),
  ]);
  return { offer, order, stands: state === 'OPEN' && !expired };
}

async function anyOpen(context: GridContext, { requestIds }: Regime): Promise<boolean> {
  const requests = await Promise.all(requestIds.map((requestId) => knownRequest(context, requestId)));
  const over = await Promise.all(requests.map((request) => hasEnded(context, request)));
  return over.includes(false);
}
