import { exampleTechnicalData } from '../../api/vpp/common';
import { exampleCommandId, exampleParticipantId, exampleSignature } from '../../api/examples';
import type { JsonObject } from '../../json';
import { slot } from '../../time';
import { ppm, wh } from '../../units';
import { technicalDataCodec, type TechnicalData } from '../asset/rows';
import type { DeliverySample } from './rows';
import { bandsCapacity, segment, withSamples, type SegmentRules } from './segment';

const rules: SegmentRules = {
  firmPpm: ppm(900_000n),
  samplesMin: 10,
  firmDefaults: [{ kind: 'storage', firmPpm: ppm(980_000n) }],
};

function dataOf(kind: TechnicalData['kind'], changes: JsonObject = {}): TechnicalData {
  const { apparentVa: _inverter, storage: _storage, ...powers } = exampleTechnicalData;
  const signed = { commandId: exampleCommandId, expirySlot: 1_626_020, signature: exampleSignature };
  const said = { ...powers, participantId: exampleParticipantId, version: 1, kind, gridId: 'rural-1', bus: 'bus-2' };
  return technicalDataCodec.decode({ ...said, ...signed, ...changes }, '');
}

function samplesOf(shares: readonly number[], direction: DeliverySample['direction'] = 'up'): DeliverySample[] {
  return shares.map((share, index) => ({
    slot: slot(1_000 + index),
    direction,
    askedWh: wh(1_000n),
    deliveredWh: wh(BigInt(share)),
  }));
}

const widths = (data: TechnicalData) => segment(data, [], rules).map(({ direction, maxW }) => [direction, maxW]);

describe('the bands of an asset', () => {
  it('are in the directions in which its kind can move', () => {
    const gives = { importMaxW: '0' };
    expect(widths(dataOf('pv', gives))).toEqual([['down', 10_000n]]);
    expect(widths(dataOf('wind', { ...gives, heldBackW: '2000' }))).toEqual([
      ['up', 2_000n],
      ['down', 10_000n],
    ]);
    expect(widths(dataOf('generator', gives))).toEqual([['up', 10_000n]]);
    expect(widths(dataOf('hydro', gives))).toEqual([
      ['up', 10_000n],
      ['down', 10_000n],
    ]);
    expect(widths(dataOf('heat-pump', { exportMaxW: '0', importMaxW: '6000' }))).toEqual([
      ['up', 6_000n],
      ['down', 6_000n],
    ]);
  });

  it('have what apparent power leaves beside the greatest active power, rounded down', () => {
    const data = dataOf('pv', { importMaxW: '0', exportMaxW: '8000', apparentVa: '10000' });
    expect(widths(data)).toEqual([
      ['down', 8_000n],
      ['inductive', 6_000n],
      ['capacitive', 6_000n],
    ]);
    expect(segment(data, [], rules)[1]).toMatchObject({ activationSeconds: 15, onLevelMinW: 0n });
  });

  it('are as fast as response, synchronisation and the ramp of their direction together', () => {
    const data = dataOf('hydro', { importMaxW: '0', rampUpWPerMinute: '3000', rampDownWPerMinute: '60000' });
    // 10 kW at 3 kW a minute are 200 s; at 60 kW a minute 10 s.
    expect(segment(data, [], rules).map(({ activationSeconds }) => activationSeconds)).toEqual([215, 25]);
    expect(widths(dataOf('hydro', { importMaxW: '0', rampUpWPerMinute: '1' }))).toEqual([['down', 10_000n]]);
  });

  it('are not there below the least power at which the asset can be on', () => {
    const data = dataOf('storage', { importMaxW: '2000', onLevelMinW: '3000', storage: exampleTechnicalData.storage });
    expect(widths(data)).toEqual([['up', 10_000n]]);
  });

  it('are as reliable as the quantile of what was delivered says, once there is enough of it', () => {
    const firm = (samples: readonly DeliverySample[]) =>
      segment(dataOf('storage', { storage: exampleTechnicalData.storage }), samples, rules)[0]?.firmPpm;
    expect(firm([])).toBe(980_000n);
    expect(firm(samplesOf([900, 900, 900, 900, 900, 900, 900, 900, 900]))).toBe(980_000n);
    // Nine of ten shares are at least 0.9; the one below it is the tenth that the rule allows.
    const ten = [1_000, 1_000, 990, 980, 970, 960, 950, 920, 900, 100];
    expect(firm(samplesOf(ten))).toBe(900_000n);
    expect(firm(samplesOf([...ten, 200]))).toBe(200_000n);
    // More than asked is no more than all, and what was asked the other way says nothing.
    expect(firm(samplesOf(ten.map(() => 2_000)))).toBe(1_000_000n);
    expect(firm(samplesOf(ten, 'down'))).toBe(980_000n);
    expect(segment(dataOf('chp', { importMaxW: '0' }), [], rules)[0]?.firmPpm).toBe(0n);
  });

  it('bound what the book lets an asset promise, with its reserve left out', () => {
    const data = dataOf('storage', { storage: exampleTechnicalData.storage });
    expect(bandsCapacity({ bands: segment(data, [], rules) }, data)).toMatchObject({
      exportMaxW: 10_000n,
      importMaxW: 10_000n,
      storage: { storedWh: 11_000n, capacityWh: 16_000n },
    });
  });

  it('are made of the last samples only', () => {
    const many = withSamples(undefined, samplesOf(Array.from({ length: 100 }, (_, index) => index)));
    expect([many.samples.length, many.samples[0]?.deliveredWh]).toEqual([96, 4n]);
  });
});
