import { CsvInput, type CsvOptions } from './csv-input';
import type { InputItem } from './measurement';
import { faultsOf, readAll, seconds, TestFolder } from './testing/input-items';

const folder = new TestFolder();
afterAll(() => folder.remove());

function inputOf(content: string | Uint8Array, options: Partial<CsvOptions> = {}): CsvInput {
  return new CsvInput({
    file: folder.write('values.csv', content),
    delimiter: ',',
    decimal: '.',
    unit: 'kWh',
    kind: 'energy',
    minutes: 15,
    zone: 'Europe/Zurich',
    time: { column: 'time', stamp: 'start' },
    import: 'in',
    negative: 'export',
    follow: false,
    ...options,
  });
}

function times(items: readonly InputItem[]): string[] {
  return items.flatMap(({ measurement }) => {
    if (measurement === undefined) return [];
    const at = measurement.kind === 'energy' ? measurement.fromSeconds : measurement.atSeconds;
    return [new Date(at * 1000).toISOString().slice(0, 16)];
  });
}

/** A local day as a meter's portal writes it: wall times without an offset. */
function localDay(date: string, hours: readonly number[]): string {
  const lines = hours.flatMap((hour) =>
    [0, 15, 30, 45].map((minute) => `${date} ${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')},0.1`),
  );
  return ['time,in', ...lines, ''].join('\n');
}

const hours = Array.from({ length: 24 }, (_, hour) => hour);

