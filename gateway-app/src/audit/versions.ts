import type { RowCodec } from '@flexledger/domain';
import { decodeValue, nameOf } from './decoded-rows';
import type { Findings } from './findings';
import type { AuditRow, AuditRows } from './fold';
import { isBefore, type Place } from './place';

/** A value that a row had, and where it was written. */
export interface Version<T> {
  readonly value: T;
  readonly place: Place;
}

/** A row with all values that it has had, in order. */
export interface VersionedRow<T> {
  readonly row: AuditRow;
  readonly versions: readonly Version<T>[];
}

/** All rows of a type with every value that they have had; one that does not decode is a finding. */
export function versionedRows<T>(
  rows: AuditRows,
  type: string,
  codec: RowCodec<T>,
  findings: Findings,
): readonly VersionedRow<T>[] {
  return rows.rows(type).map((row) => {
    const versions = row.history.flatMap((stored, index) => {
      const value = findings.attempt(nameOf(row), () => decodeValue(stored, codec));
      const place = row.places[index];
      return value === undefined || place === undefined ? [] : [{ value, place }];
    });
    return { row, versions };
  });
}

/** The value that a row had when a transaction read it: what was committed before. Undefined where there was none. */
export function valueBefore<T>({ versions }: VersionedRow<T>, place: Place): T | undefined {
  return versions.findLast((version) => isBefore(version.place, place))?.value;
}

/** The present value of a row. */
export function presentValue<T>({ versions }: VersionedRow<T>): T | undefined {
  return versions.at(-1)?.value;
}
