/** What can go wrong while a network is opened, watched or closed. */
export type NetworkErrorCode =
  | 'NETWORK_BINARIES_MISSING'
  | 'NETWORK_ENGINE_UNAVAILABLE'
  | 'NETWORK_VERSION_WRONG'
  | 'NETWORK_PORT_IN_USE'
  | 'NETWORK_FOLDER_UNUSABLE'
  | 'NETWORK_PROCESS_EXITED'
  | 'NETWORK_NOT_READY'
  | 'NETWORK_REFUSED'
  | 'NETWORK_TOPOLOGY_UNSUITABLE'
  | 'NETWORK_UNKNOWN_PROCESS';

/** An error with a stable code and one sentence that says what to do. */
export class NetworkError extends Error {
  public readonly code: NetworkErrorCode;

  public constructor(code: NetworkErrorCode, sentence: string, options?: ErrorOptions) {
    super(`${code}: ${sentence}`, options);
    this.name = 'NetworkError';
    this.code = code;
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
