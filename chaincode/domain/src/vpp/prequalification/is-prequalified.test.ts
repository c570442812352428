import type { AssetId } from '../../ids';
import { w } from '../../units';
import type { Prequalification } from './rows';
import { isPrequalified } from './test-activation';

const [tested, untested] = ['tested', 'untested'] as unknown as readonly [AssetId, AssetId];

function rowOf(state: Prequalification['state']): Prequalification {
  return { state, shares: [{ assetId: tested, powerW: w(8_000n) }] } as Partial<Prequalification> as Prequalification;
}

describe('an asset may serve a kind of service', () => {
  const cases: readonly (readonly [string, AssetId, Prequalification | undefined, Prequalification | undefined])[] = [
    ['by its own test', untested, rowOf('PREQUALIFIED'), undefined],
    ['as one of a pool that has passed together', tested, undefined, rowOf('PREQUALIFIED')],
  ];
  it.each(cases)('%s', (_name, assetId, own, pool) => {
    expect(isPrequalified(assetId, own, pool)).toBe(true);
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
    expect(isPrequalified(assetId, own, pool)).toBe(false);
  });
});
