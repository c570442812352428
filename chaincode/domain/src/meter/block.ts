import { canonicalBytes } from '../canonical-writer';
import { fromBase64Url, toBase64Url } from '../base64url';
import { present } from '../assert';
import { digestOf, hmacSha256 } from '../digest';
import { apportion, sum } from '../math';
import { merkleRoot } from '../merkle';
import { addSlots, type Slot } from '../time';
import { wh, whCodec, type Wh } from '../units';
import { intervalTotalCodec, type IntervalTotal, type ProfileBlock } from './types';

/** Minutes of one settlement interval. */
const intervalMinutes = 15;

/** The link before the first block of every chain: 32 zero bytes. */
export const genesisLink = toBase64Url(new Uint8Array(32));

/** The values of one settlement interval: several of a fine resolution, one of a quarter hour or coarser. */
export interface IntervalValues {
  readonly slot: Slot;
  readonly importWh: readonly Wh[];
  readonly exportWh: readonly Wh[];
}

/** The part of a block that is measured. */
export type Measured = Pick<ProfileBlock, 'startSlot' | 'resolutionMinutes' | 'importWh' | 'exportWh'>;

/**
 * The values of a block by settlement interval, or undefined where its numbers of values do not fill whole intervals alike in
 * both directions. A value coarser than a quarter hour is split evenly over its quarter hours (largest remainder, earlier first),
 * which makes them estimates.
 */
export function intervalsOf(block: Measured): readonly IntervalValues[] | undefined {
  const { importWh, exportWh, resolutionMinutes, startSlot } = block;
  if (importWh.length !== exportWh.length) {
    return undefined;
  }
  if (resolutionMinutes > intervalMinutes) {
    const quarters = resolutionMinutes / intervalMinutes;
    const imports = importWh.flatMap((value) => evenly(value, quarters));
    const exports = exportWh.flatMap((value) => evenly(value, quarters));
    return intervalsOf({ startSlot, resolutionMinutes: intervalMinutes, importWh: imports, exportWh: exports });
  }
  const values = intervalMinutes / resolutionMinutes;
  if (importWh.length % values !== 0) {
    return undefined;
  }
  return Array.from({ length: importWh.length / values }, (_, index) => ({
    slot: addSlots(startSlot, index),
    importWh: importWh.slice(index * values, (index + 1) * values),
    exportWh: exportWh.slice(index * values, (index + 1) * values),
  }));
}

/** The energy of each settlement interval. */
export function totalsOf(intervals: readonly IntervalValues[]): readonly IntervalTotal[] {
  return intervals.map(({ slot, importWh, exportWh }) => ({
    slot,
    importWh: wh(sum(importWh)),
    exportWh: wh(sum(exportWh)),
  }));
}

/**
 * The data of one leaf of a block's commitment: the leaf's own salt, then the canonical JSON of its interval. The leaf salt is
 * HMAC-SHA256 of the interval's index (4 bytes, big endian) under the block's salt, so that a proof opens one leaf only and no
 * leaf can be guessed without its salt.
 */
export function leafOf(salt: string, interval: IntervalValues, index: number): Buffer {
  const position = Buffer.alloc(4);
  position.writeUInt32BE(index);
  const key = present(fromBase64Url(salt), 'A decoded salt is base64url.');
  const values = {
    exportWh: interval.exportWh.map((value) => whCodec.encode(value)),
    importWh: interval.importWh.map((value) => whCodec.encode(value)),
    slot: interval.slot,
  };
  return Buffer.concat([hmacSha256(key, position), canonicalBytes(values)]);
}

/** What the channel holds instead of the values: the Merkle root with one salted leaf per settlement interval. */
export function commitmentOf(salt: string, intervals: readonly IntervalValues[]): string {
  return toBase64Url(merkleRoot(intervals.map((interval, index) => leafOf(salt, interval, index))));
}

/** The link of a block: it fixes everything before it, because it holds the link before. */
export function linkOf(
  block: Pick<ProfileBlock, 'commitment' | 'meterId' | 'previousLink' | 'sequence' | 'startSlot'>,
): string {
  const { commitment, meterId, previousLink, sequence, startSlot } = block;
  return digestOf({ commitment, meterId, previousLink, sequence, startSlot });
}

/** The bytes that the meter signs: everything of a block that the channel sees, for one channel. */
export function blockBytes(
  channel: string,
  block: Omit<ProfileBlock, 'importWh' | 'exportWh' | 'salt' | 'signature'>,
): Buffer {
  const { commitment, keyVersion, meterId, previousLink, resolutionMinutes, sequence, startSlot } = block;
  const totals = block.totals.map((total) => intervalTotalCodec.encode(total));
  const signed = { channel, commitment, keyVersion, meterId, previousLink, resolutionMinutes };
  return canonicalBytes({ ...signed, sequence, startSlot, totals });
}

function evenly(value: Wh, quarters: number): readonly Wh[] {
  const shares = Array.from({ length: quarters }, (_, index) => ({ id: String(index), weight: 1n }));
  return apportion(value, shares).map((part) => wh(part));
}
