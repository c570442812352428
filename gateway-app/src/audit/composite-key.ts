/** A key of the chaincode's state, taken apart: the type of the row and the parts that name it. */
export interface RowKey {
  readonly type: string;
  readonly parts: readonly string[];
}

const SEPARATOR = '\u0000';

/**
 * Takes a composite key of Fabric apart: U+0000, then each part followed by U+0000.
 * @returns undefined when it is a simple key
 */
export function splitCompositeKey(key: string): RowKey | undefined {
  if (!key.startsWith(SEPARATOR) || !key.endsWith(SEPARATOR) || key.length < 3) {
    return undefined;
  }
  const [type = '', ...parts] = key.slice(1, -1).split(SEPARATOR);
  return { type, parts };
}
