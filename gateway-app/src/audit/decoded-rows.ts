import { isJsonObject, type JsonValue, type RowCodec } from '@flexledger/domain';
import type { Findings } from './findings';
import type { AuditRow, AuditRows } from './fold';
import type { Place } from './place';

/** A row with its value decoded by the domain's own codec. */
export interface DecodedRow<T> {
  readonly row: AuditRow;
  readonly value: T;
}

/** All rows of a type that decode; one that does not is a finding. */
export function decodeRows<T>(
  rows: AuditRows,
  type: string,
  codec: RowCodec<T>,
  findings: Findings,
): readonly DecodedRow<T>[] {
  return rows.rows(type).flatMap((row) => {
    const value = findings.attempt(nameOf(row), () => decodeValue(row.value, codec));
    return value === undefined ? [] : [{ row, value }];
  });
}

/** Decodes a row's value. @throws when it is not what the codec writes */
export function decodeValue<T>(value: JsonValue, codec: RowCodec<T>): T {
  if (!isJsonObject(value)) {
    throw new TypeError('a row is an object');
  }
  return codec.decode(value);
}

/** One value that a row has had, and where it was written. */
export interface Stage<T> {
  readonly value: T;
  readonly place: Place;
}

/** Every value that a row has ever had, in order; one that does not decode is a finding. */
export function stagesOf<T>(row: AuditRow, codec: RowCodec<T>, findings: Findings): readonly Stage<T>[] {
  return row.history.flatMap((json, index) => {
    const value = findings.attempt(nameOf(row), () => decodeValue(json, codec));
    const place = row.places[index];
    return value === undefined || place === undefined ? [] : [{ value, place }];
  });
}

/** How findings name a row. */
export function nameOf({ type, parts }: Pick<AuditRow, 'type' | 'parts'>): string {
  return [type, ...parts].join('/');
}

/** Rows that are written once: one that was written again is a finding. */
export function expectWrittenOnce(row: AuditRow, findings: Findings): void {
  findings.expect(row.history.length === 1, () => `${nameOf(row)} was written ${row.history.length} times`);
}
