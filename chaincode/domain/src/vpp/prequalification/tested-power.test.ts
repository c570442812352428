import type { AssetId } from '../../ids';
import { w } from '../../units';
import type { Prequalification } from './rows';
import { testedPowerW } from './test-activation';

const [tested, untested] = ['tested', 'untested'] as unknown as readonly [AssetId, AssetId];

function rowOf(state: Prequalification['state']): Prequalification {
  const powerMaxW = w(state === 'PREQUALIFIED' ? 9_000n : 0n);
  return {
    state,
    powerMaxW,
    shares: [{ assetId: tested, powerW: w(8_000n) }],
  } as Partial<Prequalification> as Prequalification;
}

describe('an asset may serve a kind of service', () => {
  const passed = rowOf('PREQUALIFIED');
  const cases: readonly (readonly [
    string,
    AssetId,
    Prequalification | undefined,
    Prequalification | undefined,
    bigint,
  ])[] = [
    ['by its own test, with all that was asked for in it', untested, passed, undefined, 9_000n],
    ['as one of a pool that has passed together, with its own share', tested, undefined, passed, 8_000n],
    ['by the better of both', tested, passed, passed, 9_000n],
    ['by that of its pool where it has lost its own', tested, rowOf('LOST'), passed, 8_000n],
  ];
  it.each(cases)('%s', (_name, assetId, own, pool, powerW) => {
    expect(testedPowerW(assetId, own, pool)).toBe(powerW);
  });
});

describe('an asset may not serve it', () => {
  const cases: readonly (readonly [string, AssetId, Prequalification | undefined, Prequalification | undefined])[] = [
    ['without any test', tested, undefined, undefined],
    ['because others of its pool have passed', untested, undefined, rowOf('PREQUALIFIED')],
    ['while it is under test', tested, rowOf('TESTING'), undefined],
    ['after it or its pool has lost it', tested, rowOf('LOST'), rowOf('LOST')],
    ['after its test has failed', tested, rowOf('FAILED'), undefined],
  ];
  it.each(cases)('%s', (_name, assetId, own, pool) => {
    expect(testedPowerW(assetId, own, pool)).toBeUndefined();
  });
});
