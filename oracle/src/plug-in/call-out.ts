import { ServiceError, type Service } from '../service';
import { garbage } from './isolated';
import { remoteService, type KindName } from './kinds';
import type { PlugInName } from './protocol';

/** Where a model is asked that somebody runs beside the oracle. */
export interface CallOut extends PlugInName {
  readonly kind: KindName;
  /** https, or http on the same machine. */
  readonly url: string;
  readonly timeMsMax: number;
  /** Most bytes of its answer. */
  readonly answerBytesMax: number;
}

/**
 * A service that posts its input as JSON to an address and takes the JSON that comes back as its output. Nothing else leaves the oracle, and
 * redirections are not followed.
 *
 * @throws RangeError where the address is neither https nor on this machine
 */
export function callOutService({
  answerBytesMax,
  kind,
  name,
  timeMsMax,
  url,
  version,
}: CallOut): Service<unknown, unknown> {
  const address = new URL(url);
  if (address.protocol !== 'https:' && !(address.protocol === 'http:' && isLoopback(address.hostname))) {
    throw new RangeError(`${url} is neither https nor on this machine`);
  }
  const run = async (input: string): Promise<string> => {
    const response = await post(address, input, timeMsMax);
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new ServiceError('ORACLE_SERVICE_UNREACHABLE', `it answers with status ${response.status}`);
    }
    return textOf(response, answerBytesMax, timeMsMax);
  };
  return remoteService(kind, { name, version }, run, garbage);
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

async function post(url: URL, body: string, timeMsMax: number): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeMsMax),
    });
  } catch (error) {
    throw callError(error, timeMsMax);
  }
}

/** The whole text of an answer; what is too long is not read to its end. */
async function textOf(response: Response, bytesMax: number, timeMsMax: number): Promise<string> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > bytesMax) {
        throw new ServiceError('ORACLE_SERVICE_GARBAGE', `an answer has at most ${bytesMax} bytes`);
      }
      parts.push(part);
    }
  } catch (error) {
    throw error instanceof ServiceError ? error : callError(error, timeMsMax);
  }
  return Buffer.concat(parts).toString('utf8');
}

function callError(error: unknown, timeMsMax: number): ServiceError {
  if (typeof error === 'object' && error !== null && 'name' in error && error.name === 'TimeoutError') {
    return new ServiceError('ORACLE_SERVICE_TIME', `no answer within ${timeMsMax} ms`, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new ServiceError('ORACLE_SERVICE_UNREACHABLE', reason, { cause: error });
}
