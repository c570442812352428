import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The oracle as it is built, whether this file is run from its source or built itself. */
const ORACLE = join(dirname(require.resolve('@flexledger/oracle')), '..', 'dist', 'main.js');
const READY_MS = 300_000;

/** The arguments that say where the network is. */
export interface OraclePlace {
  readonly folder: string;
  readonly topologyFile: string;
  readonly cryptoDirectory: string;
}

/** The oracle of one organisation, as its operator runs it: a process with a configuration and a folder of its own. */
export class OracleProcess {
  readonly #place: OraclePlace;
  readonly organization: string;
  #child: ChildProcess | undefined;

  /** @param configuration what the file of the configuration holds, as YAML */
  constructor(place: OraclePlace, organization: string, configuration = '') {
    this.#place = place;
    this.organization = organization;
    writeFileSync(this.#file('yaml'), configuration);
  }

  /** Starts the process and waits until it says that it is ready. */
  async start(): Promise<void> {
    const { cryptoDirectory, topologyFile } = this.#place;
    const log = openSync(this.#file('log'), 'a');
    const values = ['--topology', topologyFile, '--crypto', cryptoDirectory, '--organization', this.organization];
    const own = ['--data', this.#file('data'), '--config', this.#file('yaml')];
    const child = fork(ORACLE, [...values, ...own], { stdio: ['ignore', log, log, 'ipc'], execArgv: [] });
    closeSync(log);
    this.#child = child;
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('the oracle is not ready in time')), READY_MS);
      child.once('message', () => {
        clearTimeout(late);
        resolve();
      });
      child.once('exit', (code) => {
        clearTimeout(late);
        reject(new Error(`the oracle has ended with ${code}; see ${this.#file('log')}`));
      });
    });
  }

  /** Ends the process with a signal, and waits until it is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const child = this.#child;
    if (child?.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill(signal);
      await ended;
    }
  }

  #file(kind: 'yaml' | 'log' | 'data'): string {
    return join(this.#place.folder, `oracle-${this.organization}.${kind}`);
  }
}
