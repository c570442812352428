import { FabricModelError } from '@flexledger/fabric-model';
import { messageOf } from '../errors';

/** Texts with which a peer refuses what a simulation must not do; the spelling is Fabric's. */
const texts: Readonly<Record<string, (transactionId: string) => string>> = {
  SIMULATION_WRITE_AFTER_PAGINATION: (transactionId) =>
    `txid [${transactionId}]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed`,
  SIMULATION_PAGINATION_AFTER_WRITE: (transactionId) =>
    `txid [${transactionId}]: unsuppored transaction. Paginated queries are supported only in a read-only transaction`,
  SIMULATION_WRITE_AFTER_PRIVATE_QUERY: (transactionId) =>
    `txid [${transactionId}]: unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed`,
  SIMULATION_PRIVATE_QUERY_AFTER_WRITE: (transactionId) =>
    `txid [${transactionId}]: unsuppored transaction. Queries on pvt data is supported only in a read-only transaction`,
  SIMULATION_PRIVATE_DATA_UNAVAILABLE: () => 'private data matching public hash version is not available',
};

/** The text that chaincode gets for a refused request. */
export function refusalText(error: unknown, transactionId: string): string {
  if (!(error instanceof FabricModelError)) return messageOf(error);
  return texts[error.code]?.(transactionId) ?? error.message.replace(`${error.code}: `, '');
}
