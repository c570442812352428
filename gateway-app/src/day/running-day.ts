import { existsSync } from 'node:fs';
import path from 'node:path';
import { openNetwork, type FabricRelease, type NetworkHandle } from '@flexledger/network';
import { CliError } from '../cli-errors';
import { CONSORTIUM_FILE, REPOSITORY_ROOT } from '../paths';
import { StepError, type StepArguments, type StepValue } from '../roles/protocol';
import { ROLE_NAMES, type RoleName } from '../roles/role-names';
import { Conductor } from './conductor';
import { prepareDayFolder, releaseDayFolder, type DayFolder } from './day-folder';
import { NetworkSupervisor } from './network-supervisor';
import { planDay, type DayChoices, type DayPlan } from './plan';
import { RoleSupervisor } from './role-supervisor';

/** How a day is started. */
export interface DayOptions extends DayChoices {
  readonly seed: string;
  readonly mode: 'devnet' | 'native' | 'docker';
  /** Which release of Fabric in native mode; default: the newest found. */
  readonly release?: FabricRelease;
  /** Where everything is written; wiped at the start. */
  readonly dataFolder: string;
  /** Description of the network; default: the consortium of this repository. */
  readonly topologyFile?: string;
  readonly say: (line: string) => void;
}

const STEP_TRIES_MAX = 5;
/** The ledger was not there, or did not say what became of a command; a step may be repeated then. */
const PASSING_CODES: ReadonlySet<string> = new Set(['LEDGER_UNAVAILABLE', 'LEDGER_OUTCOME_UNKNOWN']);

const ROLE_SCRIPT = path.join(REPOSITORY_ROOT, 'gateway-app', 'dist', 'roles', 'main.js');
const ORACLE_SCRIPT = path.join(REPOSITORY_ROOT, 'oracle', 'dist', 'main.js');

/** The processes of a day: the network, the oracle and one per role, all under supervision. */
export class RunningDay {
  readonly plan: DayPlan;
  readonly conductor: Conductor;
  private readonly roles = new Map<RoleName, RoleSupervisor>();
  private oracle: RoleSupervisor | undefined;
  private supervisor: NetworkSupervisor | undefined;
  private network: NetworkHandle | undefined;
  private stopping: Promise<void> | undefined;

  /** Rejects when the network cannot be kept up; steps end then instead of waiting for it. */
  private readonly broken: Promise<never>;
  private breakOff: (reason: Error) => void = () => undefined;

  private constructor(
    private readonly options: DayOptions,
    private readonly folder: DayFolder,
  ) {
    this.broken = new Promise((_, reject) => {
      this.breakOff = reject;
    });
    this.broken.catch(() => undefined);
    this.plan = planDay(options.seed, options);
    this.conductor = new Conductor((role, step, stepArguments) => this.call(role, step, stepArguments));
  }

  /** Starts everything and returns when every role is connected; on failure nothing keeps running. */
  static async start(options: DayOptions): Promise<RunningDay> {
    if (!existsSync(ROLE_SCRIPT))
      throw new CliError('CLI_USAGE', 'the program is not built; run "npm run build" first');
    const folder = await prepareDayFolder(path.resolve(options.dataFolder));
    if (folder.leftovers.length > 0)
      options.say(`stopped what an earlier day had left: ${folder.leftovers.join(', ')}`);
    const day = new RunningDay(options, folder);
    try {
      await day.startAll();
    } catch (error) {
      await day.stop();
      throw error;
    }
    return day;
  }

  /** The network, for who wants to look at it or break it. */
  get handle(): NetworkHandle {
    if (this.network === undefined) throw new Error('the network of the day is not up');
    return this.network;
  }

