/** Runs the faults on real Fabric: `npm run test:faults -- --mode native [--only F01,F11]`. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf, type FabricRelease } from '@flexledger/network';
import type { Bench, Fault } from './bench';
import { chaincodeFaults } from './chaincode-faults';
import { openFaultNetwork } from './fault-network';
import { InvariantCheck } from './invariants';
import { Load } from './load';
import { ordererFaults } from './orderer-faults';
import { peerFaults } from './peer-faults';
import { lineOf, runFault, type FaultResult } from './run-fault';
import { closeScene, prepareScene } from './scene';

/** What a whole run has shown, as `--json` writes it. */
export interface FaultReport {
  readonly network: string;
  readonly machine: string;
  readonly node: string;
  readonly date: string;
  readonly transactions: Readonly<Record<string, number>>;
  readonly blocks: number;
  readonly faults: readonly FaultResult[];
}

interface Wanted {
  readonly faults: readonly Fault[];
  readonly release: FabricRelease | undefined;
  readonly jsonFile: string | undefined;
  readonly keep: boolean;
  /** Whether a gap that is longer than its limit is a failure; on a machine that has other work it says nothing. */
  readonly limited: boolean;
}

const GIBIBYTE = 2 ** 30;
const STOP_MS = 10_000;
const all = [...ordererFaults, ...peerFaults, ...chaincodeFaults].sort((left, right) => (left.id < right.id ? -1 : 1));

function wanted(words: readonly string[]): Wanted {
  const { values } = parseArgs({
    args: [...words],
    options: {
      mode: { type: 'string', default: 'native' },
      only: { type: 'string' },
      release: { type: 'string' },
      json: { type: 'string' },
      keep: { type: 'boolean', default: false },
      'without-limits': { type: 'boolean', default: false },
    },
  });
  if (values.mode !== 'native') throw new Error(`faults run in mode native, not ${values.mode}`);
  const { release } = values;
  if (release !== undefined && release !== '3.1' && release !== '2.5') {
    throw new Error(`unknown release ${release}; the releases are 3.1 and 2.5`);
  }
  const names = values.only?.split(',').map((name) => name.trim());
  const unknown = names?.find((name) => !all.some((fault) => isNamed(fault, name)));
  if (unknown !== undefined) {
    throw new Error(`unknown fault ${unknown}; the faults are ${all.map(({ id }) => id).join(', ')}`);
  }
  const faults = all.filter((fault) => names === undefined || names.some((name) => isNamed(fault, name)));
  const limited = !values['without-limits'];
  return { faults, release, jsonFile: values.json, keep: values.keep, limited };
}

/** F13 names F13a and F13b. */
function isNamed({ id }: Fault, name: string): boolean {
  return id === name || id.slice(0, -1) === name;
}

async function main(words: readonly string[]): Promise<number> {
  const options = wanted(words);
  const { faults, jsonFile, keep } = options;
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-faults-'));
  const startMs = performance.now();
  const say = (line: string): void => {
    process.stderr.write(`${((performance.now() - startMs) / 1000).toFixed(1).padStart(7)} s  ${line}\n`);
  };
  try {
    const report = await runAll(folder, options, say);
    const passed = report.faults.filter((result) => result.passed).length;
    if (jsonFile !== undefined) writeFileSync(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(`${report.network} on ${report.machine}, Node ${report.node}\n`);
    process.stdout.write(`${report.faults.map(lineOf).join('\n')}\n`);
    process.stdout.write(`${passed} passed, ${faults.length - passed} failed, 0 skipped\n`);
    return passed === faults.length ? 0 : 1;
  } finally {
    if (keep) say(`data and logs are kept in ${folder}`);
    else rmSync(folder, { recursive: true, force: true });
  }
}

async function runAll(
  folder: string,
  { faults, release, limited }: Wanted,
  say: (line: string) => void,
): Promise<FaultReport> {
  const network = await openFaultNetwork({
    dataDirectory: folder,
    ...(release === undefined ? {} : { release }),
    say,
  });
  const stopOnSignal = (): void => void network.handle.stop().finally(() => process.exit(130));
  process.once('SIGINT', stopOnSignal);
  process.once('SIGTERM', stopOnSignal);
  try {
    say(`${network.handle.description} is up; preparing the scene`);
    const scene = await prepareScene(network.handle, join(folder, 'clients'), `faults-${Date.now()}`);
    const load = new Load(scene, network.handle.channelName);
    const invariants = new InvariantCheck(network.handle, scene, load);
    const results = await runUnderLoad({ ...network, scene, load, invariants, say, limited }, faults);
    const report = reportOf(network.handle.description, invariants, results);
    invariants.close();
    await closeScene(scene);
    return report;
  } finally {
    process.removeListener('SIGINT', stopOnSignal);
    process.removeListener('SIGTERM', stopOnSignal);
    await network.handle.stop();
  }
}

async function runUnderLoad(bench: Bench, faults: readonly Fault[]): Promise<FaultResult[]> {
  const results: FaultResult[] = [];
  bench.load.start();
  for (const fault of faults) {
    bench.say(`${fault.id}: ${fault.title}`);
    const result = await runFault(bench, fault);
    bench.say(lineOf(result));
    results.push(result);
  }
  await bench.load.stop(STOP_MS);
  return results;
}

function reportOf(network: string, invariants: InvariantCheck, faults: readonly FaultResult[]): FaultReport {
  const [first] = cpus();
  return {
    network,
    machine: `${cpus().length} cores (${first?.model ?? 'unknown'}), ${Math.round(totalmem() / GIBIBYTE)} GiB`,
    node: process.version,
    date: new Date().toISOString().slice(0, 10),
    transactions: invariants.codes,
    blocks: invariants.height,
    faults,
  };
}

if (require.main === module) {
  main(process.argv.slice(2)).then(
    (code) => process.exit(code),
    (error: unknown) => {
      process.stderr.write(`${messageOf(error)}\n`);
      process.exit(1);
    },
  );
}
