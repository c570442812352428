import { ValidationCodes, type BlockValidation, type TransactionVerdict } from '@flexledger/fabric-model';
import { common, ledger } from '@hyperledger/fabric-protos';
import type { RecordChange } from './record-store';
import type { ChannelKeys } from './records';

/** The message class of timestamps, taken from a message that has one, so that there is one copy of it. */
function newTimestamp(seconds: number, nanos: number): ReturnType<common.ChannelHeader['getTimestamp']> {
  const header = common.ChannelHeader.deserializeBinary(Uint8Array.of(0x1a, 0));
  const timestamp = header.getTimestamp();
  timestamp?.setSeconds(seconds);
  timestamp?.setNanos(nanos);
  return timestamp;
}

function transactionRows(keys: ChannelKeys, blockNumber: number, verdict: TransactionVerdict): readonly RecordChange[] {
  const { transaction, index } = verdict;
  if (verdict.code !== ValidationCodes.VALID || transaction === undefined) return [];
  const timestamp = newTimestamp(transaction.timestamp.seconds, transaction.timestamp.nanos);
  return transaction.readWriteSet.namespaces.flatMap(({ namespace, writes }) =>
    writes.map(({ key, value }) => {
      const modification = new ledger.queryresult.KeyModification();
      modification.setTxId(transaction.transactionId);
      modification.setValue(value ?? new Uint8Array(0));
      modification.setTimestamp(timestamp);
      modification.setIsDelete(value === undefined);
      const version = { block: blockNumber, transaction: index };
      return { key: keys.historyEntry(namespace, key, version), value: modification.serializeBinary() };
    }),
  );
}

/** The history rows of a block: every write of its valid transactions. */
export function historyRows(keys: ChannelKeys, number: number, validation: BlockValidation): readonly RecordChange[] {
  return validation.transactions.flatMap((verdict) => transactionRows(keys, number, verdict));
}
