import { unpackBlock } from '@flexledger/domain';
import { planDay } from '../day/plan';
import { MeterFleet } from './meter-fleet';

const plan = planDay('seed', { historyDays: 1, flexibility: true });
const NOON = plan.deliverySlot + 48;

/** Import less export of the four quarter hours from noon on, of a meter. */
function noonOf(fleet: MeterFleet, meterId: string): readonly bigint[] {
  const agent = fleet.agents.find((one) => one.meterId === meterId);
  const [block] = agent?.blocksBetween(NOON, NOON + 4) ?? [];
  if (block === undefined) throw new Error('the meter sends a block of the hour');
  const { exportWh, importWh } = unpackBlock(block.content, '');
  return importWh.map((energyWh, index) => energyWh - (exportWh[index] ?? 0n));
}

describe('what is behind the meters of a day', () => {
  test('steers toward the target of its event in those quarter hours, as far as it can, and rests otherwise', () => {
    const [storage] = plan.storages;
    const meterId = storage?.meterId ?? '';
    const fleet = new MeterFleet(plan, 'community');
    const target = { direction: 'increase', targetWh: 2_000n } as const;
    fleet.follow(
      new Map([
        [`${meterId}/${NOON + 1}`, { ...target, mostWh: 2_000n }],
        [`${meterId}/${NOON + 2}`, { ...target, mostWh: 500n }],
      ]),
    );
    expect(noonOf(fleet, meterId)).toEqual([0n, 2_000n, 500n, 0n]);
  });

  test('shows at the transformer, where less goes out', () => {
    const [pv] = plan.pvAssets;
    const meterId = pv?.meterId ?? '';
    const before = new MeterFleet(plan, 'community');
    const after = new MeterFleet(plan, 'community');
    after.follow(new Map([[`${meterId}/${NOON}`, { direction: 'increase', targetWh: 0n, mostWh: 1_000n }]]));
    const [outBefore = 0n] = noonOf(before, plan.feeder.meterId);
    const [outAfter = 0n] = noonOf(after, plan.feeder.meterId);
    expect(noonOf(after, meterId)[0]).toBe((noonOf(before, meterId)[0] ?? 0n) + 1_000n);
    // What gets lost is a share of what flows, so that it changes a little too.
    expect(outAfter - outBefore > 970n && outAfter - outBefore <= 1_000n).toBe(true);
  });

  test('can be read at a meter that has sent nothing of an hour', () => {
    const { hour = 0, meterId = '' } = plan.disturbances.late ?? {};
    const fleet = new MeterFleet(plan, 'community');
    const fromSlot = plan.deliverySlot + hour * 4;
    const agent = fleet.agents.find((one) => one.meterId === meterId);
    expect(agent?.blocksBetween(fromSlot, fromSlot + 4)).toEqual([]);
    fleet.follow(new Map([[`${meterId}/${fromSlot}`, { direction: 'increase', targetWh: 700n, mostWh: 900n }]]));
    const rest = { importWh: 0n, exportWh: 0n };
    expect(fleet.readOut(meterId, fromSlot, 4)).toEqual([{ importWh: 700n, exportWh: 0n }, rest, rest, rest]);
    expect(() => fleet.readOut('nobody', fromSlot, 4)).toThrow(RangeError);
  });
});
