/** A refusal of this package: a stable code (AREA_WHAT) and one sentence for people. */
export class FabricModelError extends Error {
  readonly code: string;

  constructor(code: string, sentence: string, cause?: unknown) {
    super(`${code}: ${sentence}`, cause === undefined ? undefined : { cause });
    this.name = 'FabricModelError';
    this.code = code;
  }
}

/** The sentence of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Runs a decoder and turns whatever it throws into an error with this code. */
export function decodeOr<T>(code: string, what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (error instanceof FabricModelError) {
      throw error;
    }
    throw new FabricModelError(code, `${what} cannot be decoded (${messageOf(error)}).`, error);
  }
}
