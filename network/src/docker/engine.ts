import { spawn } from 'node:child_process';
import { NetworkError } from '../network-error';

/** What a run of the engine's command line gave. */
export interface EngineAnswer {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

const WHERE = 'install Docker with its compose plugin and start it, or use another mode';
const LAST_LINES = 12;

/** Runs `docker` with these words, and collects what it says. */
export async function runDocker(words: readonly string[], onLine?: (line: string) => void): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn('docker', [...words], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => {
      errors.push(chunk);
      onLine?.(chunk.toString('utf8').trimEnd());
    });
    child.once('error', (cause) => {
      reject(new NetworkError('NETWORK_ENGINE_UNAVAILABLE', `"docker" cannot be run here; ${WHERE}.`, { cause }));
    });
    child.once('close', (exitCode) => {
      const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
      resolve({ output: text(output), errors: text(errors), exitCode: exitCode ?? 1 });
    });
  });
}

/** Runs `docker` and gives its output. @throws NetworkError NETWORK_NOT_READY with the end of what it complained about. */
export async function docker(...words: readonly string[]): Promise<string> {
  const { output, errors, exitCode } = await runDocker(words);
  if (exitCode !== 0) {
    const complaint = `${output}\n${errors}`.trim().split('\n').slice(-LAST_LINES).join('\n');
    throw new NetworkError('NETWORK_NOT_READY', `"docker ${words.slice(0, 4).join(' ')} …" failed:\n${complaint}`);
  }
  return output;
}

/** @throws NetworkError NETWORK_ENGINE_UNAVAILABLE when there is no engine that answers, or no compose plugin. */
export async function assertEngine(): Promise<void> {
  const engine = await runDocker(['version', '--format', '{{.Server.Version}}']);
  if (engine.exitCode !== 0) {
    const reason = engine.errors.trim().split('\n').at(-1) ?? '';
    throw new NetworkError('NETWORK_ENGINE_UNAVAILABLE', `the container engine does not answer (${reason}); ${WHERE}.`);
  }
  const compose = await runDocker(['compose', 'version']);
  if (compose.exitCode !== 0) {
    throw new NetworkError('NETWORK_ENGINE_UNAVAILABLE', `"docker compose" is not installed; ${WHERE}.`);
  }
}
