import {
  coverAfter,
  coverOfOrder,
  demand,
  flexibilityRulesOf,
  fundAfter,
  micro,
  netCreditMicro,
  participantAccount,
  receive,
  setAside,
  spend,
  type FlexCover,
  type FlexOrder,
  type Micro,
  type ParticipantId,
  type PostingSet,
  type ReleasedCover,
} from '@flexledger/domain';
import type { GridContext } from '../../grid-context';
import { loadLimit, saveLimit } from '../../store/accounts/account-store';
import { flexCovers, loadFund, saveFund } from '../../store/flexibility/flex-settlement-store';
import type { StoreSession } from '../../store/session';

/**
 * Sets aside what an order can cost, where the rule set says so: the price, and the aggregator's share of the penalty. Refuses an order that
 * is not covered (FLEX_COVER_SHORT, FLEX_FUND_SHORT, ACCOUNTS_BALANCE_TOO_LOW). Orders from one fund write one row: of two in one block the
 * later one is repeated by its client.
 */
export async function coverOrder({ rules, session }: GridContext, order: FlexOrder): Promise<void> {
  const cover = coverOfOrder(order, flexibilityRulesOf(rules.ruleSet));
  if (cover === undefined) {
    return;
  }
  const { aggregatorId, aggregatorMicro, orderId, payerMicro } = cover;
  if (aggregatorMicro > 0n) {
    const limit = await loadLimit(session, aggregatorId);
    demand(limit.availableMicro >= aggregatorMicro, 'FLEX_COVER_SHORT', { aggregatorId });
    saveLimit(session, spend(limit, aggregatorMicro));
  }
  await takeFrom(session, order, payerMicro);
  flexCovers.save(session, cover, orderId);
}

async function takeFrom(store: StoreSession, { gridId, requesterId }: FlexOrder, amountMicro: Micro): Promise<void> {
  if (requesterId === undefined) {
    saveFund(store, setAside(await loadFund(store, gridId), amountMicro));
  } else {
    saveLimit(store, spend(await loadLimit(store, requesterId), amountMicro));
  }
}

/** What whoever pays for an order has for it now: what is set aside, or without cover what it can dispose of. */
export async function payerHas(store: StoreSession, order: FlexOrder, cover: FlexCover | undefined): Promise<Micro> {
  if (cover?.state === 'HELD') {
    return cover.payerMicro;
  }
  const { gridId, requesterId } = order;
  return requesterId === undefined
    ? (await loadFund(store, gridId)).availableMicro
    : (await loadLimit(store, requesterId)).availableMicro;
}

/** Takes what a posting set costs out of what is set aside, or without cover out of what the payer can dispose of; adds what comes back. */
export async function takeFromPayer(
  { session: store }: GridContext,
  order: FlexOrder,
  cover: FlexCover | undefined,
  set: PostingSet,
): Promise<void> {
  const { gridId, orderId, requesterId } = order;
  if (cover?.state === 'HELD') {
    flexCovers.save(store, coverAfter(cover, order, set), orderId);
    return;
  }
  if (requesterId === undefined) {
    saveFund(store, fundAfter(await loadFund(store, gridId), set));
    return;
  }
  const limit = await loadLimit(store, requesterId);
  const netMicro = netCreditMicro(set.entries, participantAccount(requesterId));
  saveLimit(store, netMicro < 0n ? spend(limit, -netMicro) : receive(limit, netMicro));
}

/** Gives back what is left of a cover to those who had set it aside. */
export async function giveBack({ session }: GridContext, order: FlexOrder, released: ReleasedCover): Promise<void> {
  const { aggregatorMicro, cover, payerMicro } = released;
  const { gridId, requesterId } = order;
  if (requesterId === undefined) {
    const fund = await loadFund(session, gridId);
    saveFund(session, { ...fund, availableMicro: micro(fund.availableMicro + payerMicro) });
  } else {
    await receiveBack(session, requesterId, payerMicro);
  }
  await receiveBack(session, cover.aggregatorId, aggregatorMicro);
  flexCovers.save(session, cover, cover.orderId);
}

async function receiveBack(store: StoreSession, participantId: ParticipantId, amountMicro: Micro): Promise<void> {
  if (amountMicro > 0n) {
    saveLimit(store, receive(await loadLimit(store, participantId), amountMicro));
  }
}
