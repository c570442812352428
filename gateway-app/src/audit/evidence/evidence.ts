import {
  acceptAmendment,
  acceptPurge,
  amendmentCodec,
  blockBytes,
  canonicalJson,
  cloneCodec,
  fromBase64Url,
  linkOf,
  meterCodec,
  packSigned,
  purgeCodec,
  rowCodec,
  slotText,
  toBase64Url,
  unpackSigned,
  verifySignature,
  type Amendment,
  type Clone,
  type Meter,
  type Purge,
  type Reading,
} from '@flexledger/domain';
import { decodeRows, decodeValue, expectWrittenOnce, nameOf, type DecodedRow } from '../decoded-rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { amendmentRows, decodeBlocks } from '../meters/meters';
import { isBefore } from '../place';
import { ROW_TYPES } from '../row-types';

const meters = rowCodec(meterCodec);

/** The blocks of readings by meter, each with the row that holds it. */
type Blocks = ReadonlyMap<string, readonly DecodedRow<Reading>[]>;

/**
 * I20: what stands beside the chains of meters follows from them. Every new version of totals is the one that the rule makes from the
 * blocks and versions before it; every clone is two blocks of one number that a key of the meter has signed, one of them
 * in the chain, and its transaction has frozen the meter; every purge names as many blocks as there were.
 *
 * @param channel the channel's name, which is part of what meters sign
 */
export function auditEvidence(rows: AuditRows, channel: string): InvariantResult {
  const findings = new Findings('I20', 'new versions of totals, clones and purges');
  const blocks = blocksByMeter(rows);
  checkAmendments(rows, blocks, findings);
  for (const clone of decodeRows(rows, ROW_TYPES.clone, rowCodec(cloneCodec), findings)) {
    findings.count();
    expectWrittenOnce(clone.row, findings);
    checkClone(rows, clone, blocks.get(clone.value.meterId) ?? [], channel, findings);
  }
  for (const purge of decodeRows(rows, ROW_TYPES.purge, rowCodec(purgeCodec), findings)) {
    findings.count();
    expectWrittenOnce(purge.row, findings);
    checkPurge(purge, blocks.get(purge.value.meterId) ?? [], findings);
  }
  return findings.result();
}

/** Blocks that cannot be read are named by the invariants of readings. */
function blocksByMeter(rows: AuditRows): Blocks {
  const byMeter = new Map<string, DecodedRow<Reading>[]>();
  for (const block of decodeBlocks(rows, new Findings('', ''))) {
    const { meterId } = block.value;
    const own = byMeter.get(meterId);
    if (own === undefined) {
      byMeter.set(meterId, [block]);
    } else {
      own.push(block);
    }
  }
  return byMeter;
}

/** What was on the ledger when a row was written. */
function before<T>(all: readonly DecodedRow<T>[], row: AuditRow): readonly T[] {
  return all.filter((one) => isBefore(one.row, row)).map(({ value }) => value);
}

function checkAmendments(rows: AuditRows, blocks: Blocks, findings: Findings): void {
  for (const [meterId, own] of amendmentRows(rows, findings)) {
    const meter = meterOf(rows, meterId);
    for (const { row, value } of own) {
      findings.count();
      const readings = before(blocks.get(meterId) ?? [], row);
      const due = versionDue(value, meter, readings, before(own, row));
      const text = canonicalJson(amendmentCodec.encode(value));
      const isDue = due !== undefined && canonicalJson(amendmentCodec.encode(due)) === text;
      const isInPlace = row.parts.join('/') === `${meterId}/${slotText(value.fromSlot)}.${fourDigits(value.version)}`;
      findings.expect(isDue && isInPlace, () => `${nameOf(row)} is not the version that was due`);
    }
  }
}

