/** What a command prints when it fails, and what it exits with. */
export interface CliFailure {
  readonly line: string;
  readonly exitCode: number;
}

/** An error of the command line or the day with a stable code and one sentence that says what to do. */
export class CliError extends Error {
  constructor(
    readonly code: keyof typeof EXIT_CODES,
    sentence: string,
    options?: ErrorOptions,
  ) {
    super(`${code}: ${sentence}`, options);
    this.name = 'CliError';
  }
}

/** Exit codes by error code; 1 is any other error, 2 wrong usage. */
export const EXIT_CODES = {
  CLI_NODE_TOO_OLD: 10,
  CLI_PORT_IN_USE: 11,
  CLI_DISK_FULL: 12,
  CLI_FOLDER_UNWRITABLE: 13,
  DAY_ALREADY_RUNNING: 14,
  DAY_STEP_FAILED: 15,
  DAY_INVARIANT_BROKEN: 16,
  AUDIT_FINDINGS: 17,
  AUDIT_PROOF_REFUSED: 18,
  AUDIT_REPORT_REFUSED: 19,
  RULES_FILE_UNREADABLE: 20,
  RULES_NOT_JSON: 20,
  RULES_FIELD_UNKNOWN: 20,
  RULES_FIELD_INVALID: 20,
  RULES_MECHANISM_UNKNOWN: 20,
  RULES_BUS_UNKNOWN: 20,
  RULES_GRID_DISCONNECTED: 20,
  RULES_REACTANCE_MISSING: 20,
  RULES_SIDE_UNKNOWN: 20,
  RULES_QUANTITY_INVALID: 20,
  RULES_PRICE_INVALID: 20,
  RULES_ORDER_TWICE: 20,
  RULES_TIME_INVALID: 20,
  RULES_READING_INVALID: 20,
  RULES_READINGS_MISSING: 20,
  RULES_PLAYERS_NONE: 20,
  RULES_PLAYERS_TOO_MANY: 20,
  RULES_PLAYER_TWICE: 20,
  RULES_PLAYER_UNKNOWN: 20,
  RULES_KEY_UNSORTED: 20,
  RULES_COALITION_MISSING: 20,
  RULES_NOT_CLEARED: 21,
  OPENADR_CLIENT_TWICE: 22,
  OPENADR_CLIENT_UNKNOWN: 22,
  RULES_NO_BASELINE: 21,
  RULES_NO_IMPUTATION: 21,
  CLI_USAGE: 2,
} as const;

/** Names under which the network workspaces report the same troubles. */
const SAME_TROUBLE: Readonly<Record<string, keyof typeof EXIT_CODES>> = {
  NETWORK_PORT_IN_USE: 'CLI_PORT_IN_USE',
  NETWORK_FOLDER_UNUSABLE: 'CLI_FOLDER_UNWRITABLE',
  DEVNET_PORT_IN_USE: 'CLI_PORT_IN_USE',
  DEVNET_FOLDER_UNUSABLE: 'CLI_FOLDER_UNWRITABLE',
};

interface ErrorFields {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly path?: unknown;
  readonly port?: unknown;
  readonly cause?: unknown;
}

/** One clear line for anything thrown (and one for each mistake of a description): the operating system's troubles in plain words, the rest by its own message. */
export function explainFailure(error: unknown): CliFailure {
  for (const fields of causes(error)) {
    const line = systemTrouble(fields);
    if (line !== undefined) return line;
  }
  const [first] = causes(error);
  if (NO_ROOM.test(String(first?.message))) return failure('CLI_DISK_FULL', noRoom(''));
  const message = withCode(first, typeof first?.message === 'string' ? first.message : String(error));
  const [code = ''] = message.split(':', 1);
  const known = Object.hasOwn(SAME_TROUBLE, code) ? SAME_TROUBLE[code] : code;
  return { line: linesOf(code, message), exitCode: isExitCode(known) ? EXIT_CODES[known] : 1 };
}

