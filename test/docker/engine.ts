import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { IMAGES } from './images';

export const ROOT = join(__dirname, '..', '..');

/** What docker has answered. */
export interface Answer {
  readonly status: number;
  readonly output: string;
  readonly complaints: string;
}

/** Runs docker with a text as its input; a status other than 0 is an answer too. */
export function askDocker(input: string, ...words: readonly string[]): Answer {
  const { status, stdout, stderr, error } = spawnSync('docker', words, {
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error !== undefined || status === null) {
    throw new Error(`docker ${words.join(' ')}: ${error?.message ?? 'a signal has ended it'}`);
  }
  return { status, output: stdout, complaints: stderr };
}

/** Runs docker; its output, or an error with what it complained about. */
export function docker(...words: readonly string[]): string {
  const { status, output, complaints } = askDocker('', ...words);
  if (status !== 0) {
    throw new Error(`docker ${words.join(' ')}: ${`${output}${complaints}`.trim()}`);
  }
  return output;
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
  readonly exitCode: number;
  /** How often the engine has started it again by itself. */
  readonly restarts: number;
  /** `healthy`, or undefined for a container without a health check. */
  readonly health: string | undefined;
  readonly environment: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly image: string;
  readonly mounts: readonly Mount[];
  readonly rights: Rights;
}

/** Something of outside that a container sees. */
export interface Mount {
  readonly type: string;
  readonly name: string;
  readonly writable: boolean;
}

/** What a container may do and use. */
export interface Rights {
  readonly privileged: boolean;
  readonly readOnlyRoot: boolean;
  readonly droppedCapabilities: readonly string[];
  readonly addedCapabilities: readonly string[];
  readonly securityOptions: readonly string[];
  readonly memoryBytes: number;
  readonly nanoCpus: number;
  readonly processesMax: number;
  readonly restartPolicy: string;
}

interface Inspected {
  readonly Id: string;
  readonly RestartCount: number;
  readonly State: {
    readonly Running: boolean;
    readonly StartedAt: string;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly Config: {
    readonly Env: readonly string[];
    readonly Cmd: readonly string[];
    readonly User: string;
    readonly Image: string;
    readonly Labels: Record<string, string>;
  };
  readonly Mounts: readonly { readonly Type: string; readonly Name?: string; readonly RW: boolean }[];
  readonly HostConfig: {
    readonly Privileged: boolean;
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly CapAdd: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
    readonly Memory: number;
    readonly NanoCpus: number;
    readonly PidsLimit: number | null;
    readonly RestartPolicy: { readonly Name: string };
  };
}

/** All containers of a compose project, by service. */
export function containersOf(project: string): Container[] {
  const ids = docker('ps', '--all', '--quiet', '--no-trunc', '--filter', `label=com.docker.compose.project=${project}`)
    .split('\n')
    .filter((id) => id !== '');
  if (ids.length === 0) return [];
  const described = JSON.parse(docker('inspect', ...ids)) as readonly Inspected[];
  return described.map(describeContainer).sort((left, right) => (left.service < right.service ? -1 : 1));
}

function describeContainer({ Id, RestartCount, State, Config, Mounts, HostConfig }: Inspected): Container {
  return {
    id: Id,
    service: Config.Labels['com.docker.compose.service'] ?? '',
    running: State.Running,
    startedAt: State.StartedAt,
    exitCode: State.ExitCode,
    restarts: RestartCount,
    health: State.Health?.Status,
    environment: Config.Env,
    command: Config.Cmd,
    user: Config.User,
    image: Config.Image,
    mounts: Mounts.map(({ Type, Name, RW }) => ({ type: Type, name: Name ?? '', writable: RW })),
    rights: {
      privileged: HostConfig.Privileged,
      readOnlyRoot: HostConfig.ReadonlyRootfs,
      droppedCapabilities: HostConfig.CapDrop ?? [],
      addedCapabilities: HostConfig.CapAdd ?? [],
      securityOptions: HostConfig.SecurityOpt ?? [],
      memoryBytes: HostConfig.Memory,
      nanoCpus: HostConfig.NanoCpus,
      processesMax: HostConfig.PidsLimit ?? 0,
      restartPolicy: HostConfig.RestartPolicy.Name,
    },
  };
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