describe('a file of comma-separated values', () => {
  test('has 92 quarter hours on the day on which summer time begins, without a hole', async () => {
    const items = await readAll(
      inputOf(
        localDay(
          '2024-03-31',
          hours.filter((hour) => hour !== 2),
        ),
      ),
    );
    const found = times(items);
    expect([found.length, found[0], found[91]]).toEqual([92, '2024-03-30T23:00', '2024-03-31T21:45']);
    expect(new Set(found).size).toBe(92);
  });

  test('has 100 quarter hours on the day on which it ends: the hour that comes twice is told apart by its order', async () => {
    const items = await readAll(inputOf(localDay('2024-10-27', [0, 1, 2, 2, ...hours.slice(3)])));
    const found = times(items);
    expect([found.length, found[8], found[12], found[99]]).toEqual([
      100,
      '2024-10-27T00:00',
      '2024-10-27T01:00',
      '2024-10-27T22:45',
    ]);
    expect(faultsOf(items)).toEqual([]);
  });

  test('goes on after a position inside the hour that comes twice', async () => {
    const input = inputOf(localDay('2024-10-27', [0, 1, 2, 2, 3]));
    const all = await readAll(input);
    for (const [index, { position }] of all.entries()) {
      expect(times(await readAll(input, position))).toEqual(times(all).slice(index + 1));
    }
  });

  test('may count quarter hours of local days, as many as the day has', async () => {
    const content = 'day,slot,in\n1,1,0.2\n1,92,0.3\n1,93,0.4\n2,1,0.5\n';
    const time = { dayColumn: 'day', quarterColumn: 'slot', firstDay: '2024-03-31' };
    const items = await readAll(inputOf(content, { time }));
    expect(times(items)).toEqual(['2024-03-30T23:00', '2024-03-31T21:45', '2024-03-31T22:00']);
    expect(faultsOf(items)).toEqual(['CSV_TIME_NOT_IN_ZONE at line 4']);
  });

  test.each([
    ['2024-10-27T02:00:00+01:00', '2024-10-27T01:00'],
    ['2024-10-27T01:00Z', '2024-10-27T01:00'],
    ['2024-10-27T01:00:00.000Z', '2024-10-27T01:00'],
    ['1.7.2024 14:15', '2024-07-01T12:15'],
    ['2024-07-01 14:15:00', '2024-07-01T12:15'],
  ])('may write a time as %s', async (text, expected) => {
    expect(times(await readAll(inputOf(`time,in\n${text},1\n`)))).toEqual([expected]);
  });

  test('reports every line that it cannot use with its number and code, and goes on', async () => {
    const lines = [
      '2024-05-01 00:00,0.1',
      '2024-05-01 00:15',
      'yesterday,0.1',
      '2024-05-01 25:00,0.1',
      '2024-05-01 00:00,0.1',
      '2024-05-01 00:15,',
      '2024-05-01 00:30,1e3',
      '2024-05-01 00:45,NaN',
      `2024-05-01 01:00,${'9'.repeat(70_000)}`,
      '2024-05-01 01:15,0.00000000001',
      '"2024-05-01 01:30,0.1',
      '',
      '2024-05-01 01:30,0.2',
    ];
    const items = await readAll(inputOf(`time,in\n${lines.join('\r\n')}`));
    expect(times(items)).toEqual(['2024-04-30T22:00', '2024-04-30T23:30']);
    expect(faultsOf(items)).toEqual([
      'CSV_COLUMNS at line 3',
      'CSV_TIME at line 4',
      'CSV_TIME_NOT_IN_ZONE at line 5',
      'CSV_TIME_BACK at line 6',
      'CSV_VALUE at line 7',
      'CSV_VALUE at line 8',
      'CSV_VALUE at line 9',
      'CSV_LINE_TOO_LONG at line 10',
      'CSV_VALUE at line 11',
      'CSV_COLUMNS at line 12',
    ]);
  });

  test('reads decimal commas, semicolons, quotes and a byte order mark exactly', async () => {
    const content = '\uFEFF"time";"in";"out"\r\n"2024-05-01 00:15";"1,234567";0,5\r\n';
    const options = { delimiter: ';', decimal: ',', export: 'out', time: { column: 'time', stamp: 'end' } } as const;
    const [item] = await readAll(inputOf(content, options));
    expect(item?.measurement).toEqual({
      kind: 'energy',
      fromSeconds: seconds('2024-04-30T22:00:00Z'),
      toSeconds: seconds('2024-04-30T22:15:00Z'),
      importMicroWh: 1_234_567_000n,
      exportMicroWh: 500_000_000n,
    });
  });

  test('takes a negative energy as one to the grid only where no column has those', async () => {
    const content = 'time,in,out\n2024-05-01 00:00,-0.5,0\n';
    const [single] = await readAll(inputOf(content));
    expect(single?.measurement).toMatchObject({ importMicroWh: 0n, exportMicroWh: 500_000_000n });
    expect(single?.measurement).not.toHaveProperty('isBad');
    const [faulty] = await readAll(inputOf(content, { negative: 'bad' }));
    expect(faulty?.measurement).toMatchObject({ exportMicroWh: 500_000_000n, isBad: true });
    expect(faultsOf(await readAll(inputOf(content, { export: 'out' })))).toEqual(['CSV_VALUE at line 2']);
    expect(faultsOf(await readAll(inputOf(content, { kind: 'register' })))).toEqual(['CSV_VALUE at line 2']);
  });

  test('waits for the rest of a line while it is followed', async () => {
    const input = inputOf('time,in\n2024-05-01 00:00,0.1\n2024-05-01 00:15,0', { follow: true });
    const stop = new AbortController();
    const reading = input.read(undefined, stop.signal);
    expect(times([(await reading.next()).value as InputItem])).toEqual(['2024-04-30T22:00']);
    const next = reading.next();
    folder.write('values.csv', 'time,in\n2024-05-01 00:00,0.1\n2024-05-01 00:15,0.25\n');
    expect(((await next).value as InputItem).measurement).toMatchObject({ importMicroWh: 250_000_000n });
    stop.abort();
    expect((await reading.next()).done).toBe(true);
  });

  test('names a column that the file does not have, and a file that has become shorter', async () => {
    await expect(readAll(inputOf('time,in\n', { import: 'energy' }))).rejects.toThrow(
      /^AGENT_INPUT_COLUMN: .* has no column "energy"/,
    );
    const position = (await readAll(inputOf('time,in\n2024-05-01 00:00,0.1\n')))[0]?.position;
    await expect(readAll(inputOf('time,in\n'), position)).rejects.toThrow(/^AGENT_INPUT_CHANGED/);
  });
});
