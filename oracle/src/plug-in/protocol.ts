import type { ServiceErrorCode } from '../service';
import type { KindName } from './kinds';

/** What a plug-in may use for one request. */
export interface PlugInLimits {
  readonly timeMsMax: number;
  /** Memory beyond that of an empty process. */
  readonly memoryMiBMax: number;
  /** Most characters of its output as JSON. */
  readonly answerCharactersMax: number;
}

/** What the process of a plug-in is told to do: say what it is, or make an output. */
export interface HostOrder extends Pick<PlugInLimits, 'memoryMiBMax' | 'answerCharactersMax'> {
  /** The file of the plug-in. */
  readonly file: string;
  /** The input as JSON; absent where it is to say what it is. */
  readonly input?: string;
}

/** What a plug-in says it is. */
export interface PlugInName {
  readonly kind: KindName;
  readonly name: string;
  readonly version: string;
}

/** How the process of a plug-in ends, where it can still say so. */
export type HostAnswer =
  | { readonly end: 'is'; readonly is: PlugInName }
  | { readonly end: 'output'; readonly output: string }
  | { readonly end: 'failed'; readonly code: ServiceErrorCode; readonly reason: string };

/** How a process ends by itself that has used up its memory. */
export const MEMORY_EXIT_CODE = 86;

/** The signal and the exit code with which V8 ends a process that cannot have more memory. */
export const ABORT = { signal: 'SIGABRT', code: 134 } as const;
