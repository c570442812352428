import { execFile } from 'node:child_process';
import { constants, createReadStream, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { connect } from 'node:net';
import { ReadStream } from 'node:tty';
import { promisify } from 'node:util';

/** A stream of bytes that can be given up. */
export interface ByteSource extends AsyncIterable<Uint8Array> {
  destroy(): unknown;
}

const run = promisify(execFile);

/** A serial device, set to eight data bits without parity; anything else at that path (a pipe) is read as it is. */
export async function openDevice(device: string, baud: number, stop: AbortSignal): Promise<ByteSource> {
  if ((await stat(device)).isCharacterDevice()) {
    // Node cannot set a serial line; this program is part of every system that has one.
    await run('stty', ['-F', device, String(baud), 'cs8', '-parenb', '-cstopb', 'raw', '-echo']);
    // A terminal stream can be given up while it waits for bytes; a file stream would wait for the next one first.
    const line = openSync(device, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
    return untilStopped(new ReadStream(line), stop);
  }
  return untilStopped(createReadStream(device), stop);
}

/** A P1 port that a converter offers at `host:port`. */
export async function openTcp(address: string, stop: AbortSignal): Promise<ByteSource> {
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(address) ?? [];
  const socket = connect({ host, port: Number(port) });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.setKeepAlive(true, 10_000);
  return untilStopped(socket, stop);
}

function untilStopped<S extends ByteSource>(source: S, stop: AbortSignal): S {
  const end = (): void => void source.destroy();
  if (stop.aborted) end();
  else stop.addEventListener('abort', end, { once: true });
  return source;
}
