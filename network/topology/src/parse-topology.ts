import { readFileSync } from 'node:fs';
import { LineCounter, parseDocument, isNode, type Document } from 'yaml';
import { findMistakes, pathText } from './check-topology';
import { TopologyError, type TopologyProblem } from './topology-error';
import { topologySchema } from './topology-schema';
import type { Topology } from './topology-types';

/**
 * Reads and checks a topology file.
 *
 * @throws TopologyError (TOPOLOGY_INVALID) with every mistake, or one that names the file when it cannot be read.
 */
export function loadTopology(file: string): Topology {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new TopologyError(file, [{ line: 0, path: '', message: `the file cannot be read: ${reason}` }]);
  }
  return parseTopology(text, file);
}

/**
 * Decodes and checks the text of a topology file (YAML or JSON).
 *
 * @param fileName the name that error messages show.
 * @throws TopologyError (TOPOLOGY_INVALID) that lists every mistake with its line and path.
 */
export function parseTopology(text: string, fileName: string): Topology {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  if (document.errors.length > 0) {
    throw new TopologyError(
      fileName,
      document.errors.map((error) => ({
        line: error.linePos?.[0].line ?? 0,
        path: '',
        message: error.message.split('\n')[0] ?? error.code,
      })),
    );
  }
  const place = (path: readonly PropertyKey[], message: string): TopologyProblem => {
    const plain = path.map((part) => (typeof part === 'number' ? part : String(part)));
    return { line: lineOf(document, lines, plain), path: pathText(plain), message };
  };
  const decoded = topologySchema.safeParse(document.toJS());
  if (!decoded.success) {
    throw new TopologyError(
      fileName,
      decoded.error.issues.map((issue) => place(issue.path, issue.message)),
    );
  }
  const mistakes = findMistakes(decoded.data);
  if (mistakes.length > 0) {
    throw new TopologyError(
      fileName,
      mistakes.map((mistake) => place(mistake.path, mistake.message)),
    );
  }
  return decoded.data;
}

/** The line of the deepest part of a path that stands in the file (a missing field has the line of its parent). */
function lineOf(document: Document, lines: LineCounter, path: readonly (string | number)[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) {
      return lines.linePos(node.range[0]).line;
    }
  }
  return 0;
}
