import {
  flexCoverCodec,
  flexibilityFundCodec,
  flexSettlementCodec,
  micro,
  rowCodec,
  type FlexibilityFund,
  type FlexOrderId,
  type FlexSettlement,
} from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const funds = new RowKeeper(rowCodec(flexibilityFundCodec), keys.flexibilityFund);
/** What is set aside for orders. */
export const flexCovers = new RowKeeper(rowCodec(flexCoverCodec), keys.flexCover);
/** The versions of the settlement of an order, each written once. */
export const flexSettlements = new RowKeeper(rowCodec(flexSettlementCodec), keys.flexSettlement);

/** What was paid in for flexibility in a grid and is left; empty where nothing ever was. */
export async function loadFund(store: StoreSession, gridId: string): Promise<FlexibilityFund> {
  return (await funds.load(store, gridId)) ?? { gridId, availableMicro: micro(0n) };
}

/** Saves what is left of a fund. */
export function saveFund(store: StoreSession, fund: FlexibilityFund): FlexibilityFund {
  funds.save(store, fund, fund.gridId);
  return fund;
}

/** The last version of the settlement of an order; undefined while it is not settled. */
export async function lastSettlement(store: StoreSession, orderId: FlexOrderId): Promise<FlexSettlement | undefined> {
  let last: FlexSettlement | undefined;
  for (;;) {
    const next = await flexSettlements.load(store, orderId, (last?.version ?? 0) + 1);
    if (next === undefined) {
      return last;
    }
    last = next;
  }
}
