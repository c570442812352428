import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { JsonObject } from '@flexledger/domain';
import { createProgram } from '../cli';
import { ordersOfConfiguration } from './agent-configuration';

function around(p10: number, p50: number, p90: number): JsonObject {
  return { p10: String(p10), p50: String(p50), p90: String(p90) };
}

const none = around(0, 0, 0);
const configuration: JsonObject = {
  strategy: 'quantile',
  seed: 'seed',
  label: 'home',
  connectionWh: '20000',
  intervals: 2,
  ordersMax: 4,
  frame: {
    retailPriceMicroPerKwh: '320000',
    feedInPriceMicroPerKwh: '80000',
    tickMicroPerKwh: '1000',
    quantityMinWh: '10',
  },
  deviation: { shortMicroPerKwh: '350000', longMicroPerKwh: '60000' },
  forecasts: [
    [
      { importWh: around(1_000, 2_000, 3_000), exportWh: none },
      { importWh: none, exportWh: around(3_000, 3_000, 3_000) },
    ],
  ],
};

function shown(document: JsonObject): string[] {
  return ordersOfConfiguration(document).map(
    ({ energyWh, interval, limitPriceMicroPerKwh, side }) =>
      `${interval}: ${side} ${energyWh} at ${limitPriceMicroPerKwh}`,
  );
}

describe('the configuration of an agent', () => {
  test('names the strategy, of which the orders follow', () => {
    const first = ['0: buy 2000 at 299000', '0: buy 1000 at 147000'];
    expect(shown(configuration)).toEqual([...first, '1: sell 3000 at 80000']);
    const [order = ''] = shown({ ...configuration, strategy: 'simple' });
    expect(order).toMatch(/^0: buy 2000 at /);
    const battery = {
      energyWh: '4000',
      powerWh: '2000',
      chargePpm: '1000000',
      dischargePpm: '1000000',
      startWh: '2000',
      endWh: '2000',
      stepWh: '500',
    };
    // Two of the three kWh of the second hour come back into the battery that served the first one.
    expect(shown({ ...configuration, strategy: 'battery', battery })).toContain('1: sell 1000 at 80000');
  });

  test('may say with whom its orders would rather be paired, and when they expire', () => {
    const wish = { pairing: { kind: 'green' }, expirySlot: 1_626_300 };
    const orders = ordersOfConfiguration({ ...configuration, ...wish });
    expect(orders).toHaveLength(3);
    expect(orders).toEqual(ordersOfConfiguration(configuration).map((order) => ({ ...order, ...wish })));
  });

  test('may ask for deviations to be traded again, and knows set-points', () => {
    const positions = [
      { boughtWh: '1950', soldWh: '0' },
      { boughtWh: '0', soldWh: '3500' },
    ];
    const retrade = { deadBandWh: '100', positions };
    expect(shown({ ...configuration, retrade })).toEqual(['1: buy 500 at 320000']);
    const setPoints = [{ interval: 1, importWh: '20000', exportWh: '1000' }];
    expect(shown({ ...configuration, retrade, setPoints })).toEqual(['1: buy 2500 at 320000']);
  });

  test('is refused by a field that does not fit, and by steps without size', () => {
    expect(() => shown({ ...configuration, strategy: 'clairvoyant' })).toThrow('INPUT_FIELD_INVALID');
    expect(() =>
      shown({ ...configuration, frame: { ...(configuration.frame as JsonObject), tickMicroPerKwh: '0' } }),
    ).toThrow(RangeError);
  });

  test('is what `flexledger orders` reads', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'flexledger-orders-'));
    try {
      const file = path.join(folder, 'agent.json');
      writeFileSync(file, JSON.stringify(configuration));
      const lines: string[] = [];
      await createProgram((line) => lines.push(line)).parseAsync(['node', 'flexledger', 'orders', file]);
      expect(JSON.parse(lines.join('\n'))).toContainEqual({
        interval: 1,
        side: 'sell',
        energyWh: '3000',
        limitPriceMicroPerKwh: '80000',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
