import type { AssetId } from '../../ids';
import { slot } from '../../time';
import { w } from '../../units';
import { askedOfAssetW, askedOfPoolW, energyOfMinutesWh, minutesOfSlot, type AskedActivation } from './asked';
import { droopByMinute, signalByMinute } from './follow';
import { isLie, keptMinutes, keptOf } from './measure';

const a = 'a' as AssetId;
const b = 'b' as AssetId;
const at = slot(1_000);
const [firstMinute = 0] = minutesOfSlot(at);

/** Two quarter hours of 10 kW from minute 5 of the slot on; b takes over from a, which stopped at minute 12, at minute 18. */
const called: AskedActivation = {
  activation: { powerW: w(10_000n), dueMinute: firstMinute + 5, periods: 2 },
  dispatches: [
    {
      fromMinute: firstMinute + 5,
      setPoints: [
        { assetId: a, powersW: [6_000n, 6_000n] },
        { assetId: b, powersW: [4_000n, 4_000n] },
      ],
    },
    {
      fromMinute: firstMinute + 18,
      setPoints: [
        { assetId: a, powersW: [6_000n, 0n] },
        { assetId: b, powersW: [10_000n, 10_000n] },
      ],
    },
  ],
  handovers: [{ fromAssetId: a, stopMinute: firstMinute + 12, takeoverMinute: firstMinute + 18 }],
};

describe('what is asked', () => {
  it('of the pool leaves out what is handed over, for as long as that takes and no longer', () => {
    const powers = [4, 5, 11, 12, 17, 18, 34, 35].map((minute) => askedOfPoolW(called, firstMinute + minute));
    expect(powers).toEqual([0n, 10_000n, 10_000n, 4_000n, 4_000n, 10_000n, 10_000n, 0n]);
  });

  it('of an asset is its set-point in the dispatch in force, and nothing once it has dropped out', () => {
    const powersOf = (asset: AssetId) =>
      [4, 5, 12, 18, 35].map((minute) => askedOfAssetW(called, asset, firstMinute + minute));
    expect(powersOf(a)).toEqual([0n, 6_000n, 0n, 0n, 0n]);
    expect(powersOf(b)).toEqual([0n, 4_000n, 4_000n, 10_000n, 0n]);
    expect(energyOfMinutesWh(minutesOfSlot(at).map((minute) => askedOfAssetW(called, a, minute)))).toBe(700n);
  });
});

describe('what is kept', () => {
  it.each([
    [1_000n, 1_000n, 1_000n, 0n],
    [1_000n, 1_200n, 1_000n, 0n],
    [1_000n, 950n, 950n, 0n],
    [1_000n, 949n, 949n, 51n],
    [1_000n, 0n, 0n, 1_000n],
    [1_000n, -500n, 0n, 1_000n],
    [0n, 300n, 0n, 0n],
  ])(
    'of %s Wh asked and %s Wh moved is %s Wh, and %s Wh are missing beyond 5 %%',
    (askedWh, movedWh, delivered, missing) => {
      expect(keptOf(askedWh, movedWh, 50_000n)).toMatchObject({ deliveredWh: delivered, shortfallWh: missing });
    },
  );

  it('minute by minute, so that too much in one makes up for nothing in another', () => {
    const askedW = Array.from({ length: 15 }, (_, index) => (index < 10 ? 6_000n : -6_000n));
    const measuredNetW = askedW.map((one, index) => (index === 0 ? 0n : index === 1 ? 12_000n : one) - 2_000n);
    const kept = keptMinutes({ askedW, measuredNetW, baselineNetWh: -500n, tolerancePpm: 10_000n });
    expect(kept).toEqual({ askedWh: 1_500n, deliveredWh: 1_400n, shortfallWh: 100n, due: 15, kept: 14 });
  });

  it('of nothing due is nothing', () => {
    const none = Array.from({ length: 15 }, () => 0n);
    const kept = keptMinutes({ askedW: none, measuredNetW: none, baselineNetWh: 0n, tolerancePpm: 0n });
    expect(kept).toEqual({ askedWh: 0n, deliveredWh: 0n, shortfallWh: 0n, due: 0, kept: 0 });
  });
});

describe('telemetry', () => {
  const honest = {
    telemetryNetW: Array.from({ length: 15 }, () => 4_000n),
    metersNetWh: 1_000n,
    metersGrossWh: 1_000n,
    meters: 2,
    tolerancePpm: 20_000n,
  };

  it('may differ from the meters by the tolerance and their rounding, both ways', () => {
    expect(isLie(honest)).toBe(false);
    expect(isLie({ ...honest, metersNetWh: 978n })).toBe(false);
    expect(isLie({ ...honest, metersNetWh: 1_022n })).toBe(false);
  });

  it('is a lie beyond that', () => {
    expect(isLie({ ...honest, metersNetWh: 977n })).toBe(true);
    expect(isLie({ ...honest, metersNetWh: 1_023n })).toBe(true);
    expect(isLie({ ...honest, metersNetWh: -1_000n })).toBe(true);
  });
});

describe('what a pool follows', () => {
  it('by the frequency is in proportion to its deviation, up below the nominal one and down above it', () => {
    const belowMilliHertz = Array.from({ length: 15 }, (_, index) => (index === 0 ? 100 : 0));
    const aboveMilliHertz = Array.from({ length: 15 }, (_, index) => (index === 1 ? 50 : index === 2 ? 300 : 0));
    const powers = droopByMinute(1_000_000n, { slot: at, belowMilliHertz, aboveMilliHertz });
    expect(powers.slice(0, 4).join()).toBe('500000,-250000,-1000000,0');
  });

  it('is never more than it has promised, whatever it is sent', () => {
    const upW = Array.from({ length: 15 }, (_, index) => w(index === 0 ? 9_000n : 0n));
    const downW = Array.from({ length: 15 }, (_, index) => w(index === 1 ? 9_000n : 0n));
    const powers = signalByMinute(5_000n, { coalitionId: 'c' as never, slot: at, upW, downW });
    expect(powers.slice(0, 3)).toEqual([5_000n, -5_000n, 0n]);
  });
});
