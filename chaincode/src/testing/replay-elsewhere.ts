import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedCall } from './memory-ledger';

const program = join(__dirname, '..', '..', 'dist', 'testing', 'replay-main.js');

/** Repeats calls with the compiled contracts in a process of its own, with its own time zone and language; answers what `replay` does. */
export function replayElsewhere(calls: readonly RecordedCall[], environment: Readonly<Record<string, string>>): string {
  if (!existsSync(program)) {
    throw new Error('this test runs the compiled contracts: build first (tsc -b)');
  }
  const result = spawnSync(process.execPath, [program], {
    env: { ...environment, CORE_CHAINCODE_LOGGING_LEVEL: 'error' },
    input: JSON.stringify(calls),
    maxBuffer: 64 * 1024 * 1024,
    encoding: 'utf8',
  });
  if (result.status !== 0) {
    throw new Error(`the replay ended with ${String(result.status)}: ${result.stderr}`);
  }
  return result.stdout;
}
