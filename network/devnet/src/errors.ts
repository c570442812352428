/** Stable codes of everything that stops the devnet from starting or running; each message is one line that says what to do. */
export type DevnetErrorCode =
  | 'DEVNET_PORT_IN_USE'
  | 'DEVNET_ADDRESS_NOT_LOOPBACK'
  | 'DEVNET_FOLDER_UNWRITABLE'
  | 'DEVNET_DISK_FULL'
  | 'DEVNET_STORE_DAMAGED'
  | 'DEVNET_STORE_MISMATCH'
  | 'DEVNET_ALREADY_RUNNING'
  | 'DEVNET_TOPOLOGY_INVALID'
  | 'DEVNET_CHAINCODE_FAILED'
  | 'DEVNET_STOPPED';

/** A failure of the devnet itself, as opposed to the answer of a call. */
export class DevnetError extends Error {
  override readonly name = 'DevnetError';

  /**
   * @param code - one of the stable codes.
   * @param sentence - what is wrong and what to do about it, one line.
   * @param cause - the error underneath, if any.
   */
  constructor(
    readonly code: DevnetErrorCode,
    sentence: string,
    cause?: unknown,
  ) {
    super(`${code}: ${sentence}`, cause === undefined ? undefined : { cause });
  }
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}

/** Whether an error, or one it was caused by, has the given system code (for example `ENOSPC`). */
export function hasSystemCode(error: unknown, code: string): boolean {
  for (let current = error, depth = 0; current !== undefined && depth < 8; depth += 1) {
    if (errorCodeOf(current) === code) return true;
    current = current instanceof Error ? current.cause : undefined;
  }
  return false;
}

/** Turns a file system failure into a DevnetError with a sentence that names the folder; other errors stay as they are. */
export function explainFileError(error: unknown, folder: string): unknown {
  if (hasSystemCode(error, 'ENOSPC') || /no space left/i.test(messageOf(error))) {
    return new DevnetError('DEVNET_DISK_FULL', `no space left for ${folder}; free some space and start again`, error);
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'].some((code) => hasSystemCode(error, code))) {
    return new DevnetError(
      'DEVNET_FOLDER_UNWRITABLE',
      `cannot write to ${folder}; choose another folder with --data`,
      error,
    );
  }
  return error;
}
