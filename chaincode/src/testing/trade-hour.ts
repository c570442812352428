import { orderCommitment, slot, type JsonObject, type OrderContent, type SessionId } from '@flexledger/domain';
import { callers, command, type Signer } from './actors';
import type { FlexScene } from './flex-scene';
import { signed, supplierEntry, transientOf } from './market-scene';
import type { CallOutcome, MemoryLedger } from './memory-ledger';

/** An hour that is traded a day ahead, and what everybody orders; the supplier balances. */
export interface TradedHour {
  readonly sessionId: SessionId;
  readonly firstSlot: number;
  readonly gateCloseSlot: number;
  readonly supplier: Signer;
  readonly orders: readonly (readonly [Signer, OrderContent])[];
}

/** Registers the supplier of an hour. */
export async function registerSupplier(ledger: MemoryLedger, supplier: Signer): Promise<void> {
  const commandId = command('supplier');
  const participants = [supplierEntry(supplier, commandId)];
  await ledger.submit(callers.market, 'registry:registerParticipants', { commandId, participants });
}

/** Trades an hour: everybody pays in and orders, then the session is cleared and applied. */
export async function tradeHour(flex: FlexScene, hour: TradedHour): Promise<void> {
  const { firstSlot, gateCloseSlot, orders, sessionId } = hour;
  const { ledger } = flex;
  const open = {
    commandId: command('open hour'),
    sessionId,
    kind: 'day-ahead',
    gridId: 'rural-1',
    firstSlot,
    intervals: 1,
    gateCloseSlot,
    publishDeadlineSlot: gateCloseSlot + 1,
  };
  await ledger.submit(callers.market, 'market:openSession', open);
  for (const [signer, content] of orders) {
    await place(ledger, hour, signer, content);
  }
  await flex.tickTo(gateCloseSlot);
  const step = (transaction: string, fields: JsonObject = {}): Promise<CallOutcome> => {
    const request = { commandId: command(`hour ${transaction}`), sessionId, ...fields };
    return ledger.submit(callers.market, `market:${transaction}`, request);
  };
  await step('closeSession');
  await step('publishOrders', { orderIds: orders.map(([, { orderId }]) => orderId) });
  await step('clear');
  await step('applyClearing', { chunk: 0 });
}

/** Settles the hour. */
export function settleHour(
  ledger: MemoryLedger,
  { firstSlot, sessionId }: Pick<TradedHour, 'firstSlot' | 'sessionId'>,
  label = 'once',
): Promise<CallOutcome> {
  const commandId = command(`settle hour ${label}`);
  const request = { commandId, sessionId, fromSlot: firstSlot, intervals: 4, run: 1, bucket: 0 };
  return ledger.submit(callers.market, 'accounts:settleInterval', request);
}

/** Issues the statement of a participant over the hour and answers it with its lines. */
export async function hourStatement(
  ledger: MemoryLedger,
  { firstSlot, sessionId }: Pick<TradedHour, 'firstSlot' | 'sessionId'>,
  { participantId }: Signer,
): Promise<JsonObject> {
  const period = { sessionId, run: 1, firstSlot, slots: 4 };
  const request = { commandId: command(`statement ${participantId}`), ...period, participantIds: [participantId] };
  await ledger.submit(callers.market, 'accounts:statement', request);
  return ledger.evaluate(callers.community, 'accounts:getStatement', { sessionId, run: 1, participantId });
}

async function place(
  ledger: MemoryLedger,
  { gateCloseSlot, sessionId, supplier }: TradedHour,
  signer: Signer,
  content: OrderContent,
): Promise<void> {
  const { participantId } = signer;
  const isSupplier = signer === supplier;
  const amountMicro = isSupplier ? '9000000000' : '200000000';
  const paidIn = { commandId: command(`fund ${participantId}`), participantId, amountMicro, reference: 'Transfer' };
  await ledger.submit(callers.market, 'accounts:fund', paidIn);
  const request = {
    commandId: command(`place ${participantId}`),
    sessionId,
    participantId,
    expirySlot: slot(gateCloseSlot),
    collateralMicro: isSupplier ? '5000000000' : '100000000',
    sealed: [{ orderId: content.orderId, commitment: orderCommitment(sessionId, participantId, content) }],
  };
  const caller = isSupplier ? callers.market : callers.community;
  const transient = transientOf([content]);
  await ledger.submit(caller, 'market:placeOrders', signed(signer, 'market', 'placeOrders', request), { transient });
}
