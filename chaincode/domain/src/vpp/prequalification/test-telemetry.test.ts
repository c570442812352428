import fc from 'fast-check';
import type { AssetId } from '../../ids';
import { slot } from '../../time';
import { ppm, w } from '../../units';
import type { PoolMinute } from '../dispatch/rows';
import type { Prequalification, TestSignal } from './rows';
import type { MeterSlot } from './test-activation';
import { completeTestByTelemetry, followedBand, toldBySlot, type ToldTest } from './test-telemetry';

const battery = 'battery' as AssetId;
const at = slot(1_626_048);
const product = { fullActivationSeconds: 30 };

const test = {
  state: 'TESTING',
  kind: 'fcr',
  direction: 'up',
  firstSlot: at,
  slots: 1,
  referenceSlots: 4,
  shares: [{ assetId: battery, powerW: w(8_000n) }],
  tolerancePpm: ppm(950_000n),
} as Partial<Prequalification> as Prequalification;

/** Nothing for five minutes, all of it for five, half of it for five. */
const steps = (none: number, all: number, half: number) =>
  [none, all, half].flatMap((value) => Array.from({ length: 5 }, () => value));
const deviations = steps(0, 200, 100);
/** What a battery gives that follows these as slowly as it may: six of eight kilowatts in the minute in which it rises. */
const followed = [0, 0, 0, 0, 0, 6_000, 8_000, 8_000, 8_000, 8_000, 4_500, 4_000, 4_000, 4_000, 4_000];

function signalOf(milliHertz: readonly number[]): TestSignal {
  return { slot: at, deviationsMilliHertz: milliHertz } as Partial<TestSignal> as TestSignal;
}

/** What the battery gives while its home takes a kilowatt, which it takes before the test as well. */
function minutesOf(powersW: readonly number[]): readonly PoolMinute[] {
  return powersW.map((powerW) => {
    const netW = BigInt(powerW) - 1_000n;
    return { importW: w(netW < 0n ? -netW : 0n), exportW: w(netW > 0n ? netW : 0n) };
  });
}

function metersOf(netWh: bigint, isGood = true): readonly MeterSlot[] {
  const before = [-4, -3, -2, -1].map((ago) => ({ slot: slot(at + ago), importWh: 250n, exportWh: 0n, isGood: true }));
  const [importWh, exportWh] = netWh < 0n ? [-netWh, 0n] : [0n, netWh];
  return [...before, { slot: at, importWh, exportWh, isGood }];
}

interface Played {
  readonly milliHertz?: readonly number[] | undefined;
  readonly powersW?: readonly number[] | undefined;
  readonly meters?: readonly MeterSlot[];
  readonly of?: Prequalification;
}

function judge({ meters, of = test, ...played }: Played) {
  const milliHertz = 'milliHertz' in played ? played.milliHertz : deviations;
  const powersW = 'powersW' in played ? played.powersW : followed;
  const toldWh = BigInt(Math.round((powersW ?? followed).reduce((total, powerW) => total + powerW - 1_000, 0) / 60));
  const told: ToldTest = {
    signals: new Map(milliHertz === undefined ? [] : [[at, signalOf(milliHertz)]]),
    minutes: new Map(powersW === undefined ? [] : [[at, minutesOf(powersW)]]),
    meterTolerancePpm: ppm(50_000n),
  };
  return completeTestByTelemetry(of, product, new Map([[battery, meters ?? metersOf(toldWh)]]), told);
}

