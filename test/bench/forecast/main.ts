/** `npm run bench -- forecast`: how near forecasts of real homes come, next to simple methods, LightGBM and statsforecast. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { slot, slotsPerDay } from '@flexledger/domain';
import { backtest, Forecaster, horizons, stepSlotsOf, sumOf, type Horizon, type Series } from '@flexledger/forecast';
import { repositoryRoot } from '../../faults/fault-network';
import { PEERS_PYTHON } from '../market/peers';
import { machineFacts, type Target } from '../report';

/** Days of the file that are forecast; it begins on a Monday. */
const FIRST_DAY = 21;
const DAYS = 49;
const LEADS = 8;
const SEED = 1;
const MANY = 10_000;
/** Monday, 26 October 2015 in a zone without clock changes: the file says weeks and no dates. */
const FIRST_SLOT = slot(Date.UTC(2015, 9, 26) / 900_000);
const SETTINGS = { timeZone: 'UTC', seed: SEED } as const;
const PEER_RATIO = 1.03;

type PeerResult = { readonly nmae: readonly number[]; readonly seconds: number } | { readonly absent: string };

/** What was measured of a horizon on the single homes or on all of them together. */
interface Leg {
  readonly horizon: Horizon;
  readonly of: (typeof OFS)[number];
  readonly nmaePercent: number;
  readonly coveragePercent: number;
  readonly skillPercent: number;
  readonly trainMsPerMeterAndDay: number;
  readonly simplePercent: Readonly<Record<string, number>>;
  readonly peers: Readonly<
    Record<string, { readonly nmaePercent: number; readonly seconds: number } | { readonly absent: string }>
  >;
}

const OFS = ['single home, median', 'homes together'] as const;
const MANY_LEG = 'many meters';
const LEG_NAMES: readonly string[] = [...horizons.flatMap((horizon) => OFS.map((of) => `${horizon}, ${of}`)), MANY_LEG];

/** What has been measured so far. */
interface Measured {
  readonly legs: Leg[];
  manySeconds?: number;
}

/** Measures the legs of which `--legs` names a part (all where absent), prints each as it ends, and writes what there is. */
export async function benchForecast(words: readonly string[]): Promise<void> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...words], options: { json: text, note: text, legs: text } });
  const folder = process.env.SHARED ?? resolve(repositoryRoot, '..', 'shared');
  const source = join(folder, 'data', 'swiss-households-15min', 'consumption_kwh.csv');
  if (!existsSync(source))
    throw new Error(`the readings of the homes are not there: ${source}; SHARED names their folder`);
  const facts = { ...machineFacts(), ...(values.note === undefined ? {} : { note: values.note }) };
  const homes = readHomes(readFileSync(source, 'utf8'));
  const file = values.json ?? join(repositoryRoot, 'bench', 'results', 'forecast.json');
  const measured: Measured = { legs: [] };
  for (const name of wantedLegs(values.legs)) {
    for (const line of measureLeg(name, homes, measured)) process.stdout.write(`${line}\n`);
    // Written after each, so that a run that is cut off keeps what it has.
    write(file, { benchmark: 'forecast', ...facts, homes: homes.length, ...measured, targets: targetsOfAll(measured) });
  }
  return Promise.resolve();
}

function wantedLegs(wanted: string | undefined): readonly string[] {
  const parts = wanted?.split(';').map((part) => part.trim()) ?? [''];
  const names = LEG_NAMES.filter((name) => parts.some((part) => name.includes(part)));
  if (names.length === 0) throw new Error(`--legs names none of: ${LEG_NAMES.join('; ')}`);
  return names;
}

/** Measures a leg into what has been measured; the lines to print. */
function measureLeg(name: string, homes: readonly Series[], measured: Measured): readonly string[] {
  if (name === MANY_LEG) {
    measured.manySeconds = timeMany(homes);
    return targetsOfMany(measured.manySeconds).map(targetLine);
  }
  const [horizon] = horizons.filter((one) => name.startsWith(one));
  const [of] = OFS.filter((one) => name.endsWith(one));
  if (horizon === undefined || of === undefined) throw new Error(`there is no leg ${name}`);
  const leg = measure(horizon, of === 'homes together' ? [sumOf(homes)] : homes, of);
  measured.legs.push(leg);
  return [...linesOf(leg), ...targetsOf(leg).map(targetLine)];
}

