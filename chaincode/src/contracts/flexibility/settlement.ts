import {
  addSlots,
  balanced,
  canonicalJson,
  contracts,
  coverEndSlot,
  demand,
  demandCompleted,
  flexibilityRulesOf,
  flexSettlementCodec,
  fundFlexibility,
  knownProgramme,
  move,
  orderToSettle,
  payerCover,
  postFlexSettlement,
  present,
  releaseCover,
  settleFlexOrder,
  type FlexCover,
  type FlexOrder,
  type FlexSettlement,
  type ParticipantId,
  type ProgrammeTerms,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { post } from '../../store/accounts/account-store';
import { hasBegun } from '../../store/clock-store';
import { flexEvents, performances } from '../../store/flexibility/event-store';
import {
  flexCovers,
  flexSettlements,
  lastSettlement,
  loadFund,
  saveFund,
} from '../../store/flexibility/flex-settlement-store';
import { flexOrders } from '../../store/flexibility/flexibility-store';
import { found } from '../../store/found';
import { prefixes } from '../../store/keys';
import { programmes } from '../../store/flexibility/programme-store';
import { grids } from '../../store/registry/registry-store';
import { giveBack, payerHas, takeFromPayer } from './cover-order';
import { ScheduleContract } from './schedules';

const specs = contracts.flexibility;

/** The part of the contract `flexibility` that moves money. */
export abstract class FlexSettlementContract extends ScheduleContract {
  /** Issues money that the system operator of a grid has paid in. */
  @Transaction()
  @Returns('string')
  public async fundFlexibility(context: GridContext, request: string): Promise<string> {
    return this.submit(
      context,
      specs.fundFlexibility,
      request,
      async ({ amountMicro, commandId, gridId, reference }) => {
        const { session: store } = context;
        found(await grids.load(store, gridId), 'GRID_UNKNOWN', { gridId });
        const fund = fundFlexibility(await loadFund(store, gridId), amountMicro);
        const entries = move('bank', 'flexibility', amountMicro, 'fund');
        await post(store, balanced({ cause: { kind: 'fund', commandId }, entries, reference }));
        context.record({ type: 'FlexibilityFunded', gridId, amountMicro: amountMicro.toString() });
        return saveFund(store, fund);
      },
    );
  }

  /** Settles an order; what is settled already and would not differ is answered again. */
  @Transaction()
  @Returns('string')
  public async settleFlexibility(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.settleFlexibility, request, async ({ orderId }) => {
      const { session: store } = context;
      const order = found(await flexOrders.load(store, orderId), 'FLEX_REFERENCE_UNKNOWN', { orderId });
      const previous = await lastSettlement(store, orderId);
      const cover = await flexCovers.load(store, orderId);
      const settlement = await settle(context, order, previous, cover);
      if (previous !== undefined && sameOutcome(previous, settlement)) {
        return previous;
      }
      const set = postFlexSettlement(settlement, previous);
      await post(store, set);
      await takeFromPayer(context, order, cover, set);
      flexSettlements.save(store, settlement, orderId, settlement.version);
      flexOrders.save(store, { ...order, state: 'SETTLED' }, orderId);
      const { paidMicro, penaltyMicro, prosumers, version } = settlement;
      const money = { paidMicro: paidMicro.toString(), penaltyMicro: penaltyMicro.toString() };
      context.record({ type: 'FlexSettled', orderId, version, prosumers: prosumers.length, ...money });
      return settlement;
    });
  }

  /** Gives back what is left of what was set aside. */
  @Transaction()
  @Returns('string')
  public async releaseFlexCover(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.releaseFlexCover, request, async ({ orderId }) => {
      const { session: store } = context;
      const order = found(await flexOrders.load(store, orderId), 'FLEX_REFERENCE_UNKNOWN', { orderId });
      const endHasBegun = await hasBegun(store, coverEndSlot(order));
      const released = releaseCover(await flexCovers.load(store, orderId), order, endHasBegun);
      await giveBack(context, order, released);
      const { aggregatorMicro, payerMicro } = released;
      const money = { payerMicro: payerMicro.toString(), aggregatorMicro: aggregatorMicro.toString() };
      context.record({ type: 'FlexCoverReleased', orderId, ...money });
      return released.cover;
    });
  }

  /** What is set aside for an order, or null. */
  @Transaction(false)
  @Returns('string')
  public async getFlexCover(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFlexCover, request, async ({ orderId }) => {
      return { cover: (await flexCovers.load(context.session, orderId)) ?? null };
    });
  }

  /** A settlement of an order. */
  @Transaction(false)
  @Returns('string')
  public async getFlexSettlement(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFlexSettlement, request, async ({ orderId, version }) => {
      const { session: store } = context;
      const row =
        version === undefined
          ? await lastSettlement(store, orderId)
          : await flexSettlements.load(store, orderId, version);
      return found(row, 'FLEX_SETTLEMENT_UNKNOWN', { orderId });
    });
  }

  /** What is left of a fund. */
  @Transaction(false)
  @Returns('string')
  public async getFlexibilityFund(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getFlexibilityFund, request, ({ gridId }) => loadFund(context.session, gridId));
  }
}

/** The settlement that follows from what the ledger knows now. Refuses while an ISP or an event is open. */
async function settle(
  { rules, session: store }: GridContext,
  order: FlexOrder,
  previous: FlexSettlement | undefined,
  cover: FlexCover | undefined,
): Promise<FlexSettlement> {
  const { orderId } = order;
  const last = present(order.isps.at(-1), 'An order has an ISP.');
  const isOver = await hasBegun(store, addSlots(last.slot, 1));
  demand(isOver, 'FLEX_SETTLEMENT_OPEN', { orderId });
  const events = await flexEvents.list(store, prefixes.flexEvents(orderId));
  demandCompleted(events);
  const terms = new Map<ParticipantId, ProgrammeTerms>();
  for (const { participantId, programmeId } of events) {
    terms.set(participantId, knownProgramme(await programmes.load(store, programmeId), programmeId).terms);
  }
  const lines = await Promise.all(
    order.isps.map(({ slot }) => performances.list(store, prefixes.performances(orderId, slot))),
  );
  const known = {
    order,
    events,
    performances: lines.flat(),
    terms,
    payerCoverMicro: payerCover(await payerHas(store, order, cover), previous),
    cover,
    transferPriceMicroPerKwh: flexibilityRulesOf(rules.ruleSet).transferPriceMicroPerKwh ?? 0n,
  };
  return settleFlexOrder(orderToSettle(known), previous);
}

/** Whether two versions say the same of everything but their number and what happened to be set aside. */
function sameOutcome(previous: FlexSettlement, next: FlexSettlement): boolean {
  const { aggregatorCoverMicro, aggregatorLeftMicro, overpaidMicro, payerCoverMicro, version } = previous;
  const left = aggregatorLeftMicro === undefined ? {} : { aggregatorLeftMicro };
  const alike = { ...next, version, payerCoverMicro, aggregatorCoverMicro, ...left, overpaidMicro };
  return canonicalJson(flexSettlementCodec.encode(previous)) === canonicalJson(flexSettlementCodec.encode(alike));
}