describe('a test that is judged by telemetry', () => {
  it('is passed by what follows the frequency in the time of full activation', () => {
    const { prequalification, samples } = judge({});
    // 5,933 W are the least in the minute of the rise: 8 kW · (14.5 + 30) ÷ 60, by whole seconds.
    expect(prequalification).toMatchObject({ state: 'PREQUALIFIED', powerMaxW: 8_000n });
    expect(prequalification.result).toEqual([
      { slot: at, askedWh: 965n, deliveredWh: 965n, isMeasured: true, keptMinutes: 15, flags: [] },
    ]);
    expect(samples.get(battery)).toEqual([{ slot: at, direction: 'up', askedWh: 965n, deliveredWh: 965n }]);
  });

  it('is passed downwards by what takes as much', () => {
    const of: Prequalification = { ...test, direction: 'down' };
    expect(judge({ of, powersW: followed.map((powerW) => -powerW) }).prequalification.state).toBe('PREQUALIFIED');
  });

  const changed = (minute: number, powerW: number) =>
    followed.map((usual, index) => (index === minute ? powerW : usual));
  const failing: readonly (readonly [string, Played, object])[] = [
    ['that rises a minute late', { powersW: changed(5, 0) }, { keptMinutes: 14 }],
    ['that gives a twentieth too little at full power', { powersW: changed(7, 7_599) }, { keptMinutes: 14 }],
    ['that stays at full power when the frequency recovers', { powersW: steps(0, 8_000, 8_000) }, { keptMinutes: 10 }],
    ['that gives before it is asked', { powersW: changed(2, 401) }, { keptMinutes: 14 }],
    ['whose telemetry was not opened', { powersW: undefined }, { flags: ['NO_TELEMETRY'], isMeasured: false }],
    ['to which nobody stated a signal', { milliHertz: undefined }, { flags: ['NO_SIGNAL'] }],
    [
      'whose telemetry is not what the meter counted',
      { meters: metersOf(300n) },
      { flags: ['TELEMETRY_LIE'], isMeasured: false, deliveredWh: 0n },
    ],
    ['whose reading is flagged', { meters: metersOf(733n, false) }, { flags: [], isMeasured: false }],
    ['whose meter was silent before', { meters: metersOf(733n).slice(1) }, { flags: [], isMeasured: false }],
    [
      'that was never asked for the whole power',
      { milliHertz: steps(0, 199, 100) },
      { keptMinutes: 15, isMeasured: true, flags: [] },
    ],
  ];
  it.each(failing)('is failed by an asset %s', (_name, played, line) => {
    const { prequalification } = judge(played);
    expect(prequalification).toMatchObject({ state: 'FAILED', powerMaxW: 0n, result: [line] });
  });
});

describe('the band in which a signal is followed', () => {
  it('contains whatever moves evenly in a time up to that of full activation, and is never turned over', () => {
    const cases = fc.record({
      powerW: fc.bigInt({ min: 1n, max: 10n ** 9n }),
      seconds: fc.integer({ min: 1, max: 1_800 }),
      faster: fc.integer({ min: 1, max: 10 }),
      shares: fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 60 }),
    });
    const holds = fc.property(cases, ({ faster, powerW, seconds, shares }) => {
      const signalW = shares.map((share) => (powerW * BigInt(share)) / 100n);
      const band = followedBand(signalW, powerW, seconds);
      return meansOfFollower(signalW, Number(powerW), seconds / faster).every((meanW, minute) => {
        const { highW, lowW } = band[minute]!;
        // A second's step of the edges, and what a number with a point loses.
        const slackW = Number(powerW) / seconds + 1;
        return lowW <= highW && meanW >= Number(lowW) - slackW && meanW <= Number(highW) + slackW;
      });
    });
    fc.assert(holds, { seed: 20_261_127, numRuns: 200 });
  });
});

/** The mean of each minute of what moves towards a signal by the whole power in some seconds. */
function meansOfFollower(signalW: readonly bigint[], powerW: number, seconds: number): readonly number[] {
  let level = 0;
  return signalW.map((asked) => {
    let total = 0;
    for (let second = 0; second < 60; second += 1) {
      const missing = Number(asked) - level;
      level += Math.sign(missing) * Math.min(Math.abs(missing), powerW / seconds);
      total += level;
    }
    return total / 60;
  });
}

describe('a slot of a test', () => {
  const cases: readonly (readonly [string, Parameters<typeof toldBySlot>[1], number])[] = [
    ['is told of once it has ended where all is known', { isOpened: true, isStated: true }, 1],
    ['waits a slot for a signal', { isOpened: true, isStated: false }, 2],
    ['waits a slot for a commitment', { isOpened: undefined, isStated: true }, 2],
    ['waits eight slots for what was committed to be opened', { isOpened: false, isStated: true }, 8],
  ];
  it.each(cases)('%s', (_name, known, slots) => {
    expect(toldBySlot(at, known)).toBe(at + slots);
  });
});
