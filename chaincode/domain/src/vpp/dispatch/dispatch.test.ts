import { RuleError } from '../../errors';
import type { AssetId } from '../../ids';
import { sum } from '../../math';
import { checkSetPoints } from './check';
import { handOverByMerit } from './hand-over';
import { dispatchByMerit, runsAreAllowed, totalsOfSetPoints, type DispatchAsked } from './merit-order';
import { secondsToReach, type Dispatchable, type AssetSetPoint } from './types';

/** Assets have names of one letter here. */
const id = (name: string) => name as AssetId;

function member(name: string, changes: Partial<Dispatchable> = {}): Dispatchable {
  return {
    assetId: id(name),
    promisedW: [10_000n, 10_000n, 10_000n, 10_000n],
    onLevelMinW: 0n,
    rampUpWPerMinute: 100_000n,
    rampDownWPerMinute: 100_000n,
    readySeconds: 10,
    costMicroPerKwh: 100_000n,
    runPeriodsMax: 4,
    restPeriods: 0,
    isOnline: true,
    ...changes,
  };
}

function asked(members: readonly Dispatchable[], targetW: bigint, periods = 4): DispatchAsked {
  return { members, targetsW: Array.from({ length: periods }, () => targetW), fullActivationSeconds: 750 };
}

/** Set-points as `asset: powers`, for reading. */
function written(setPoints: readonly AssetSetPoint[]): Record<string, string> {
  return Object.fromEntries(setPoints.map(({ assetId, powersW }) => [assetId, powersW.join(' ')]));
}

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof RuleError ? error.code : String(error);
  }
  return 'accepted';
}

describe('the merit order', () => {
  it('takes the cheapest first, of the same cost the fastest, and only what is asked for', () => {
    const members = [
      member('a', { costMicroPerKwh: 300_000n }),
      member('b', { readySeconds: 5 }),
      member('c', { readySeconds: 9 }),
    ];
    expect(written(dispatchByMerit(asked(members, 14_000n, 1)))).toEqual({ b: '10000', c: '4000' });
  });

  it('lowers the one before by what the least power of the last one needs, and passes one over that is too big', () => {
    const big = member('z', { onLevelMinW: 9_000n, costMicroPerKwh: 200_000n });
    expect(written(dispatchByMerit(asked([member('a'), big], 14_000n, 1)))).toEqual({ a: '5000', z: '9000' });
    expect(written(dispatchByMerit(asked([member('a', { onLevelMinW: 8_000n }), big], 14_000n, 1)))).toEqual({
      a: '10000',
    });
  });

  it('leaves out who is offline and who is ready too late, and gives less to who ramps slowly', () => {
    const members = [
      member('a', { isOnline: false }),
      member('b', { readySeconds: 750 }),
      member('c', { readySeconds: 690, rampUpWPerMinute: 6_000n }),
      member('d', { costMicroPerKwh: 900_000n }),
    ];
    expect(written(dispatchByMerit(asked(members, 10_000n, 1)))).toEqual({ c: '6000', d: '4000' });
  });

  it('goes on with the next one when a storage is empty, or a longest run is over', () => {
    const storage = member('a', { energyWh: 3_750n });
    const later = member('b', { costMicroPerKwh: 200_000n });
    expect(written(dispatchByMerit(asked([storage, later], 10_000n)))).toEqual({
      a: '10000 5000 0 0',
      b: '0 5000 10000 10000',
    });
    const tired = member('a', { runPeriodsMax: 2, restPeriods: 1 });
    expect(written(dispatchByMerit(asked([tired, later], 10_000n)))).toEqual({
      a: '10000 10000 0 10000',
      b: '0 0 10000 0',
    });
  });

  it('stays below a target that the members together cannot reach', () => {
    const setPoints = dispatchByMerit(asked([member('a'), member('b')], 25_000n, 2));
    expect(totalsOfSetPoints(setPoints, 2)).toEqual([20_000n, 20_000n]);
  });
});

