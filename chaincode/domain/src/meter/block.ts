import { fromBase64Url, toBase64Url } from '../base64url';
import { present } from '../assert';
import { hmacSha256, sha256 } from '../digest';
import { apportion, exactNumber, sum } from '../math';
import { merkleRoot } from '../merkle';
import { addSlots, type Slot } from '../time';
import { wh, type Wh } from '../units';
import { packSigned } from './packed-head';
import { PackWriter } from './packing';
import { seriesNames, type SeriesName } from './series';
import type { IntervalTotal, ProfileBlock, SignedBlockPart } from './types';

/** Minutes of one settlement interval. */
const intervalMinutes = 15;

/** What a signature over a block begins with, so that it can be no signature over anything else. */
const signatureTag = Buffer.from('flexledger block 1\n');

/** The link before the first block of every chain: 32 zero bytes. */
export const genesisLink = toBase64Url(new Uint8Array(32));

/** The series of values that a block carries. */
export type MeasuredSeries = Pick<ProfileBlock, SeriesName>;

/** The values of one settlement interval: several of a fine resolution, one of a quarter hour or coarser. */
export interface IntervalValues extends MeasuredSeries {
  readonly slot: Slot;
}

/** The part of a block that is measured. */
export type Measured = Pick<ProfileBlock, 'startSlot' | 'resolutionMinutes'> & MeasuredSeries;

/**
 * The values of a block by settlement interval, or undefined where its numbers of values do not fill whole intervals alike in
 * all series. Energy coarser than a quarter hour is split evenly over its quarter hours (largest remainder, earlier first), which
 * makes it an estimate; a voltage or state of charge stands for each of them.
 */
export function intervalsOf(block: Measured): readonly IntervalValues[] | undefined {
  const { resolutionMinutes, startSlot } = block;
  const count = block.importWh.length;
  if (seriesNames.some((name) => (block[name]?.length ?? count) !== count)) {
    return undefined;
  }
  if (resolutionMinutes > intervalMinutes) {
    const fine = mapSeries(block, (values, name) => split(values, name, resolutionMinutes / intervalMinutes));
    return intervalsOf({ startSlot, resolutionMinutes: intervalMinutes, ...fine });
  }
  const values = intervalMinutes / resolutionMinutes;
  if (count % values !== 0) {
    return undefined;
  }
  return Array.from({ length: count / values }, (_, index) => ({
    slot: addSlots(startSlot, index),
    ...mapSeries(block, (all) => all.slice(index * values, (index + 1) * values)),
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
 * The data of one leaf of a block's commitment: the leaf's own salt, then the interval packed: its slot, and each series that the
 * block has as its number, its count of values and the values. The leaf salt is HMAC-SHA256 of the interval's index (4 bytes, big
 * endian) under the block's salt, so that a proof opens one leaf only and no leaf can be guessed without its salt.
 */
export function leafOf(salt: string, interval: IntervalValues, index: number): Buffer {
  return leafWith(leafSaltOf(salt, index), interval);
}

/** The salt of one leaf, which alone opens that leaf and no other. */
export function leafSaltOf(salt: string, index: number): Buffer {
  const position = Buffer.alloc(4);
  position.writeUInt32BE(index);
  return hmacSha256(present(fromBase64Url(salt), 'A decoded salt is base64url.'), position);
}

/** The data of a leaf, from its own salt: what a third party checks who is shown one interval only. */
export function leafWith(leafSalt: Uint8Array, interval: IntervalValues): Buffer {
  const writer = new PackWriter().raw(leafSalt).uint(interval.slot);
  seriesNames.forEach((name, number) => {
    const values = interval[name];
    if (values !== undefined) {
      writer.byte(number).uint(values.length).series(values.map(exactNumber));
    }
  });
  return writer.finish();
}

/** What the channel holds instead of the values: the Merkle root with one salted leaf per settlement interval. */
export function commitmentOf(salt: string, intervals: readonly IntervalValues[]): string {
  return toBase64Url(merkleRoot(intervals.map((interval, index) => leafOf(salt, interval, index))));
}

/** The link of a block: the SHA-256 of its signed part. It fixes everything before it, because it holds the link before. */
export function linkOf(block: SignedBlockPart): string {
  return toBase64Url(sha256(packSigned(block)));
}

/** The bytes that the meter signs: a tag, the channel, and everything of a block that the channel sees. */
export function blockBytes(channel: string, block: SignedBlockPart): Buffer {
  const name = Buffer.from(channel);
  return new PackWriter().raw(signatureTag).uint(name.length).raw(name).raw(packSigned(block)).finish();
}

function mapSeries(
  series: MeasuredSeries,
  change: (values: readonly bigint[], name: SeriesName) => readonly bigint[],
): MeasuredSeries {
  const changed = seriesNames.flatMap((name) => {
    const values = series[name];
    return values === undefined ? [] : [[name, change(values, name)] as const];
  });
  // Every series keeps its unit: the change only cuts, splits or repeats values.
  return Object.fromEntries(changed) as unknown as MeasuredSeries;
}

function split(values: readonly bigint[], name: SeriesName, quarters: number): readonly bigint[] {
  const isEnergy = name !== 'voltageDecivolt' && name !== 'stateOfChargeWh';
  return values.flatMap((value): readonly bigint[] =>
    isEnergy ? evenly(value, quarters) : Array.from({ length: quarters }, () => value),
  );
}

function evenly(value: bigint, quarters: number): readonly Wh[] {
  const shares = Array.from({ length: quarters }, (_, index) => ({ id: String(index), weight: 1n }));
  return apportion(value, shares).map((part) => wh(part));
}
