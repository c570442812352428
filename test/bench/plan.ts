import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { contracts, functionName } from '@flexledger/domain';
import { serviceName } from '../faults/fault-network';
import { closeClients, openClients, type BenchClient } from './client';
import { ABLATIONS, WITHOUT, type Ablation } from './levers';
import { ENDORSERS, runLeg, type LegResult, type Track } from './leg';
import type { BenchOptions } from './options';
import { lineOf, type AblationResult, type BenchReport } from './report';
import type { BenchScene } from './scene';
import { BLOCKS_PER_CALL, createAssets, recordHours, registerAssets, type Sent, type Work } from './work';

type Legs = Pick<BenchReport, 'probes' | LoadName | 'ablations'>;
type LoadName = 'sample' | 'hourly' | 'asset' | 'single';

const PROBE_SECONDS = 5;
const ANSWER_ATTEMPTS = 120;
const ANSWER_PAUSE_MS = 250;
const ANSWERS_IN_A_ROW = 4;
const ABLATION_SECONDS = 8;
const WARM_UP_SECONDS = 2;
/** Blocks a second that the first leg makes ready for. */
const FIRST_GUESS_BLOCKS = 600;
const ENDORSING = ['Tso', 'Dso', 'Community'];

/** Runs all legs: first each backlog for some seconds, then sample, hours and single blocks in turns, then without each lever. */
export async function measure(
  track: Track,
  scene: BenchScene,
  sent: Sent,
  sample: string | undefined,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<Legs> {
  const runner = new Runner(track, say);
  const { chaincodeName } = track.handle;
  const assets = sample === undefined ? undefined : createAssets(sample, scene, sent);
  const { backlogs, hourBacklogs, seconds, rounds } = options;
  const loads: Record<LoadName, Load[]> = {
    sample: assets === undefined ? [] : backlogs.map((inFlight) => ({ work: assets, inFlight })),
    hourly: hourBacklogs.map((inFlight) => ({
      work: recordHours(chaincodeName, scene, BLOCKS_PER_CALL, inFlight, sent),
      inFlight,
    })),
    asset: backlogs.map((inFlight) => ({ work: registerAssets(chaincodeName, scene), inFlight })),
    single: backlogs.map((inFlight) => ({ work: recordHours(chaincodeName, scene, 1, inFlight, sent), inFlight })),
  };
  const sampleLoad = assets === undefined ? undefined : await runner.best('probe of sample', loads.sample);
  const hourly = await runner.best('probe of hours', loads.hourly);
  const asset = await runner.best('probe of one asset', loads.asset);
  const single = await runner.best('probe of single blocks', loads.single);
  const legs: Record<LoadName, LegResult[]> = { sample: [], hourly: [], asset: [], single: [] };
  for (let round = 1; round <= rounds; round += 1) {
    if (sampleLoad !== undefined) legs.sample.push(await runner.run(`sample ${round}`, sampleLoad, seconds));
    legs.hourly.push(await runner.run(`hours ${round}`, hourly, seconds));
    legs.asset.push(await runner.run(`one asset ${round}`, asset, seconds));
    legs.single.push(await runner.run(`single blocks ${round}`, single, seconds));
  }
  const ablations = options.ablation ? await runAblations(track, runner, hourly, asset, say) : [];
  return { probes: runner.probes, ...legs, ablations };
}

/** A kind of work and how many of its calls are under way at once. */
interface Load {
  readonly work: Work;
  readonly inFlight: number;
}

class Runner {
  readonly probes: LegResult[] = [];
  readonly #callsPerSecond = new Map<number, number>();

  constructor(
    private readonly track: Track,
    private readonly say: (line: string) => void,
  ) {}

  /** Runs one leg, with what it may send made before. */
  async run(name: string, { work, inFlight }: Load, seconds: number, track = this.track): Promise<LegResult> {
    const expected =
      this.#callsPerSecond.get(work.itemsPerCall) ?? FIRST_GUESS_BLOCKS / Math.max(1, work.itemsPerCall / 60);
    work.prepare(Math.ceil(expected * seconds * 1.5) + inFlight);
    const leg = await runLeg(track, name, work, inFlight, seconds);
    this.#callsPerSecond.set(work.itemsPerCall, leg.validPerSecond);
    this.say(lineOf(leg));
    return leg;
  }

  /** Tries each number of transactions in flight; the one with the most items a second. */
  async best(name: string, loads: readonly Load[]): Promise<Load> {
    const tried: { readonly load: Load; readonly leg: LegResult }[] = [];
    for (const load of loads) {
      tried.push({ load, leg: await this.run(name, load, PROBE_SECONDS) });
    }
    this.probes.push(...tried.map(({ leg }) => leg));
    return tried.reduce((best, one) => (one.leg.itemsPerSecond > best.leg.itemsPerSecond ? one : best)).load;
  }
}

async function runAblations(
  track: Track,
  runner: Runner,
  hourly: Load,
  asset: Load,
  say: (line: string) => void,
): Promise<AblationResult[]> {
  const everything: Ablation = { name: 'everything', title: 'all levers', service: [], librarySigner: false };
  const results: AblationResult[] = [];
  for (const ablation of [everything, ...ABLATIONS]) {
    if (ablation.service.length > 0 && track.handle.faults?.nodes === undefined) {
      say(`${ablation.title}: cannot be switched on ${track.handle.description}`);
      continue;
    }
    await restartServices(track, ablation.service);
    const clients = openClients(track.handle, ablation.librarySigner);
    try {
      const own = { ...track, clients };
      await runner.run(`warm-up: ${ablation.title}`, hourly, WARM_UP_SECONDS, own);
      results.push({
        title: ablation.title,
        batch: await runner.run(`hours: ${ablation.title}`, hourly, ABLATION_SECONDS, own),
        single: await runner.run(`one asset: ${ablation.title}`, asset, ABLATION_SECONDS, own),
      });
    } finally {
      closeClients(clients);
    }
  }
  return results;
}

/** Starts the services of the endorsing organisations again without some levers; also without any, so that all begin alike. */
async function restartServices({ clients, handle, networkFolder }: Track, without: readonly string[]): Promise<void> {
  const nodes = handle.faults?.nodes;
  if (nodes === undefined) return;
  const file = join(networkFolder, 'without.env');
  writeFileSync(file, `${WITHOUT}=${without.join(',')}\n`);
  for (const organization of ENDORSING) {
    await nodes.startServiceWith(serviceName(handle, organization), [`--env-file=${file}`]);
  }
  for (const mspId of ENDORSERS) await answers(clients.community, handle.chaincodeName, mspId);
}

/** Resolves when the chaincode of an organisation answers: its peer connects again with the first call. */
async function answers({ network }: BenchClient, chaincode: string, mspId: string): Promise<void> {
  const contract = network.getContract(chaincode);
  const name = functionName(contracts.registry.getClock);
  for (let left = ANSWER_ATTEMPTS, inARow = 0; inARow < ANSWERS_IN_A_ROW; left -= 1) {
    try {
      await contract.newProposal(name, { arguments: ['{}'], endorsingOrganizations: [mspId] }).evaluate();
      inARow += 1;
    } catch (error) {
      if (left === 0) throw error;
      inARow = 0;
    }
    await new Promise((resolve) => setTimeout(resolve, ANSWER_PAUSE_MS));
  }
}
