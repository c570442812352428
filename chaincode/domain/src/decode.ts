import { assert } from './assert';
import { RuleError, type ErrorCode } from './errors';
import { isJsonObject, type JsonObject, type JsonValue } from './json';

/** A JSON Schema (draft 2020-12) as plain JSON: what the reference documentation and the REST API are made from. */
export type JsonSchema = JsonObject;

/**
 * How one type stands in JSON. `decode` checks everything once, at the edge, and refuses with INPUT_FIELD_UNKNOWN,
 * INPUT_FIELD_MISSING or INPUT_FIELD_INVALID and the path of the field (as a JSON pointer); it never repeats the value,
 * which may be confidential. `encode` is its inverse for every value that decode can return.
 */
export interface Codec<T> {
  readonly schema: JsonSchema;
  decode(value: JsonValue, path: string): T;
  encode(value: T): JsonValue;
}

/** The type that a codec decodes to. */
export type TypeOf<C> = C extends { decode(value: JsonValue, path: string): infer T } ? T : never;

/** A key that an object may leave out; made with `optional`. */
export interface OptionalField<T> extends Codec<T> {
  readonly optional: true;
}

type OptionalKeys<F> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F];
type Flat<T> = { [K in keyof T]: T[K] };

/** The object type of a record of field codecs. */
export type ObjectOf<F> = Flat<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: TypeOf<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: TypeOf<F[K]>;
  }
>;

type Fields = Readonly<Record<string, Codec<unknown>>>;

/** Refuses a value: the error names the field and what it should be, not what it was. */
export function fieldInvalid(path: string, expected: string, code: ErrorCode = 'INPUT_FIELD_INVALID'): RuleError {
  return new RuleError(code, { expected, path: path === '' ? '/' : path });
}

/** A codec made of another one: `decode` may refuse by returning undefined. */
export function mapped<From, T>(
  codec: Codec<From>,
  expected: string,
  decode: (value: From) => T | undefined,
  encode: (value: T) => From,
): Codec<T> {
  return {
    schema: codec.schema,
    decode(value, path) {
      const decoded = decode(codec.decode(value, path));
      if (decoded === undefined) {
        throw fieldInvalid(path, expected);
      }
      return decoded;
    },
    encode: (value) => codec.encode(encode(value)),
  };
}

/** Text that matches a pattern, which must be anchored and linear; the length is checked before the pattern. */
export function text(pattern: RegExp, expected: string, charactersMax: number): Codec<string> {
  assert(pattern.source.startsWith('^') && pattern.source.endsWith('$'), 'A text pattern is anchored.');
  return {
    schema: { type: 'string', pattern: pattern.source, maxLength: charactersMax, description: expected },
    decode(value, path) {
      if (typeof value !== 'string' || value.length > charactersMax || !pattern.test(value)) {
        throw fieldInvalid(path, expected);
      }
      return value;
    },
    encode: (value) => value,
  };
}

/** A JSON integer from a range. */
export function integer(minimum: number, maximum: number): Codec<number> {
  assert(Number.isSafeInteger(minimum) && Number.isSafeInteger(maximum), 'The bounds of an integer are exact.');
  return {
    schema: { type: 'integer', minimum, maximum },
    decode(value, path) {
      if (typeof value !== 'number' || value < minimum || value > maximum) {
        throw fieldInvalid(path, `an integer from ${minimum} to ${maximum}`);
      }
      return value;
    },
    encode: (value) => value,
  };
}

/** true or false. */
export const boolean: Codec<boolean> = {
  schema: { type: 'boolean' },
  decode(value, path) {
    if (typeof value !== 'boolean') {
      throw fieldInvalid(path, 'true or false');
    }
    return value;
  },
  encode: (value) => value,
};

/** One of a few words. */
export function oneOf<const T extends string | number>(...values: readonly T[]): Codec<T> {
  return {
    schema: { enum: [...values] },
    decode(value, path) {
      const found = values.find((candidate) => candidate === value);
      if (found === undefined) {
        throw fieldInvalid(path, `one of ${values.join(', ')}`);
      }
      return found;
    },
    encode: (value) => value,
  };
}

/** A list of one type; order is kept. */
export function array<T>(element: Codec<T>, elementsMax: number, elementsMin = 0): Codec<readonly T[]> {
  return {
    schema: { type: 'array', items: element.schema, minItems: elementsMin, maxItems: elementsMax },
    decode(value, path) {
      if (!Array.isArray(value) || value.length < elementsMin || value.length > elementsMax) {
        throw fieldInvalid(path, `a list of ${elementsMin} to ${elementsMax} elements`);
      }
      const elements: readonly JsonValue[] = value;
      return elements.map((item, index) => element.decode(item, `${path}/${index}`));
    },
    encode: (value) => value.map((item) => element.encode(item)),
  };
}

