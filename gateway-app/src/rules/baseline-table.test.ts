import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addSlots, type Slot } from '@flexledger/domain';
import { createProgram } from '../cli';
import { percent, signedPercent } from './baseline-report';
import { byHour, readReadings, together, type ReadingsFile } from './readings-file';
import { slotOfTime, timeOfSlot } from './rules-time';
import { firstPlaceboSlot, medianScore, placeboDays, scoreMeter } from './score-baseline';

/** Bias and RRMSE in percent, as `domain-facts.md` prints them: of 60 homes together and of one home (median), by adjustment. */
const adjustments = ['none', 'additive', 'additive-3h', 'ratio-20', 'ratio-40'] as const;
const table = [
  ['high-5-of-10', 'together', '-1.9/13.9 · +1.0/12.9 · +1.7/12.2 · -0.9/13.0 · +1.1/14.3'],
  ['10-of-10', 'together', '-8.4/17.5 · +1.1/13.8 · +1.7/13.2 · -3.2/13.1 · +2.0/14.9'],
  ['high-4-of-5', 'together', '-3.7/13.2 · +1.9/11.9 · +2.1/11.0 · +0.5/11.9 · +2.8/13.3'],
  ['middle-6-of-10', 'together', '-8.7/18.3 · +0.4/14.5 · +1.2/13.8 · -4.4/13.8 · +0.6/15.4'],
  ['high-5-of-10', 'one home', '+8.8/45.4 · +12.0/51.3 · +12.1/47.1 · +7.4/45.0 · +9.2/49.5'],
  ['10-of-10', 'one home', '-7.5/42.0 · +2.0/48.5 · +2.4/45.3 · -5.0/42.0 · -2.3/45.2'],
  ['high-4-of-5', 'one home', '+0.2/41.1 · +5.7/48.7 · +5.4/45.5 · +1.3/40.7 · +3.1/45.7'],
  ['middle-6-of-10', 'one home', '-9.9/42.9 · +0.2/50.7 · +1.6/47.9 · -6.7/43.3 · -4.0/45.6'],
] as const;
const cells = table.flatMap(([method, whose, row]) =>
  row.split(' · ').map((cell, index) => [method, adjustments[index]!, whose, cell] as const),
);

const file = join(__dirname, '../../../../shared/data/swiss-households-15min/consumption_kwh.csv');
const isThere = existsSync(file);
if (!isThere) {
  process.stderr.write(`ABSENT: ${file}, so "rules baseline" is not compared with the table of the 60 homes.\n`);
}

/** A Monday, which the first day of the file is. */
const FIRST_DAY = Date.UTC(2024, 9, 28);
/** Any working day: the score tries them all. */
const EVENT = slotOfTime('2024-12-11T17:00Z', 'the event');
const QUARTER_MS = 900_000;
const WH_PER_KWH = 1_000;

/** The file of the homes in the form of `rules baseline`. */
function readingsCsv(): string {
  const [header = '', ...rows] = readFileSync(file, 'utf8').trim().split('\n');
  const lines = rows.map((row) => {
    const [day = '', quarter = '', ...energies] = row.split(',');
    const quarters = (Number(day) - 1) * 96 + Number(quarter) - 1;
    const time = new Date(FIRST_DAY + quarters * QUARTER_MS).toISOString();
    return [time, ...energies.map((kwh) => String(Math.round(Number(kwh) * WH_PER_KWH)))].join(',');
  });
  return [['time', ...header.split(',').slice(2)].join(','), ...lines].join('\n');
}

/** Summed to hours once, as the score does each time. */
function hourly(read: ReadingsFile): ReadingsFile {
  return { ...read, intervalSlots: 4, meters: read.meters.map((meter) => byHour(meter, read.intervalSlots, 4)) };
}

(isThere ? describe : describe.skip)('"flexledger rules baseline" on 60 homes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'flexledger-baseline-'));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const homes = isThere ? hourly(readReadings(readingsCsv())) : undefined;

  it('has 60 homes and 40 cells', () => {
    expect([homes?.meters.length, cells.length]).toEqual([60, 40]);
  });

  it.each(cells)('%s, adjustment %s %s: bias and RRMSE are %s', (method, adjustment, whose, cell) => {
    const { meters, from, to } = homes!;
    const question = {
      rule: { method, adjustment, laterHours: true },
      event: { firstSlot: EVENT, intervals: 3, intervalSlots: 4 },
      noticeSlot: EVENT,
      eventDays: new Set<Slot>(),
      series: undefined,
    } as const;
    const days = placeboDays(question, { from: firstPlaceboSlot(from), to });
    expect(days).toHaveLength(24);
    const asked = whose === 'together' ? [together(meters)] : meters;
    const { biasPpm, rrmsePpm } = medianScore(asked.map((meter) => scoreMeter(question, meter, days).score!));
    expect(`${signedPercent(biasPpm)}/${percent(rrmsePpm)}`).toBe(cell);
  });

  it('prints the same from the command line', async () => {
    const readings = join(folder, 'readings.csv');
    writeFileSync(readings, readingsCsv());
    const event = `${timeOfSlot(EVENT)}/${timeOfSlot(addSlots(EVENT, 12))}`;
    const options = ['--adjustment', 'additive-3h', '--readings', readings, '--event', event, '--portfolio', '--score'];
    const lines: string[] = [];
    const words = ['node', 'flexledger', 'rules', 'baseline', '--method', 'high-4-of-5', ...options];
    await createProgram((line) => lines.push(line)).parseAsync(words);
    expect(lines.at(-1)).toBe(
      '  score over 24 placebo days, 72 intervals: bias +2.1 %, RRMSE 11.0 %; passes the gate of 20.0 %',
    );
  });
});