/** The version that the rule makes; undefined where it refuses one. That the slots have ended is the clock's matter. */
function versionDue(
  { meterId, fromSlot, totals, reason, cause, mspId }: Amendment,
  meter: Meter | undefined,
  readings: readonly Reading[],
  amendments: readonly Amendment[],
): Amendment | undefined {
  if (meter === undefined) {
    return undefined;
  }
  try {
    const { firstSlot } = meter;
    const context = { firstSlot, readings, amendments, hasEnded: true, mspId };
    return acceptAmendment({ meterId, fromSlot, totals, reason }, cause, context);
  } catch {
    // The rule refuses what the row says: that is the finding.
    return undefined;
  }
}

function checkClone(
  rows: AuditRows,
  { row, value }: DecodedRow<Clone>,
  blocks: readonly DecodedRow<Reading>[],
  channel: string,
  findings: Findings,
): void {
  const { meterId, other, recorded, sequence } = value;
  const meter = meterOf(rows, meterId);
  findings.expect(
    [recorded, other].every((part) => isSigned(part, value, meter, channel)),
    () => `${nameOf(row)} has a block that no key of its meter has signed under number ${sequence}`,
  );
  findings.expect(recorded.link !== other.link, () => `${nameOf(row)} names one block twice`);
  const inChain = blocks.find((block) => block.value.sequence === sequence);
  findings.expect(
    inChain !== undefined &&
      !isBefore(row, inChain.row) &&
      toBase64Url(packSigned(inChain.value)) === recorded.signed &&
      inChain.value.signature === recorded.signature,
    () => `${nameOf(row)} names as recorded a block that is not in the chain of its meter`,
  );
  findings.expect(
    row.parts.join('/') === `${meterId}/${slotText(other.startSlot)}.${other.link}` && isFrozenBy(rows, row, meterId),
    () => `${nameOf(row)} has not frozen its meter`,
  );
}

/** Whether a part of a clone is what a key of the meter that was in force has signed under the clone's number. */
function isSigned(
  part: Clone['other'],
  { meterId, sequence }: Clone,
  meter: Meter | undefined,
  channel: string,
): boolean {
  try {
    const signed = unpackSigned(fromBase64Url(part.signed) ?? new Uint8Array());
    const key = meter?.keys.findLast(({ firstSequence }) => firstSequence <= sequence);
    return (
      signed.meterId === meterId &&
      signed.sequence === sequence &&
      signed.startSlot === part.startSlot &&
      linkOf(signed) === part.link &&
      key?.version === signed.keyVersion &&
      verifySignature(key.publicKey, blockBytes(channel, signed), part.signature)
    );
  } catch {
    // What is no signed part of a block was signed by no meter.
    return false;
  }
}

/** Whether the transaction that wrote a row left the meter frozen. */
function isFrozenBy(rows: AuditRows, { blockNumber, transactionIndex }: AuditRow, meterId: string): boolean {
  const row = rows.row(ROW_TYPES.meter, meterId);
  const index = row?.places.findIndex(
    (place) => place.blockNumber === blockNumber && place.transactionIndex === transactionIndex,
  );
  const json = index === undefined ? undefined : row?.history[index];
  return json !== undefined && decodeValue(json, meters).status === 'FROZEN';
}

function checkPurge(
  { row, value }: DecodedRow<Purge>,
  blocks: readonly DecodedRow<Reading>[],
  findings: Findings,
): void {
  const { fromSlot, toSlot } = value;
  const purged = before(blocks, row).filter(({ startSlot }) => startSlot >= fromSlot && startSlot <= toSlot);
  try {
    acceptPurge(value, purged.length);
  } catch {
    findings.fail(`${nameOf(row)} purges what the rule does not let purge`);
  }
  findings.expect(
    value.blocks === purged.length,
    () => `${nameOf(row)} says that ${value.blocks} blocks were purged, there were ${purged.length}`,
  );
}

/** Rows of meters that do not decode are named by the invariants of devices. */
function meterOf(rows: AuditRows, meterId: string): Meter | undefined {
  const row = rows.row(ROW_TYPES.meter, meterId);
  return row === undefined ? undefined : new Findings('', '').attempt('', () => decodeValue(row.value, meters));
}

function fourDigits(version: number): string {
  return String(version).padStart(4, '0');
}
