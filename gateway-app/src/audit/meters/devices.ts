import {
  assetCodec,
  assetEntryCodec,
  assetEntryOf,
  canFollow,
  canonicalJson,
  keyChangeCodec,
  keyChangeDigest,
  meterCodec,
  meterEntryCodec,
  meterEntryOf,
  rotationCommand,
  rowCodec,
  signedCommandBytes,
  verifySignature,
  type Asset,
  type DeviceStatus,
  type KeyChange,
  type Meter,
  type RowCodec,
} from '@flexledger/domain';
import { decodeRows, nameOf, stagesOf, type DecodedRow, type Stage } from '../decoded-rows';
import { Findings, type InvariantResult } from '../findings';
import type { AuditRow, AuditRows } from '../fold';
import { decodeBlocks } from './meters';
import { isBefore, type Place } from '../place';
import { ROW_TYPES } from '../row-types';

/** A device with all that its row has ever said. */
interface Life<T> {
  readonly row: AuditRow;
  readonly stages: readonly Stage<T>[];
}

/**
 * I19: every device has lived as the rules say. Its metadata have never changed, each status followed from the one before, every
 * key after the first was asked for and approved (a rotated one with the signature of the key before it), and every block of
 * readings was recorded while its meter was in service.
 *
 * @param channel the channel's name, which is part of what meters sign
 */
export function auditDevices(rows: AuditRows, channel: string): InvariantResult {
  const findings = new Findings('I19', 'devices, and blocks of meters in service');
  const meters = livesOf(rows, ROW_TYPES.meter, rowCodec(meterCodec), findings);
  const changes = decodeRows(rows, ROW_TYPES.meterKeyChange, rowCodec(keyChangeCodec), findings);
  for (const life of meters) {
    checkLife(life, (meter) => canonicalJson(meterEntryCodec.encode(meterEntryOf(meter))), isOneStep, findings);
    checkKeys(life, changes, channel, findings);
  }
  for (const life of livesOf(rows, ROW_TYPES.asset, rowCodec(assetCodec), findings)) {
    const metadata = (asset: Asset) => canonicalJson(assetEntryCodec.encode(assetEntryOf(asset)));
    checkLife(life, metadata, (before, after) => canFollow(before.status, after.status), findings);
  }
  checkBlocks(rows, meters, findings);
  return findings.result();
}

function livesOf<T>(rows: AuditRows, type: string, codec: RowCodec<T>, findings: Findings): readonly Life<T>[] {
  return rows.rows(type).map((row) => ({
    row,
    stages: stagesOf(row, codec, findings),
  }));
}

function checkLife<T extends { readonly status: DeviceStatus }>(
  { row, stages }: Life<T>,
  metadata: (device: T) => string,
  isStep: (before: T, after: T) => boolean,
  findings: Findings,
): void {
  findings.count();
  stages.forEach(({ value }, index) => {
    const before = stages[index - 1]?.value;
    if (before === undefined) {
      findings.expect(value.status === 'REGISTERED', () => `${nameOf(row)} began as ${value.status}`);
      return;
    }
    findings.expect(metadata(value) === metadata(before), () => `${nameOf(row)} has got other metadata`);
    findings.expect(
      isStep(before, value),
      () => `${nameOf(row)} went from ${before.status} to ${value.status}, which no step does`,
    );
  });
}

/** A write of a meter is a step of its life or a new key, never both. */
function isOneStep(before: Meter, after: Meter): boolean {
  const kept = after.keys.slice(0, before.keys.length);
  if (canonicalJson(kept) !== canonicalJson(before.keys)) {
    return false;
  }
  const added = after.keys.length - before.keys.length;
  return added === 0 ? canFollow(before.status, after.status) : added === 1 && before.status === after.status;
}

function checkKeys(
  { row, stages }: Life<Meter>,
  changes: readonly DecodedRow<KeyChange>[],
  channel: string,
  findings: Findings,
): void {
  const meter = stages.at(-1)?.value;
  meter?.keys.forEach((key, index) => {
    const before = meter.keys[index - 1];
    if (before === undefined) {
      return;
    }
    const change = changes.find(
      ({ value }) =>
        value.meterId === meter.meterId &&
        value.state === 'EFFECTIVE' &&
        value.keyVersion === key.version &&
        value.publicKey === key.publicKey &&
        value.firstSequence === key.firstSequence,
    );
    findings.expect(
      change !== undefined && isGranted(change, before.publicKey, channel),
      () => `key ${key.version} of ${nameOf(row)} was not asked for and approved as it must be`,
    );
  });
}

function isGranted({ row, value: change }: DecodedRow<KeyChange>, oldKey: string, channel: string): boolean {
  const { approvedBy, cause, requestedBy } = change;
  if (row.parts[1] !== keyChangeDigest(change) || approvedBy === undefined || approvedBy === requestedBy) {
    return false;
  }
  const command = rotationCommand(change, channel);
  return (
    cause.kind === 'loss' ||
    (command !== undefined && verifySignature(oldKey, signedCommandBytes(command), cause.signature))
  );
}

/** Blocks that cannot be read are named by the invariants of readings. */
function checkBlocks(rows: AuditRows, meters: readonly Life<Meter>[], findings: Findings): void {
  const lives = new Map(meters.map((life) => [life.row.parts[0] ?? '', life]));
  for (const { row, value } of decodeBlocks(rows, new Findings('', ''))) {
    findings.count();
    const status = statusBefore(lives.get(value.meterId), row);
    findings.expect(
      status === 'COMMISSIONED',
      () => `${nameOf(row)} was recorded while its meter was ${status ?? 'not registered'}`,
    );
  }
}

/** The status of a meter as a transaction at a place has found it. */
function statusBefore(life: Life<Meter> | undefined, place: Place): DeviceStatus | undefined {
  return life?.stages.findLast((stage) => isBefore(stage.place, place))?.value.status;
}
