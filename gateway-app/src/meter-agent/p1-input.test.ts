import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { InputItem } from './measurement';
import { P1Input, type P1Options } from './p1-input';
import { crc16 } from './p1-telegram';
import { faultsOf, readAll, seconds, TestFolder } from './testing/input-items';

const folder = new TestFolder();
afterAll(() => folder.remove());

/** A telegram as a DSMR 5 meter sends it; `counters` are the tariffs of import and export in kWh. */
function telegram(time: string, ...counters: readonly string[]): string {
  const [low = '000123.456', high = '000200.000', exportLow = '000000.000', exportHigh = '000000.500'] = counters;
  const lines = [
    '/ISK5\\2M550T-1012',
    '',
    '1-3:0.2.8(50)',
    `0-0:1.0.0(${time})`,
    '0-0:96.1.1(4530303434303037313331363530363137)',
    `1-0:1.8.1(${low}*kWh)`,
    `1-0:1.8.2(${high}*kWh)`,
    `1-0:2.8.1(${exportLow}*kWh)`,
    `1-0:2.8.2(${exportHigh}*kWh)`,
    '0-0:96.14.0(0002)',
    '1-0:1.7.0(00.244*kW)',
    '0-1:24.2.1(161129200000W)(00981.443*m3)',
    '!',
  ];
  const body = lines.join('\r\n');
  return `${body}${crc16(Buffer.from(body, 'latin1')).toString(16).toUpperCase().padStart(4, '0')}\r\n`;
}

function inputOf(content: string | Uint8Array): P1Input {
  return new P1Input(settings({ file: folder.write('port.txt', content) }));
}

function settings(source: Pick<P1Options, 'file' | 'tcp' | 'device'>): P1Options {
  return { ...source, baud: 115_200, winterOffsetMinutes: 60 };
}

function counters(items: readonly InputItem[]): string[] {
  return items.flatMap(({ measurement }) =>
    measurement?.kind === 'register'
      ? [
          `${new Date(measurement.atSeconds * 1000).toISOString().slice(0, 19)} ${measurement.importMicroWh / 1_000_000n}`,
        ]
      : [],
  );
}

describe('the P1 port of a meter', () => {
  test('is checked with the checksum that its standard names', () => {
    // The published check value of CRC-16/ARC.
    expect(crc16(Buffer.from('123456789'))).toBe(0xbb3d);
  });

  test('gives the sum of both tariffs at the time of the meter, in summer and in winter', async () => {
    const items = await readAll(inputOf(telegram('240701120000S') + telegram('241201120000W', '000124.000')));
    expect(items[0]?.measurement).toEqual({
      kind: 'register',
      atSeconds: seconds('2024-07-01T10:00:00Z'),
      importMicroWh: 323_456_000_000n,
      exportMicroWh: 500_000_000n,
    });
    expect(counters(items)).toEqual(['2024-07-01T10:00:00 323456', '2024-12-01T11:00:00 324000']);
  });

  test('tells the two hours of an autumn night apart by what the meter says', async () => {
    const items = await readAll(
      inputOf(telegram('161025023000S') + telegram('161030023000S') + telegram('161030023000W')),
    );
    expect(counters(items).map((text) => text.slice(0, 19))).toEqual([
      '2016-10-25T00:30:00',
      '2016-10-30T00:30:00',
      '2016-10-30T01:30:00',
    ]);
  });

  test('survives noise, half telegrams, wrong checksums and telegrams without a time or a counter', async () => {
    const good = telegram('240701120000S');
    const altered = telegram('240701120010S').replace('000123.456', '000923.456');
    const stream = [
      'ADC5\\2*kWh)\r\n!1234\r\n',
      good,
      telegram('240701120010S').slice(0, 150),
      telegram('240701120020S'),
      altered,
      '\0\xff\xfe~',
      telegram('000000000000X'),
      telegram('240701120030S', 'ERROR'),
      telegram('240701120040S'),
      telegram('240701120050S').replace(/![0-9A-F]{4}/, '!'),
      telegram('240701120100S'),
      `/${'x'.repeat(20_000)}`,
      '\r\n',
      telegram('240701120110S'),
      telegram('240701120120S').slice(0, 80),
    ].join('');
    const items = await readAll(inputOf(Buffer.from(stream, 'latin1')));
    expect(counters(items).map((text) => text.slice(14, 19))).toEqual(['00:00', '00:20', '00:40', '01:00', '01:10']);
    expect(faultsOf(items).map((fault) => fault.split(' ')[0])).toEqual([
      'P1_NOISE',
      'P1_TELEGRAM_CUT',
      'P1_CHECKSUM',
      'P1_NOISE',
      'P1_TIME',
      'P1_COUNTER',
      'P1_CHECKSUM',
      'P1_TELEGRAM_CUT',
      'P1_TELEGRAM_CUT',
    ]);
    expect(faultsOf(items)[0]).toBe('P1_NOISE at byte 0');
  });

  test('is not upset by where a stream is cut into pieces, nor by where reading is taken up again', async () => {
    const times = ['240701120000S', '240701120010S', '240701120020S', '240701120030S'];
    const all = await readAll(inputOf(times.map((time) => telegram(time)).join('')));
    for (const [index, { position }] of all.entries()) {
      const rest = await readAll(inputOf(times.map((time) => telegram(time)).join('')), position);
      expect(counters(rest)).toEqual(counters(all).slice(index + 1));
    }
  });

  test('says once that it cannot be read, and goes on trying', async () => {
    const stop = new AbortController();
    const faults: string[] = [];
    for await (const item of new P1Input(settings({ device: folder.path('no-device') })).read(undefined, stop.signal)) {
      faults.push(...item.faults.map(({ code, sentence }) => `${code}: ${sentence}`));
      folder.write('no-device', telegram('240701120000S'));
      if (item.measurement !== undefined) stop.abort();
    }
    expect(faults).toEqual(['P1_SOURCE: it cannot be read (ENOENT) and is tried again']);
  });

  test('is read over TCP in pieces of a byte, and again when the connection has broken inside a telegram', async () => {
    const connections: string[] = [
      telegram('240701120000S') + telegram('240701120010S').slice(0, 99),
      telegram('240701120020S'),
    ];
    const server = createServer((socket) => sendBytes(socket, connections.shift() ?? ''));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const stop = new AbortController();
    const items: InputItem[] = [];
    const tcp = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    for await (const item of new P1Input(settings({ tcp })).read(undefined, stop.signal)) {
      items.push(item);
      if (counters(items).length === 2) stop.abort();
    }
    server.close();
    expect(counters(items).map((text) => text.slice(14, 19))).toEqual(['00:00', '00:20']);
    expect(faultsOf(items).map((fault) => fault.split(' ')[0])).toEqual(['P1_TELEGRAM_CUT']);
  });
});

function sendBytes(socket: Socket, text: string): void {
  socket.setNoDelay(true);
  for (const byte of Buffer.from(text, 'latin1')) socket.write(Buffer.from([byte]));
  socket.end();
}
