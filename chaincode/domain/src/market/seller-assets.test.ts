import type { ParticipantId } from '../ids';
import type { Asset } from '../registry/device-types';
import { idOf, testSession } from '../testing/session-fixture';
import { w } from '../units';
import { greenSellers, installedPowerW, sellerAssetsOf } from './seller-assets';

const grid = { gridId: 'grid-1' };

function meter(deviceType: 'load' | 'pv' | 'chp' | 'feeder', changes: object = {}) {
  return { deviceType, gridId: 'grid-1', status: 'COMMISSIONED', ...changes } as const;
}

function asset(kind: Asset['kind'], ratedPowerW: bigint, changes: object = {}) {
  return { kind, ratedPowerW: w(ratedPowerW), gridId: 'grid-1', status: 'COMMISSIONED', ...changes } as const;
}

describe('what is registered of a seller', () => {
  it('makes its energy green where it has a renewable source and no other one; a storage is neither', () => {
    const green = (...kinds: readonly Asset['kind'][]): boolean =>
      sellerAssetsOf(
        grid,
        [],
        kinds.map((kind) => asset(kind, 1n)),
      ).isGreen;
    expect((['pv', 'wind', 'hydro'] as const).map((kind) => green(kind, 'load'))).toEqual([true, true, true]);
    expect(green('pv', 'storage', 'heat-pump')).toBe(true);
    expect(green('pv', 'chp')).toBe(false);
    expect(green('storage')).toBe(false);
    expect(green()).toBe(false);
    expect(sellerAssetsOf(grid, [meter('pv')], []).isGreen).toBe(true);
    expect(sellerAssetsOf(grid, [meter('load')], []).isGreen).toBe(false);
    expect(sellerAssetsOf(grid, [meter('pv'), meter('chp')], []).isGreen).toBe(false);
  });

  it('is installed with the rated power of its sources and storages, and otherwise with its connection', () => {
    const assets = [asset('pv', 8_000n), asset('storage', 5_000n), asset('heat-pump', 6_000n)];
    const seller = sellerAssetsOf(grid, [], assets);
    expect(seller.installedW).toBe(13_000n);
    expect(installedPowerW({ connectionLimitW: w(30_000n), seller })).toBe(13_000n);
    expect(installedPowerW({ connectionLimitW: w(30_000n), seller: sellerAssetsOf(grid, [meter('pv')], []) })).toBe(
      30_000n,
    );
    expect(installedPowerW({ connectionLimitW: w(30_000n) })).toBe(30_000n);
  });

  it('counts only in its own grid and in service', () => {
    const elsewhere = [asset('pv', 1n, { gridId: 'grid-2' }), asset('pv', 1n, { status: 'FROZEN' })];
    expect(sellerAssetsOf(grid, [meter('pv', { status: 'RETIRED' })], elsewhere)).toEqual({ isGreen: false });
  });

  it('decides who is green only where the rule set asks for it', () => {
    const [ann, bob] = [idOf<ParticipantId>('ann'), idOf<ParticipantId>('bob')];
    const sets = [
      { participantId: ann, seller: { isGreen: true } },
      { participantId: bob, seller: { isGreen: false } },
    ];
    const registered = { ...testSession.ruleSet, sellerAssets: 'registered' } as const;
    expect([ann, bob].map(greenSellers({ ruleSet: registered }, sets))).toEqual([true, false]);
    const before = { ...testSession.ruleSet, balancingParticipantId: bob };
    expect([ann, bob].map(greenSellers({ ruleSet: before }, []))).toEqual([true, false]);
  });
});
