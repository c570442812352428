import { isJsonObject, meterCodec, parseJsonBytes, rowCodec, type Meter, type Reading } from '@flexledger/domain';
import { parseTransaction, type KeyWrite } from '@flexledger/fabric-model';
import { writtenReading } from '../evidence/reading-rows';
import { splitKey } from '../row-key';
import { ROW_TYPES } from '../row-types';

const meters = rowCodec(meterCodec);

/** The meter with this id among the writes of a transaction, as they leave it; undefined where none writes it. */
export function meterIn(writes: readonly KeyWrite[], meterId: string): Meter | undefined {
  for (const { key, value } of writes) {
    const row = splitKey(key);
    if (row?.type === ROW_TYPES.meter && row.parts[0] === meterId && value !== undefined) {
      const json = parseJsonBytes(value);
      return isJsonObject(json) ? meters.decode(json) : undefined;
    }
  }
  return undefined;
}

/** The block of readings of this meter that has this slot among the writes of a transaction. */
export function readingIn(writes: readonly KeyWrite[], meterId: string, slot: number): Reading | undefined {
  for (const { key, value } of writes) {
    const written = writtenReading(key, value);
    if (written !== undefined && 'reading' in written && written.meterId === meterId) {
      const { startSlot, totals } = written.reading;
      if (startSlot <= slot && slot < startSlot + totals.length) {
        return written.reading;
      }
    }
  }
  return undefined;
}

/** What a transaction writes to the rows of one chaincode; nothing where the envelope cannot be read. */
export function writesIn(envelope: Uint8Array, chaincode: string): readonly KeyWrite[] {
  try {
    const { namespaces } = parseTransaction(envelope).readWriteSet;
    return namespaces.filter(({ namespace }) => namespace === chaincode).flatMap(({ writes }) => writes);
  } catch {
    // A block may hold envelopes that nobody can read; no peer applies them.
    return [];
  }
}
