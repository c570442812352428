/** The chaincode as a service. See README.md for the environment that it is configured by. */

import * as nodeModule from 'node:module';

// The shim reads its level when it is loaded, logs every call at "info" and knows no quieter default.
process.env.CORE_CHAINCODE_LOGGING_LEVEL ??= 'error';
process.env.CORE_CHAINCODE_LOGGING_SHIM ??= 'error';

// Statements before imports keep their place in CommonJS, and this order is what the lines above and below rely on.
import { skipQuietAnnotations } from './service/quiet-shim';
skipQuietAnnotations();
import { serviceOptions } from './service/service-options';
import { startService } from './service/start-service';

function fail(error: unknown): never {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`chaincode: ${text}\n`);
  process.exit(1);
}

async function main(): Promise<void> {
  const options = readOptions(() => serviceOptions(process.env));
  await startService(options);
  process.stdout.write(`chaincode ${options.ccid} listens on ${options.address}\n`);
  keepCompiledCode();
}

/** Writes compiled code to NODE_COMPILE_CACHE at once, where Node.js can (from 22.10 on): a process that is killed would not. */
function keepCompiledCode(): void {
  const flush: unknown = Reflect.get(nodeModule, 'flushCompileCache');
  if (typeof flush === 'function') Reflect.apply(flush, nodeModule, []);
}

/** A wrong configuration is one line and no stack: who reads it is an operator. */
function readOptions<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    process.stderr.write(`chaincode: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

// A promise that nobody waited for, or an error outside every call, leaves the process in an unknown state: end it loudly.
process.on('unhandledRejection', fail);
process.on('uncaughtException', fail);
process.on('SIGTERM', () => process.exit(0));
process.on('SIGINT', () => process.exit(0));

main().catch(fail);
