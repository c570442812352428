/**
 * The cells of a line (RFC 4180 without line breaks inside a cell). Undefined for a quote that does not end or that text
 * follows.
 */
export function csvCells(line: string, delimiter: string): readonly string[] | undefined {
  if (!line.includes('"')) return line.split(delimiter);
  const cells: string[] = [];
  let rest = line;
  for (;;) {
    const cell = rest.startsWith('"') ? quotedCell(rest) : plainCell(rest, delimiter);
    if (cell === undefined) return undefined;
    cells.push(cell.text);
    rest = rest.slice(cell.length);
    if (rest === '') return cells;
    if (!rest.startsWith(delimiter)) return undefined;
    rest = rest.slice(delimiter.length);
  }
}

interface Cell {
  readonly text: string;
  /** Characters that it takes in the line. */
  readonly length: number;
}

function plainCell(rest: string, delimiter: string): Cell {
  const end = rest.indexOf(delimiter);
  const text = end < 0 ? rest : rest.slice(0, end);
  return { text, length: text.length };
}

function quotedCell(rest: string): Cell | undefined {
  const match = /^"((?:[^"]|"")*)"/.exec(rest);
  return match === null ? undefined : { text: (match[1] ?? '').replaceAll('""', '"'), length: match[0].length };
}
