import { createHash } from 'node:crypto';
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { messageOf, NetworkError } from '../network-error';
import type { ProcessSet, ProcessSpec } from './process-set';

/** The processes of a network, for one that changes it while it runs. */
export interface ProcessControl {
  /** Names of the processes that were started, in that order. */
  names(): Promise<string[]>;
  /** Starts a process unless it runs, and waits until it listens. */
  start(spec: ProcessSpec): Promise<void>;
  /** Stops a process and forgets it; one that is not known is stopped already. */
  stop(name: string): Promise<void>;
  /** Stops all of them, and lets whoever started them end. */
  stopAll(): Promise<void>;
}

type ControlRequest =
  | { readonly action: 'names' | 'stopAll' }
  | { readonly action: 'start'; readonly spec: ProcessSpec }
  | { readonly action: 'stop'; readonly name: string };

type ControlAnswer = { readonly names: string[] } | { readonly error: string };

/** The longest path of a socket that every system takes. */
const SOCKET_PATH_MAX = 100;

/**
 * Lets commands in other processes start and stop processes of a running network, over a socket that only its owner may
 * use. It is there as long as the network is: the one process that started the nodes stays their parent.
 *
 * @param onStopped told when a command has stopped all processes.
 * @returns ends the service.
 */
export async function serveProcessControl(
  dataDirectory: string,
  processes: ProcessSet,
  onStopped: () => void = () => undefined,
): Promise<() => Promise<void>> {
  const file = socketFile(dataDirectory);
  rmSync(file, { force: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    linesOf(socket, (line) => {
      void answer(processes, line, onStopped).then((result) => socket.write(`${JSON.stringify(result)}\n`));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(file, resolve);
  });
  chmodSync(file, 0o600);
  return async () => {
    sockets.forEach((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

/**
 * The processes of the network that runs on a data folder, whoever started it.
 *
 * @throws NetworkError NETWORK_NOT_READY when none runs there, also later when it has ended.
 */
export function remoteProcesses(dataDirectory: string): ProcessControl {
  const ask = async (request: ControlRequest): Promise<string[]> => {
    const result = await exchange(dataDirectory, request);
    if ('error' in result) {
      throw new NetworkError('NETWORK_REFUSED', result.error);
    }
    return result.names;
  };
  return {
    names: async () => ask({ action: 'names' }),
    start: async (spec) => void (await ask({ action: 'start', spec })),
    stop: async (name) => void (await ask({ action: 'stop', name })),
    stopAll: async () => void (await ask({ action: 'stopAll' })),
  };
}

async function answer(processes: ProcessSet, line: string, onStopped: () => void): Promise<ControlAnswer> {
  try {
    // Only the owner of the data folder can write here, with this module; there is nobody to distrust.
    const request = JSON.parse(line) as ControlRequest;
    if (request.action === 'start') {
      if (!processes.isRunning(request.spec.name)) {
        processes.start(request.spec);
      }
      await processes.restart(request.spec.name);
    }
    if (request.action === 'stop') {
      await processes.stop(request.name);
    }
    if (request.action === 'stopAll') {
      await processes.stopAll();
      setImmediate(onStopped);
    }
    return { names: processes.names() };
  } catch (error) {
    return { error: messageOf(error) };
  }
}

async function exchange(dataDirectory: string, request: ControlRequest): Promise<ControlAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketFile(dataDirectory));
    // An absent or refusing socket means just that; the system's own words (no such file) would mislead.
    const fail = (): void => {
      const sentence = `no network runs on ${dataDirectory}; start it with \`flexledger network up\` first.`;
      reject(new NetworkError('NETWORK_NOT_READY', sentence));
    };
    socket.on('error', fail);
    socket.on('close', fail);
    linesOf(socket, (line) => {
      resolve(JSON.parse(line) as ControlAnswer);
      socket.end();
    });
    socket.write(`${JSON.stringify(request)}\n`);
  });
}

/** The errors of a socket are told by the socket; a reader of lines tells them a second time. */
function linesOf(socket: Socket, onLine: (line: string) => void): void {
  createInterface({ input: socket })
    .on('line', onLine)
    .on('error', () => undefined);
}

/** In the data folder, which only its owner may enter; where its path is too long, in the folder for temporary files. */
function socketFile(dataDirectory: string): string {
  const file = join(dataDirectory, 'control.sock');
  const digest = createHash('sha256').update(dataDirectory).digest('hex').slice(0, 16);
  return Buffer.byteLength(file) <= SOCKET_PATH_MAX ? file : join(tmpdir(), `flexledger-${digest}.sock`);
}
