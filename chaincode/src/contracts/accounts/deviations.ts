import {
  contracts,
  fileImbalancePrices,
  imbalanceDeadline,
  slotRange,
  type ImbalancePrice,
  type Slot,
} from '@flexledger/domain';
import { Returns, Transaction } from 'fabric-contract-api';
import { GridContext } from '../../grid-context';
import { GridContract } from '../../grid-contract';
import { hasBegun } from '../../store/clock-store';
import { loadDeliveries } from '../../store/accounts/delivery-store';
import { found } from '../../store/found';
import { loadImbalancePrice, saveImbalancePrice } from '../../store/accounts/imbalance-store';
import { grids, participants } from '../../store/registry/registry-store';

const specs = contracts.accounts;

/** The part of the contract `accounts` that is about deviations: their prices, and how far delivery is from the plan. */
export abstract class DeviationContract extends GridContract {
  /** Files imbalance prices of quarter hours, each once. */
  @Transaction()
  @Returns('string')
  public async fileImbalancePrices(context: GridContext, request: string): Promise<string> {
    return this.submit(context, specs.fileImbalancePrices, request, async ({ fromSlot, gridId, pricesMicroPerKwh }) => {
      const { session: store } = context;
      const slots = pricesMicroPerKwh.length;
      const before = await loadPrices(context, gridId, fromSlot, slots);
      const prices = fileImbalancePrices(gridId, fromSlot, pricesMicroPerKwh, {
        gridKnown: await grids.exists(store, gridId),
        deadlineBegun: await hasBegun(store, imbalanceDeadline(fromSlot)),
        filed: before[0]?.slot,
      });
      for (const price of prices) {
        saveImbalancePrice(store, price);
      }
      context.record({ type: 'ImbalancePricesFiled', gridId, fromSlot, slots });
      return { count: slots };
    });
  }

  /** The imbalance prices that were filed. */
  @Transaction(false)
  @Returns('string')
  public async getImbalancePrices(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getImbalancePrices, request, async ({ fromSlot, gridId, slots }) => {
      return { prices: await loadPrices(context, gridId, fromSlot, slots) };
    });
  }

  /** Plan against meters. */
  @Transaction(false)
  @Returns('string')
  public async getDelivery(context: GridContext, request: string): Promise<string> {
    return this.evaluate(context, specs.getDelivery, request, async ({ fromSlot, gridId, participantId, slots }) => {
      const { rules, session: store } = context;
      const row = await participants.load(store, participantId);
      const participant = found(row, 'PARTICIPANT_UNKNOWN', { participantId });
      return { slots: await loadDeliveries(store, rules.ruleSet, participant, gridId, fromSlot, slots) };
    });
  }
}

async function loadPrices(
  { session: store }: GridContext,
  gridId: string,
  fromSlot: Slot,
  slots: number,
): Promise<readonly ImbalancePrice[]> {
  const rows = await Promise.all(slotRange(fromSlot, slots).map((at) => loadImbalancePrice(store, gridId, at)));
  return rows.filter((row) => row !== undefined);
}
