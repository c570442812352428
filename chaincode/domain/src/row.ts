import { assert } from './assert';
import type { Codec, TypeOf } from './decode';
import { isJsonObject, type JsonObject } from './json';

/** The format number that every row of this build carries. */
export const rowFormat = 1;

/** How one kind of row stands in the state: its object with `v`, the format number, beside its own keys. */
export interface RowCodec<T> {
  decode(row: JsonObject): T;
  encode(value: T): JsonObject;
}

/** The type that a row codec decodes to. */
export type RowOf<C> = C extends RowCodec<infer T> ? T : never;

/** A row in format 1. Decoding another format or shape throws: rows are written by us alone. */
export function rowCodec<C extends Codec<object>>(codec: C): RowCodec<TypeOf<C>> {
  const typed = codec as unknown as Codec<TypeOf<C>>;
  return {
    decode(row) {
      const { v, ...rest } = row;
      assert(v === rowFormat, 'A row has a format that this build reads.');
      return typed.decode(rest, '');
    },
    encode(value) {
      const encoded = typed.encode(value);
      assert(isJsonObject(encoded) && encoded.v === undefined, 'A row is an object without a key v of its own.');
      return { v: rowFormat, ...encoded };
    },
  };
}