function targetsOfAll({ legs, manySeconds }: Measured): readonly Target[] {
  return [...legs.flatMap(targetsOf), ...(manySeconds === undefined ? [] : targetsOfMany(manySeconds))];
}

function targetsOfMany(seconds: number): readonly Target[] {
  return [target(`s for ${MANY} meters, day-ahead`, '<= 300', seconds, seconds <= 300)];
}

function write(file: string, report: unknown): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, rounded, 2)}\n`);
}

function readHomes(text: string): readonly Series[] {
  const [header = [], ...rows] = text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  return header.slice(2).map((meterId, index) => ({
    meterId,
    firstSlot: FIRST_SLOT,
    values: Float64Array.from(rows, (row) => Math.round(Number(row[index + 2]) * 1_000)),
  }));
}

function measure(horizon: Horizon, series: readonly Series[], of: Leg['of']): Leg {
  const period = { from: slot(FIRST_SLOT + FIRST_DAY * slotsPerDay), to: slot(FIRST_SLOT + DAYS * slotsPerDay) };
  const scores = backtest({ ...SETTINGS, horizon }, series, period);
  const percent = (values: readonly (number | null)[]): number =>
    100 * median(values.map((value) => value ?? Number.NaN));
  const peers = Object.entries(runPeers(horizon, series)).map(([name, found]) => [
    name,
    'absent' in found ? found : { nmaePercent: percent(found.nmae), seconds: found.seconds },
  ]);
  return {
    horizon,
    of,
    nmaePercent: percent(scores.map(({ nmae }) => nmae)),
    coveragePercent: percent(scores.map(({ coverage }) => coverage)),
    skillPercent: percent(scores.map(({ skill }) => skill)),
    trainMsPerMeterAndDay: trainMs(horizon, series),
    simplePercent: Object.fromEntries(
      Object.entries(SIMPLE).map(([name, foresee]) => [
        name,
        percent(series.map((one) => simpleNmae(horizon, one, foresee))),
      ]),
    ),
    peers: Object.fromEntries(peers) as Leg['peers'],
  };
}

/** Processor time to learn from all series and forecast once, by series. */
function trainMs(horizon: Horizon, series: readonly Series[]): number {
  const days = [28, 35, 42];
  const start = process.cpuUsage();
  for (const day of days) {
    const at = slot(FIRST_SLOT + day * slotsPerDay);
    new Forecaster({ ...SETTINGS, horizon, at }).forecast(series, at);
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / series.length / days.length;
}

function timeMany(homes: readonly Series[]): number {
  const at = slot(FIRST_SLOT + 42 * slotsPerDay);
  const many = Array.from({ length: MANY }, (_, index) => {
    const { firstSlot, values } = homes[index % homes.length] ?? { firstSlot: FIRST_SLOT, values: new Float64Array(0) };
    return { meterId: `meter-${index}`, firstSlot, values };
  });
  const start = performance.now();
  new Forecaster({ ...SETTINGS, horizon: 'day-ahead', at }).forecast(many, at);
  return (performance.now() - start) / 1_000;
}

/** A step's energy by the steps before; `last` is the first step that is not known, `perDay` the steps of a day. */
type Simple = (steps: Float64Array, step: number, last: number, perDay: number) => number;

const earlier = (steps: Float64Array, step: number, perDay: number, day: number): number =>
  steps[step - day * perDay] ?? 0;
const week: Simple = (steps, step, _last, perDay) =>
  [1, 2, 3, 4, 5, 6, 7].reduce((sum, day) => sum + earlier(steps, step, perDay, day) / 7, 0);
const yesterday: Simple = (steps, step, _last, perDay) => earlier(steps, step, perDay, 1);
const SIMPLE: Readonly<Record<string, Simple>> = {
  yesterday,
  'a week ago': (steps, step, _last, perDay) => earlier(steps, step, perDay, 7),
  'mean of 7 days': week,
  'half mean of 7 days, half yesterday': (...from) => (week(...from) + yesterday(...from)) / 2,
  'mean of 7 days and decaying recent error': (steps, step, last, perDay) => {
    const errors = [1, 2, 3, 4].map((back) => (steps[last - back] ?? 0) - week(steps, last - back, last, perDay));
    return (
      week(steps, step, last, perDay) + (errors.reduce((sum, error) => sum + error, 0) / 4) * 0.8 ** (step - last + 1)
    );
  },
};

function simpleNmae(horizon: Horizon, series: Series, foresee: Simple): number {
  const steps = stepsOf(horizon, series);
  const perDay = slotsPerDay / stepSlotsOf(horizon);
  const [every, ahead] = horizon === 'day-ahead' ? [perDay, perDay] : [1, LEADS];
  let error = 0;
  let load = 0;
  for (let last = FIRST_DAY * perDay; last < steps.length; last += every) {
    for (let step = last; step < Math.min(last + ahead, steps.length); step += 1) {
      error += Math.abs(foresee(steps, step, last, perDay) - (steps[step] ?? 0));
      load += steps[step] ?? 0;
    }
  }
  return error / load;
}

function stepsOf(horizon: Horizon, { values }: Series): Float64Array {
  const slots = stepSlotsOf(horizon);
  return Float64Array.from({ length: values.length / slots }, (_, step) =>
    values.subarray(step * slots, (step + 1) * slots).reduce((sum, value) => sum + value, 0),
  );
}

function runPeers(horizon: Horizon, series: readonly Series[]): Readonly<Record<string, PeerResult>> {
  const task = {
    horizon,
    perDay: slotsPerDay / stepSlotsOf(horizon),
    leads: LEADS,
    firstDay: FIRST_DAY,
    series: series.map((one) => [...stepsOf(horizon, one)]),
  };
  try {
    const script = join(repositoryRoot, 'test', 'bench', 'forecast', 'peers.py');
    const answer = execFileSync(process.env[PEERS_PYTHON] ?? 'python3', [script], {
      input: JSON.stringify(task),
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    return JSON.parse(answer.trim().split('\n').at(-1) ?? '') as Readonly<Record<string, PeerResult>>;
  } catch (error) {
    const absent = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    return { LightGBM: { absent }, statsforecast: { absent } };
  }
}

const NMAE_MAX: Readonly<Record<Horizon, Readonly<Record<Leg['of'], number>>>> = {
  'day-ahead': { 'single home, median': 32.3, 'homes together': 9 },
  intraday: { 'single home, median': 42, 'homes together': 9.5 },
};

function targetsOf(leg: Leg): readonly Target[] {
  const { horizon, of, nmaePercent, coveragePercent, trainMsPerMeterAndDay, peers } = leg;
  const name = `${horizon}, ${of}`;
  const most = NMAE_MAX[horizon][of];
  const found = Object.values(peers).flatMap((peer) => ('absent' in peer ? [] : [peer.nmaePercent]));
  const ratio = nmaePercent / Math.min(...found);
  const isCovered = coveragePercent >= 77 && coveragePercent <= 83;
  const ratioName = `NMAE by that of the best peer, ${name}`;
  return [
    target(`% NMAE, ${name}`, `<= ${most}`, nmaePercent, nmaePercent <= most),
    target(`% in the band, ${name}`, '77 to 83', coveragePercent, isCovered),
    found.length === 0
      ? { name: ratioName, wanted: `<= ${PEER_RATIO}` }
      : target(ratioName, `<= ${PEER_RATIO}`, ratio, ratio <= PEER_RATIO),
    target(`ms to train per meter and day, ${name}`, '<= 10', trainMsPerMeterAndDay, trainMsPerMeterAndDay <= 10),
  ];
}

function target(name: string, wanted: string, measured: number, met: boolean): Target {
  return { name, wanted, measured, met };
}

function linesOf({
  horizon,
  of,
  nmaePercent,
  coveragePercent,
  skillPercent,
  simplePercent,
  peers,
}: Leg): readonly string[] {
  const others = [
    ...Object.entries(simplePercent).map(([name, percent]) => `  ${name}: ${percent.toFixed(1)} %`),
    ...Object.entries(peers).map(([name, peer]) =>
      'absent' in peer
        ? `  ${name}: absent (${peer.absent})`
        : `  ${name}: ${peer.nmaePercent.toFixed(1)} % in ${peer.seconds.toFixed(0)} s`,
    ),
  ];
  const own = `NMAE ${nmaePercent.toFixed(1)} %, in the band ${coveragePercent.toFixed(1)} %, skill ${skillPercent.toFixed(1)} %`;
  return [`${horizon}, ${of}: ${own}`, ...others];
}

function targetLine({ name, wanted, measured, met }: Target): string {
  const verdict = met === undefined ? 'not measured' : met ? 'met' : 'NOT MET';
  return `${name}: ${measured?.toPrecision(4) ?? '-'} (${wanted}) ${verdict}`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? Number.NaN) + (sorted[Math.floor(middle)] ?? Number.NaN)) / 2;
}

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(5)) : value;
}
