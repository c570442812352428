/** `npm run bench -- metering [--mode devnet|native]`: how many readings, next to the assets of Fabric's own sample; `market`; `vpp`; `forecast`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '@flexledger/network';
import { repositoryRoot } from '../faults/fault-network';
import { openBenchNetwork, networkFolder } from './bench-network';
import { closeClients, openClients } from './client';
import { Commits } from './commits';
import { ENDORSERS, type Track } from './leg';
import { benchPvAndFlexibility } from './forecast/pv-and-flexibility';
import { benchForecast } from './forecast/main';
import { benchMarket } from './market/main';
import { readOptions, type BenchOptions } from './options';
import { measureParts } from './parts';
import { measure } from './plan';
import { readBack } from './read-back';
import { machineFacts, summaryOf, targetsOf, type BenchReport } from './report';
import { prepareSample, SAMPLE } from './sample';
import { prepareBenchScene } from './scene';
import { benchVpp } from './vpp/main';
import { BLOCKS_PER_CALL, type Sent } from './work';

type Say = (line: string) => void;

async function main(words: readonly string[]): Promise<void> {
  const options = readOptions(words);
  const facts = machineFacts();
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-bench-'));
  const startMs = performance.now();
  const say: Say = (line) => {
    process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);
  };
  try {
    const report = { ...facts, ...(await run(options, folder, say)) };
    const file = options.jsonFile ?? join(repositoryRoot, 'bench', 'results', `metering-${options.mode}.json`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(report, rounded, 2)}\n`);
    process.stdout.write(`${summaryOf(report)}\n`);
    say(`the result is in ${file}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function run(
  options: BenchOptions,
  folder: string,
  say: Say,
): Promise<Omit<BenchReport, 'machine' | 'node' | 'commit' | 'date'>> {
  const sampleFolder = prepareSample(process.env, join(repositoryRoot, '.flexledger', 'bench'), say);
  if (sampleFolder === undefined) say('SAMPLES_DIR names no checkout of fabric-samples: there will be no ratios');
  const handle = await openBenchNetwork(options, folder, sampleFolder, say);
  const stopOnSignal = (): void => void handle.stop().finally(() => process.exit(130));
  process.once('SIGINT', stopOnSignal);
  process.once('SIGTERM', stopOnSignal);
  try {
    const clients = openClients(handle);
    const commits = await Commits.open(handle);
    const track: Track = { handle, networkFolder: networkFolder(folder), clients, commits };
    const meters = Math.max(...options.hourBacklogs) * BLOCKS_PER_CALL;
    say(`${handle.description} is up; registering ${meters} meters`);
    const scene = await prepareBenchScene(handle, join(folder, 'clients'), meters);
    const sent: Sent = { hours: [], assets: [] };
    const legs = await measure(track, scene, sent, sampleFolder === undefined ? undefined : SAMPLE, options, say);
    say('reading back');
    const back = await readBack(track, sent);
    commits.close();
    closeClients(clients);
    const { topology } = handle;
    const { mode, seconds, rounds, backlogs, hourBacklogs } = options;
    return {
      benchmark: 'metering',
      network: handle.description,
      ...(options.note === undefined ? {} : { note: options.note }),
      options: { mode, seconds, rounds, backlogs, hourBacklogs, meters },
      endorsementPolicy: topology.channels[0]?.chaincodes[0]?.endorsementPolicy ?? '',
      endorsers: ENDORSERS,
      peers: topology.organizations.flatMap(({ peers }) => peers).length,
      orderers: topology.organizations.flatMap(({ orderers }) => orderers).length,
      ...legs,
      parts: await measureParts(),
      readBack: back,
      targets: targetsOf(legs),
    };
  } finally {
    process.removeListener('SIGINT', stopOnSignal);
    process.removeListener('SIGTERM', stopOnSignal);
    await handle.stop();
  }
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}

if (require.main === module) {
  const [subject, ...words] = process.argv.slice(2);
  const others = new Map([
    ['market', benchMarket],
    ['vpp', benchVpp],
    ['forecast-pv', benchPvAndFlexibility],
    [
      'forecast',
      async (rest: readonly string[]) => {
        await benchForecast(rest);
        await benchPvAndFlexibility(['--every', '12']);
      },
    ],
  ]);
  const bench = others.get(subject ?? '');
  (bench === undefined ? main(process.argv.slice(2)) : bench(words)).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exit(1);
    },
  );
}