describe('set-points are refused', () => {
  const members = [
    member('a'),
    member('b', { onLevelMinW: 4_000n }),
    member('c', { isOnline: false }),
    member('d', { energyWh: 5_000n }),
    member('e', { rampUpWPerMinute: 500n, readySeconds: 30 }),
    member('f', { runPeriodsMax: 2, restPeriods: 2 }),
    member('g', { rampDownWPerMinute: 100n }),
  ];
  const cases: readonly (readonly [string, readonly AssetSetPoint[], string])[] = [
    ['of no member', [{ assetId: id('x'), powersW: [1n, 1n, 1n, 1n] }], 'VPP_SETPOINT_MEMBER'],
    ['that miss a period', [{ assetId: id('a'), powersW: [1n] }], 'VPP_SETPOINT_MEMBER'],
    [
      'of one member twice',
      [
        { assetId: id('a'), powersW: [1n, 1n, 1n, 1n] },
        { assetId: id('a'), powersW: [1n, 1n, 1n, 1n] },
      ],
      'VPP_SETPOINT_MEMBER',
    ],
    ['of an asset that is offline', [{ assetId: id('c'), powersW: [1n, 1n, 1n, 1n] }], 'VPP_SETPOINT_OFFLINE'],
    ['above the promise', [{ assetId: id('a'), powersW: [10_000n, 10_001n, 0n, 0n] }], 'VPP_SETPOINT_CAPACITY'],
    ['below the least power', [{ assetId: id('b'), powersW: [3_999n, 0n, 0n, 0n] }], 'VPP_SETPOINT_ON_LEVEL'],
    ['faster than the ramp', [{ assetId: id('e'), powersW: [6_001n, 0n, 0n, 0n] }], 'VPP_SETPOINT_RAMP'],
    ['that fall faster than the ramp', [{ assetId: id('g'), powersW: [10_000n, 8_749n, 0n, 0n] }], 'VPP_SETPOINT_RAMP'],
    ['without the rest', [{ assetId: id('f'), powersW: [1n, 1n, 1n, 0n] }], 'VPP_SETPOINT_DURATION'],
    [
      'of more energy than is stored',
      [{ assetId: id('d'), powersW: [10_000n, 10_000n, 1n, 0n] }],
      'VPP_SETPOINT_ENERGY',
    ],
    ['above the call', [{ assetId: id('a'), powersW: [10_000n, 10_000n, 10_000n, 10_000n] }], 'VPP_SETPOINT_TOTAL'],
    [
      'below the call though more is there',
      [{ assetId: id('a'), powersW: [8_999n, 9_000n, 9_000n, 9_000n] }],
      'VPP_SETPOINT_TOTAL',
    ],
  ];

  it.each(cases)('%s', (_, setPoints, code) => {
    expect(codeOf(() => checkSetPoints(asked(members, 9_000n), setPoints))).toBe(code);
  });

  it('never where they follow the merit order, in 300 random pools', () => {
    let seed = 20_261_127;
    const random = (below: number) => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % below;
    };
    for (let pool = 0; pool < 300; pool += 1) {
      const some = Array.from({ length: 1 + random(12) }, (_, index) =>
        member(`m${index}`, {
          promisedW: Array.from({ length: 4 }, () => BigInt(random(4) === 0 ? 0 : 1_000 * random(12))),
          onLevelMinW: BigInt(500 * random(6)),
          rampUpWPerMinute: BigInt(100 + 400 * random(10)),
          rampDownWPerMinute: BigInt(100 + 400 * random(10)),
          readySeconds: random(900),
          costMicroPerKwh: BigInt(random(5)),
          ...(random(3) === 0 ? { energyWh: BigInt(random(8_000)) } : {}),
          runPeriodsMax: 1 + random(4),
          restPeriods: random(3),
          isOnline: random(8) > 0,
        }),
      );
      const wanted = asked(some, BigInt(1_000 * random(40)));
      const setPoints = dispatchByMerit(wanted);
      const problem = codeOf(() => checkSetPoints(wanted, setPoints));
      expect(`pool ${pool}: ${problem}`).toBe(`pool ${pool}: accepted`);
      for (const [period, totalW] of totalsOfSetPoints(setPoints, 4).entries()) {
        expect(totalW).toBeLessThanOrEqual(wanted.targetsW[period] ?? 0n);
      }
    }
  });
});

describe('a hand-over', () => {
  const dropped = member('a');
  const quick = member('b', {
    costMicroPerKwh: 200_000n,
    readySeconds: 60,
    promisedW: [6_000n, 6_000n, 6_000n, 6_000n],
  });
  const slow = member('c', { costMicroPerKwh: 150_000n, readySeconds: 800 });
  const dear = member('d', { costMicroPerKwh: 500_000n, readySeconds: 20, rampUpWPerMinute: 1_000n });
  const setPoints = [{ assetId: id('a'), powersW: [9_000n, 9_000n, 9_000n, 9_000n] }];
  const base = { members: [dropped, quick, slow, dear], setPoints, fromAssetId: id('a'), period: 1 };

  it('takes the next by merit that is ready inside the product’s time, for the periods that are left', () => {
    const { missingW, seconds, setPoints: after, takenOver } = handOverByMerit({ ...base, handoverSecondsMax: 750 });
    expect(written(after)).toEqual({ a: '9000 0 0 0', b: '0 6000 6000 6000', d: '0 3000 3000 3000' });
    expect(takenOver).toEqual([
      { assetId: 'b', powerW: 6_000n, seconds: secondsToReach(quick, 6_000n) },
      { assetId: 'd', powerW: 3_000n, seconds: 200 },
    ]);
    expect({ missingW, seconds }).toEqual({ missingW: 0n, seconds: 200 });
  });

  it('says what nobody takes over in time', () => {
    const { missingW, takenOver } = handOverByMerit({ ...base, handoverSecondsMax: 80 });
    expect(missingW).toBe(2_000n);
    expect(takenOver.map(({ assetId, powerW }) => [assetId, powerW])).toEqual([
      ['b', 6_000n],
      ['d', 1_000n],
    ]);
  });

  it('asks those who give already for more, and respects what their storage still has and their rests', () => {
    const storage = member('s', { energyWh: 4_000n });
    const tired = member('t', { costMicroPerKwh: 1n, runPeriodsMax: 1, restPeriods: 3 });
    const given = [...setPoints, { assetId: id('s'), powersW: [1_000n, 1_000n, 1_000n, 1_000n] }];
    const { missingW, setPoints: after } = handOverByMerit({
      ...base,
      members: [dropped, storage, tired],
      setPoints: given,
      handoverSecondsMax: 750,
    });
    expect(sum(after.find(({ assetId }) => assetId === 's')?.powersW ?? [])).toBe(16_000n);
    expect(
      runsAreAllowed(
        tired,
        (after.find(({ assetId }) => assetId === 't')?.powersW ?? []).map((w) => w > 0n),
      ),
    ).toBe(true);
    expect(missingW).toBeGreaterThan(0n);
  });

  it('is refused for an asset that has nothing left to give', () => {
    const nothing = () => handOverByMerit({ ...base, fromAssetId: id('b'), handoverSecondsMax: 750 });
    expect(codeOf(nothing)).toBe('VPP_HANDOVER_NOTHING');
  });
});
