import { createServer, type AddressInfo, type Server } from 'node:net';
import Aedes from 'aedes';
import { connectAsync, type MqttClient } from 'mqtt';
import type { InputItem } from './measurement';
import { MqttInput, type MqttOptions } from './mqtt-input';
import { faultsOf, seconds } from './testing/input-items';

let broker: Aedes;
let server: Server;
let publisher: MqttClient;
let url: string;

beforeEach(async () => {
  broker = new Aedes();
  server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
  publisher = await connectAsync(url);
});

afterEach(async () => {
  await publisher.endAsync(true);
  await new Promise<void>((resolve) => broker.close(() => resolve()));
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

function inputOf(options: Partial<MqttOptions> = {}): MqttInput {
  const defaults = {
    url,
    topic: 'home/meter',
    clientId: 'home-1',
    unit: 'kWh',
    kind: 'register',
    minutes: 15,
  } as const;
  return new MqttInput({ ...defaults, stamp: 'start', ...options }, () => Date.parse('2024-05-01T12:07:00.900Z'));
}

/** The first messages of an input that is read on a session which the broker knows already. */
async function take(input: MqttInput, count: number, publish: () => Promise<unknown>): Promise<InputItem[]> {
  const stop = new AbortController();
  const subscribed = new Promise<void>((resolve) => broker.once('subscribe', () => resolve()));
  const items: InputItem[] = [];
  const reading = (async () => {
    for await (const item of input.read(undefined, stop.signal)) {
      items.push(item);
      if (items.length === count) stop.abort();
    }
  })();
  await subscribed;
  await publish();
  await reading;
  return items;
}

async function publishAll(...payloads: readonly string[]): Promise<void> {
  for (const payload of payloads) await publisher.publishAsync('home/meter', payload, { qos: 1 });
}

describe('an MQTT topic', () => {
  test('gives counters at the time and in the fields that the messages have', async () => {
    const options = { time: 'Time', import: 'ENERGY.Total', export: 'ENERGY.Returned' };
    const message = { Time: '2024-05-01T14:00:00+02:00', ENERGY: { Total: 12.345, Returned: '0.001' } };
    const [item] = await take(inputOf(options), 1, () => publishAll(JSON.stringify(message)));
    expect(item?.measurement).toEqual({
      kind: 'register',
      atSeconds: seconds('2024-05-01T12:00:00Z'),
      importMicroWh: 12_345_000_000n,
      exportMicroWh: 1_000_000n,
    });
  });

  test('may have nothing but numbers: counters count when they arrive, energies for the period that has just ended', async () => {
    const [counter] = await take(inputOf(), 1, () => publishAll('7.5'));
    expect(counter?.measurement).toMatchObject({
      atSeconds: seconds('2024-05-01T12:07:00Z'),
      importMicroWh: 7_500_000_000n,
    });
    const [energy] = await take(inputOf({ kind: 'energy', clientId: 'home-2' }), 1, () => publishAll('0.25'));
    expect(energy?.measurement).toMatchObject({
      fromSeconds: seconds('2024-05-01T11:45:00Z'),
      toSeconds: seconds('2024-05-01T12:00:00Z'),
    });
  });

  test('reports messages that it cannot use, and goes on', async () => {
    const options = { time: 'at', import: 'kwh' };
    const items = await take(inputOf(options), 5, () =>
      publishAll(
        'no json',
        '{"kwh":1}',
        '{"at":1714564800,"kwh":-1}',
        '{"at":"2024-05-01T12:00:00","kwh":1}',
        '{"at":1714564800,"kwh":2}',
      ),
    );
    expect(faultsOf(items)).toEqual([
      'MQTT_TIME at topic home/meter',
      'MQTT_TIME at topic home/meter',
      'MQTT_VALUE at topic home/meter',
      'MQTT_TIME at topic home/meter',
    ]);
    expect(items[4]?.measurement).toMatchObject({ importMicroWh: 2_000_000_000n });
  });

  test('gives a message again that was taken and not written down, and what came while nobody was there', async () => {
    const options = { time: 'at', import: 'kwh' };
    const message = (number: number): string => JSON.stringify({ at: 1_714_564_800 + number, kwh: number });
    const taken = await take(inputOf(options), 2, () => publishAll(message(1), message(2)));
    await publishAll(message(3));
    const stop = new AbortController();
    const again: bigint[] = [];
    for await (const { measurement } of inputOf(options).read(undefined, stop.signal)) {
      again.push((measurement?.importMicroWh ?? 0n) / 1_000_000_000n);
      if (again.includes(3n)) stop.abort();
    }
    expect(taken).toHaveLength(2);
    // The second message was taken and the third one never asked for: it is not acknowledged, and comes again.
    expect(again).toEqual([2n, 3n]);
  });
});
