import { fromBase64Url, toBase64Url } from '../base64url';
import { assert, present } from '../assert';
import type { MeterId } from '../ids';
import { limits } from '../limits';
import { exactNumber } from '../math';
import { addSlots, slot, type Slot } from '../time';
import { wh } from '../units';
import { PackFault, PackReader, PackWriter } from './packing';
import type { IntervalTotal, Quality, SignedBlockPart } from './types';

/** The first byte of a packed block: the number of this format. */
export const blockFormat = 1;

/** The resolutions in minutes, by their code in the lowest three bits of the layout byte. */
const resolutions = [1, 5, 15, 30, 60] as const;
const resolutionBits = 7;
const registersBit = 8;
const statedBit = 16;

/** The qualities by their code of two bits. */
export const qualities = ['OK', 'ESTIMATED', 'BAD', 'MISSING'] as const satisfies readonly Quality[];

/** The part of a block's head that stands in its ledger row as well; the row's key names the meter and the first slot. */
export type HeadFields = Omit<SignedBlockPart, 'meterId' | 'startSlot' | 'commitment' | 'previousLink'>;

/** The signed part of a block as bytes: what the meter signs for a channel, and what the link is the SHA-256 of. */
export function packSigned(block: SignedBlockPart): Buffer {
  const writer = new PackWriter().byte(blockFormat).raw(Buffer.from(block.meterId)).uint(block.startSlot);
  return packLinks(packHead(writer, block), block).finish();
}

/** Reads what packSigned wrote; throws PackFault. */
export function readSigned(reader: PackReader): SignedBlockPart {
  demandFormat(reader);
  const meterId = reader.raw(26).toString('latin1');
  if (!/^[0-9a-hjkmnp-tv-z]{26}$/.test(meterId)) {
    throw new PackFault('A meter id has 26 lower-case Crockford characters.');
  }
  const startSlot = slot(reader.uint(slotNamedMax));
  const head = readHead(reader, startSlot);
  return { meterId: meterId as MeterId, startSlot, ...head, ...readLinks(reader) };
}

/** The signed part of a block from its bytes, as evidence holds them; throws PackFault where packSigned did not write them. */
export function unpackSigned(bytes: Uint8Array): SignedBlockPart {
  const reader = new PackReader(bytes);
  const signed = readSigned(reader);
  reader.end();
  return signed;
}

/** Refuses the bytes of another format. */
export function demandFormat(reader: PackReader): void {
  if (reader.byte() !== blockFormat) {
    throw new PackFault('The bytes have a format that this build does not read.');
  }
}

/** Writes key version, sequence, layout, registers, totals and what the meter states of their quality. */
export function packHead(writer: PackWriter, head: HeadFields): PackWriter {
  const { registers, resolutionMinutes, stated, totals } = head;
  const resolution = resolutions.indexOf(resolutionMinutes);
  const layout = resolution | (registers === undefined ? 0 : registersBit) | (stated === undefined ? 0 : statedBit);
  writer.uint(head.keyVersion).uint(head.sequence).byte(layout);
  if (registers !== undefined) {
    writer.uint(exact(registers.importWh)).uint(exact(registers.exportWh));
  }
  writer.uint(totals.length);
  writer.series(totals.map(({ importWh }) => exact(importWh))).series(totals.map(({ exportWh }) => exact(exportWh)));
  if (stated !== undefined) {
    writer.pairs(stated.map((quality) => qualities.indexOf(quality)));
  }
  return writer;
}

/** Reads what packHead wrote; throws PackFault. */
export function readHead(reader: PackReader, startSlot: Slot): HeadFields {
  const keyVersion = reader.uint(1_000);
  const sequence = reader.uint(9_999_999_999);
  if (keyVersion === 0 || sequence === 0) {
    throw new PackFault('Key versions and sequence numbers begin with 1.');
  }
  const layout = reader.byte();
  const resolutionMinutes = resolutions[layout & resolutionBits];
  if (resolutionMinutes === undefined || layout > (resolutionBits | registersBit | statedBit)) {
    throw new PackFault('The layout byte names no resolution, or parts that this format does not have.');
  }
  const registers =
    (layout & registersBit) === 0 ? {} : { registers: { importWh: readWh(reader), exportWh: readWh(reader) } };
  const totals = readTotals(reader, startSlot);
  const stated = (layout & statedBit) === 0 ? {} : { stated: readStated(reader, totals.length) };
  return { keyVersion, sequence, resolutionMinutes, ...registers, totals, ...stated };
}

/** Writes the commitment and the link before. */
export function packLinks(writer: PackWriter, block: Pick<SignedBlockPart, 'commitment' | 'previousLink'>): PackWriter {
  return writer.raw(digestBytes(block.commitment)).raw(digestBytes(block.previousLink));
}

/** Reads what packLinks wrote. */
export function readLinks(reader: PackReader): Pick<SignedBlockPart, 'commitment' | 'previousLink'> {
  return { commitment: toBase64Url(reader.raw(32)), previousLink: toBase64Url(reader.raw(32)) };
}

/** The qualities of the intervals of a block; throws PackFault. */
export function readQualities(reader: PackReader, count: number): readonly Quality[] {
  return reader.pairs(count).map((code) => present(qualities[code], 'Two bits name a quality.'));
}

/** The bytes of text that a codec has already found to be base64url. */
export function digestBytes(text: string): Buffer {
  return present(fromBase64Url(text), 'Bytes in a block are base64url.');
}

/** An amount as an exact number: a block's amounts are far below 2^53. */
export function exact(value: bigint): number {
  assert(value <= BigInt(limits.packedAmountMax), 'An amount of a block fits its format.');
  return exactNumber(value);
}

const slotNamedMax = 99_990_000;

function readWh(reader: PackReader) {
  return wh(BigInt(reader.uint(limits.packedAmountMax)));
}

function readTotals(reader: PackReader, startSlot: Slot): readonly IntervalTotal[] {
  const count = reader.uint(limits.intervalsPerBlockMax);
  if (count === 0) {
    throw new PackFault('A block has an interval.');
  }
  const imports = reader.series(count, limits.packedAmountMax);
  const exports = reader.series(count, limits.packedAmountMax);
  return imports.map((value, index) => ({
    slot: addSlots(startSlot, index),
    importWh: wh(BigInt(value)),
    exportWh: wh(BigInt(exports[index] ?? 0)),
  }));
}

function readStated(reader: PackReader, count: number): readonly Quality[] {
  const stated = readQualities(reader, count);
  if (stated.every((quality) => quality === 'OK')) {
    throw new PackFault('Qualities are stated only where one is not OK.');
  }
  return stated;
}
