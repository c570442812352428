import type { JsonObject } from '@flexledger/domain';
import { MemoryLedger, plantedRow, type RecordedCall } from './memory-ledger';

/** Repeats recorded calls on an empty ledger; answers one line per call: its answer, its event and its write set. */
export async function replay(calls: readonly RecordedCall[]): Promise<string> {
  const ledger = new MemoryLedger();
  const lines: string[] = [];
  for (const { caller, functionName, request, transient, transactionSeconds } of calls) {
    if (functionName === plantedRow) {
      const { key, row } = request;
      ledger.plant(String(key), row as JsonObject);
      lines.push(functionName);
      continue;
    }
    const confidential = Object.entries(transient).map(([key, text]) => [key, Buffer.from(text, 'base64')]);
    const options = {
      transient: Object.fromEntries(confidential) as Record<string, Uint8Array>,
      transactionSeconds,
    };
    const { response, event, writes } = await ledger.submit(caller, functionName, request, options);
    const set = writes.map(({ place, key, value }) => [place, key, Buffer.from(value).toString('base64')]);
    lines.push(JSON.stringify([functionName, response, event, set]));
  }
  return lines.join('\n');
}
