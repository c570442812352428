import { spawn } from 'node:child_process';
import { NetworkError } from '../network-error';

interface Answer {
  readonly output: string;
  readonly errors: string;
  readonly exitCode: number;
}

const WHERE = 'install Docker with its compose plugin and start it, or use another mode';
const LAST_LINES = 12;

/** The container engine, through its command line: so contexts, credentials and remote engines work as for its user. */
export class ContainerEngine {
  readonly #environment: NodeJS.ProcessEnv;

  /** @param environment for PATH, DOCKER_HOST and the like. */
  public constructor(environment: NodeJS.ProcessEnv) {
    this.#environment = environment;
  }

  /** Runs `docker` and gives its output. @throws NetworkError NETWORK_NOT_READY with the end of what it complained about. */
  public async run(...words: readonly string[]): Promise<string> {
    const { output, errors, exitCode } = await this.#answer(words);
    if (exitCode !== 0) {
      const complaint = `${output}\n${errors}`.trim().split('\n').slice(-LAST_LINES).join('\n');
      throw new NetworkError('NETWORK_NOT_READY', `"docker ${words.slice(0, 3).join(' ')} …" failed:\n${complaint}`);
    }
    return output;
  }

  /** @throws NetworkError NETWORK_ENGINE_UNAVAILABLE when no engine answers, or there is no compose plugin. */
  public async assertAnswers(): Promise<void> {
    const engine = await this.#answer(['version', '--format', '{{.Server.Version}}']);
    if (engine.exitCode !== 0) {
      const reason = engine.errors.trim().split('\n').at(-1) ?? '';
      throw new NetworkError(
        'NETWORK_ENGINE_UNAVAILABLE',
        `the container engine does not answer (${reason}); ${WHERE}.`,
      );
    }
    const compose = await this.#answer(['compose', 'version']);
    if (compose.exitCode !== 0) {
      throw new NetworkError('NETWORK_ENGINE_UNAVAILABLE', `"docker compose" is not installed; ${WHERE}.`);
    }
  }

  async #answer(words: readonly string[]): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const child = spawn('docker', [...words], { stdio: ['ignore', 'pipe', 'pipe'], env: this.#environment });
      const output: Buffer[] = [];
      const errors: Buffer[] = [];
      child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
      child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
      child.once('error', (cause) => {
        reject(new NetworkError('NETWORK_ENGINE_UNAVAILABLE', `"docker" cannot be run here; ${WHERE}.`, { cause }));
      });
      child.once('close', (exitCode) => {
        const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('utf8');
        resolve({ output: text(output), errors: text(errors), exitCode: exitCode ?? 1 });
      });
    });
  }
}
