import type { RecordedCall } from './memory-ledger';
import { replay } from './replay';

/** Reads recorded calls from the standard input, repeats them and writes what they came to. For the test of determinism. */
async function main(): Promise<void> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) {
    parts.push(part as Buffer);
  }
  const calls = JSON.parse(Buffer.concat(parts).toString('utf8')) as RecordedCall[];
  process.stdout.write(await replay(calls));
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
