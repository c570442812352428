import {
  amendmentCodec,
  blockBytes,
  fromBase64Url,
  gapCodec,
  genesisLink,
  meterCodec,
  rowCodec,
  slot,
  unpackEntry,
  verifySignature,
  type Amendment,
  type ChainEntry,
  type Gap,
  type Meter,
  type MeterId,
  type QualifiedTotal,
  type Reading,
  type Slot,
} from '@flexledger/domain';
import { decodeRows, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { ROW_TYPES } from '../row-types';

interface MeterChain {
  readonly meter: Meter;
  readonly readings: readonly DecodedRow<Reading>[];
  readonly gaps: readonly Gap[];
}

/** All blocks of readings, in the order of their meters and slots; a row that cannot be read is a finding. */
export function decodeBlocks(rows: AuditRows, findings: Findings): readonly DecodedRow<Reading>[] {
  return rows.rows(ROW_TYPES.block).flatMap((row) => {
    const entry = findings.attempt(nameOf(row), () => entryOf(row));
    return entry?.kind === 'block' ? [{ row, value: entry.reading }] : [];
  });
}

function entryOf({ parts: [meterId = '', startSlot = ''], value }: AuditRow): ChainEntry {
  const bytes = typeof value === 'string' ? fromBase64Url(value) : undefined;
  if (bytes === undefined) {
    throw new TypeError('a block is packed');
  }
  return unpackEntry(meterId as MeterId, slot(Number(startSlot)), bytes);
}

function meterChains(rows: AuditRows, findings: Findings): readonly MeterChain[] {
  const readings = decodeBlocks(rows, findings);
  const gaps = decodeRows(rows, ROW_TYPES.gap, rowCodec(gapCodec), findings);
  const meters = decodeRows(rows, ROW_TYPES.meter, rowCodec(meterCodec), findings).map(({ value }) => value);
  const known = new Set<string>(meters.map(({ meterId }) => meterId));
  for (const { row, value } of readings) {
    findings.expect(known.has(value.meterId), () => `${nameOf(row)} belongs to no registered meter`);
  }
  return meters.map((meter) => ({
    meter,
    readings: readings.filter(({ value }) => value.meterId === meter.meterId),
    gaps: gaps.filter(({ value }) => value.meterId === meter.meterId).map(({ value }) => value),
  }));
}

/**
 * I5: every reading is on the ledger exactly once: the blocks of a meter are numbered from 1 on without double and without
 * gap, never changed, and follow each other in time except where the operator has recorded a gap.
 */
export function auditReadings(rows: AuditRows): InvariantResult {
  const findings = new Findings('I5', 'blocks of readings');
  for (const { meter, readings, gaps } of meterChains(rows, findings)) {
    let nextSlot: number = meter.firstSlot;
    readings.forEach(({ row, value }, index) => {
      findings.count();
      expectWrittenOnce(row, findings);
      findings.expect(
        value.sequence === index + 1,
        () => `meter ${meter.meterId} has block ${value.sequence} where block ${index + 1} is due`,
      );
      const due = value.startSlot === nextSlot ? nextSlot : afterGaps(gaps, nextSlot);
      findings.expect(
        value.startSlot === due,
        () => `${nameOf(row)} begins in slot ${value.startSlot}, slot ${due} was due`,
      );
      nextSlot = value.startSlot + value.totals.length;
    });
  }
  return findings.result();
}

/** Where the chain goes on after the gaps that were recorded from a slot on. */
function afterGaps(gaps: readonly Gap[], end: number): number {
  const inOrder = [...gaps].sort((left, right) => left.fromSlot - right.fromSlot);
  return inOrder.reduce((next, { fromSlot, toSlot }) => (fromSlot === next ? toSlot + 1 : next), end);
}

/**
 * I6: each meter's chain verifies from its start on: every block names the link of the block before it, which is the digest of
 * that block's signed content, and carries the signature of the key that was in force at its number.
 */
export function auditChains(rows: AuditRows, channel: string): InvariantResult {
  const findings = new Findings('I6', 'signatures of meters');
  for (const { meter, readings } of meterChains(rows, findings)) {
    let link = genesisLink;
    for (const { row, value } of readings) {
      findings.count();
      findings.expect(value.previousLink === link, () => `${nameOf(row)} does not follow the block before it`);
      const key = keyInForce(meter, value.sequence);
      findings.expect(
        key?.version === value.keyVersion &&
          verifySignature(key.publicKey, blockBytes(channel, value), value.signature),
        () => `${nameOf(row)} is not signed by the key of its meter`,
      );
      link = value.link;
    }
  }
  return findings.result();
}

function keyInForce({ keys }: Meter, sequence: number): Meter['keys'][number] | undefined {
  return keys.findLast(({ firstSequence }) => firstSequence <= sequence);
}

/** The total of one meter's quarter hour, with the block that states it. */
export interface LedgerTotal extends QualifiedTotal {
  readonly reading: Reading;
  readonly row: AuditRow;
}

/** All totals on the ledger, by `meterId/slot`. */
export function readingTotals(rows: AuditRows, findings: Findings): ReadonlyMap<string, LedgerTotal> {
  const totals = new Map<string, LedgerTotal>();
  for (const { row, value } of decodeBlocks(rows, findings)) {
    value.totals.forEach((total, index) => {
      const quality = value.quality[index] ?? 'MISSING';
      totals.set(totalKey(value.meterId, total.slot), { ...total, quality, reading: value, row });
    });
  }
  return totals;
}

/** All versions that the operator has given to totals, by meter. */
export function amendmentRows(
  rows: AuditRows,
  findings: Findings,
): ReadonlyMap<MeterId, readonly DecodedRow<Amendment>[]> {
  const byMeter = new Map<MeterId, DecodedRow<Amendment>[]>();
  for (const decoded of decodeRows(rows, ROW_TYPES.amendment, rowCodec(amendmentCodec), findings)) {
    expectWrittenOnce(decoded.row, findings);
    const { meterId } = decoded.value;
    byMeter.set(meterId, [...(byMeter.get(meterId) ?? []), decoded]);
  }
  return byMeter;
}

/** The key of a meter's quarter hour in `readingTotals`. */
export function totalKey(meterId: string, at: Slot): string {
  return `${meterId}/${at}`;
}
