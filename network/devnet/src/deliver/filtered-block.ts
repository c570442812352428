import {
  parseEnvelopeHeader,
  parseTransaction,
  transactionsFilter,
  type EnvelopeHeader,
} from '@flexledger/fabric-model';
import { common, peer } from '@hyperledger/fabric-protos';

type TypeNumber = common.HeaderTypeMap[keyof common.HeaderTypeMap];

function actionsOf(envelope: Uint8Array): peer.FilteredTransactionActions {
  const actions = new peer.FilteredTransactionActions();
  const { event } = parseTransaction(envelope);
  if (event === undefined) return actions;
  const message = new peer.ChaincodeEvent();
  message.setTxId(event.transactionId);
  message.setChaincodeId(event.chaincodeName);
  message.setEventName(event.eventName);
  const action = new peer.FilteredChaincodeAction();
  action.setChaincodeEvent(message);
  actions.addChaincodeActions(action);
  return actions;
}

function headerOf(envelope: Uint8Array): EnvelopeHeader | undefined {
  try {
    return parseEnvelopeHeader(envelope);
  } catch {
    return undefined;
  }
}

/** A block without contents: transaction ids, types, validation codes and the names (not the payloads) of events. */
export function filteredBlock(block: common.Block): peer.FilteredBlock {
  const filtered = new peer.FilteredBlock();
  filtered.setNumber(block.getHeader()?.getNumber() ?? 0);
  const codes = transactionsFilter(block);
  (block.getData()?.getDataList_asU8() ?? []).forEach((envelope, index) => {
    const header = headerOf(envelope);
    if (header === undefined) return;
    filtered.setChannelId(header.channelId);
    const transaction = new peer.FilteredTransaction();
    transaction.setTxid(header.transactionId);
    transaction.setType(header.headerType as TypeNumber);
    transaction.setTxValidationCode(codes[index] ?? peer.TxValidationCode.NOT_VALIDATED);
    if (header.headerType === common.HeaderType.ENDORSER_TRANSACTION) {
      transaction.setTransactionActions(actionsOf(envelope));
    }
    filtered.addFilteredTransactions(transaction);
  });
  return filtered;
}
