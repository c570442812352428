import { netEnergyOf, slot, w, wh, type FlexEvent } from '@flexledger/domain';
import { asksAtMost, decideEvent, followTarget, keepsRoomsWarm, targetsOfEvent } from './demand-response-agent';

function event(
  direction: 'reduce' | 'increase',
  energiesWh: readonly bigint[],
  changes: Partial<FlexEvent> = {},
): FlexEvent {
  const isps = energiesWh.map((energyWh, index) => ({ slot: slot(1_000 + index), direction, energyWh: wh(energyWh) }));
  return { assets: [{ isps }], ...changes } as unknown as FlexEvent;
}

const rooms = { indoorDecikelvin: 2_940n, minimumDecikelvin: 2_930n, coolingDecikelvinPerKwh: 5n };

describe('a prosumer’s agent', () => {
  it('takes part where every wish of its home allows it, and says at once that a device has failed', () => {
    const home = { comfort: [keepsRoomsWarm(rooms), asksAtMost(3_000n)], deviceWorks: true };
    expect(decideEvent(event('reduce', [1_000n, 1_000n]), home)).toEqual({ transaction: 'optIn' });
    expect(decideEvent(event('reduce', [1_000n, 1_001n]), home)).toMatchObject({ reason: 'DECLINED' });
    expect(decideEvent(event('increase', [3_001n]), home)).toMatchObject({ reason: 'DECLINED' });
    expect(decideEvent(event('reduce', [1n]), { ...home, deviceWorks: false })).toMatchObject({
      transaction: 'optOut',
      reason: 'DEVICE_FAILED',
    });
  });

  it('minds how warm its rooms are in between, not only at the end', () => {
    const shift = event('reduce', [3_000n]);
    const back = event('increase', [3_000n]);
    const both = {
      ...shift,
      assets: [
        ...shift.assets,
        ...back.assets.map((asset) => ({ ...asset, isps: asset.isps.map((isp) => ({ ...isp, slot: slot(1_001) })) })),
      ],
    };
    expect(keepsRoomsWarm(rooms).allows(both)).toBe(false);
    expect(keepsRoomsWarm(rooms).allows(back)).toBe(true);
  });

  it('steers to the set-point, and without one to its baseline less what is ordered', () => {
    const values = [{ slot: slot(1_000), importW: w(4_000n), exportW: w(0n) }];
    const told = event('reduce', [500n], { signal: { kind: 'DISPATCH_SETPOINT', values } });
    expect([...targetsOfEvent(told)]).toEqual([[1_000, { direction: 'reduce', targetWh: 1_000n, mostWh: 500n }]]);
    const baseline = {
      firstSlot: slot(1_000),
      intervals: 1,
      intervalSlots: 1,
      unadjusted: [netEnergyOf(-200n)],
    } as unknown as NonNullable<FlexEvent['baseline']>;
    const level = event('increase', [500n], { signal: { kind: 'SIMPLE', level: 1 }, baseline });
    expect([...targetsOfEvent(level)]).toEqual([[1_000, { direction: 'increase', targetWh: 300n, mostWh: 500n }]]);
    expect(targetsOfEvent(event('reduce', [500n])).size).toBe(0);
  });

  it('moves no further than to the target, and no further than its devices can', () => {
    const target = { direction: 'reduce', targetWh: 1_000n, mostWh: 500n } as const;
    expect([2_000n, 1_400n, 1_000n, 900n].map((netWh) => followTarget(netWh, target))).toEqual([
      1_500n,
      1_000n,
      1_000n,
      900n,
    ]);
    const more = { direction: 'increase', targetWh: 1_000n, mostWh: 500n } as const;
    expect([300n, 700n, 1_200n].map((netWh) => followTarget(netWh, more))).toEqual([800n, 1_000n, 1_200n]);
  });
});
