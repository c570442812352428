import {
  activationCodec,
  coalitionCodec,
  coalitionMemberCodec,
  dispatchRecordCodec,
  handoverCodec,
  memberScheduleCodec,
  poolDeliveryCodec,
  remunerationCodec,
  rowCodec,
  settledDeliveryCodec,
  type Activation,
  type Coalition,
  type CoalitionMember,
  type DispatchRecord,
  type Handover,
  type MemberSchedule,
  type PoolDelivery,
  type Remuneration,
  type SettledDelivery,
} from '@flexledger/domain';
import { decodeRows, type DecodedRow } from '../decoded-rows';
import type { Findings } from '../findings';
import { readTimes, type LedgerTimes } from '../flexibility/rows';
import type { AuditRows } from '../fold';
import type { Place } from '../place';
import { ROW_TYPES } from '../row-types';
import { valueBefore, versionedRows, type VersionedRow } from '../versions';

/** Everything about coalitions on a ledger, with all values that each row has had. */
export interface CoalitionRows extends LedgerTimes {
  readonly coalitions: readonly VersionedRow<Coalition>[];
  readonly members: readonly VersionedRow<CoalitionMember>[];
  readonly activations: readonly VersionedRow<Activation>[];
  readonly dispatches: readonly DecodedRow<DispatchRecord>[];
  readonly handovers: readonly DecodedRow<Handover>[];
  readonly schedules: readonly VersionedRow<MemberSchedule>[];
  readonly deliveries: readonly VersionedRow<PoolDelivery>[];
  readonly settled: readonly DecodedRow<SettledDelivery>[];
  readonly remunerations: readonly DecodedRow<Remuneration>[];
}

/** Reads it. */
export function readCoalitions(rows: AuditRows, findings: Findings): CoalitionRows {
  return {
    ...readTimes(rows, findings),
    coalitions: versionedRows(rows, ROW_TYPES.coalition, rowCodec(coalitionCodec), findings),
    members: versionedRows(rows, ROW_TYPES.coalitionMember, rowCodec(coalitionMemberCodec), findings),
    activations: versionedRows(rows, ROW_TYPES.activation, rowCodec(activationCodec), findings),
    dispatches: decodeRows(rows, ROW_TYPES.dispatch, rowCodec(dispatchRecordCodec), findings),
    handovers: decodeRows(rows, ROW_TYPES.handover, rowCodec(handoverCodec), findings),
    schedules: versionedRows(rows, ROW_TYPES.memberSchedule, rowCodec(memberScheduleCodec), findings),
    deliveries: versionedRows(rows, ROW_TYPES.poolDelivery, rowCodec(poolDeliveryCodec), findings),
    settled: decodeRows(rows, ROW_TYPES.settledDelivery, rowCodec(settledDeliveryCodec), findings),
    remunerations: decodeRows(rows, ROW_TYPES.remuneration, rowCodec(remunerationCodec), findings),
  };
}

/** Rows of a coalition as they stood when a transaction read them, in the order of their keys. */
export function standing<T extends { readonly coalitionId: string }>(
  rows: readonly VersionedRow<T>[],
  coalitionId: string,
  place: Place,
): readonly T[] {
  return rows.flatMap((row) => {
    const value = valueBefore(row, place);
    return value?.coalitionId === coalitionId ? [value] : [];
  });
}
