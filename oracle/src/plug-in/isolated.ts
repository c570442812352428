import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { ServiceError, type Service } from '../service';
import { remoteService } from './kinds';
import {
  ABORT,
  MEMORY_EXIT_CODE,
  type HostAnswer,
  type HostOrder,
  type PlugInLimits,
  type PlugInName,
} from './protocol';

/** The process of a plug-in is one of its own and therefore runs what was built. */
const HOST = join(__dirname, '..', '..', 'dist', 'plug-in', 'host.js');

/** What a plug-in may take at least to say what it is, when the oracle starts. */
const LOAD_MS_MAX = 30_000;

/** What is kept of what a plug-in says on its standard error, for the log of its refusal. */
const STDERR_CHARACTERS_MAX = 2_000;

/**
 * A service whose code runs in a process of its own for each request: it sees neither the oracle's keys nor its memory, and whatever it does
 * with time and memory ends there.
 *
 * @param file the file of the plug-in
 * @throws ServiceError where it cannot be loaded, or does not say what it is
 */
export async function isolatedService(
  file: string,
  limits: PlugInLimits,
): Promise<{ readonly kind: PlugInName['kind']; readonly service: Service<unknown, unknown> }> {
  const said = await ask({ file, ...limits }, Math.max(limits.timeMsMax, LOAD_MS_MAX));
  if (said.end !== 'is') {
    throw new ServiceError('ORACLE_SERVICE_FAILED', 'it does not say what it is');
  }
  const { kind, name, version } = said.is;
  const run = async (input: string): Promise<string> => {
    const made = await ask({ file, ...limits, input }, limits.timeMsMax);
    if (made.end !== 'output') {
      throw new ServiceError('ORACLE_SERVICE_FAILED', 'it has not made an output');
    }
    return made.output;
  };
  return { kind, service: remoteService(kind, { name, version }, run, garbage) };
}

/** What a service has made is no output of its kind. */
export function garbage(error: unknown): ServiceError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ServiceError('ORACLE_SERVICE_GARBAGE', reason, { cause: error });
}

/** Runs the process of a plug-in once. */
function ask(order: HostOrder, timeMsMax: number): Promise<HostAnswer> {
  const child = fork(HOST, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const said = lastWords(child);
  return new Promise<HostAnswer>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new ServiceError('ORACLE_SERVICE_TIME', `no output within ${timeMsMax} ms`));
    }, timeMsMax);
    child.once('message', (answer: HostAnswer) => {
      if (answer.end === 'failed') {
        reject(new ServiceError(answer.code, answer.reason));
      } else {
        resolve(answer);
      }
    });
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      reject(endOf(code, signal, said()));
    });
    child.once('exit', () => {
      clearTimeout(timer);
    });
    child.send(order);
  }).finally(() => {
    child.kill('SIGKILL');
  });
}

function endOf(code: number | null, signal: NodeJS.Signals | null, words: string): ServiceError {
  const isMemory = code === MEMORY_EXIT_CODE || code === ABORT.code || signal === ABORT.signal;
  return isMemory
    ? new ServiceError('ORACLE_SERVICE_MEMORY', 'its memory is used up')
    : new ServiceError('ORACLE_SERVICE_FAILED', `its process has ended (${signal ?? code ?? ''}) ${words}`);
}

function lastWords(child: ChildProcess): () => string {
  let words = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = `${words}${text}`.slice(-STDERR_CHARACTERS_MAX);
  });
  return () => words;
}
