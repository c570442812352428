import type { ChaincodeServerOpts } from 'fabric-shim';
import { BatchingServer, type BatchUse } from './peer-batches';
import { skipQuietLevels } from './quiet-shim';
import { GuardedChaincode, type ChaincodeOptions } from './service';

/** Serves the contracts until the process ends; resolves when it listens. The last two are for benchmarks. */
export function startService(
  options: ChaincodeServerOpts,
  chaincode: ChaincodeOptions = {},
  batches?: BatchUse,
): Promise<void> {
  skipQuietLevels();
  return new BatchingServer(new GuardedChaincode(chaincode), options, batches).start();
}
