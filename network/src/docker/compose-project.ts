import { mkdirSync } from 'node:fs';
import { REPOSITORY_ROOT } from '../compose/render-compose';
import { VOLUMES } from '../compose/container-paths';
import { NetworkError } from '../network-error';
import type { ContainerEngine } from './engine';

/** The containers of one compose file under one project name. */
export class ComposeProject {
  public readonly name: string;
  readonly #engine: ContainerEngine;
  readonly #file: string;

  /** @param file the compose file; needed only for `up`. */
  public constructor(engine: ContainerEngine, name: string, file: string) {
    this.#engine = engine;
    this.name = name;
    this.#file = file;
  }

  /** Builds the images from what the repository holds, creates and starts everything, and returns when all of it is healthy or has ended well. */
  public async up(timeoutMs: number): Promise<void> {
    const seconds = String(Math.ceil(timeoutMs / 1000));
    await this.#engine.run(...this.#compose(), 'up', '--build', '--detach', '--wait', '--wait-timeout', seconds);
  }

  /** Stops and removes the containers and the network, with `wipe` the volumes too. */
  public async down({ wipe }: { readonly wipe: boolean }): Promise<void> {
    await this.#engine.run(
      ...this.#compose(),
      '--profile',
      'all',
      'down',
      '--timeout',
      '10',
      ...(wipe ? ['--volumes'] : []),
    );
  }

  /** The names of the services whose containers run. */
  public async running(): Promise<string[]> {
    const output = await this.#engine.run(
      ...['ps', '--filter', `label=com.docker.compose.project=${this.name}`],
      ...['--format', '{{.Label "com.docker.compose.service"}}'],
    );
    return output.split('\n').filter((name) => name !== '');
  }

  /** Copies what a volume of the container `crypto` holds to a folder that only its owner may enter. */
  public async copyVolume(volume: string, folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    await this.#engine.run('cp', `${await this.#container('crypto')}:${VOLUMES}/${volume}/.`, folder);
  }

  async #container(service: string): Promise<string> {
    const output = await this.#engine.run(
      ...['ps', '--all', '--quiet', '--filter', `label=com.docker.compose.project=${this.name}`],
      ...['--filter', `label=com.docker.compose.service=${service}`],
    );
    const [container = ''] = output.split('\n');
    if (container === '') {
      throw new NetworkError('NETWORK_UNKNOWN_PROCESS', `project ${this.name} has no container ${service}.`);
    }
    return container;
  }

  #compose(): string[] {
    return ['compose', '--project-name', this.name, '--project-directory', REPOSITORY_ROOT, '--file', this.#file];
  }
}
