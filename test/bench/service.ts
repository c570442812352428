/** The chaincode as a service, like its own program, with single levers switched off: `FLEXLEDGER_BENCH_WITHOUT=a,b`. */

process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
process.env.CORE_CHAINCODE_LOGGING_SHIM ??= 'error';

// Statements before imports keep their place in CommonJS: the shim reads its level when it is loaded.
import { serviceOptions, startService } from '@flexledger/chaincode';
import { SERVICE_LEVERS, WITHOUT } from './levers';

async function main(): Promise<void> {
  const without = new Set((process.env[WITHOUT] ?? '').split(',').filter((name) => name !== ''));
  for (const name of without) {
    if (!SERVICE_LEVERS.some((lever) => lever === name)) throw new Error(`there is no lever ${name}`);
  }
  const chaincode = { throughContractApi: without.has('direct-calls') };
  const use = { writes: !without.has('write-batches'), reads: !without.has('read-batches') };
  await startService(serviceOptions(process.env), chaincode, use);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
