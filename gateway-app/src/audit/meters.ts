import {
  blockBytes,
  gapCodec,
  genesisLink,
  linkOf,
  meterCodec,
  meterHeadCodec,
  readingCodec,
  rowCodec,
  verifySignature,
  type Gap,
  type Meter,
  type MeterHead,
  type QualifiedTotal,
  type Reading,
  type Slot,
} from '@flexledger/domain';
import { decodeRows, decodeValue, expectWrittenOnce, nameOf, type DecodedRow } from './decoded-rows';
import { Findings, type InvariantResult } from './findings';
import type { AuditRow, AuditRows } from './fold';
import { ROW_TYPES } from './row-types';

const meterHeads = rowCodec(meterHeadCodec);

interface MeterChain {
  readonly meter: Meter;
  /** Undefined before the first block. */
  readonly head: MeterHead | undefined;
  readonly readings: readonly DecodedRow<Reading>[];
  readonly gaps: readonly Gap[];
}

function meterChains(rows: AuditRows, findings: Findings): readonly MeterChain[] {
  const readings = decodeRows(rows, ROW_TYPES.reading, rowCodec(readingCodec), findings);
  const gaps = decodeRows(rows, ROW_TYPES.gap, rowCodec(gapCodec), findings);
  const meters = decodeRows(rows, ROW_TYPES.meter, rowCodec(meterCodec), findings).map(({ value }) => value);
  const known = new Set<string>(meters.map(({ meterId }) => meterId));
  for (const { row, value } of readings) {
    findings.expect(known.has(value.meterId), () => `${nameOf(row)} belongs to no registered meter`);
    const [meterId, sequence] = row.parts;
    findings.expect(
      meterId === value.meterId && Number(sequence) === value.sequence,
      () => `${nameOf(row)} holds another block`,
    );
  }
  return meters.map((meter) => ({
    meter,
    head: headOf(rows, meter, findings),
    readings: readings.filter(({ value }) => value.meterId === meter.meterId),
    gaps: gaps.filter(({ value }) => value.meterId === meter.meterId).map(({ value }) => value),
  }));
}

function headOf(rows: AuditRows, { meterId }: Meter, findings: Findings): MeterHead | undefined {
  const row = rows.row(ROW_TYPES.meterHead, meterId);
  return row === undefined ? undefined : findings.attempt(nameOf(row), () => decodeValue(row.value, meterHeads));
}

/**
 * I5: every reading is on the ledger exactly once: the blocks of a meter are numbered from 1 to its head without double
 * and without gap, never changed, and follow each other in time except where the operator has recorded a gap.
 */
export function auditReadings(rows: AuditRows): InvariantResult {
  const findings = new Findings('I5', 'blocks of readings');
  for (const { meter, head, readings, gaps } of meterChains(rows, findings)) {
    let nextSlot = afterGaps(gaps, 0, meter.firstSlot);
    readings.forEach(({ row, value }, index) => {
      findings.count();
      expectWrittenOnce(row, findings);
      findings.expect(
        value.sequence === index + 1,
        () => `meter ${meter.meterId} has block ${value.sequence} where block ${index + 1} is due`,
      );
      findings.expect(
        value.startSlot === nextSlot,
        () => `${nameOf(row)} begins in slot ${value.startSlot}, slot ${nextSlot} was due`,
      );
      nextSlot = afterGaps(gaps, value.sequence, value.startSlot + value.totals.length);
    });
    findings.expect(
      (head?.sequence ?? 0) === readings.length && (head?.nextSlot ?? meter.firstSlot) === nextSlot,
      () => `the head of meter ${meter.meterId} is not the end of its ${readings.length} blocks`,
    );
  }
  return findings.result();
}

/** Where the next block begins, after the gaps that were recorded behind this block. */
function afterGaps(gaps: readonly Gap[], afterSequence: number, slot: number): number {
  const here = gaps
    .filter((gap) => gap.afterSequence === afterSequence)
    .sort((left, right) => left.fromSlot - right.fromSlot);
  return here.reduce((next, { fromSlot, toSlot }) => (fromSlot === next ? toSlot + 1 : next), slot);
}

/**
 * I6: each meter's chain verifies from its start to its head: every block names the link before it, has the link that
 * its content gives, and carries the signature of the key that was in force at its number.
 */
export function auditChains(rows: AuditRows, channel: string): InvariantResult {
  const findings = new Findings('I6', 'signatures of meters');
  for (const { meter, head, readings } of meterChains(rows, findings)) {
    let link = genesisLink;
    for (const { row, value } of readings) {
      findings.count();
      findings.expect(value.previousLink === link, () => `${nameOf(row)} does not follow the block before it`);
      findings.expect(linkOf(value) === value.link, () => `${nameOf(row)} does not have the link of its content`);
      const key = keyInForce(meter, value.sequence);
      findings.expect(
        key?.version === value.keyVersion &&
          verifySignature(key.publicKey, blockBytes(channel, value), value.signature),
        () => `${nameOf(row)} is not signed by the key of its meter`,
      );
      link = value.link;
    }
    findings.expect(
      (head?.link ?? genesisLink) === link,
      () => `the head of meter ${meter.meterId} does not have the link of its last block`,
    );
  }
  return findings.result();
}

function keyInForce({ keys }: Meter, sequence: number): Meter['keys'][number] | undefined {
  return keys.findLast(({ firstSequence }) => firstSequence <= sequence);
}

/** The total of one meter's quarter hour, with the block that states it. */
export interface LedgerTotal extends QualifiedTotal {
  readonly sequence: number;
  readonly row: AuditRow;
}

/** All totals on the ledger, by `meterId/slot`. */
export function readingTotals(rows: AuditRows, findings: Findings): ReadonlyMap<string, LedgerTotal> {
  const totals = new Map<string, LedgerTotal>();
  for (const { row, value } of decodeRows(rows, ROW_TYPES.reading, rowCodec(readingCodec), findings)) {
    value.totals.forEach((total, index) => {
      const quality = value.quality[index] ?? 'MISSING';
      totals.set(totalKey(value.meterId, total.slot), { ...total, quality, sequence: value.sequence, row });
    });
  }
  return totals;
}

/** The key of a meter's quarter hour in `readingTotals`. */
export function totalKey(meterId: string, slot: Slot): string {
  return `${meterId}/${slot}`;
}
