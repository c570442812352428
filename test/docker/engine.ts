import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(__dirname, '..', '..');

/** What the test needs to be on the machine: nodes come as these images, ours are built on the third. */
const IMAGES = [
  'hyperledger/fabric-orderer:3.1.5',
  'hyperledger/fabric-peer:3.1.5',
  'node:24.11.1-bookworm-slim',
] as const;

/** Runs docker; its output, or an error with what it complained about. */
export function docker(...words: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('docker', words, {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined || status !== 0) {
    throw new Error(`docker ${words.join(' ')}: ${error?.message ?? `${stdout}${stderr}`.trim()}`);
  }
  return stdout;
}

/** Why containers cannot be tested here, or undefined. */
export function whyNoContainers(): string | undefined {
  try {
    docker('compose', 'version');
    docker('version', '--format', '{{.Server.Version}}');
  } catch (error) {
    return `no container engine with compose answers: ${String(error).split('\n').at(-1)}`;
  }
  const missing = IMAGES.filter((image) => docker('images', '--quiet', image).trim() === '');
  return missing.length === 0 ? undefined : `these images are not here (docker pull): ${missing.join(', ')}`;
}

/** One container of a project, as the engine describes it. */
export interface Container {
  readonly id: string;
  readonly service: string;
  readonly running: boolean;
  readonly startedAt: string;
  readonly environment: readonly string[];
  readonly image: string;
}

/** All containers of a compose project, by service. */
export function containersOf(project: string): Container[] {
  const ids = docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `label=com.docker.compose.project=${project}`)
    .split('\n')
    .filter((id) => id !== '');
  if (ids.length === 0) return [];
  const described = JSON.parse(docker('inspect', ...ids)) as readonly {
    readonly Id: string;
    readonly State: { readonly Running: boolean; readonly StartedAt: string };
    readonly Config: {
      readonly Env: readonly string[];
      readonly Image: string;
      readonly Labels: Record<string, string>;
    };
  }[];
  return described
    .map(({ Id, State, Config }) => ({
      id: Id,
      service: Config.Labels['com.docker.compose.service'] ?? '',
      running: State.Running,
      startedAt: State.StartedAt,
      environment: Config.Env,
      image: Config.Image,
    }))
    .sort((left, right) => (left.service < right.service ? -1 : 1));
}

/** Names of everything that a project has left on the engine. */
export function remainsOf(project: string): string[] {
  const label = `label=com.docker.compose.project=${project}`;
  return [
    docker('ps', '--all', '--quiet', '--filter', label),
    docker('volume', 'ls', '--quiet', '--filter', label),
    docker('network', 'ls', '--quiet', '--filter', label),
  ].flatMap((text) => text.split('\n').filter((line) => line !== ''));
}
