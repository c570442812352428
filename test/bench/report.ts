import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release as kernelRelease, totalmem } from 'node:os';
import { repositoryRoot } from '../faults/fault-network';
import type { LegResult } from './leg';
import type { Parts } from './parts';
import type { ReadBack } from './read-back';

/** A figure that was promised, and what was measured. */
export interface Target {
  readonly name: string;
  readonly wanted: string;
  /** Absent where it could not be measured, for example without the sample. */
  readonly measured?: number;
  readonly met?: boolean;
}

/** One line of the ablation. */
export interface AblationResult {
  readonly title: string;
  readonly batch: LegResult;
  readonly single: LegResult;
}

/** What a whole run has shown, as the result file holds it. */
export interface BenchReport {
  readonly benchmark: 'metering';
  readonly network: string;
  readonly date: string;
  readonly commit: string;
  readonly node: string;
  readonly machine: {
    readonly processor: string;
    readonly cores: number;
    readonly memoryGib: number;
    readonly kernel: string;
    /** Processes that wanted a core in the minute before the run: above 0.5 the machine had other work. */
    readonly loadBefore: number;
  };
  readonly note?: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly endorsementPolicy: string;
  readonly endorsers: readonly string[];
  readonly peers: number;
  readonly orderers: number;
  readonly probes: readonly LegResult[];
  readonly sample: readonly LegResult[];
  readonly hourly: readonly LegResult[];
  /** One asset in one transaction: the same kind of write as the sample's. */
  readonly asset: readonly LegResult[];
  /** One signed block in one transaction. */
  readonly single: readonly LegResult[];
  readonly ablations: readonly AblationResult[];
  readonly parts: Parts;
  readonly readBack: ReadBack;
  readonly targets: readonly Target[];
}

const GIBIBYTE = 2 ** 30;

/** The facts of the machine and the checkout; take them before the network starts. */
export function machineFacts(): Pick<BenchReport, 'machine' | 'node' | 'commit' | 'date'> {
  const [first] = cpus();
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    node: process.version,
    machine: {
      processor: first?.model ?? 'unknown',
      cores: cpus().length,
      memoryGib: Math.round(totalmem() / GIBIBYTE),
      kernel: kernelRelease(),
      loadBefore: Number((loadavg()[0] ?? 0).toFixed(2)),
    },
  };
}

function commit(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { cwd: repositoryRoot, encoding: 'utf8' }).trim();
  } catch {
    // A copy without its history has no commit to name.
    return 'unknown';
  }
}

/** The middle of some figures. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** Milliseconds of processor time that a kind of process used for one VALID transaction. */
export function processorMsPerCall(leg: LegResult, kind: string): number {
  return ((leg.processorSeconds[kind] ?? 0) * 1000) / (leg.codes['VALID'] ?? 0);
}

type Legs = Pick<BenchReport, 'sample' | 'hourly' | 'asset' | 'single' | 'ablations' | 'probes'>;

/** The promised figures, from alternating legs: the ratio of each pair, then their median. */
export function targetsOf(legs: Legs): Target[] {
  const { asset, sample, hourly, single } = legs;
  const ratios = hourly.map((leg, index) => leg.itemsPerSecond / (sample[index]?.itemsPerSecond ?? Number.NaN));
  const ours = (some: readonly LegResult[]): number => median(some.map((leg) => processorMsPerCall(leg, 'chaincode')));
  const theirs = median(sample.map((leg) => processorMsPerCall(leg, 'sample chaincode')));
  const all = [
    ...legs.probes,
    ...hourly,
    ...asset,
    ...single,
    ...legs.ablations.flatMap(({ batch, single: one }) => [batch, one]),
  ];
  const conflicts = all.reduce((sum, { codes }) => sum + (codes['MVCC_READ_CONFLICT'] ?? 0), 0);
  const hasSample = sample.length > 0;
  return [
    target(
      "readings/s, times the sample's assets/s (median of the pairs)",
      '>= 200',
      hasSample ? median(ratios) : undefined,
      (value) => value >= 200,
    ),
    target('the same, worst pair', '', hasSample ? Math.min(...ratios) : undefined),
    target('readings/s', '>= 10000', median(hourly.map((leg) => leg.itemsPerSecond)), (value) => value >= 10_000),
    target(
      'bytes on the ledger per reading',
      '<= 8',
      median(hourly.map((leg) => leg.bytesPerItem)),
      (value) => value <= 8,
    ),
    target(
      "chaincode CPU of a single write (one asset), times the sample's",
      '<= 0.7',
      hasSample ? ours(asset) / theirs : undefined,
      (value) => value <= 0.7,
    ),
    target("the same for one signed block, times the sample's", '', hasSample ? ours(single) / theirs : undefined),
    target('MVCC conflicts among different meters', '0', conflicts, (value) => value === 0),
  ];
}

function target(
  name: string,
  wanted: string,
  measured: number | undefined,
  isMet?: (value: number) => boolean,
): Target {
  return {
    name,
    wanted,
    ...(measured === undefined ? {} : { measured }),
    ...(measured === undefined || isMet === undefined ? {} : { met: isMet(measured) }),
  };
}

/** One line of a leg. */
export function lineOf(leg: LegResult): string {
  const cpu = Object.entries(leg.processorSeconds).map(
    ([kind, seconds]) => `${kind} ${(seconds / leg.seconds).toFixed(2)}`,
  );
  const codes = Object.entries(leg.codes).map(([code, count]) => `${count} ${code}`);
  return (
    `${leg.name}, ${leg.inFlight} in flight: ${leg.validPerSecond.toFixed(1)} tx/s, ${leg.itemsPerSecond.toFixed(0)} items/s, ` +
    `${leg.bytesPerItem.toFixed(1)} B/item, ${leg.latencyMs.median.toFixed(0)} ms (p95 ${leg.latencyMs.p95.toFixed(0)} ms); ` +
    `${codes.join(', ')}; cores: ${cpu.join(', ')}`
  );
}

/** The lines that a run ends with. */
export function summaryOf(report: BenchReport): string {
  const { machine, network, node, commit: version, targets } = report;
  const rows = targets.map(({ name, wanted, measured, met }) => {
    const verdict = met === undefined ? '' : met ? 'met' : 'NOT MET';
    return `${name}: ${measured === undefined ? 'not measured' : measured.toFixed(2)} ${wanted === '' ? '' : `(${wanted})`} ${verdict}`.trimEnd();
  });
  const where = `${network}, ${machine.cores} cores (${machine.processor}), Node ${node}, FlexLedger ${version}`;
  const busy =
    machine.loadBefore > 0.5 ? [`the machine had other work: load ${machine.loadBefore} before the run`] : [];
  const noSample = report.sample.length === 0 ? ['no checkout of fabric-samples (SAMPLES_DIR): no ratios'] : [];
  return [where, ...busy, ...noSample, ...rows].join('\n');
}
