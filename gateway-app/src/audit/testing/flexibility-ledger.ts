import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { parseJsonBytes, type JsonObject } from '@flexledger/domain';
import { splitKey } from '../row-key';
import { MemoryRows } from './memory-rows';

const FOLDER = join(__dirname, '..', '..', '..', '..', 'test', 'vectors');
const asIs = { decode: (row: JsonObject) => row, encode: (row: JsonObject) => row };

/**
 * A ledger that the contracts have written: an hour is traded and called at once, tracked, settled, and disputed
 * (chaincode/scripts/record-flexibility.js).
 *
 * @param split whether an oracle has proven how the order is split, or the merit order holds
 */
export function flexibilityLedger(split: 'answered' | 'unanswered'): MemoryRows {
  return recordedLedger(join('flexibility', split));
}

/**
 * A ledger that the contracts have written: a coalition is chosen, called, verified, settled with the hour that its members have traded, and paid
 * (chaincode/scripts/record-coalition.js).
 *
 * @param choice whether an oracle has proven the choice, or that of the contract holds
 */
export function coalitionLedger(choice: 'answered' | 'unanswered'): MemoryRows {
  return recordedLedger(join('coalition', choice));
}

function recordedLedger(name: string): MemoryRows {
  const bytes = brotliDecompressSync(readFileSync(join(FOLDER, `${name}.json.br`)));
  const transactions = JSON.parse(bytes.toString('utf8')) as [string, string][][];
  const rows = new MemoryRows();
  for (const written of transactions) {
    rows.together(() => {
      for (const [key, value] of written) put(rows, key, Buffer.from(value, 'base64url'));
    });
  }
  return rows;
}

function put(rows: MemoryRows, key: string, value: Buffer): void {
  const split = splitKey(key);
  if (split === undefined) return;
  if (value[0] === '{'.charCodeAt(0)) {
    rows.put(asIs, parseJsonBytes(value) as JsonObject, split.type, ...split.parts);
  } else {
    rows.putPacked(value, split.type, ...split.parts);
  }
}
