/** One mistake in a topology file: where it stands and what to change. */
export interface TopologyProblem {
  /** Line in the file, counted from 1; 0 when the place is unknown. */
  readonly line: number;
  /** Path of the field, for example `organizations[0].peers[1].port`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}

/** A topology file that cannot be used. The message lists every mistake, one a line, each with file, line and path. */
export class TopologyError extends Error {
  public readonly code = 'TOPOLOGY_INVALID';
  public readonly problems: readonly TopologyProblem[];

  public constructor(fileName: string, problems: readonly TopologyProblem[]) {
    super(`TOPOLOGY_INVALID: ${problems.map((problem) => describeProblem(fileName, problem)).join('\n')}`);
    this.name = 'TopologyError';
    this.problems = problems;
  }
}

function describeProblem(fileName: string, problem: TopologyProblem): string {
  const place = problem.line > 0 ? `${fileName}:${problem.line}` : fileName;
  return problem.path === '' ? `${place}: ${problem.message}` : `${place}: ${problem.path}: ${problem.message}`;
}

/** A question about a topology that it cannot answer, for example an organisation or identity that it does not have. */
export class TopologyLookupError extends Error {
  public readonly code = 'TOPOLOGY_UNKNOWN_NAME';

  public constructor(kind: string, name: string, known: readonly string[]) {
    super(`TOPOLOGY_UNKNOWN_NAME: There is no ${kind} named "${name}"; known are: ${known.join(', ') || 'none'}.`);
    this.name = 'TopologyLookupError';
  }
}
