import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from '../cli';
import { explainFailure } from '../cli-errors';

const folder = mkdtempSync(join(tmpdir(), 'flexledger-forecast-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Quarter hours of some days from 1 June 2026 on: two homes that are busier in the evening. */
function csv(name: string, days: number, minutes = 15): string {
  const perHour = 60 / minutes;
  const lines = Array.from({ length: days * 24 * perHour }, (_, index) => {
    const hour = Math.floor(index / perHour) % 24;
    const wh = (hour >= 18 ? 300 : 100) + ((index * 31) % 7);
    return `${new Date(Date.UTC(2026, 5, 1) + index * minutes * 60_000).toISOString()},${wh},${wh * 2}`;
  });
  const file = join(folder, name);
  writeFileSync(file, ['time,ann,bob', ...lines].join('\n'));
  return file;
}

async function run(...words: readonly string[]): Promise<string[]> {
  const lines: string[] = [];
  await createProgram((line) => lines.push(line)).parseAsync(['node', 'flexledger', 'forecast', ...words]);
  return lines;
}

const readings = csv('readings.csv', 20);
const asked = ['--readings', readings, '--horizon', 'day-ahead', '--at', '2026-06-15T12:00Z'];

describe('"flexledger forecast"', () => {
  it('prints a row for each hour of the next day and each meter', async () => {
    const [header, first, ...rest] = await run(...asked);
    expect(header).toBe('time,meter,p10,p50,p90');
    expect(first).toMatch(/^2026-06-16T00:00Z,ann,\d+,4\d\d,\d+$/);
    expect(rest).toHaveLength(47);
    expect(await run(...asked, '--meter', 'bob')).toHaveLength(25);
  });

  it('forecasts the sum, half hours, and in JSON with the card of the model', async () => {
    const intraday = ['--readings', readings, '--horizon', 'intraday', '--at', '2026-06-15T12:15Z'];
    const lines = await run(...intraday, '--portfolio');
    expect(lines[1]).toMatch(/^2026-06-15T12:15Z,portfolio,\d+,6\d\d,\d+$/);
    expect(lines).toHaveLength(9);
    const [text = ''] = await run(...intraday, '--json');
    expect(JSON.parse(text)).toMatchObject([{ meterId: 'ann', card: { model: 'blend' } }, { meterId: 'bob' }]);
  });

  it('looks at no line from its time on', async () => {
    const cut = csv('cut.csv', 14);
    const at = ['--horizon', 'day-ahead', '--at', '2026-06-15T00:00Z'];
    expect(await run('--readings', readings, ...at)).toEqual(await run('--readings', cut, ...at));
  });

  it('scores the forecasts of a period, meter by meter and together', async () => {
    const lines = await run('--readings', readings, '--horizon', 'day-ahead', '--backtest', '2026-06-18/2026-06-20');
    expect(lines[0]).toBe('meter,intervals,nmae %,coverage %,skill %');
    expect(lines.slice(1).map((line) => line.split(',').slice(0, 2))).toEqual([
      ['ann', '48'],
      ['bob', '48'],
      ['portfolio', '48'],
    ]);
  });

  it.each([
    ['no time', 'RULES_FIELD_INVALID', ['--readings', readings, '--horizon', 'day-ahead']],
    ['an unknown horizon', 'RULES_FIELD_INVALID', ['--readings', readings, '--horizon', 'week', '--at', '2026-06-15']],
    ['a time that is none', 'RULES_TIME_INVALID', ['--readings', readings, '--horizon', 'intraday', '--at', 'noon']],
    ['an unknown meter', 'RULES_FIELD_INVALID', [...asked, '--meter', 'eve']],
    ['an unknown time zone', 'RULES_FIELD_INVALID', [...asked, '--time-zone', 'Mars/Olympus']],
    ['a holiday that is none', 'RULES_FIELD_INVALID', [...asked, '--holidays', '2026-02-30']],
    ['no file', 'RULES_FILE_UNREADABLE', [...asked, '--readings', join(folder, 'none.csv')]],
    ['no reading before the time', 'RULES_READINGS_MISSING', ['--readings', readings, '--horizon', 'day-ahead', '--at', '2026-05-01']], // prettier-ignore
    ['hours for half hours', 'RULES_TIME_INVALID', ['--readings', csv('hours.csv', 9, 60), '--horizon', 'intraday', '--at', '2026-06-08']], // prettier-ignore
  ])('refuses %s', async (_, code, words) => {
    const failure = await run(...words).then(() => undefined, explainFailure);
    expect(failure?.line).toMatch(new RegExp(`^${code}`));
  });
});