/** The message with the error's stable code in front, where it does not begin with it already. */
function withCode(fields: ErrorFields | undefined, message: string): string {
  const code = typeof fields?.code === 'string' && /^[A-Z]+(_[A-Z]+)+$/.test(fields.code) ? fields.code : undefined;
  return code === undefined || message.startsWith(code) ? message : `${code}: ${message}`;
}

function isExitCode(code: string | undefined): code is keyof typeof EXIT_CODES {
  return code !== undefined && Object.hasOwn(EXIT_CODES, code);
}

/** The operating system's codes for the troubles that a user can mend, and what to do; `place` is ` PATH` or nothing. */
const SYSTEM_TROUBLES: Readonly<Record<string, readonly [keyof typeof EXIT_CODES, (place: string) => string]>> = {
  ENOSPC: ['CLI_DISK_FULL', noRoom],
  EDQUOT: ['CLI_DISK_FULL', noRoom],
  EACCES: ['CLI_FOLDER_UNWRITABLE', notAllowed],
  EPERM: ['CLI_FOLDER_UNWRITABLE', notAllowed],
  EROFS: ['CLI_FOLDER_UNWRITABLE', notAllowed],
  ENOENT: [
    'CLI_FOLDER_UNWRITABLE',
    (place) => `there is no place for${place}; make its folder first or name another one`,
  ],
  ENOTDIR: ['CLI_FOLDER_UNWRITABLE', noFolder],
  EEXIST: ['CLI_FOLDER_UNWRITABLE', noFolder],
};

function noRoom(place: string): string {
  return `there is no room left to write${place}; free some space and try again`;
}

function notAllowed(place: string): string {
  return `cannot write${place}; name a folder of your own with --data`;
}

function noFolder(place: string): string {
  return `${place.trim()} is not a folder; name another one with --data`;
}

/** How the stores of the ledger and of the roles say it, in their own process or in another one. */
const NO_ROOM = /no space left on device|ENOSPC|DEVNET_DISK_FULL/i;

function systemTrouble(fields: ErrorFields): CliFailure | undefined {
  if (fields.code === 'EADDRINUSE') {
    return failure('CLI_PORT_IN_USE', `port ${String(fields.port)} is used by another program; stop it and try again`);
  }
  const trouble = typeof fields.code === 'string' ? SYSTEM_TROUBLES[fields.code] : undefined;
  if (trouble === undefined) return undefined;
  const [code, sentence] = trouble;
  return failure(code, sentence(typeof fields.path === 'string' ? ` ${fields.path}` : ''));
}

function failure(code: keyof typeof EXIT_CODES, sentence: string): CliFailure {
  return { line: `${code}: ${sentence}`, exitCode: EXIT_CODES[code] };
}

function causes(error: unknown): ErrorFields[] {
  const chain: ErrorFields[] = [];
  for (let next = error; typeof next === 'object' && next !== null && chain.length < 10;) {
    const fields = next as ErrorFields;
    chain.push(fields);
    next = fields.cause;
  }
  return chain;
}

/** Every mistake of a description is one line with its place, and none of them may be left out; the rest is one line. */
function linesOf(code: string, message: string): string {
  return code === 'TOPOLOGY_INVALID' ? message : oneLine(message);
}

/** One line of a message of several: the first, and the last, where a process that has ended says why. */
function oneLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const [first = '', ...more] = lines;
  const last = more.at(-1);
  return last === undefined ? first : `${first} ${last.trim()}`;
}

/** Throws CLI_NODE_TOO_OLD unless the running Node is `minimum` (such as `20.20.0`) or later. */
export function requireNode(minimum: string, actual: string = process.versions.node): void {
  const parts = (version: string): number[] => version.split('.').map(Number);
  const [wanted, found] = [parts(minimum), parts(actual)];
  for (let index = 0; index < 3; index += 1) {
    const difference = (found[index] ?? 0) - (wanted[index] ?? 0);
    if (difference > 0) return;
    if (difference < 0) {
      throw new CliError(
        'CLI_NODE_TOO_OLD',
        `Node ${minimum} or later is needed and this is ${actual}; install a newer one`,
      );
    }
  }
}
