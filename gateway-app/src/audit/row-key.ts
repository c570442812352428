/** A key of the chaincode's state, taken apart: the type of the row and the parts that name it. */
export interface RowKey {
  readonly type: string;
  readonly parts: readonly string[];
}

const SEPARATOR = '\u0000';

/** What separates the parts of the chaincode's simple keys. */
const SIMPLE_SEPARATOR = '/';

/**
 * Takes a key apart: a composite one of Fabric (U+0000, then each part followed by U+0000), or a simple one whose parts stand
 * between slashes.
 * @returns undefined when it is neither
 */
export function splitKey(key: string): RowKey | undefined {
  if (!key.startsWith(SEPARATOR)) {
    const [type = '', ...parts] = key.split(SIMPLE_SEPARATOR);
    return parts.length === 0 ? undefined : { type, parts };
  }
  if (!key.endsWith(SEPARATOR) || key.length < 3) {
    return undefined;
  }
  const [type = '', ...parts] = key.slice(1, -1).split(SEPARATOR);
  return { type, parts };
}
