const SURROGATE_FIRST = 0xd800;

/** Moves surrogates above the rest of the basic plane, so that code units compare like UTF-8 bytes. */
function utf8Rank(codeUnit: number): number {
  if (codeUnit < SURROGATE_FIRST) {
    return codeUnit;
  }
  return codeUnit >= 0xe000 ? codeUnit - 0x800 : codeUnit + 0x2000;
}

/**
 * Order of Fabric's keys: by UTF-8 bytes. JavaScript compares UTF-16 code units, which differs for characters
 * outside the basic plane (U+10FFFF ends every partial composite key query).
 */
export function compareKeys(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) {
      return utf8Rank(a) - utf8Rank(b);
    }
  }
  return left.length - right.length;
}

/** Entries of a map, sorted by key as Fabric sorts. */
export function sortedEntries<V>(map: ReadonlyMap<string, V>): [string, V][] {
  return [...map.entries()].sort(([left], [right]) => compareKeys(left, right));
}
