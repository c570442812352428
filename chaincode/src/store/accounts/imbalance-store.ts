import { imbalancePriceCodec, rowCodec, type ImbalancePrice, type Slot } from '@flexledger/domain';
import { keys } from '../keys';
import { RowKeeper } from '../row-keeper';
import type { StoreSession } from '../session';

const prices = new RowKeeper(rowCodec(imbalancePriceCodec), keys.imbalancePrice);

/** The imbalance price that was filed for a slot of a grid, or undefined. */
export function loadImbalancePrice(
  session: StoreSession,
  gridId: string,
  slot: Slot,
): Promise<ImbalancePrice | undefined> {
  return prices.load(session, gridId, slot);
}

/** Writes the imbalance price of a slot; the caller knows that none was filed. */
export function saveImbalancePrice(session: StoreSession, price: ImbalancePrice): void {
  prices.save(session, price, price.gridId, price.slot);
}
