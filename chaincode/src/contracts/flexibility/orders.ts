import {
  addSlots,
  contracts,
  demand,
  demandOrderable,
  flexibilityRulesOf,
  flexIdOf,
  placeOrder,
  regimeAfterOrder,
  slot,
  type FlexOffer,
  type FlexOrder,
  type FlexOrderId,
  type OrderAsked,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { coverOrder } from './cover-order';
import { changeRegime, demandOperator, knownOffer, knownRequest } from './flexibility-steps';
import { GridContext } from '../../grid-context';
import { signingParticipant } from '../../participant-command';
import { hasCome } from '../../store/clock-store';
import {
  flexOffers,
  flexOrders,
  loadRegime,
  pageOrders,
  saveNewOrder,
} from '../../store/flexibility/flexibility-store';
import { FlexOfferContract } from './offers';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` by which offers are ordered. */
export abstract class FlexOrderContract extends FlexOfferContract {
  /** Orders for the system operator. */
  @Transaction()
  @Returns('string')
  public async orderFlexibility(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.orderFlexibility, request, async ({ offerId, ...asked }) => {
      const { rules, session } = context;
      flexibilityRulesOf(rules.ruleSet);
      const offer = await knownOffer(context, offerId);
      await demandOperator(context, offer.gridId);
      demand(offer.requesterId === undefined, 'FLEX_NOT_PARTY', { offerId });
      const order = await ordered(context, offer, asked);
      const before = await loadRegime(session, order);
      changeRegime(context, before, regimeAfterOrder(before, order));
      return order;
    });
  }

  /** Orders for a producer. */
  @Transaction()
  @Returns('string')
  public async orderIncrease(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.orderIncrease, request, async ({ offerId, ...asked }) => {
      await signingParticipant(context, 'flexibility', 'orderIncrease', asked);
      flexibilityRulesOf(context.rules.ruleSet);
      const offer = await knownOffer(context, offerId);
      demand(offer.requesterId === asked.participantId, 'FLEX_NOT_PARTY', { offerId });
      return ordered(context, offer, asked);
    });
  }

  /** An order, or null. */
  @Transaction(false)
  @Returns('string')
  public async getFlexOrder(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFlexOrder, request, async ({ orderId }) => {
      return { order: (await flexOrders.load(context.session, orderId)) ?? null };
    });
  }

  /** The orders at a place. */
  @Transaction(false)
  @Returns('string')
  public async listFlexOrders(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.listFlexOrders, request, ({ bookmark, ...place }) =>
      pageOrders(context.session, place, bookmark),
    );
  }
}

/** Orders an option of an offer that stands, of a request that is not revoked, with the notice that the rule set gives. */
async function ordered(context: GridContext, offer: FlexOffer, asked: OrderAsked): Promise<FlexOrder> {
  const { commandId, rules, session } = context;
  const { offerId, orderBySlot, requestId } = offer;
  const orderId = flexIdOf<FlexOrderId>(commandId);
  demand(!(await flexOrders.exists(session, orderId)), 'FLEX_DUPLICATE_IDENTIFIER', { orderId });
  demandOrderable(offer, await hasCome(session, orderBySlot));
  if (requestId !== undefined) {
    const { state } = await knownRequest(context, requestId);
    demand(state !== 'REVOKED', 'FLEX_REFERENCE_REVOKED', { requestId });
  }
  const order = placeOrder(orderId, offer, asked, rules.ruleSet);
  await demandNotice(context, order);
  flexOffers.save(session, { ...offer, state: 'ORDERED', orderId }, offerId);
  saveNewOrder(session, order);
  await coverOrder(context, order);
  const { aggregatorId, congestionPointId, direction, gridId, periodSlot, priceMicro } = order;
  const place = { gridId, congestionPointId, periodSlot };
  const price = priceMicro.toString();
  context.record({ type: 'FlexOrdered', orderId, offerId, ...place, aggregatorId, direction, priceMicro: price });
  return order;
}

/** Refuses an order whose first ISP is nearer than the notice (FLEX_NOTICE_SHORT). */
async function demandNotice({ rules, session }: GridContext, { isps, periodSlot }: FlexOrder): Promise<void> {
  const { noticeSlots } = flexibilityRulesOf(rules.ruleSet);
  const firstIsp = isps.find(({ powerW }) => powerW > 0n)?.slot ?? periodSlot;
  const lastChance = noticeSlots > firstIsp ? slot(0) : addSlots(firstIsp, -noticeSlots);
  demand(!(await hasCome(session, lastChance)), 'FLEX_NOTICE_SHORT', { firstIsp, noticeSlots });
}
