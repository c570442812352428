import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createProgram } from '../cli';
import { explainFailure } from '../cli-errors';

const folder = mkdtempSync(join(tmpdir(), 'flexledger-rules-baseline-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function written(name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

async function run(...words: readonly string[]): Promise<string> {
  const lines: string[] = [];
  await createProgram((line) => lines.push(line)).parseAsync(['node', 'flexledger', 'rules', ...words]);
  return lines.join('\n');
}

/** 30 days of hours from Monday, 5 January 2026, on; two meters, the second a generator at noon. */
function csv(loadWh: (day: number, hour: number) => number): string {
  const lines = Array.from({ length: 30 * 24 }, (_, index) => {
    const [day, hour] = [Math.floor(index / 24), index % 24];
    const load = loadWh(day, hour);
    return `${new Date(Date.UTC(2026, 0, 5, index)).toISOString()},${load},${hour === 12 ? -50 : 0}`;
  });
  return ['time,house,roof', ...lines].join('\n');
}

const readings = written(
  'readings.csv',
  csv((day, hour) => 100 + day + (hour >= 17 && hour < 20 ? 400 : 0)),
);
const event = ['--readings', readings, '--event', '2026-02-03T17:00Z/2026-02-03T20:00Z'];

describe('"flexledger rules baseline"', () => {
  it('prints the days and the baseline of each interval, meter by meter', async () => {
    expect(await run('baseline', '--method', 'high-5-of-10', ...event)).toBe(
      [
        'house: high-5-of-10, adjustment none',
        '  days: 2026-02-02, 2026-01-30, 2026-01-29, 2026-01-28, 2026-01-27',
        '  2026-02-03T17:00Z  524 Wh',
        '  2026-02-03T18:00Z  524 Wh',
        '  2026-02-03T19:00Z  524 Wh',
        'roof: high-5-of-10, adjustment none',
        '  days: 2026-02-02, 2026-01-30, 2026-01-29, 2026-01-28, 2026-01-27',
        '  2026-02-03T17:00Z  0 Wh',
        '  2026-02-03T18:00Z  0 Wh',
        '  2026-02-03T19:00Z  0 Wh',
      ].join('\n'),
    );
  });

  it('takes the meters together, shows what an adjustment did, and scores the method', async () => {
    const options = ['--method', '10-of-10', '--adjustment', 'additive', '--portfolio', '--score', '--json'];
    const outcome = JSON.parse(await run('baseline', ...options, ...event)) as object;
    expect(outcome).toMatchObject({
      intervalMinutes: 60,
      meters: 2,
      baselines: [
        {
          id: 'portfolio',
          intervals: [
            { time: '2026-02-03T17:00Z', baselineWh: 529, unadjustedWh: 521 },
            { time: '2026-02-03T18:00Z', baselineWh: 529, unadjustedWh: 521 },
            { time: '2026-02-03T19:00Z', baselineWh: 529, unadjustedWh: 521 },
          ],
          // Every day has what the days before it had, and as much more as the hours before the event show.
          score: { intervals: 33, biasPercent: 0, rrmsePercent: 0, passesGate: true },
        },
      ],
    });
  });

  it('reads the hours 9, 10, 11, 19 and 20 for an event of the hours 13 to 17 in the same-day method of PJM', async () => {
    const noon = ['--readings', readings, '--event', '2026-02-03T12:00Z/2026-02-03T17:00Z'];
    const text = await run('baseline', '--method', 'same-day', '--portfolio', ...noon);
    expect(text).toContain('hours of the day itself, ending (UTC): 9, 10, 11, 19, 20\n  2026-02-03T12:00Z  289 Wh');
  });

  it('chooses the method that passes the gate with the least bias', async () => {
    const text = await run('baseline', '--method', 'chosen', '--portfolio', '--score', ...event);
    expect(text).toMatch(/^portfolio: [a-z0-9-]+, adjustment additive/);
    expect(text).toContain('passes the gate of 20.0 %');
  });

  it('leaves out holidays and days of events, and takes a declared schedule from a file', async () => {
    const days = ['--holidays', '2026-02-02', '--event-days', '2026-01-30,2026-01-29'];
    const left = JSON.parse(await run('baseline', '--method', 'high-5-of-10', '--json', ...days, ...event)) as {
      baselines: readonly { days: readonly string[] }[];
    };
    const used = left.baselines[0]!.days;
    expect(used).toEqual(['2026-01-28', '2026-01-27', '2026-01-26', '2026-01-23', '2026-01-22']);
    const hours = ['17', '18', '19'].map((hour) => `2026-02-03T${hour}:00Z,-${hour}`);
    const series = written('series.csv', ['time,Wh', ...hours].join('\n'));
    const declared = await run('baseline', '--method', 'declared', '--portfolio', '--series', series, ...event);
    expect(declared).toContain('T18:00Z  -18 Wh');
  });

  it.each<[string, string, readonly string[]]>([
    ['an unknown method', 'RULES_FIELD_INVALID', ['--method', 'high-6-of-10', ...event]],
    ['an unknown adjustment', 'RULES_FIELD_INVALID', ['--method', '10-of-10', '--adjustment', 'ratio', ...event]],
    ['a file that is not there', 'RULES_FILE_UNREADABLE', ['--method', '10-of-10', '--readings', 'x', '--event', 'y']],
    ['an event that ends before it begins', 'RULES_TIME_INVALID', ['--method', '10-of-10', '--readings', readings, '--event', '2026-02-03T17:00Z/2026-02-03T16:00Z']], // prettier-ignore
    ['an event inside an interval', 'RULES_TIME_INVALID', ['--method', '10-of-10', '--readings', readings, '--event', '2026-02-03T17:15Z/2026-02-03T18:00Z']], // prettier-ignore
    ['too short a history', 'RULES_NO_BASELINE', ['--method', 'high-5-of-10', '--readings', readings, '--event', '2026-01-07T17:00Z/2026-01-07T18:00Z']], // prettier-ignore
    ['an adjustment without readings', 'RULES_READINGS_MISSING', ['--method', '10-of-10', '--adjustment', 'additive', '--readings', readings, '--event', '2026-02-05T17:00Z/2026-02-05T18:00Z']], // prettier-ignore
  ])('is refused for %s with %s', async (_what, code, words) => {
    await expect(run('baseline', ...words)).rejects.toThrow(new RegExp(`^${code}: `));
  });

  it.each<[string, string, string]>([
    ['another first column', 'RULES_FIELD_INVALID', 'at,a\n2026-01-05T00:00Z,1'],
    ['a row that is too short', 'RULES_FIELD_INVALID', 'time,a,b\n2026-01-05T00:00Z,1'],
    ['a reading that is no number', 'RULES_READING_INVALID', 'time,a\n2026-01-05T00:00Z,1e3\n2026-01-05T01:00Z,1'],
    ['a date that does not exist', 'RULES_TIME_INVALID', 'time,a\n2026-02-30T00:00Z,1\n2026-03-01T01:00Z,1'],
    ['lines out of order', 'RULES_TIME_INVALID', 'time,a\n2026-01-05T01:00Z,1\n2026-01-05T00:00Z,1'],
    ['intervals of five hours', 'RULES_TIME_INVALID', 'time,a\n2026-01-05T00:00Z,1\n2026-01-05T05:00Z,1'],
  ])('refuses a file with %s: %s', async (_what, code, text) => {
    const bad = written('bad.csv', text);
    await run(
      'baseline',
      '--method',
      '10-of-10',
      '--readings',
      bad,
      '--event',
      '2026-01-05T00:00Z/2026-01-05T01:00Z',
    ).then(
      () => {
        throw new Error('accepted');
      },
      (error: unknown) => {
        expect(explainFailure(error)).toMatchObject({ exitCode: 20 });
        expect(String(error)).toContain(code);
      },
    );
  });
});

describe('"flexledger rules settle-flexibility"', () => {
  const settle = async (order: object) =>
    JSON.parse(await run('settle-flexibility', written('order.json', JSON.stringify(order)))) as {
      isps: readonly Record<string, number>[];
      totals: Record<string, number>;
    };

  it('gives 14, 14, -4, -22, -33 for the example of UFTP', async () => {
    const isps = [7, 8, 9, 10, 11].map((kwh) => ({ baselineWh: 10_000, orderedWh: 2_000, actualWh: kwh * 1_000 }));
    const order = { direction: 'reduce', priceMicroPerKwh: 7, penaltyMicroPerKwh: 11, isps };
    const { isps: settled, totals } = await settle(order);
    expect(settled.map(({ settlementMicro }) => settlementMicro)).toEqual([14, 14, -4, -22, -33]);
    expect(totals).toEqual({
      deliveredWh: 5_000,
      deficiencyWh: 6_000,
      paidMicro: 35,
      penaltyMicro: 66,
      settlementMicro: -31,
    });
  });

  it('corrects the position in the worked example of the page, as the page says', async () => {
    const page = readFileSync(join(__dirname, '../../../docs/demand-response.md'), 'utf8');
    const [, text = ''] = /^cat > order\.json <<'END'\n(.*?)\nEND$/ms.exec(page) ?? [];
    const { isps } = await settle(JSON.parse(text) as object);
    expect(isps).toEqual([
      {
        adjustedWh: 1_500,
        deliveredWh: 400,
        deficiencyWh: 100,
        paidMicro: 80_000,
        penaltyMicro: 30_000,
        settlementMicro: 50_000,
        correctedPositionWh: 1_600,
        imbalanceWh: 0,
        transferMicro: 100_000,
      },
    ]);
  });

  it.each<[string, object]>([
    ['no direction', { priceMicroPerKwh: 1, penaltyMicroPerKwh: 1, isps: [] }],
    ['a negative order', { direction: 'reduce', priceMicroPerKwh: 1, penaltyMicroPerKwh: 1, isps: [{ baselineWh: 1, orderedWh: -1, actualWh: 1 }] }], // prettier-ignore
    ['a measurement of half a Wh', { direction: 'reduce', priceMicroPerKwh: 1, penaltyMicroPerKwh: 1, isps: [{ baselineWh: 1, orderedWh: 1, actualWh: 0.5 }] }], // prettier-ignore
  ])('is refused for %s', async (_what, order) => {
    await expect(settle(order)).rejects.toThrow(/^RULES_FIELD_INVALID: /);
  });
});
