import { equalBytes, toHex } from '../common/bytes';
import type { Version } from '../common/version';
import { decodeReadWriteSet } from './decode';
import type { NamespaceReadWriteSet } from './types';

const VALUE_SHOWN_MAX = 120;

function showVersion(version: Version | undefined): string {
  return version === undefined ? 'absent' : `${version.block}.${version.transaction}`;
}

function showValue(value: Uint8Array | undefined): string {
  if (value === undefined) {
    return 'deleted';
  }
  const text = Buffer.from(value).toString('utf8');
  const printable = equalBytes(Buffer.from(text, 'utf8'), value) ? JSON.stringify(text) : `0x${toHex(value)}`;
  return printable.length > VALUE_SHOWN_MAX
    ? `${printable.slice(0, VALUE_SHOWN_MAX)}… (${value.length} bytes)`
    : printable;
}

/** One line of text per fact of a namespace, keyed by what it is about. */
function factsOf(set: NamespaceReadWriteSet, facts: Map<string, string>): void {
  const at = (what: string): string => `${set.namespace}: ${what}`;
  for (const read of set.reads) {
    facts.set(at(`read of ${JSON.stringify(read.key)}`), `version ${showVersion(read.version)}`);
  }
  for (const write of set.writes) {
    facts.set(at(`write of ${JSON.stringify(write.key)}`), showValue(write.value));
  }
  set.rangeQueries.forEach((range, index) => {
    const rows = range.rawReads?.map((read) => `${JSON.stringify(read.key)}@${showVersion(read.version)}`).join(' ');
    const hashes = range.merkle?.maxLevelHashes.map(toHex).join(' ');
    const end = range.exhausted ? 'exhausted' : 'not exhausted';
    facts.set(
      at(`range ${index} from ${JSON.stringify(range.startKey)}`),
      `to ${JSON.stringify(range.endKey)}, ${end}: ${rows ?? hashes ?? 'no rows'}`,
    );
  });
  for (const collection of set.collections) {
    for (const read of collection.reads) {
      facts.set(
        at(`hashed read of ${collection.collection}/${read.keyHashHex}`),
        `version ${showVersion(read.version)}`,
      );
    }
    for (const write of collection.writes) {
      const hash = write.valueHash === undefined ? 'deleted' : toHex(write.valueHash);
      facts.set(at(`hashed write of ${collection.collection}/${write.keyHashHex}`), write.purge ? 'purged' : hash);
    }
  }
}

function allFacts(bytes: Uint8Array): Map<string, string> {
  const facts = new Map<string, string>();
  for (const namespace of decodeReadWriteSet(bytes).namespaces) {
    factsOf(namespace, facts);
  }
  return facts;
}

/** Readable differences between the read-write sets of two endorsers, one line each; empty when they are equal. */
export function differenceOfReadWriteSets(left: Uint8Array, right: Uint8Array): readonly string[] {
  if (equalBytes(left, right)) {
    return [];
  }
  const leftFacts = allFacts(left);
  const rightFacts = allFacts(right);
  const lines: string[] = [];
  for (const about of new Set([...leftFacts.keys(), ...rightFacts.keys()])) {
    const here = leftFacts.get(about) ?? 'nothing';
    const there = rightFacts.get(about) ?? 'nothing';
    if (here !== there) {
      lines.push(`${about}: ${here} against ${there}`);
    }
  }
  return lines.length > 0 ? lines : ['the bytes differ although every read and write is equal'];
}
