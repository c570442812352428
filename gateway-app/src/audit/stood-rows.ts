import type { JsonValue, RowCodec } from '@flexledger/domain';
import { decodeValue } from './decoded-rows';
import type { AuditRow, AuditRows } from './fold';
import { isBefore, type Place } from './place';

/** Rows as they stood when a transaction read them. */
export class StoodRows {
  public constructor(
    private readonly rows: AuditRows,
    private readonly place: Place,
  ) {}

  /** The value of a row; undefined where it was not there. */
  public get<T>(codec: RowCodec<T>, type: string, ...parts: readonly string[]): T | undefined {
    const row = this.rows.row(type, ...parts);
    const value = row === undefined ? undefined : valueAt(row, this.place);
    return value === undefined ? undefined : decodeValue(value, codec);
  }

  /** The same. @throws where it was not there */
  public need<T>(codec: RowCodec<T>, type: string, ...parts: readonly string[]): T {
    const value = this.get(codec, type, ...parts);
    if (value === undefined) {
      throw new RangeError(`${[type, ...parts].join('/')} was not there`);
    }
    return value;
  }
}

function valueAt({ history, places }: AuditRow, place: Place): JsonValue | undefined {
  return history[places.findLastIndex((one) => isBefore(one, place))];
}