  /** Has a role do a step; asks again when the network was away for longer than the role's own client waits. */
  async call(role: RoleName, step: string, stepArguments: StepArguments = {}): Promise<StepValue> {
    const supervisor = this.roles.get(role);
    if (supervisor === undefined) throw new Error(`no process of the role ${role} runs`);
    for (let tries = 1; ; tries += 1) {
      try {
        return await Promise.race([supervisor.call(step, stepArguments), this.broken]);
      } catch (error) {
        const mayPass = error instanceof StepError && PASSING_CODES.has(error.code) && tries < STEP_TRIES_MAX;
        if (!mayPass || this.stopping !== undefined) throw error;
        this.options.say(`${error.message}; asked again`);
      }
    }
  }

  /** What the oracle process has counted. */
  async oracleCounters(): Promise<StepValue> {
    return this.oracle === undefined ? null : this.oracle.call('counters');
  }

  /** Process id of the network's process of this name, of a role or of the oracle. */
  pid(name: string): number | undefined {
    return name === 'oracle' ? this.oracle?.pid : (this.roles.get(name as RoleName)?.pid ?? this.supervisor?.pid(name));
  }

  /** Stops every process that this day has started; a second call waits for the first. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  private async startAll(): Promise<void> {
    const { mode, release, say } = this.options;
    const topologyFile = path.resolve(this.options.topologyFile ?? CONSORTIUM_FILE);
    const dataDirectory = this.folder.subfolder('network');
    this.network = await openNetwork({
      mode,
      topologyFile,
      dataDirectory,
      progress: say,
      ...(mode === 'native' && release !== undefined ? { release } : {}),
    });
    say(`${this.network.description} is up`);
    this.supervisor = new NetworkSupervisor({
      handle: this.network,
      dataDirectory,
      onRestart: (name) => say(`${name} has ended and is started again on the same data`),
      onTrouble: (name, error) => say(`${name} did not come up: ${String(error).split('\n', 1)[0] ?? ''}`),
      onFailure: (error) => this.breakOff(error instanceof Error ? error : new Error(String(error))),
    });
    this.supervisor.watch();
    this.oracle = this.supervise('oracle', ORACLE_SCRIPT, []);
    for (const role of ROLE_NAMES) {
      this.roles.set(role, this.supervise(role, ROLE_SCRIPT, ['--role', role, ...this.planArguments()]));
    }
    await Promise.all([this.oracle, ...this.roles.values()].map((process) => process.start()));
    say(`${this.roles.size + 1} role processes are connected`);
  }

  /** How a role learns what is played. */
  private planArguments(): readonly string[] {
    const { flexibility, gridLimits, intraday, seed, setPoints, strategy, trainedForecast } = this.plan;
    const historyDays = String(this.options.historyDays ?? 7);
    return [
      '--seed',
      seed,
      '--history-days',
      historyDays,
      '--strategy',
      strategy,
      ...(setPoints ? ['--set-points'] : []),
      ...(intraday ? ['--intraday'] : []),
      ...(gridLimits ? ['--grid-limits'] : []),
      ...(flexibility ? ['--flexibility'] : []),
      ...(trainedForecast ? ['--trained-forecast'] : []),
    ];
  }

  private supervise(name: string, script: string, extra: readonly string[]): RoleSupervisor {
    const topologyFile = path.resolve(this.options.topologyFile ?? CONSORTIUM_FILE);
    const data = this.folder.subfolder(path.join('roles', name));
    return new RoleSupervisor({
      name,
      script,
      arguments: [...extra, '--topology', topologyFile, '--crypto', this.handle.cryptoDirectory, '--data', data],
      logFile: path.join(this.folder.logs, `${name}.log`),
      pidFiles: this.folder.pidFiles,
      onRestart: (role, reason) => this.options.say(`${role} has ended (${reason}) and is started again`),
    });
  }

  private async stopAll(): Promise<void> {
    await this.supervisor?.stop();
    const processes = [...this.roles.values(), ...(this.oracle === undefined ? [] : [this.oracle])];
    await Promise.all(processes.map((process) => process.stop()));
    await this.network?.stop();
    releaseDayFolder(this.folder);
  }
}