/** Marks a field that an object may leave out. An absent field has no key: null is not "absent". */
export function optional<T>(codec: Codec<T>): OptionalField<T> {
  return { ...codec, optional: true };
}

/** The value of a type, or null where there is none: for answers, where "nothing" is an answer. */
export function nullable<T>(codec: Codec<T>): Codec<T | null> {
  return {
    schema: { anyOf: [codec.schema, { type: 'null' }] },
    decode: (value, path) => (value === null ? null : codec.decode(value, path)),
    encode: (value) => (value === null ? null : codec.encode(value)),
  };
}

/** An object with exactly these keys. Keys are checked in the order in which they are declared here. */
export function object<F extends Fields>(fields: F): Codec<ObjectOf<F>> {
  const names = Object.keys(fields);
  const required = names.filter((name) => !isOptional(fields[name]));
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(names.map((name) => [name, fields[name]?.schema ?? {}])),
      required,
      additionalProperties: false,
    },
    decode: (value, path) => decodeObject<F>(fields, names, value, path),
    encode: (value) => encodeObject(fields, names, value),
  };
}

/** One of several objects, told apart by the key `kind`. */
export function union<V extends Readonly<Record<string, Codec<object>>>>(
  variants: V,
): Codec<{ [K in keyof V & string]: { readonly kind: K } & TypeOf<V[K]> }[keyof V & string]> {
  type Union = { [K in keyof V & string]: { readonly kind: K } & TypeOf<V[K]> }[keyof V & string];
  const kinds = Object.keys(variants);
  return {
    schema: { oneOf: kinds.map((kind) => ({ ...variants[kind]?.schema, title: kind })) },
    decode(value, path) {
      if (!isJsonObject(value)) {
        throw fieldInvalid(path, 'an object');
      }
      const { kind, ...rest } = value;
      const variant = typeof kind === 'string' && Object.hasOwn(variants, kind) ? variants[kind] : undefined;
      if (variant === undefined) {
        throw fieldInvalid(`${path}/kind`, `one of ${kinds.join(', ')}`);
      }
      return { kind, ...variant.decode(rest, path) } as Union;
    },
    encode(value) {
      const { kind, ...rest } = value as { kind: string };
      const encoded = variants[kind]?.encode(rest);
      assert(encoded !== undefined && isJsonObject(encoded), 'A union has a variant of this kind.');
      return { kind, ...encoded };
    },
  };
}

/** Any JSON: for what a later step decodes, such as facts. */
export const anyJson: Codec<JsonValue> = {
  schema: {},
  decode: (value) => value,
  encode: (value) => value,
};

/** Decodes a whole document. */
export function decodeWhole<T>(codec: Codec<T>, value: JsonValue): T {
  return codec.decode(value, '');
}

function isOptional(codec: Codec<unknown> | undefined): boolean {
  return codec !== undefined && 'optional' in codec && codec.optional === true;
}

function decodeObject<F extends Fields>(
  fields: F,
  names: readonly string[],
  value: JsonValue,
  path: string,
): ObjectOf<F> {
  if (!isJsonObject(value)) {
    throw fieldInvalid(path, 'an object');
  }
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(fields, key));
  if (unknown !== undefined) {
    throw new RuleError('INPUT_FIELD_UNKNOWN', { path: path === '' ? '/' : path, keys: names.join(',') });
  }
  const decoded: Record<string, unknown> = {};
  for (const name of names) {
    const member = value[name];
    const codec = fields[name];
    if (member !== undefined && codec !== undefined) {
      decoded[name] = codec.decode(member, `${path}/${name}`);
    } else if (!isOptional(codec)) {
      throw new RuleError('INPUT_FIELD_MISSING', { path: `${path}/${name}` });
    }
  }
  return decoded as ObjectOf<F>;
}

function encodeObject(fields: Fields, names: readonly string[], value: object): JsonObject {
  const members = value as Readonly<Record<string, unknown>>;
  const encoded: Record<string, JsonValue> = {};
  for (const name of names) {
    const member = Object.hasOwn(members, name) ? members[name] : undefined;
    if (member !== undefined) {
      encoded[name] = fields[name]?.encode(member) ?? null;
    } else {
      assert(isOptional(fields[name]), `An encoded object has its required key ${name}.`);
    }
  }
  return encoded;
}
