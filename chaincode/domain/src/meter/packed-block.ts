import { fromBase64Url, toBase64Url } from '../base64url';
import { fieldInvalid } from '../decode';
import { RuleError } from '../errors';
import type { MeterId } from '../ids';
import type { JsonValue } from '../json';
import { limits } from '../limits';
import { slot, type Slot } from '../time';
import { decivolt, varh, wh } from '../units';
import { linkOf, type MeasuredSeries } from './block';
import {
  blockFormat,
  demandFormat,
  digestBytes,
  exact,
  packHead,
  packLinks,
  packSigned,
  qualities,
  readHead,
  readLinks,
  readQualities,
  readSigned,
} from './packed-head';
import { PackFault, PackReader, PackWriter } from './packing';
import { seriesNames } from './series';
import { plausibilityFindings, type Profile, type ProfileBlock, type Reading } from './types';

/** The bits of the byte that says which series a block's values have beside import and export. */
const reactiveBit = 1;
const voltageBit = 2;
const stateOfChargeBit = 4;

/** In the byte that says what is implausible: whether a quality of its own follows for each interval. */
const qualityBit = 1;

/** The first byte of the row that only says where a chain went on after a gap. */
const gapFormat = 2;

/** What stands in a meter's chain at a slot: a block, or the word that the chain went on after a gap that begins here. */
export type ChainEntry =
  { readonly kind: 'block'; readonly reading: Reading } | { readonly kind: 'gap'; readonly nextSlot: Slot };

/** A signed block as it travels to the contract in the transient map: base64url of its packed bytes (docs/metering.md). */
export function packBlock(block: ProfileBlock): string {
  const { previousStartSlot, startSlot } = block;
  const writer = new PackWriter().raw(packSigned(block)).raw(digestBytes(block.signature));
  writer.uint(previousStartSlot === undefined ? 0 : startSlot - previousStartSlot);
  return toBase64Url(packValues(writer, block).finish());
}

/** Reads a block from the transient map. Refuses what does not follow the format with READING_FORMAT. */
export function unpackBlock(text: JsonValue, path: string): ProfileBlock {
  const bytes = typeof text === 'string' ? fromBase64Url(text) : undefined;
  if (bytes === undefined) {
    throw fieldInvalid(path, 'a packed block as base64url');
  }
  return coded(() => {
    const reader = new PackReader(bytes);
    const signed = readSigned(reader);
    const signature = toBase64Url(reader.raw(64));
    const distance = reader.uint(signed.startSlot);
    const values = readValues(reader);
    reader.end();
    const before = distance === 0 ? {} : { previousStartSlot: slot(signed.startSlot - distance) };
    return { ...signed, signature, ...before, ...values };
  });
}

/** The row of the channel: everything of a block that its key and its private values do not say. */
export function packReading(reading: Reading): Buffer {
  const writer = packHead(new PackWriter().byte(blockFormat), reading);
  const judged = reading.quality.some((quality, index) => quality !== (reading.stated?.[index] ?? 'OK'));
  const found = plausibilityFindings.reduce(
    (bits, finding, index) => bits | (reading.findings.includes(finding) ? 2 << index : 0),
    judged ? qualityBit : 0,
  );
  writer.byte(found);
  if (judged) {
    writer.pairs(reading.quality.map((quality) => qualities.indexOf(quality)));
  }
  writer.uint(reading.zeroSlots);
  return packLinks(writer, reading).raw(digestBytes(reading.signature)).finish();
}

/** The row that marks a gap after which the chain went on. */
export function packGapMark(fromSlot: Slot, nextSlot: Slot): Buffer {
  return new PackWriter()
    .byte(gapFormat)
    .uint(nextSlot - fromSlot)
    .finish();
}

/** Reads a row of a meter's chain. Its bytes are ours, so that a fault in them is a bug. */
export function unpackEntry(meterId: MeterId, startSlot: Slot, bytes: Uint8Array): ChainEntry {
  const reader = new PackReader(bytes);
  if (bytes[0] === gapFormat) {
    reader.byte();
    const nextSlot = slot(startSlot + reader.uint(limits.packedAmountMax));
    reader.end();
    return { kind: 'gap', nextSlot };
  }
  demandFormat(reader);
  const head = readHead(reader, startSlot);
  const found = reader.byte();
  const quality =
    (found & qualityBit) === 0
      ? (head.stated ?? head.totals.map(() => 'OK' as const))
      : readQualities(reader, head.totals.length);
  const findings = plausibilityFindings.filter((_, index) => (found & (2 << index)) !== 0);
  const zeroSlots = reader.uint(99_999_999);
  const links = readLinks(reader);
  const signature = toBase64Url(reader.raw(64));
  reader.end();
  const signed = { meterId, startSlot, ...head, ...links };
  return { kind: 'block', reading: { ...signed, quality, findings, zeroSlots, link: linkOf(signed), signature } };
}

/** The row of the private collection: the values and the salt, and nothing that the channel's row says. */
export function packProfile(block: MeasuredSeries & Pick<ProfileBlock, 'salt'>): Buffer {
  return packValues(new PackWriter().byte(blockFormat), block).finish();
}

/** Reads a row of the private collection. */
export function unpackProfile(place: Omit<Profile, keyof MeasuredSeries | 'salt'>, bytes: Uint8Array): Profile {
  const reader = new PackReader(bytes);
  demandFormat(reader);
  const values = readValues(reader);
  reader.end();
  return { ...place, ...values };
}

function packValues(writer: PackWriter, block: MeasuredSeries & Pick<ProfileBlock, 'salt'>): PackWriter {
  const salt = digestBytes(block.salt);
  const series =
    (block.reactiveImportVarh === undefined ? 0 : reactiveBit) |
    (block.voltageDecivolt === undefined ? 0 : voltageBit) |
    (block.stateOfChargeWh === undefined ? 0 : stateOfChargeBit);
  writer.byte(salt.length).raw(salt).byte(series).uint(block.importWh.length);
  for (const name of seriesNames) {
    const values = block[name];
    if (values !== undefined) {
      writer.series(values.map(exact));
    }
  }
  return writer;
}

function readValues(reader: PackReader): MeasuredSeries & Pick<ProfileBlock, 'salt'> {
  const saltBytes = reader.byte();
  if (saltBytes < 16 || saltBytes > 32) {
    throw new PackFault('A salt has 16 to 32 bytes.');
  }
  const salt = toBase64Url(reader.raw(saltBytes));
  const series = reader.byte();
  if (series > (reactiveBit | voltageBit | stateOfChargeBit)) {
    throw new PackFault('The values name series that this format does not have.');
  }
  const count = reader.uint(limits.valuesPerBlockMax);
  if (count === 0) {
    throw new PackFault('A block has a value.');
  }
  const next = () => reader.series(count, limits.packedValueMax).map(BigInt);
  const energy = { importWh: next().map(wh), exportWh: next().map(wh) };
  const reactive =
    (series & reactiveBit) === 0 ? {} : { reactiveImportVarh: next().map(varh), reactiveExportVarh: next().map(varh) };
  const voltage = (series & voltageBit) === 0 ? {} : { voltageDecivolt: next().map(decivolt) };
  const charge = (series & stateOfChargeBit) === 0 ? {} : { stateOfChargeWh: next().map(wh) };
  return { salt, ...energy, ...reactive, ...voltage, ...charge };
}

function coded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof PackFault) {
      throw new RuleError('READING_FORMAT', { reason: error.message }, { cause: error });
    }
    throw error;
  }
}
